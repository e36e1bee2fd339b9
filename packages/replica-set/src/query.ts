/** Finding documents: plan, match, sort, skip, limit. */
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument, BsonValue } from './bson-document.ts';
import type { Collator } from './collator.ts';
import { Collection, type StoredDocument } from './collection.ts';
import type { CollectionView } from './collection-view.ts';
import type { ExpressionScope } from './expression.ts';
import { compileQuery, type Predicate } from './matcher.ts';
import type { MemberState } from './member-state.ts';
import { countPlan, readPlan } from './plan-reader.ts';
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
): Iterable<Match> {
  const keys = compileSort(selection.sort ?? new Map());
  const test = compileQuery(selection.filter, scope);
  if (collection === undefined) return [];
  const plan = planOf(collection, selection, scope.collator);
  return readMatches(state, collection, selection, { keys, test, plan }, scope);
}

/** What a query may look at, and the collation that it works with. */
export interface QueryScope extends ExpressionScope {
  readonly collator?: Collator | undefined;
}

interface Compiled {
  readonly keys: readonly SortKey[];
  readonly test: Predicate;
  readonly plan: Plan;
}

function* readMatches(
  state: MemberState,
  collection: Readable,
  { skip = 0, limit = 0 }: Selection,
  { keys, test, plan }: Compiled,
  scope: ExpressionScope,
): IterableIterator<Match> {
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let passed = 0;
  const matches =
    collection instanceof Collection
      ? matching(readPlan(state.file, collection, plan), test)
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

/** How many documents pass; by an index alone where one says it all. */
export function countMatches(
  state: MemberState,
  collection: Readable,
  filter: BsonDocument,
  scope: QueryScope,
): number {
  if (collection instanceof Collection) {
    if (filter.size === 0) return collection.count();
    compileQuery(filter, scope);
    const plan = planQuery(collection, filter, [], undefined, scope.collator);
    if (plan.exact) return countPlan(state.file, plan);
  }
  let count = 0;
  for (const _ of findMatches(state, collection, { filter }, scope)) count += 1;
  return count;
}

function* matching(
  stored: Iterable<StoredDocument>,
  test: (document: BsonDocument) => boolean,
): IterableIterator<Match> {
  for (const each of stored) {
    const document = decodeDocument(each.bytes);
    if (test(document)) yield { stored: each, document };
  }
}
