/**
 * A collection as a transaction or a snapshot sees it: what is stored now, with
 * the changes since the snapshot taken back, and the transaction's own on top.
 */
import type { Collection, CollectionIndex, StoredDocument } from './collection.ts';
import { type CollectionOptions, readOptions } from './collection-options.ts';
import type { DatabaseFile } from './database-file.ts';
import { type Match, StoredMatch } from './match.ts';
import type { Predicate } from './matcher.ts';
import type { PastVersions } from './past-versions.ts';
import { type Flow, pause, withPauses } from './pause.ts';
import { readPlan } from './plan-reader.ts';
import type { Plan } from './planner.ts';
import { RecordSet } from './record-set.ts';
import { compareBySort, type SortKey } from './sort.ts';
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
    const order = orderOf(plan, keys);
    const told = new RecordSet();
    let revision = -1;
    let changed: Match[] = [];
    const refresh = (): void => {
      const now = this.#refresh();
      if (now === revision) return;
      revision = now;
      changed = this.#changed(test).filter(({ stored }) => !told.has(stored.record));
      if (order !== undefined) changed.sort(order);
    };
    function* changedBefore(next: Match | undefined): IterableIterator<Match> {
      for (;;) {
        const [first] = changed;
        if (first === undefined) return;
        if (next !== undefined && (order === undefined || order(first, next) > 0)) return;
        changed.shift();
        told.add(first.stored.record);
        yield first;
        refresh();
      }
    }
    refresh();
    for (const stored of withPauses(this.#stored(plan))) {
      if (stored === pause) {
        yield pause;
        continue;
      }
      refresh();
      if (told.has(stored.record) || this.#isChanged(stored.record)) continue;
      const match = new StoredMatch(stored);
      // What is as it was then has the keys that it had: where they say it all, it need not be read.
      if (!plan.exact && !test(match.document)) continue;
      told.add(stored.record);
      yield* changedBefore(match);
      yield match;
    }
    refresh();
    yield* changedBefore(undefined);
  }

  /** What is stored now. */
  *#stored(plan: Plan): IterableIterator<StoredDocument> {
    const base = this.#base;
    if (base === undefined) return;
    yield* readPlan(this.#file, base, plan);
  }

  #refresh(): number {
    this.#past?.refresh();
    return (this.#past?.revision ?? 0) + this.#own.revision;
  }

  #isChanged(record: number): boolean {
    return this.#own.versions.has(record) || this.#past?.has(record) === true;
  }

  /** All changed documents that are there in this view and pass. */
  #changed(test: Predicate): Match[] {
    const { versions } = this.#own;
    const past = [...(this.#past?.versions ?? [])].filter(([record]) => !versions.has(record));
    return [...past, ...versions]
      .flatMap(([record, bytes]) =>
        bytes === undefined ? [] : [new StoredMatch({ record, bytes })],
      )
      .filter(({ document }) => test(document));
  }
}

/** The order in which a plan's documents come; nothing when it is none that could be kept. */
function orderOf(
  { index, backward, sorted, branches }: Plan,
  keys: readonly SortKey[],
): ((a: Match, b: Match) => number) | undefined {
  if (keys.length > 0 && !sorted) return undefined;
  if (branches.length > 0 && keys.length === 0) return undefined;
  if (keys.length === 0 && index === undefined) {
    const sign = backward ? -1 : 1;
    return (a, b) => (a.stored.record - b.stored.record) * sign;
  }
  if (keys.length === 0 && index?.multikey === true) return undefined;
  const turned = (direction: 1 | -1): 1 | -1 => (backward === (direction === 1) ? -1 : 1);
  const own = index?.spec.fields.map(({ path, direction }) => ({
    path,
    direction: turned(direction),
  }));
  if (keys.length === 0) return (a, b) => compareBySort(own ?? [], a.document, b.document);
  const keyOf = ({ document }: Match) => sortKeyOf(keys, document);
  return (a, b) => compareSortKeys(keys, keyOf(a), keyOf(b));
}
