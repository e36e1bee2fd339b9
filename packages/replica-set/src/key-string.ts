/**
 * Values as bytes whose plain byte order is BSON's order, for indexes.
 *
 * Equal values have equal bytes (1, 1.0 and NumberLong(1) are one key), so a
 * unique index is a unique byte string.
 */
import {
  type Binary,
  type BSONRegExp,
  BSONSymbol,
  type Code,
  type ObjectId,
  type Timestamp,
} from 'bson';
import type { BsonDocument, BsonValue } from './bson-document.ts';
import {
  type BsonNumber,
  fractionOf,
  isInfinite,
  rankOf,
  scopeOf,
  toDouble,
  typeRank,
} from './bson-order.ts';

/** The key of several values, one behind the other; `directions` -1 turns a value's order around. */
export function encodeKey(values: readonly BsonValue[], directions?: readonly number[]): Buffer {
  const parts = values.map((value, index) => {
    const bytes: number[] = [];
    append(bytes, value);
    const part = Buffer.from(bytes);
    return directions?.[index] === -1 ? invert(part) : part;
  });
  return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
}

function invert(bytes: Buffer): Buffer {
  for (let index = 0; index < bytes.length; index++) bytes[index] = ~(bytes[index] ?? 0);
  return bytes;
}

/**
 * The byte that the keys of a rank begin with: from 0x10 on, so that 0x00 ends a list and 0xff
 * stays above all. Code with a scope shares that of code.
 */
export function rankByte(rank: number): number {
  return 0x10 + (rank > typeRank.code ? rank - 1 : rank);
}

function append(out: number[], value: BsonValue): void {
  const rank = rankOf(value);
  out.push(rankByte(rank));
  switch (rank) {
    case typeRank.number:
      appendNumber(out, value as BsonNumber);
      return;
    case typeRank.string:
      appendText(out, value instanceof BSONSymbol ? value.value : (value as string));
      return;
    case typeRank.document:
      appendDocument(out, value as BsonDocument);
      return;
    case typeRank.array:
      for (const item of value as BsonValue[]) append(out, item);
      out.push(0);
      return;
    case typeRank.binary: {
      const { buffer, position, sub_type: subType } = value as Binary;
      appendUint32(out, position);
      out.push(subType, ...buffer.subarray(0, position));
      return;
    }
    case typeRank.objectId:
      out.push(...(value as ObjectId).id);
      return;
    case typeRank.boolean:
      out.push(value === true ? 1 : 0);
      return;
    case typeRank.date:
      appendDouble(out, (value as Date).getTime());
      return;
    case typeRank.timestamp:
      appendUint32(out, (value as Timestamp).high >>> 0);
      appendUint32(out, (value as Timestamp).low >>> 0);
      return;
    case typeRank.regex:
      appendText(out, (value as BSONRegExp).pattern);
      appendText(out, (value as BSONRegExp).options);
      return;
    case typeRank.code:
      appendText(out, (value as Code).code);
      return;
    case typeRank.codeWithScope:
      // Behind all code without one.
      out.push(0xff);
      appendText(out, (value as Code).code);
      appendDocument(out, scopeOf(value as Code));
      return;
    default:
  }
}

function appendDocument(out: number[], document: BsonDocument): void {
  for (const [name, value] of document) {
    const rank = rankOf(value);
    out.push(rankByte(rank));
    if (rank === typeRank.codeWithScope) out.push(0xff);
    appendText(out, name);
    append(out, value);
  }
  out.push(0);
}

/** The nearest double, then what it misses of the exact value, in 2⁻⁶⁴ of its last place. */
function appendNumber(out: number[], value: BsonNumber): void {
  const double = toDouble(value);
  if (isExtreme(value, double)) {
    appendExtreme(out, value, double);
    return;
  }
  appendDouble(out, Object.is(double, -0) ? 0 : double);
  const exact = typeof value === 'number' || !Number.isFinite(double);
  const rest = exact ? 0n : missing(value, double);
  out.push(rest < 0n ? 0 : rest === 0n ? 1 : 2);
  if (rest === 0n) return;
  const shifted = rest + (1n << 71n);
  for (let shift = 64n; shift >= 0n; shift -= 8n) out.push(Number((shifted >> shift) & 0xffn));
}

const leastNormal = 2 ** -1022;

/** True where doubles do not reach, or lose digits: beyond them all, and near zero. */
function isExtreme(value: BsonNumber, double: number): boolean {
  const size = Math.abs(double);
  if (size >= leastNormal && size < Number.POSITIVE_INFINITY) return false;
  if (Number.isNaN(double) || isInfinite(value)) return false;
  return size > 0 || fractionOf(value).digits !== 0n;
}

/** Stands where the largest or the smallest double would, then tells the number in decimal digits. */
function appendExtreme(out: number[], value: BsonNumber, double: number): void {
  const { digits, divisor } = fractionOf(value);
  const negative = digits < 0n;
  const large = !Number.isFinite(double);
  const edge = large ? Number.MAX_VALUE : Number.MIN_VALUE;
  appendDouble(out, negative ? -edge : edge);
  // The largest double itself is written with 1 here.
  out.push(negative ? 0 : 2);
  const { text, exponent } = decimalOf(negative ? -digits : digits, divisor);
  const tail = [(exponent + 0x8000) >> 8, (exponent + 0x8000) & 0xff];
  for (const digit of text) tail.push(Number(digit) + 1);
  tail.push(0);
  for (const byte of tail) out.push(negative ? 0xff - byte : byte);
}

/** A positive number that has an end in decimal: its digits, and the power of ten of the first. */
function decimalOf(digits: bigint, divisor: bigint): { text: string; exponent: number } {
  let scaled = digits;
  let power = 0;
  // The divisor is a power of two or of ten.
  for (let left = divisor; left > 1n; power -= 1) {
    if (left % 10n === 0n) left /= 10n;
    else {
      scaled *= 5n;
      left /= 2n;
    }
  }
  const text = scaled.toString();
  return { text: text.replace(/0+$/, ''), exponent: power + text.length - 1 };
}

function missing(value: BsonNumber, double: number): bigint {
  const exact = fractionOf(value);
  const near = fractionOf(double);
  const difference = exact.digits * near.divisor - near.digits * exact.divisor;
  const divisor = exact.divisor * near.divisor;
  const unit = fractionOf(lastPlace(double));
  return (difference * unit.divisor * (1n << 64n)) / (divisor * unit.digits);
}

function lastPlace(double: number): number {
  return 2 ** Math.max(-1074, Math.floor(Math.log2(Math.abs(double) || Number.MIN_VALUE)) - 52);
}

const doubleView = new DataView(new ArrayBuffer(8));

function appendDouble(out: number[], value: number): void {
  doubleView.setFloat64(0, value);
  const high = doubleView.getUint32(0);
  const low = doubleView.getUint32(4);
  if (Number.isNaN(value)) {
    out.push(0, 0, 0, 0, 0, 0, 0, 0);
  } else if (high >>> 31 === 1) {
    appendUint32(out, ~high >>> 0);
    appendUint32(out, ~low >>> 0);
  } else {
    appendUint32(out, (high | 0x80000000) >>> 0);
    appendUint32(out, low);
  }
}

function appendUint32(out: number[], value: number): void {
  out.push(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** UTF-8; a null byte is written 00 ff, the end 00. */
function appendText(out: number[], text: string): void {
  for (const byte of Buffer.from(text, 'utf8')) {
    out.push(byte);
    if (byte === 0) out.push(0xff);
  }
  out.push(0);
}
