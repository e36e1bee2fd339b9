/** Plans for the branches of an `$or`. */
import type { BsonDocument } from './bson-document.ts';
import type { CollectionIndex } from './collection.ts';
import { type Conditions, canServe, type Indexed, orderOf, planIndex } from './index-plan.ts';
import { type KeyRange, mostRanges, type Plan, scoreOf, wholeCollection } from './plan.ts';
import { conditionsOf, withoutAlternatives } from './query-conditions.ts';
import type { SortKey } from './sort.ts';

/** Plans for each branch of an `$or` that has to hold; nothing when one of them would read all. */
export function planBranches(
  collection: Indexed,
  query: BsonDocument,
  { alternatives, collator }: Conditions,
): Plan | undefined {
  const others = new Map([...query].filter(([name]) => name !== '$or'));
  for (const list of alternatives) {
    const branches = list.map((branch) => {
      const conditions = { ...conditionsOf(branch, others), collator };
      const plans = collection.indexes
        .filter((index) => canServe(index, conditions))
        .map((index) => planIndex(index, conditions, []))
        .filter(({ bounds }) => bounds.length > 0);
      return plans.sort((a, b) => scoreOf(b) - scoreOf(a))[0];
    });
    const known = branches.filter((plan) => plan !== undefined);
    if (known.length === list.length && known.length > 0) {
      return { ...wholeCollection, branches: known };
    }
  }
  return undefined;
}

/** A plan that goes through one index in the order of the sort, only where branches of an `$or` may be met. */
export function planMerged(
  collection: Indexed,
  query: BsonDocument,
  conditions: Conditions,
  sort: readonly SortKey[],
): Plan | undefined {
  if (sort.length === 0 || conditions.alternatives.length === 0) return undefined;
  for (const index of collection.indexes) {
    const order = orderOf(index, 0, 2, sort, conditions.collator);
    if (order === 'none' || !canServe(index, conditions)) continue;
    const backward = order === 'backward';
    const branches = branchesIn(index, [withoutAlternatives(query)], conditions);
    const ranges = branches && unionOf(branches.flatMap((branch) => branch.ranges));
    if (branches === undefined || ranges === undefined || ranges.length > mostRanges) continue;
    return {
      ...wholeCollection,
      index,
      ranges: backward ? ranges.reverse() : ranges,
      backward,
      sorted: true,
      branches: branches.map((branch) => ({ ...branch, backward })),
    };
  }
  return undefined;
}

/**
 * Plans for one index that together meet what passes: of the branches of an `$or`, and of those
 * inside them, or of what else the queries say; nothing when one of them would read all.
 */
function branchesIn(
  index: CollectionIndex,
  queries: readonly BsonDocument[],
  { alternatives, collator }: Conditions,
): readonly Plan[] | undefined {
  for (const list of alternatives) {
    const plans = list.map((branch) => {
      const inner = { ...conditionsOf(branch), collator };
      return branchesIn(index, [...queries, withoutAlternatives(branch)], inner);
    });
    const known = plans.filter((each) => each !== undefined);
    if (known.length === list.length) return known.flat();
  }
  const own = planIndex(index, { ...conditionsOf(...queries), collator }, []);
  return own.bounds.length > 0 ? [own] : undefined;
}

/** Ranges in their order, those that meet made one. */
function unionOf(ranges: readonly KeyRange[]): KeyRange[] {
  const union: KeyRange[] = [];
  for (const range of ranges.toSorted((a, b) => Buffer.compare(a.low, b.low))) {
    const last = union.at(-1);
    if (last === undefined || Buffer.compare(range.low, last.high) > 0) union.push(range);
    else if (Buffer.compare(range.high, last.high) > 0) {
      union[union.length - 1] = { low: last.low, high: range.high };
    }
  }
  return union;
}
