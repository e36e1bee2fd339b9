/** Which keys of an indexed field the documents can have that meet a query's conditions. */
import { BSONRegExp } from 'bson';
import { type BsonDocument, type BsonValue, isDocument, showValue } from './bson-document.ts';
import { isNumber, rankOf, toDouble, typeRank } from './bson-order.ts';
import { type TypeSet, typeSetOf } from './bson-type.ts';
import type { Collator } from './collator.ts';
import type { IndexField } from './index-spec.ts';
import { encodeKey, rankByte } from './key-string.ts';
import { hasOperators } from './matcher.ts';
import type { FieldConditions } from './query-conditions.ts';

/** Keys of one field, from `low` (included) up to `high` (not included), in the index's own order. */
interface Interval {
  readonly low: Buffer;
  readonly high: Buffer;
  /** As `explain` shows it. */
  readonly shown: string;
}

export interface FieldBounds {
  /** In the order of the index, none overlapping another. */
  readonly intervals: readonly Interval[];
  /** True when each interval is a single key, behind which a next field may be bounded. */
  readonly points: boolean;
  /** True when the conditions say no more than the bounds do. */
  readonly exact: boolean;
}

const lowest = Buffer.alloc(0);
const highest = Buffer.from([0xff]);

/** All there is. */
export function wholeField({ direction }: IndexField): FieldBounds {
  const shown = direction === 1 ? '[MinKey, MaxKey]' : '[MaxKey, MinKey]';
  return { intervals: [{ low: lowest, high: highest, shown }], points: false, exact: true };
}

/** The one key of a value that is not null. */
export function pointBounds(value: BsonValue, { direction }: IndexField): FieldBounds {
  return { intervals: [point(value, direction)], points: true, exact: true };
}

/** The bounds of a field's keys; nothing when its conditions give none. */
export function boundsOf(
  { clauses, within }: FieldConditions,
  { direction, path }: IndexField,
  { multikey, collator }: { readonly multikey: boolean; readonly collator: Collator | undefined },
): FieldBounds | undefined {
  // A number in a path may name an element or a field; the key is of the first, null is met by either.
  if (path.some((name) => /^\d+$/.test(name)) && clauses.some(asksForNull)) return undefined;
  // Two clauses may be met by two elements of an array; then either of them bounds the keys, not both.
  const merged = multikey ? undefined : mergedClauses(clauses);
  const found = (merged === undefined ? clauses : [merged])
    .map((operators) => boundsByOperators(operators, { direction, spread: multikey, collator }))
    .filter((bounds) => bounds !== undefined);
  const best = found.find(({ points }) => points) ?? found[0];
  if (best === undefined) return undefined;
  return {
    ...best,
    exact: best.exact && !within && (merged !== undefined || clauses.length === 1),
  };
}

/** How a field's keys are to be read. */
interface Way {
  readonly direction: 1 | -1;
  /** True where conditions may be met by different elements of an array. */
  readonly spread: boolean;
  readonly collator: Collator | undefined;
}

/** True for what documents without the field meet too. */
export function asksForNull(clause: BsonDocument): boolean {
  return [...clause.values()].some(
    (value) => isNull(value) || (Array.isArray(value) && value.some(isNull)),
  );
}

export function isNull(value: BsonValue): boolean {
  return value === null || value === undefined;
}

/** All clauses as one; nothing when two of them have an operator in common. */
function mergedClauses(clauses: readonly BsonDocument[]): BsonDocument | undefined {
  const [first] = clauses;
  if (clauses.length === 1) return first;
  const merged: BsonDocument = new Map();
  for (const clause of clauses) {
    for (const [name, value] of clause) {
      if (merged.has(name)) return undefined;
      merged.set(name, value);
    }
  }
  return merged;
}

function boundsByOperators(operators: BsonDocument, way: Way): FieldBounds | undefined {
  const alone = operators.size === 1;
  if (operators.has('$eq')) return ofValues([operators.get('$eq')], way, alone);
  const list = operators.get('$in');
  if (Array.isArray(list)) return ofValues(list, way, alone);
  const range = ofRange(operators, way);
  if (range !== undefined) return range;
  if (operators.has('$regex')) {
    return ofRegex(operators.get('$regex'), operators.get('$options'), way.direction);
  }
  const types = operators.get('$type');
  if (types !== undefined) return ofTypes(typeSetOf(types, '$type'), way.direction);
  const element = operators.get('$elemMatch');
  // The elements of an element have no keys of their own.
  if (!isDocument(element) || !hasOperators(element) || element.has('$elemMatch')) return undefined;
  const bounds = boundsByOperators(element, { ...way, spread: false });
  return bounds && { ...bounds, exact: false };
}

/** The keys of all values of some types. */
function ofTypes(types: TypeSet, direction: 1 | -1): FieldBounds | undefined {
  const intervals: Interval[] = [];
  for (const type of types) {
    const rank = ranksOfTypes[type];
    // An array has the keys of its elements.
    if (rank === undefined) return undefined;
    const [from, to] = shownEnds[rank] ?? [type, type];
    const low: Edge = { key: Buffer.from([rankByte(rank)]), included: true, shown: from };
    const high: Edge = { key: Buffer.from([rankByte(rank) + 1]), included: false, shown: to };
    intervals.push(intervalOf(low, high, direction));
  }
  return { intervals: inOrder(intervals), points: false, exact: false };
}

/** Of types whose values all have keys of one rank. */
const ranksOfTypes: Readonly<Record<string, number>> = {
  minKey: typeRank.minKey,
  undefined: typeRank.undefined,
  null: typeRank.null,
  double: typeRank.number,
  int: typeRank.number,
  long: typeRank.number,
  decimal: typeRank.number,
  string: typeRank.string,
  symbol: typeRank.string,
  object: typeRank.document,
  binData: typeRank.binary,
  objectId: typeRank.objectId,
  bool: typeRank.boolean,
  date: typeRank.date,
  timestamp: typeRank.timestamp,
  regex: typeRank.regex,
  dbPointer: typeRank.document,
  javascript: typeRank.code,
  javascriptWithScope: typeRank.code,
  maxKey: typeRank.maxKey,
};

/** Keys hold strings by their bytes: of no use to a query that compares them otherwise. */
function isCollated(value: BsonValue, collator: Collator | undefined): boolean {
  const rank = rankOf(value);
  return collator !== undefined && (rank === typeRank.string || rank === typeRank.document);
}

/** The keys of values, one of which a field is to equal. */
function ofValues(
  values: readonly BsonValue[],
  { direction, collator }: Way,
  exact: boolean,
): FieldBounds | undefined {
  const intervals: Interval[] = [];
  let isExact = exact;
  let points = true;
  for (const value of values) {
    // An array may equal a whole value or an element: its elements' keys would not find the first.
    if (Array.isArray(value) || isCollated(value, collator)) return undefined;
    if (value instanceof BSONRegExp) {
      const bounds = ofRegex(value, undefined, direction);
      if (bounds === undefined) return undefined;
      intervals.push(...bounds.intervals);
      isExact = false;
      points = false;
    } else if (isNull(value)) {
      // A missing field has the key of null.
      intervals.push(point(value, direction));
      isExact = false;
    } else {
      intervals.push(point(value, direction));
      if (direction === -1 && textual.has(rankOf(value))) isExact = false;
    }
  }
  return { intervals: inOrder(intervals), points, exact: isExact };
}

function point(value: BsonValue, direction: 1 | -1): Interval {
  const key = encodeKey([value], [direction]);
  const shown = showValue(value);
  return { low: key, high: Buffer.concat([key, highest]), shown: `[${shown}, ${shown}]` };
}

/** Sorted, and those that meet made one. */
function inOrder(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => Buffer.compare(a.low, b.low));
  const result: Interval[] = [];
  for (const interval of sorted) {
    const last = result.at(-1);
    if (last === undefined || Buffer.compare(interval.low, last.high) >= 0) result.push(interval);
    else if (Buffer.compare(interval.high, last.high) > 0) {
      const shown = `${last.shown.split(', ')[0]}, ${interval.shown.split(', ').at(-1)}`;
      result[result.length - 1] = { low: last.low, high: interval.high, shown };
    }
  }
  return result;
}

const rangeOperators = ['$gt', '$gte', '$lt', '$lte'];

function ofRange(
  operators: BsonDocument,
  { direction, spread, collator }: Way,
): FieldBounds | undefined {
  const given = rangeOperators.filter((name) => canBound(operators.get(name), collator));
  const [first] = given;
  if (first === undefined) return undefined;
  const rank = rankOf(operators.get(first));
  const [least, greatest] = endsOf(rank);
  let low: Edge = least;
  let high: Edge = greatest;
  let exact = [...operators.keys()].length === given.length;
  // Different elements of an array may meet the two bounds, so only one of them narrows.
  for (const name of spread ? [first] : given) {
    const value = operators.get(name);
    // Nothing is of two types: the bounds of the first will do.
    if (rankOf(value) !== rank) {
      exact = false;
      continue;
    }
    const unordered = isNumber(value) && Number.isNaN(toDouble(value));
    const edge = { key: encodeKey([value]), included: name.endsWith('e'), shown: showValue(value) };
    if (name.startsWith('$g')) low = edge;
    else {
      high = edge;
      if (unordered) low = firstOf(rank);
    }
    // NaN has its key below all numbers, but is neither less nor more than any of them.
    if (unordered) exact = false;
  }
  if (spread && given.length > 1) exact = false;
  if (direction === -1 && textual.has(rank)) {
    // Turned around, a string that goes on with a null byte stands behind the one that ends there.
    exact = false;
    low = { ...low, included: true };
  }
  const interval = intervalOf(low, high, direction);
  if (Buffer.compare(interval.low, interval.high) >= 0) {
    return { intervals: [], points: true, exact };
  }
  return { intervals: [interval], points: false, exact };
}

const textual: ReadonlySet<number> = new Set([typeRank.string, typeRank.regex, typeRank.code]);

function canBound(value: BsonValue, collator: Collator | undefined): boolean {
  const rank = rankOf(value);
  if (rank === typeRank.minKey || rank >= typeRank.code || isCollated(value, collator))
    return false;
  return !unbounded.has(rank);
}

const unbounded: ReadonlySet<number> = new Set([
  typeRank.null,
  typeRank.undefined,
  typeRank.array,
  typeRank.regex,
]);

/** One end of a range, by the key that it has in a rising index. */
interface Edge {
  readonly key: Buffer;
  readonly included: boolean;
  readonly shown: string;
}

/** Where the values of a type begin and end. */
function endsOf(rank: number): readonly [Edge, Edge] {
  const end = { key: Buffer.from([rankByte(rank) + 1]), included: false };
  const first = firstOf(rank);
  const [from, to] = shownEnds[rank] ?? ['', ''];
  if (rank !== typeRank.number)
    return [
      { ...first, shown: from },
      { ...end, shown: to },
    ];
  return [
    { key: encodeKey([Number.NaN]), included: false, shown: '-inf.0' },
    { ...end, shown: 'inf.0' },
  ];
}

function firstOf(rank: number): Edge {
  return { key: Buffer.from([rankByte(rank)]), included: true, shown: 'nan.0' };
}

const shownEnds: Readonly<Record<number, readonly [string, string]>> = {
  [typeRank.number]: ['nan.0', 'inf.0'],
  [typeRank.string]: ['""', '{}'],
  [typeRank.document]: ['{}', '[]'],
  [typeRank.binary]: ['BinData(0, "")', "ObjectId('000000000000000000000000')"],
  [typeRank.objectId]: ["ObjectId('000000000000000000000000')", 'false'],
  [typeRank.boolean]: ['false', 'true'],
  [typeRank.date]: ['new Date(-9223372036854775808)', 'new Date(9223372036854775807)'],
  [typeRank.timestamp]: ['Timestamp(0, 0)', 'Timestamp(4294967295, 4294967295)'],
};

function intervalOf(low: Edge, high: Edge, direction: 1 | -1): Interval {
  const [from, to] = [low.shown, high.shown];
  const [opens, closes] = [
    low.included || low.shown === '-inf.0',
    high.included || high.shown === 'inf.0',
  ];
  const rising = `${opens ? '[' : '('}${from}, ${to}${closes ? ']' : ')'}`;
  if (direction === 1) {
    return {
      low: low.included ? low.key : after(low.key),
      high: high.included ? after(high.key) : high.key,
      shown: rising,
    };
  }
  const turned = (key: Buffer): Buffer => Buffer.from(key.map((byte) => ~byte & 0xff));
  return {
    low: high.included ? turned(high.key) : after(turned(high.key)),
    high: low.included ? after(turned(low.key)) : turned(low.key),
    shown: `${closes ? '[' : '('}${to}, ${from}${opens ? ']' : ')'}`,
  };
}

/** Behind all keys that begin so; a single byte is a type. */
function after(key: Buffer): Buffer {
  const [type = 0] = key;
  return key.length === 1 ? Buffer.from([type + 1]) : Buffer.concat([key, highest]);
}

/** Strings that begin as a pattern says they have to, and the pattern itself as a value. */
function ofRegex(
  pattern: BsonValue,
  options: BsonValue,
  direction: 1 | -1,
): FieldBounds | undefined {
  const source = pattern instanceof BSONRegExp ? pattern.pattern : pattern;
  const flags = pattern instanceof BSONRegExp && options === undefined ? pattern.options : options;
  if (typeof source !== 'string' || (flags !== undefined && flags !== '')) return undefined;
  if (direction === -1) return undefined;
  const prefix = /^\^([\p{L}\p{N} _:@/-]+)/u.exec(source)?.[1] ?? '';
  if (source.includes('|')) return undefined;
  // What a quantifier stands behind may be missing.
  const rest = source.slice(1 + prefix.length);
  const sure = /^[*?{]/.test(rest) ? Array.from(prefix).slice(0, -1).join('') : prefix;
  if (sure === '') return undefined;
  const key = encodeKey([sure]);
  // Without the byte that ends a string.
  const begun = key.subarray(0, -1);
  const low: Edge = { key: begun, included: true, shown: showValue(sure) };
  const beyond = Buffer.concat([begun, highest]);
  const next = sure.slice(0, -1) + String.fromCharCode(sure.charCodeAt(sure.length - 1) + 1);
  const high: Edge = { key: beyond, included: false, shown: showValue(next) };
  const itself = point(new BSONRegExp(source), direction);
  return { intervals: [intervalOf(low, high, 1), itself], points: false, exact: false };
}
