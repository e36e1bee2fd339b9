/** Which records to look at for a query, and whether they come in the order of its sort. */
import { MaxKey, MinKey, ObjectId } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { equalValues, isNumber, toDouble } from './bson-order.ts';
import type { Collator } from './collator.ts';
import type { CollectionIndex } from './collection.ts';
import {
  asksForNull,
  boundsOf,
  type FieldBounds,
  pointBounds,
  wholeField,
} from './index-bounds.ts';
import type { IndexField } from './index-spec.ts';
import { encodeKey } from './key-string.ts';
import { isImplied } from './partial-filter.ts';
import { conditionsOf, type QueryConditions, withoutAlternatives } from './query-conditions.ts';
import { ServerError } from './server-error.ts';
import type { SortKey } from './sort.ts';

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

interface Conditions extends QueryConditions {
  /** How the query compares strings, when not by their bytes as keys do. */
  readonly collator: Collator | undefined;
}

interface Indexed {
  readonly indexes: readonly CollectionIndex[];
}

const lowest = Buffer.alloc(0);
const highest = Buffer.from([0xff]);
const mostRanges = 1000;

const wholeCollection: Plan = {
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

/**
 * Picks the index that pins most of the query's fields; one that gives the sort's
 * order wins a tie. A `hint` names the index to use, whatever the query, or none
 * (`$natural`); throws 2 when there is no such index, 291 when it cannot serve.
 */
export function planQuery(
  collection: Indexed,
  query: BsonDocument,
  sort: readonly SortKey[],
  hint?: BsonValue,
  collator?: Collator,
): Plan {
  const byId = planById(collection, query, hint, collator);
  if (byId !== undefined) return byId;
  const hinted = hintedIndex(collection, hint);
  const conditions = { ...conditionsOf(query), collator };
  if (hinted === 'none') {
    const backward = isDocument(hint) && Number(hint.get('$natural')) < 0;
    return { ...wholeCollection, backward, sorted: sort.length === 0 };
  }
  if (hinted !== undefined) {
    const plan = planIndex(hinted, conditions, sort);
    if (hinted.spec.partial === undefined || isPartOf(hinted, conditions)) return plan;
    throw new ServerError(
      291,
      'error processing query: planner returned error :: caused by :: No query solutions',
    );
  }
  const useful = collection.indexes
    .filter((index) => canServe(index, conditions))
    .map((index) => planIndex(index, conditions, sort))
    .filter((plan) => plan.bounds.length > 0 || (plan.sorted && sort.length > 0));
  useful.sort((a, b) => scoreOf(b) - scoreOf(a));
  const [best, ...rejected] = useful;
  const isBounded = best !== undefined && best.bounds.length > 0;
  const merged = isBounded ? undefined : planMerged(collection, query, conditions, sort);
  if (merged !== undefined) return { ...merged, rejected: useful };
  const branched = isBounded ? undefined : planBranches(collection, query, conditions);
  if (branched !== undefined) {
    return { ...branched, sorted: sort.length === 0, rejected: useful };
  }
  if (best !== undefined) return { ...best, rejected };
  return { ...wholeCollection, sorted: sort.length === 0 };
}

/** The plan for one `_id`, without a look at what else there is; nothing for another query. */
function planById(
  { indexes: [index] }: Indexed,
  query: BsonDocument,
  hint: BsonValue,
  collator: Collator | undefined,
): Plan | undefined {
  const id = query.get('_id');
  const [field] = index?.spec.fields ?? [];
  if (index?.spec.name !== '_id_' || field === undefined || !isNull(hint)) return undefined;
  const isText = typeof id === 'string' && collator === undefined;
  if (!isText && typeof id !== 'number' && !(id instanceof ObjectId)) return undefined;
  const bounds = pointBounds(id, field);
  return {
    ...wholeCollection,
    index,
    ranges: bounds.intervals,
    bounds: [bounds],
    sorted: true,
    exact: query.size === 1,
    single: true,
  };
}

/** A field pinned to values counts for more than a range, and that for more than an order. */
function scoreOf({ bounds, sorted, single, index }: Plan): number {
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

/** False for an index that is hidden, or that leaves out what the query may ask for. */
function canServe(index: CollectionIndex, conditions: Conditions): boolean {
  const { hidden, sparse, partial, fields } = index.spec;
  if (hidden || (partial !== undefined && !isPartOf(index, conditions))) return false;
  return !sparse || fields.some(({ name }) => isThere(conditions, name));
}

function isPartOf(
  { spec: { partial } }: CollectionIndex,
  { fields, collator }: Conditions,
): boolean {
  // Strings that are equal to the query may differ to the filter.
  if (collator !== undefined) return partial === undefined;
  const clauses = new Map([...fields].map(([name, each]) => [name, each.clauses]));
  return partial === undefined || isImplied(partial.filter, clauses);
}

/** True when what passes has the field. */
function isThere({ fields }: Conditions, name: string): boolean {
  const { clauses = [] } = fields.get(name) ?? {};
  return clauses.some((clause) =>
    [...clause].some(([operator, operand]) => {
      if (operator === '$exists') return operand === true || operand === 1;
      if (operator === '$in') return Array.isArray(operand) && !operand.some(isOpen);
      return impliesPresence.has(operator) && !isOpen(operand);
    }),
  );
}

const impliesPresence = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$regex', '$elemMatch']);

/** Null and the ends of the order are met by missing fields, too. */
function isOpen(value: BsonValue): boolean {
  return value instanceof MinKey || value instanceof MaxKey || isNull(value);
}

function isNull(value: BsonValue): boolean {
  return value === null || value === undefined;
}

/** The index that a hint names; `none` when it asks for none. */
function hintedIndex(collection: Indexed, hint: BsonValue): CollectionIndex | 'none' | undefined {
  if (isNull(hint) || (isDocument(hint) && hint.size === 0)) return undefined;
  if (typeof hint !== 'string' && !isDocument(hint)) {
    throw new ServerError(9, 'Hint must be a string or an object');
  }
  if (isDocument(hint) && hint.has('$natural')) {
    const natural = hint.get('$natural');
    if (hint.size === 1 && isNumber(natural) && Math.abs(toDouble(natural)) === 1) return 'none';
    throw new ServerError(2, '$natural hint may only accept 1 or -1 as value');
  }
  const [index, other] = collection.indexes.filter(({ spec }) =>
    isDocument(hint) ? equalValues(spec.key, hint) : spec.name === hint,
  );
  if (index !== undefined && other !== undefined) {
    throw new ServerError(
      27,
      `error processing query: planner returned error :: caused by :: Hint matched multiple indexes, must hint by index name. Matched: ${index.spec.name} and ${other.spec.name}`,
    );
  }
  if (index !== undefined && !index.spec.hidden) return index;
  throw new ServerError(
    2,
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}

/** The plan that goes through the hinted index from `min` up to `max`; throws 51173 to 51176 and 291 when they do not fit together. */
export function planBetween(
  collection: Indexed,
  hint: BsonValue,
  { min, max }: { readonly min: BsonDocument | undefined; readonly max: BsonDocument | undefined },
  sort: readonly SortKey[],
  collator?: Collator,
): Plan {
  const index = hintedIndex(collection, hint);
  if (index === 'none') {
    throw new ServerError(
      291,
      'error processing query: planner returned error :: caused by :: No query solutions',
    );
  }
  if (index === undefined) {
    throw new ServerError(
      51173,
      'When using min()/max() a hint of which index to use must be provided',
    );
  }
  const { fields } = index.spec;
  if (min && max && [...min.keys()].sort().join() !== [...max.keys()].sort().join()) {
    throw new ServerError(51176, 'min() and max() must have the same field names');
  }
  const bound = (keys: BsonDocument): Buffer => {
    const names = [...keys.keys()];
    if (fields.length !== names.length || fields.some(({ name }, at) => name !== names[at])) {
      throw new ServerError(
        51174,
        'the fields of min and max have to be those of the hinted index',
      );
    }
    return encodeKey(
      [...keys.values()],
      fields.map(({ direction }) => direction),
    );
  };
  const low = min === undefined ? lowest : bound(min);
  const high = max === undefined ? highest : bound(max);
  if (low.compare(high) >= 0) {
    throw new ServerError(51175, 'The value provided for min() must be less than that of max()');
  }
  const order = orderOf(index, 0, 1, sort, collator);
  return {
    ...wholeCollection,
    index,
    ranges: [{ low, high }],
    backward: order === 'backward',
    sorted: order !== 'none',
  };
}

/** The best that an index can do, be it no more than to be read as a whole. */
function planIndex(index: CollectionIndex, conditions: Conditions, sort: readonly SortKey[]): Plan {
  const { fields } = index.spec;
  const bounds: FieldBounds[] = [];
  let ranges: KeyRange[] = [{ low: lowest, high: highest }];
  let pinned = 0;
  for (const [at, field] of fields.entries()) {
    const found = boundsOfField(index, fields.slice(0, at), field, conditions);
    if (found === undefined || found.intervals.length * ranges.length > mostRanges) break;
    bounds.push(found);
    ranges = ranges.flatMap(({ low: prefix }) =>
      found.intervals.map(({ low, high }) => ({
        low: Buffer.concat([prefix, low]),
        high: Buffer.concat([prefix, high]),
      })),
    );
    if (!found.points) break;
    pinned += 1;
  }
  const order = orderOf(index, pinned, ranges.length, sort, conditions.collator);
  const backward = order === 'backward';
  return {
    ...wholeCollection,
    index,
    ranges: backward ? ranges.reverse() : ranges,
    bounds,
    backward,
    sorted: order !== 'none',
    exact: isExact(index, conditions, bounds, ranges.length),
    single: pinned === fields.length,
  };
}

function boundsOfField(
  { multikey, spec }: CollectionIndex,
  before: readonly IndexField[],
  field: IndexField,
  conditions: Conditions,
): FieldBounds | undefined {
  const given = conditions.fields.get(field.name);
  if (given === undefined) return undefined;
  // Conditions on two fields of an array's documents may be met by two of them: no key has both.
  const isShared = before.some(({ path }) => path[0] === field.path[0]);
  if (multikey && isShared) return undefined;
  // A sparse index has no key for an array's documents without the field.
  const isLeftOut = spec.sparse && multikey && given.clauses.some(asksForNull);
  const bounds = isLeftOut
    ? undefined
    : boundsOf(given, field, { multikey, collator: conditions.collator });
  if (bounds !== undefined || !spec.sparse) return bounds;
  return isThere(conditions, field.name) ? { ...wholeField(field), exact: false } : undefined;
}

/** True when the query says nothing beyond what the keys of the ranges say. */
function isExact(
  { multikey, spec }: CollectionIndex,
  { fields, whole }: Conditions,
  bounds: readonly FieldBounds[],
  ranges: number,
): boolean {
  if (!whole || fields.size !== bounds.length || spec.partial !== undefined) return false;
  if (bounds.length === 0 || !bounds.every(({ exact }) => exact)) return false;
  // The keys of an array named by its place are its elements, of which the query does not speak.
  if (multikey && [...fields.keys()].some((name) => /\.\d+(\.|$)/.test(name))) return false;
  // A document with several keys may lie in a range more than once.
  const isPoint = bounds.length === spec.fields.length && bounds.every(({ points }) => points);
  return !multikey || (isPoint && ranges === 1);
}

/** Plans for each branch of an `$or` that has to hold; nothing when one of them would read all. */
function planBranches(
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
function planMerged(
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

/** Whether the fields behind the pinned ones are the sort's, all forward or all backward. */
function orderOf(
  index: CollectionIndex,
  pinned: number,
  ranges: number,
  sort: readonly SortKey[],
  collator: Collator | undefined,
): 'forward' | 'backward' | 'none' {
  if (sort.length === 0) return 'forward';
  if (index.multikey || index.spec.sparse) return 'none';
  const { fields } = index.spec;
  const pinnedNames = new Set(ranges === 1 ? fields.slice(0, pinned).map(({ name }) => name) : []);
  const wanted = sort.filter(({ path }) => !pinnedNames.has(path.join('.')));
  const offered = fields.slice(ranges === 1 ? pinned : 0);
  if (wanted.length > 0 && collator !== undefined) return 'none';
  if (wanted.length > offered.length) return 'none';
  const matches = (sign: number) =>
    wanted.every(({ path, direction }, at) => {
      const field = offered[at];
      return field?.name === path.join('.') && field.direction === direction * sign;
    });
  return matches(1) ? 'forward' : matches(-1) ? 'backward' : 'none';
}
