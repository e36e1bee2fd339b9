/** Finding documents: plan, match, sort, skip, limit. */
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument, BsonValue } from './bson-document.ts';
import { Collection, type StoredDocument } from './collection.ts';
import type { CollectionView } from './collection-view.ts';
import type { ExpressionScope } from './expression.ts';
import { compileQuery } from './matcher.ts';
import type { MemberState } from './member-state.ts';
import { countPlan, readPlan } from './plan-reader.ts';
import { type Plan, planBetween, planQuery } from './planner.ts';
import { compileSort } from './sort.ts';
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
): Plan {
  const keys = compileSort(sort);
  return min === undefined && max === undefined
    ? planQuery(collection, filter, keys, hint)
    : planBetween(collection, hint, { min, max }, keys);
}

/** A collection as it is stored, or as a transaction or a snapshot sees it. */
export type Readable = Collection | CollectionView;

/** The documents that pass, in the order asked for; read as they are taken. */
export function* findMatches(
  state: MemberState,
  collection: Readable,
  selection: Selection,
  scope: ExpressionScope,
): IterableIterator<Match> {
  const { filter, sort = new Map(), skip = 0, limit = 0 } = selection;
  const keys = compileSort(sort);
  const test = compileQuery(filter, scope);
  const plan = planOf(collection, selection);
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let passed = 0;
  const matches =
    collection instanceof Collection
      ? matching(readPlan(state.file, collection, plan), test)
      : collection.matches(plan, test, keys);
  const ordered = plan.sorted
    ? matches
    : sorted(matches, {
        keyOf: ({ document }) => sortKeyOf(keys, document),
        compare: (a, b) => compareSortKeys(keys, a, b),
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
  scope: ExpressionScope,
): number {
  if (collection instanceof Collection) {
    if (filter.size === 0) return collection.count();
    compileQuery(filter, scope);
    const plan = planQuery(collection, filter, []);
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
