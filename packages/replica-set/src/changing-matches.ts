/** Changing what a query finds: one document, or each of many. */
import type { Collection, StoredDocument } from './collection.ts';
import type { CommandContext } from './command.ts';
import { writableCollection } from './document-write.ts';
import { HeldByTransaction, whenFree } from './hold.ts';
import { type Match, StoredMatch } from './match.ts';
import { compileQuery, type Predicate } from './matcher.ts';
import { type Flow, takeAll, withoutPauses } from './pause.ts';
import { findMatches, type Selection } from './query.ts';
import { RecordSet } from './record-set.ts';
import { ServerError } from './server-error.ts';

/**
 * Calls `change` with each document that a selection finds, and tells how many there were.
 *
 * Of a selection without a limit it does so in slices, each change standing for itself, as MongoDB
 * does: whoever reads or writes in between sees some of the documents changed and others not yet,
 * and a document that others change first is looked at again. What an open transaction holds is
 * waited for where it is met. Within a transaction nobody sees anything of it before the commit, so
 * there it is all done at once.
 *
 * @throws {HeldByTransaction} from a selection with a limit, before anything was changed
 * @throws {ServerError} 166 for a view
 */
export function changeMatches(
  context: CommandContext,
  namespace: string,
  selection: Selection,
  change: (match: Match) => void,
): number | Promise<number> {
  const { state, transaction } = context;
  const found = findMatches(state, writableCollection(context, namespace), selection, context);
  const collection = state.catalog.get(namespace);
  if (selection.limit === 0 && transaction === undefined && collection !== undefined) {
    const test = compileQuery(selection.filter, context);
    return new ManyChanges(context, collection, test, change).run(found);
  }
  const matches = [...withoutPauses(found)];
  for (const match of matches) change(match);
  return matches.length;
}

class ManyChanges {
  readonly #context: CommandContext;
  readonly #collection: Collection;
  readonly #test: Predicate;
  readonly #change: (match: Match) => void;
  /** By a change a document may move to where it is found once more. */
  readonly #changed = new RecordSet();
  #count = 0;
  /** Whether others may have changed what was found since it was read. */
  #isLater = false;
  #last: Match | undefined;

  constructor(
    context: CommandContext,
    collection: Collection,
    test: Predicate,
    change: (match: Match) => void,
  ) {
    this.#context = context;
    this.#collection = collection;
    this.#test = test;
    this.#change = change;
  }

  async run(found: Flow<Match>): Promise<number> {
    const matches = found[Symbol.iterator]();
    for (;;) {
      try {
        await takeAll(matches, this.#take, this.#goOn);
        return this.#count;
      } catch (error) {
        const held = this.#last;
        if (!(error instanceof HeldByTransaction) || held === undefined) throw error;
        await whenFree(this.#context, () => {
          this.#goOn();
          this.#take(held);
        });
      }
    }
  }

  readonly #take = (match: Match): boolean => {
    this.#last = match;
    const { record } = match.stored;
    if (this.#changed.has(record)) return false;
    const current = this.#isLater ? this.#asItIs(match.stored) : match;
    if (current === undefined) return false;
    this.#change(current);
    this.#changed.add(record);
    this.#count += 1;
    return false;
  };

  /** Nothing when it is gone, or is not what was asked for any more. */
  #asItIs({ record }: StoredDocument): Match | undefined {
    const stored = this.#collection.get(record);
    const match = stored && new StoredMatch(stored);
    return match && this.#test(match.document) ? match : undefined;
  }

  /** Between slices: throws when the command is killed, or has lost its collection. */
  readonly #goOn = (): void => {
    const { operation, state } = this.#context;
    const { id, namespace } = this.#collection;
    this.#isLater = true;
    operation?.requireGoingOn();
    if (state.catalog.get(namespace)?.id === id) return;
    throw new ServerError(175, `query plan killed: collection dropped or renamed: ${namespace}`);
  };
}
