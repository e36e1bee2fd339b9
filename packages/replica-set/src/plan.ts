/** How a query is carried out: which records are looked at, in which order. */
import type { CollectionIndex } from './collection.ts';
import type { FieldBounds } from './index-bounds.ts';

export interface Plan {
  /** Nothing when the whole collection is read, or several plans in its place. */
  readonly index: CollectionIndex | undefined;
  readonly ranges: readonly KeyRange[];
  /** Those of the index's fields, as far as the query gives them. */
  readonly bounds: readonly FieldBounds[];
  readonly backward: boolean;
  /** True when the records come in the order that was asked for. */
  readonly sorted: boolean;
  /** True when the ranges name each document that passes the query once, and no other. */
  readonly exact: boolean;
  /** True when each range is a single key, at `low`. */
  readonly single: boolean;
  /**
   * The plans of an `$or`'s branches, carried out one after the other; each record counts once.
   * With an `index`, its ranges are those of all of them, to be gone through in order.
   */
  readonly branches: readonly Plan[];
  /** What else would have done, best first. */
  readonly rejected: readonly Plan[];
}

/** Keys from `low` (included) up to `high` (not included). */
export interface KeyRange {
  readonly low: Buffer;
  readonly high: Buffer;
}

/** Below every key, and above. */
export const lowest: Buffer = Buffer.alloc(0);
export const highest: Buffer = Buffer.from([0xff]);
/** How many ranges a plan has at most; fields that would make more are left out of it. */
export const mostRanges: number = 1000;

/** The plan to read everything. */
export const wholeCollection: Plan = {
  index: undefined,
  ranges: [],
  bounds: [],
  backward: false,
  sorted: false,
  exact: false,
  single: false,
  branches: [],
  rejected: [],
};

/** A field pinned to values counts for more than a range, and that for more than an order. */
export function scoreOf({ bounds, sorted, single, index }: Plan): number {
  const pinned = bounds.filter(({ points }) => points).length;
  const ranged = bounds.length - pinned;
  const length = index?.spec.fields.length ?? 0;
  return (
    (single && index?.spec.unique ? 1000 : 0) +
    pinned * 40 +
    ranged * 20 +
    (sorted ? 10 : 0) -
    length / 10
  );
}
