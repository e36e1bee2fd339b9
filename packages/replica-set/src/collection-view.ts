/**
 * A collection as a transaction or a snapshot sees it: what is stored now, with
 * the changes since the snapshot taken back, and the transaction's own on top.
 */

import { ChangedMatches, type MatchOrder } from './changed-matches.ts';
import type { Collection, CollectionIndex, StoredDocument } from './collection.ts';
import { type CollectionOptions, readOptions } from './collection-options.ts';
import type { DatabaseFile } from './database-file.ts';
import { type Match, StoredMatch } from './match.ts';
import type { Predicate } from './matcher.ts';
import type { PastVersions } from './past-versions.ts';
import { type Flow, pause, withPauses } from './pause.ts';
import type { Plan } from './plan.ts';
import { readPlan } from './plan-reader.ts';
import type { SortKey } from './sort.ts';
import { compareSortKeys, sortKeyOf } from './stage/sort-key.ts';

/** Own changes of a transaction in one collection. */
export interface OwnVersions {
  /** The records it has written, with what they are; nothing for one that it deleted. */
  readonly versions: ReadonlyMap<number, Uint8Array | undefined>;
  /** Rises with every own change. */
  readonly revision: number;
}

/** What is known of a collection that the transaction itself has made. */
export interface MadeCollection {
  readonly indexes: readonly CollectionIndex[];
  readonly options: Uint8Array;
}

const noOptions = new Uint8Array([5, 0, 0, 0, 0]);
const noVersions: OwnVersions = { versions: new Map(), revision: 0 };

export class CollectionView {
  readonly namespace: string;
  readonly #file: DatabaseFile;
  /** Nothing for one that the transaction itself has made. */
  readonly #base: Collection | undefined;
  readonly #past: PastVersions | undefined;
  readonly #own: OwnVersions;
  readonly #made: MadeCollection | undefined;

  constructor(
    file: DatabaseFile,
    namespace: string,
    base: { readonly collection: Collection; readonly past: PastVersions } | undefined,
    own: OwnVersions = noVersions,
    made?: MadeCollection,
  ) {
    this.#file = file;
    this.namespace = namespace;
    this.#base = base?.collection;
    this.#past = base?.past;
    this.#own = own;
    this.#made = made;
  }

  get indexes(): readonly CollectionIndex[] {
    return this.#base?.indexes ?? this.#made?.indexes ?? [];
  }

  get settings(): CollectionOptions {
    return this.#base?.settings ?? readOptions(this.options);
  }

  get options(): Uint8Array {
    return this.#base?.options ?? this.#made?.options ?? noOptions;
  }

  /**
   * The documents that a plan names and that pass, each once, in the plan's
   * order where it has one, with pauses. May be read on while documents change.
   */
  *matches(plan: Plan, test: Predicate, keys: readonly SortKey[]): Flow<Match> {
    const changed = new ChangedMatches(this.#past, this.#own, test, orderOf(plan, keys));
    yield* changed.refresh();
    for (const stored of withPauses(this.#stored(plan))) {
      if (stored === pause) {
        yield pause;
        continue;
      }
      yield* changed.refresh();
      if (changed.hides(stored.record)) continue;
      const match = new StoredMatch(stored);
      // What is as it was then has the keys that it had: where they say it all, it need not be read.
      if (!plan.exact && !test(match.document)) continue;
      yield* changed.before(match);
      yield match;
    }
    yield* changed.refresh();
    yield* changed.before(undefined);
  }

  /** What is stored now. */
  *#stored(plan: Plan): IterableIterator<StoredDocument> {
    const base = this.#base;
    if (base === undefined) return;
    yield* readPlan(this.#file, base, plan);
  }
}

/** The order in which a plan's documents come; nothing when it is none that could be kept. */
function orderOf(
  { index, backward, sorted, branches }: Plan,
  keys: readonly SortKey[],
): MatchOrder | undefined {
  if (keys.length > 0) return sorted ? orderBy(keys) : undefined;
  if (branches.length > 0 || index?.multikey === true) return undefined;
  const turn = backward ? -1 : 1;
  if (index === undefined) return orderOfRecords(turn);
  return orderBy(
    index.spec.fields.map(({ path, direction }) => ({
      path,
      direction: direction === turn ? 1 : -1,
    })),
  );
}

function orderBy(keys: readonly SortKey[]): MatchOrder {
  return {
    keyOf: ({ document }) => sortKeyOf(keys, document),
    compare: (a, b) => compareSortKeys(keys, a, b),
  };
}

function orderOfRecords(turn: 1 | -1): MatchOrder {
  return {
    keyOf: ({ stored }) => [stored.record],
    compare: ([a], [b]) => (Number(a) - Number(b)) * turn,
  };
}
