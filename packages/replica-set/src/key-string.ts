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

/** Where a key is written before it is copied out; grown when one needs more. */
let scratch = Buffer.allocUnsafe(4096);
let length = 0;

/** The key of several values, one behind the other; `directions` -1 turns a value's order around. */
export function encodeKey(values: readonly BsonValue[], directions?: readonly number[]): Buffer {
  length = 0;
  for (let index = 0; index < values.length; index++) {
    const start = length;
    append(values[index]);
    if (directions?.[index] === -1) invert(start);
  }
  return Buffer.from(scratch.subarray(0, length));
}

function invert(start: number): void {
  for (let index = start; index < length; index++) scratch[index] = ~(scratch[index] ?? 0);
}

function reserve(bytes: number): void {
  if (length + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, length + bytes));
  scratch.copy(larger, 0, 0, length);
  scratch = larger;
}

function appendByte(byte: number): void {
  reserve(1);
  scratch[length++] = byte;
}

function appendBytes(bytes: Uint8Array): void {
  reserve(bytes.length);
  scratch.set(bytes, length);
  length += bytes.length;
}

/**
 * The byte that the keys of a rank begin with: from 0x10 on, so that 0x00 ends a list and 0xff
 * stays above all. Code with a scope shares that of code.
 */
export function rankByte(rank: number): number {
  return 0x10 + (rank > typeRank.code ? rank - 1 : rank);
}

function append(value: BsonValue): void {
  const rank = rankOf(value);
  appendByte(rankByte(rank));
  switch (rank) {
    case typeRank.number:
      appendNumber(value as BsonNumber);
      return;
    case typeRank.string:
      appendText(value instanceof BSONSymbol ? value.value : (value as string));
      return;
    case typeRank.document:
      appendDocument(value as BsonDocument);
      return;
    case typeRank.array:
      for (const item of value as BsonValue[]) append(item);
      appendByte(0);
      return;
    case typeRank.binary: {
      const { buffer, position, sub_type: subType } = value as Binary;
      appendUint32(position);
      appendByte(subType);
      appendBytes(buffer.subarray(0, position));
      return;
    }
    case typeRank.objectId:
      appendBytes((value as ObjectId).id);
      return;
    case typeRank.boolean:
      appendByte(value === true ? 1 : 0);
      return;
    case typeRank.date:
      appendDouble((value as Date).getTime());
      return;
    case typeRank.timestamp:
      appendUint32((value as Timestamp).high >>> 0);
      appendUint32((value as Timestamp).low >>> 0);
      return;
    case typeRank.regex:
      appendText((value as BSONRegExp).pattern);
      appendText((value as BSONRegExp).options);
      return;
    case typeRank.code:
      appendText((value as Code).code);
      return;
    case typeRank.codeWithScope:
      // Behind all code without one.
      appendByte(0xff);
      appendText((value as Code).code);
      appendDocument(scopeOf(value as Code));
      return;
    default:
  }
}

function appendDocument(document: BsonDocument): void {
  for (const [name, value] of document) {
    const rank = rankOf(value);
    appendByte(rankByte(rank));
    if (rank === typeRank.codeWithScope) appendByte(0xff);
    appendText(name);
    append(value);
  }
  appendByte(0);
}

/** The nearest double, then what it misses of the exact value, in 2⁻⁶⁴ of its last place. */
function appendNumber(value: BsonNumber): void {
  const double = toDouble(value);
  if (isExtreme(value, double)) {
    appendExtreme(value, double);
    return;
  }
  appendDouble(Object.is(double, -0) ? 0 : double);
  const exact = typeof value === 'number' || !Number.isFinite(double);
  const rest = exact ? 0n : missing(value, double);
  appendByte(rest < 0n ? 0 : rest === 0n ? 1 : 2);
  if (rest === 0n) return;
  const shifted = rest + (1n << 71n);
  for (let shift = 64n; shift >= 0n; shift -= 8n) appendByte(Number((shifted >> shift) & 0xffn));
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
function appendExtreme(value: BsonNumber, double: number): void {
  const { digits, divisor } = fractionOf(value);
  const negative = digits < 0n;
  const large = !Number.isFinite(double);
  const edge = large ? Number.MAX_VALUE : Number.MIN_VALUE;
  appendDouble(negative ? -edge : edge);
  // The largest double itself is written with 1 here.
  appendByte(negative ? 0 : 2);
  const { text, exponent } = decimalOf(negative ? -digits : digits, divisor);
  const tail = [(exponent + 0x8000) >> 8, (exponent + 0x8000) & 0xff];
  for (const digit of text) tail.push(Number(digit) + 1);
  tail.push(0);
  for (const byte of tail) appendByte(negative ? 0xff - byte : byte);
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

function appendDouble(value: number): void {
  reserve(8);
  if (Number.isNaN(value)) scratch.fill(0, length, length + 8);
  else {
    scratch.writeDoubleBE(value, length);
    // A negative number's bits are turned around, and of another one the sign's alone.
    if ((scratch[length] ?? 0) >= 0x80) {
      for (let at = length; at < length + 8; at++) scratch[at] = ~(scratch[at] ?? 0);
    } else scratch[length] = (scratch[length] ?? 0) | 0x80;
  }
  length += 8;
}

function appendUint32(value: number): void {
  reserve(4);
  scratch.writeUInt32BE(value >>> 0, length);
  length += 4;
}

/** UTF-8; a null byte is written 00 ff, the end 00. */
function appendText(text: string): void {
  // UTF-8 takes three bytes a unit at most.
  reserve(text.length * 3 + 1);
  if (!text.includes('\0')) length += scratch.write(text, length, 'utf8');
  else {
    for (const [at, part] of text.split('\0').entries()) {
      if (at > 0) appendBytes(nullInText);
      appendBytes(Buffer.from(part, 'utf8'));
    }
  }
  appendByte(0);
}

const nullInText = Buffer.from([0x00, 0xff]);
