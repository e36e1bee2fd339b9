/**
 * BSON's comparison order: MongoDB manual, "Comparison/Sort Order".
 *
 * Numbers of all kinds compare by their exact value, strings by their UTF-8
 * bytes, documents field by field in the order the fields stand.
 */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { type BsonDocument, type BsonValue, isInt32 } from './bson-document.ts';

/** The rank of each type in the order; types of one rank compare by value. */
export const typeRank = {
  minKey: 0,
  undefined: 1,
  null: 2,
  number: 3,
  string: 4,
  document: 5,
  array: 6,
  binary: 7,
  objectId: 8,
  boolean: 9,
  date: 10,
  timestamp: 11,
  regex: 12,
  code: 13,
  codeWithScope: 14,
  maxKey: 15,
} as const;

export function rankOf(value: BsonValue): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return typeRank.number;
    case 'string':
      return typeRank.string;
    case 'boolean':
      return typeRank.boolean;
    case 'undefined':
      return typeRank.undefined;
    default:
  }
  if (value === null) return typeRank.null;
  if (value instanceof Map) return typeRank.document;
  if (Array.isArray(value)) return typeRank.array;
  if (value instanceof ObjectId) return typeRank.objectId;
  if (value instanceof Date) return typeRank.date;
  if (value instanceof Double || value instanceof Decimal128) return typeRank.number;
  if (value instanceof Binary) return typeRank.binary;
  if (value instanceof Timestamp) return typeRank.timestamp;
  if (value instanceof BSONRegExp) return typeRank.regex;
  if (value instanceof BSONSymbol) return typeRank.string;
  if (value instanceof Code) return value.scope === null ? typeRank.code : typeRank.codeWithScope;
  if (value instanceof MinKey) return typeRank.minKey;
  return typeRank.maxKey;
}

/** How strings compare where it is not by their bytes; all that this file needs of a `Collator`. */
export interface StringOrder {
  readonly compare: (a: string, b: string) => number;
}

/** Negative, zero or positive as `a` stands before, with or after `b`; strings by `order`, at any depth. */
export function compareValues(a: BsonValue, b: BsonValue, order?: StringOrder): number {
  const rank = rankOf(a);
  const difference = rank - rankOf(b);
  if (difference !== 0) return difference;
  switch (rank) {
    case typeRank.number:
      return compareNumbers(a as BsonNumber, b as BsonNumber);
    case typeRank.string:
      return order === undefined
        ? compareStrings(textOf(a), textOf(b))
        : order.compare(textOf(a), textOf(b));
    case typeRank.document:
      return compareDocuments(a as BsonDocument, b as BsonDocument, order);
    case typeRank.array:
      return compareArrays(a as BsonValue[], b as BsonValue[], order);
    case typeRank.binary:
      return compareBinaries(a as Binary, b as Binary);
    case typeRank.objectId:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case typeRank.boolean:
      return Number(a) - Number(b);
    case typeRank.date:
      return (a as Date).getTime() - (b as Date).getTime();
    case typeRank.timestamp:
      return (a as Timestamp).comp(b as Timestamp);
    case typeRank.regex:
      return (
        compareStrings((a as BSONRegExp).pattern, (b as BSONRegExp).pattern) ||
        compareStrings((a as BSONRegExp).options, (b as BSONRegExp).options)
      );
    case typeRank.code:
      return compareStrings((a as Code).code, (b as Code).code);
    case typeRank.codeWithScope:
      return (
        compareStrings((a as Code).code, (b as Code).code) ||
        compareDocuments(scopeOf(a as Code), scopeOf(b as Code), order)
      );
    default:
      return 0;
  }
}

export function equalValues(a: BsonValue, b: BsonValue, order?: StringOrder): boolean {
  return a === b || compareValues(a, b, order) === 0;
}

export type BsonNumber = number | bigint | Double | Decimal128;

export function isNumber(value: unknown): value is BsonNumber {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Double ||
    value instanceof Decimal128
  );
}

/** The nearest double. */
export function toDouble(value: BsonNumber): number {
  if (typeof value === 'number') return value;
  if (value instanceof Double) return value.value;
  return Number(typeof value === 'bigint' ? value : value.toString());
}

/** NaN stands before every other number and equals itself, as MongoDB has it. */
export function compareNumbers(a: BsonNumber, b: BsonNumber): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  const left = toDouble(a);
  const right = toDouble(b);
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : -1;
  if (Number.isNaN(right)) return 1;
  if (left !== right) return left < right ? -1 : 1;
  const exact = (value: BsonNumber) => typeof value === 'number' || value instanceof Double;
  if (exact(a) && exact(b)) return 0;
  if (Number.isFinite(left)) return compareFractions(fractionOf(a), fractionOf(b));
  // A decimal may be finite and yet beyond all doubles.
  const infinite = Number(isInfinite(a)) - Number(isInfinite(b));
  if (infinite !== 0 || isInfinite(a)) return left > 0 ? infinite : 0 - infinite;
  return compareFractions(fractionOf(a), fractionOf(b));
}

/** True for infinity itself, not for a decimal that no double can hold. */
export function isInfinite(value: BsonNumber): boolean {
  if (value instanceof Decimal128) return value.toString().endsWith('Infinity');
  return typeof value !== 'bigint' && Math.abs(toDouble(value)) === Number.POSITIVE_INFINITY;
}

/** A number as `digits / divisor`, exactly; `divisor` is positive. */
interface Fraction {
  readonly digits: bigint;
  readonly divisor: bigint;
}

function compareFractions(a: Fraction, b: Fraction): number {
  const left = a.digits * b.divisor;
  const right = b.digits * a.divisor;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function fractionOf(value: BsonNumber): Fraction {
  if (typeof value === 'bigint') return { digits: value, divisor: 1n };
  if (value instanceof Decimal128) return decimalFraction(value.toString());
  return doubleFraction(toDouble(value));
}

function doubleFraction(value: number): Fraction {
  let scaled = value;
  let divisor = 1n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    divisor *= 2n;
  }
  return { digits: BigInt(scaled), divisor };
}

function decimalFraction(text: string): Fraction {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '0', part = ''] = mantissa.split('.');
  const digits = BigInt(whole + part);
  const power = Number(exponent) - part.length;
  return power >= 0
    ? { digits: digits * 10n ** BigInt(power), divisor: 1n }
    : { digits, divisor: 10n ** BigInt(-power) };
}

function textOf(value: BsonValue): string {
  return value instanceof BSONSymbol ? value.value : (value as string);
}

/** By code points, which is the order of the UTF-8 bytes. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const surrogates = Number(isSurrogate(left)) - Number(isSurrogate(right));
    return surrogates || left - right;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}

function compareBinaries(a: Binary, b: Binary): number {
  return (
    a.position - b.position ||
    a.sub_type - b.sub_type ||
    Buffer.compare(a.buffer.subarray(0, a.position), b.buffer.subarray(0, b.position))
  );
}

function compareDocuments(a: BsonDocument, b: BsonDocument, order?: StringOrder): number {
  const others = b.entries();
  for (const [name, value] of a) {
    const other = others.next();
    if (other.done) return 1;
    const [otherName, otherValue] = other.value;
    const difference =
      rankOf(value) - rankOf(otherValue) ||
      compareStrings(name, otherName) ||
      compareValues(value, otherValue, order);
    if (difference !== 0) return difference;
  }
  return a.size - b.size;
}

/** The decoder keeps it as a document. */
export function scopeOf(code: Code): BsonDocument {
  return code.scope as unknown as BsonDocument;
}

function compareArrays(a: BsonValue[], b: BsonValue[], order?: StringOrder): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = compareValues(a[index], b[index], order);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** MongoDB's name of a value's type, as `$type` and error messages have it. */
export function typeName(value: BsonValue): string {
  switch (typeof value) {
    case 'number':
      return isInt32(value) ? 'int' : 'double';
    case 'bigint':
      return 'long';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'undefined':
      return 'undefined';
    default:
  }
  if (value === null) return 'null';
  if (value instanceof Map) return 'object';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Double) return 'double';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof Date) return 'date';
  if (value instanceof Decimal128) return 'decimal';
  if (value instanceof Binary) return 'binData';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof BSONRegExp) return 'regex';
  if (value instanceof BSONSymbol) return 'symbol';
  if (value instanceof Code) return value.scope === null ? 'javascript' : 'javascriptWithScope';
  return value instanceof MinKey ? 'minKey' : 'maxKey';
}
