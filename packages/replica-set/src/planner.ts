/** Which records to look at for a query, and whether they come in the order of its sort. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { isNumber, rankOf, toDouble, typeRank } from './bson-order.ts';
import type { Collator } from './collator.ts';
import type { CollectionIndex } from './collection.ts';
import type { IndexSpec } from './index-spec.ts';
import { encodeKey, rankByte } from './key-string.ts';
import { hasOperators } from './matcher.ts';
import { ServerError } from './server-error.ts';
import type { SortKey } from './sort.ts';

export interface Plan {
  /** Nothing when the whole collection is read. */
  readonly index: CollectionIndex | undefined;
  readonly ranges: readonly KeyRange[];
  readonly backward: boolean;
  /** True when the records come in the order that was asked for. */
  readonly sorted: boolean;
  /** True when the ranges name each document that passes the query once, and no other. */
  readonly exact: boolean;
}

/** Keys from `low` (included) up to `high` (not included). */
export interface KeyRange {
  readonly low: Buffer;
  readonly high: Buffer;
}

interface Indexed {
  readonly indexes: readonly CollectionIndex[];
}

const lowest = Buffer.alloc(0);
const highest = Buffer.from([0xff]);

/**
 * Picks the index that pins most of the query's fields; one that gives the sort's
 * order wins a tie. With a `hint` only that index is looked at, or, when it is
 * `$natural` or of no use to the query, none; throws 2 when there is no such index.
 */
export function planQuery(
  collection: Indexed,
  query: BsonDocument,
  sort: readonly SortKey[],
  hint?: BsonValue,
  collator?: Collator,
): Plan {
  const conditions = conditionsOf(query);
  const hinted = hintedIndexes(collection, hint);
  let best: Plan = {
    index: undefined,
    ranges: [],
    backward: false,
    sorted: sort.length === 0,
    exact: false,
  };
  let bestScore = sort.length === 0 ? 0 : -1;
  for (const index of hinted) {
    if (index.spec.partial !== undefined) continue;
    const plan = planIndex(index, query, conditions, sort, collator);
    if (plan === undefined) continue;
    const score = plan.pinned * 4 + (plan.ranged ? 2 : 0) + (plan.sorted ? 1 : 0);
    const useful = plan.pinned > 0 || plan.ranged || (plan.sorted && sort.length > 0);
    if (useful && score > bestScore) {
      best = plan;
      bestScore = score;
    }
  }
  return best;
}

function hintedIndexes(collection: Indexed, hint: BsonValue): readonly CollectionIndex[] {
  if (hint === undefined || hint === null || (isDocument(hint) && hint.size === 0)) {
    return collection.indexes;
  }
  if (isDocument(hint) && hint.has('$natural')) return [];
  const index = collection.indexes.find(({ spec }) =>
    isDocument(hint) ? hasKeys(spec, hint) : spec.name === hint,
  );
  if (index !== undefined) return [index];
  throw new ServerError(
    2,
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}

/** The plan that goes through the hinted index from `min` up to `max`; throws 51173 and 51174 when they do not fit together. */
export function planBetween(
  collection: Indexed,
  hint: BsonValue,
  { min, max }: { readonly min: BsonDocument | undefined; readonly max: BsonDocument | undefined },
  sort: readonly SortKey[],
  collator?: Collator,
): Plan {
  const [index, other] = hintedIndexes(collection, hint);
  const hinted = typeof hint === 'string' || (isDocument(hint) && hint.size > 0);
  if (!hinted || index === undefined || other !== undefined) {
    throw new ServerError(
      51173,
      'When using min()/max() a hint of which index to use must be provided',
    );
  }
  const bound = (keys: BsonDocument): Buffer => {
    const { fields } = index.spec;
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
  const order = orderOf(index, 0, 1, sort, collator);
  return {
    index,
    ranges: [{ low, high }],
    backward: order === 'backward',
    sorted: order !== 'none',
    exact: false,
  };
}

/** True for an index on just these fields, in this order. */
function hasKeys({ fields }: IndexSpec, keys: BsonDocument): boolean {
  const entries = [...keys];
  return (
    entries.length === fields.length &&
    fields.every(({ name, direction }, at) => {
      const [key, value] = entries[at] ?? [];
      return key === name && isNumber(value) && toDouble(value) < 0 === direction < 0;
    })
  );
}

/** The operators that the query puts on each field, `$eq` for a plain value. */
function conditionsOf(query: BsonDocument): Map<string, Map<string, BsonValue>> {
  const conditions = new Map<string, Map<string, BsonValue>>();
  const collect = (part: BsonDocument): void => {
    for (const [name, value] of part) {
      if (name === '$and' && Array.isArray(value)) {
        for (const branch of value) if (isDocument(branch)) collect(branch);
      } else if (!name.startsWith('$')) {
        const operators = hasOperators(value) ? value : new Map([['$eq', value]]);
        const known = conditions.get(name);
        // A second condition on a field narrows further; the first is enough to choose by.
        if (known === undefined) conditions.set(name, operators);
      }
    }
  };
  collect(query);
  return conditions;
}

interface IndexPlan extends Plan {
  readonly pinned: number;
  readonly ranged: boolean;
}

function planIndex(
  index: CollectionIndex,
  query: BsonDocument,
  conditions: ReadonlyMap<string, Map<string, BsonValue>>,
  sort: readonly SortKey[],
  collator: Collator | undefined,
): IndexPlan | undefined {
  const { fields, sparse } = index.spec;
  let prefixes: Buffer[] = [lowest];
  let pinned = 0;
  for (const { name, direction } of fields) {
    const values = pinnedValues(conditions.get(name), collator);
    if (values === undefined || values.length * prefixes.length > 1000) break;
    prefixes = prefixes.flatMap((prefix) =>
      values.map((value) => Buffer.concat([prefix, encodeKey([value], [direction])])),
    );
    pinned += 1;
  }
  const next = fields[pinned];
  const range =
    next === undefined
      ? undefined
      : rangeOf(conditions.get(next.name), next.direction, index.multikey, collator);
  if (sparse && pinned === 0 && range === undefined) return undefined;
  const order = orderOf(index, pinned, prefixes.length, sort, collator);
  const ranges = prefixes.map((prefix) => ({
    low: Buffer.concat([prefix, range?.low ?? lowest]),
    high: Buffer.concat([prefix, range?.high ?? highest]),
  }));
  ranges.sort((a, b) => Buffer.compare(a.low, b.low));
  const distinct = ranges.filter(
    ({ low }, at) => at === 0 || !low.equals(ranges[at - 1]?.low ?? highest),
  );
  const backward = order === 'backward';
  return {
    index,
    ranges: backward ? distinct.reverse() : distinct,
    backward,
    sorted: order !== 'none',
    exact: isExact(index, query, conditions, pinned, range !== undefined, distinct.length),
    pinned,
    ranged: range !== undefined,
  };
}

/** True when the query says nothing beyond what the keys of the ranges say. */
function isExact(
  index: CollectionIndex,
  query: BsonDocument,
  conditions: ReadonlyMap<string, Map<string, BsonValue>>,
  pinned: number,
  ranged: boolean,
  ranges: number,
): boolean {
  const { fields } = index.spec;
  const used = fields.slice(0, pinned + (ranged ? 1 : 0)).map(({ name }) => name);
  if (used.length !== query.size || !used.every((name) => query.has(name))) return false;
  // The keys of an array named by its place are its elements, of which the query does not speak.
  if (index.multikey && used.some((name) => /\.\d+(\.|$)/.test(name))) return false;
  // A document with several keys may lie in a range more than once.
  if (index.multikey && (ranged || ranges !== 1 || pinned !== fields.length)) return false;
  return used.every((name, at) => {
    const operators = [...(conditions.get(name) ?? [])];
    if (at < pinned) return operators.length === 1;
    const rank = rankOf(operators[0]?.[1]);
    const below = operators.some(([operator]) => operator.startsWith('$g'));
    // NaN has its key below all numbers, but is no less than any of them.
    return (
      (rank !== typeRank.number || below) &&
      operators.every(([operator, value]) => bounds.includes(operator) && rankOf(value) === rank)
    );
  });
}

const bounds = ['$gt', '$gte', '$lt', '$lte'];

/** The values a field must have one of; arrays, null and expressions cannot be looked up. */
function pinnedValues(
  operators: Map<string, BsonValue> | undefined,
  collator: Collator | undefined,
): BsonValue[] | undefined {
  if (operators?.has('$eq')) {
    const value = operators.get('$eq');
    return canLookUp(value, collator) ? [value] : undefined;
  }
  const list = operators?.get('$in');
  return Array.isArray(list) && list.every((value) => canLookUp(value, collator))
    ? list
    : undefined;
}

/** Keys hold strings by their bytes: of no use to a query with a collation. */
function canLookUp(value: BsonValue, collator: Collator | undefined): boolean {
  const rank = rankOf(value);
  if (collator !== undefined && (rank === typeRank.string || rank === typeRank.document)) {
    return false;
  }
  return !notLookedUp.has(rank);
}

const notLookedUp: ReadonlySet<number> = new Set([
  typeRank.null,
  typeRank.undefined,
  typeRank.array,
  typeRank.regex,
]);

function rangeOf(
  operators: Map<string, BsonValue> | undefined,
  direction: 1 | -1,
  multikey: boolean,
  collator: Collator | undefined,
): KeyRange | undefined {
  if (operators === undefined) return undefined;
  const given = bounds.filter((name) => canLookUp(operators.get(name), collator));
  const [first] = given;
  if (first === undefined) return undefined;
  const rank = rankOf(operators.get(first));
  if (rank === typeRank.minKey || rank >= typeRank.code) return undefined;
  const typeByte = rankByte(rank);
  let low: Buffer = Buffer.from([direction === 1 ? typeByte : 0xff - typeByte]);
  let high: Buffer = Buffer.from([direction === 1 ? typeByte + 1 : 0x100 - typeByte]);
  // Different elements of an array may meet the two bounds, so only one of them narrows.
  for (const name of multikey ? [first] : given) {
    const value = operators.get(name);
    if (rankOf(value) !== rank) continue;
    const key = encodeKey([value], [direction]);
    const beyond = Buffer.concat([key, highest]);
    const upward = name.startsWith('$g') === (direction === 1);
    const inclusive = name.endsWith('e');
    if (upward) low = inclusive ? key : beyond;
    else high = inclusive ? beyond : key;
  }
  return { low, high };
}

/** Whether the fields behind the pinned ones are the sort's, all forward or all backward. */
function orderOf(
  index: CollectionIndex,
  pinned: number,
  prefixes: number,
  sort: readonly SortKey[],
  collator: Collator | undefined,
): 'forward' | 'backward' | 'none' {
  if (sort.length === 0) return 'forward';
  if (index.multikey || index.spec.sparse) return 'none';
  const { fields } = index.spec;
  const pinnedNames = new Set(
    prefixes === 1 ? fields.slice(0, pinned).map(({ name }) => name) : [],
  );
  const wanted = sort.filter(({ path }) => !pinnedNames.has(path.join('.')));
  const offered = fields.slice(prefixes === 1 ? pinned : 0);
  if (wanted.length > 0 && collator !== undefined) return 'none';
  if (wanted.length > offered.length) return 'none';
  const matches = (sign: number) =>
    wanted.every(({ path, direction }, at) => {
      const field = offered[at];
      return field?.name === path.join('.') && field.direction === direction * sign;
    });
  return matches(1) ? 'forward' : matches(-1) ? 'backward' : 'none';
}
