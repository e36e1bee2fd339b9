/** Finding documents: plan, match, sort, skip, limit. */
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument, BsonValue } from './bson-document.ts';
import type { Collator } from './collator.ts';
import { Collection, type StoredDocument } from './collection.ts';
import type { CollectionView } from './collection-view.ts';
import type { ExpressionScope } from './expression.ts';
import { compileQuery, type Predicate } from './matcher.ts';
import type { MemberState } from './member-state.ts';
import { countPlan, Examined, readPlan } from './plan-reader.ts';
import { type Plan, planBetween, planQuery } from './planner.ts';
import { compileSort, type SortKey } from './sort.ts';
import { compareSortKeys, sortKeyOf } from './stage/sort-key.ts';
import { sorted } from './stage/sorter.ts';

export interface Match {
  readonly stored: StoredDocument;
  readonly document: BsonDocument;
}

export interface Selection {
  readonly filter: BsonDocument;
  readonly sort?: BsonDocument;
  readonly skip?: number;
  /** 0 is without limit. */
  readonly limit?: number;
  /** The index to use, by name or keys. */
  readonly hint?: BsonValue;
  /** Bounds of the hinted index: from `min` (included) to `max` (not included). */
  readonly min?: BsonDocument;
  readonly max?: BsonDocument;
}

/** The way that a selection is read. */
export function planOf(
  collection: Readable,
  { filter, sort = new Map(), hint, min, max }: Selection,
  collator: Collator | undefined,
): Plan {
  const keys = compileSort(sort);
  return min === undefined && max === undefined
    ? planQuery(collection, filter, keys, hint, collator)
    : planBetween(collection, hint, { min, max }, keys, collator);
}

/** A collection as it is stored, or as a transaction or a snapshot sees it. */
export type Readable = Collection | CollectionView;

/**
 * The documents that pass, in the order asked for; read as they are taken. What is malformed is
 * refused at once; without a collection nothing passes.
 */
export function findMatches(
  state: MemberState,
  collection: Readable | undefined,
  selection: Selection,
  scope: QueryScope,
  examined: Examined = new Examined(),
): Iterable<Match> {
  const { filter } = selection;
  const keys = compileSort(selection.sort ?? new Map());
  const test = filter.size === 0 ? passAll : compileQuery(filter, scope);
  if (collection === undefined) return [];
  const plan = planOf(collection, selection, scope.collator);
  return readMatches(state, collection, selection, { keys, test, plan, examined }, scope);
}

/** What a query may look at, and the collation that it works with. */
export interface QueryScope extends ExpressionScope {
  readonly collator?: Collator | undefined;
}

interface Compiled {
  readonly keys: readonly SortKey[];
  readonly test: Predicate;
  readonly plan: Plan;
  readonly examined: Examined;
}

function* readMatches(
  state: MemberState,
  collection: Readable,
  { skip = 0, limit = 0 }: Selection,
  { keys, test, plan, examined }: Compiled,
  scope: ExpressionScope,
): IterableIterator<Match> {
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let passed = 0;
  const matches =
    collection instanceof Collection
      ? // What the keys say needs no look at the document.
        matching(
          readPlan(state.file, collection, plan, examined),
          plan.exact ? passAll : test,
          examined,
        )
      : collection.matches(plan, test, keys);
  const ordered = plan.sorted
    ? matches
    : sorted(matches, {
        keyOf: ({ document }) => sortKeyOf(keys, document, scope.collator),
        compare: (a, b) => compareSortKeys(keys, a, b, scope.collator),
        most: skip + left,
      });
  for (const match of ordered) {
    if (passed++ < skip) continue;
    yield match;
    left -= 1;
    if (left === 0) return;
  }
}

/** How many documents of a selection there are; by an index alone where one says it all. */
export function countMatches(
  state: MemberState,
  collection: Readable,
  selection: Selection,
  scope: QueryScope,
): number {
  const { filter, hint, skip = 0, limit = 0 } = selection;
  if (collection instanceof Collection) {
    compileQuery(filter, scope);
    const plan = planOf(collection, selection, scope.collator);
    const all = filter.size === 0 && (hint === undefined || plan.index === undefined);
    if (all || plan.exact) {
      const found = all ? collection.count() : countPlan(state.file, plan);
      const left = Math.max(0, found - skip);
      return limit === 0 ? left : Math.min(left, limit);
    }
  }
  let count = 0;
  for (const _ of findMatches(state, collection, selection, scope)) count += 1;
  return count;
}

const passAll: Predicate = () => true;

/** A match whose document is read when it is first asked for. */
class StoredMatch implements Match {
  readonly stored: StoredDocument;
  #document: BsonDocument | undefined;

  constructor(stored: StoredDocument) {
    this.stored = stored;
  }

  get document(): BsonDocument {
    this.#document ??= decodeDocument(this.stored.bytes);
    return this.#document;
  }
}

function* matching(
  stored: Iterable<StoredDocument>,
  test: Predicate,
  examined: Examined,
): IterableIterator<Match> {
  for (const each of stored) {
    const match = new StoredMatch(each);
    if (test !== passAll && !test(match.document)) continue;
    examined.matched += 1;
    yield match;
  }
}
