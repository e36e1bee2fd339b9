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
import { type BsonNumber, fractionOf, rankOf, toDouble, typeRank } from './bson-order.ts';

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

/** Ranks are written from 0x10 on, so that 0x00 ends a list and 0xff stays above all. */
function append(out: number[], value: BsonValue): void {
  const rank = rankOf(value);
  out.push(0x10 + rank);
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
    default:
  }
}

function appendDocument(out: number[], document: BsonDocument): void {
  for (const [name, value] of document) {
    out.push(0x10 + rankOf(value));
    appendText(out, name);
    append(out, value);
  }
  out.push(0);
}

/** The nearest double, then what it misses of the exact value, in 2⁻⁶⁴ of its last place. */
function appendNumber(out: number[], value: BsonNumber): void {
  const double = toDouble(value);
  appendDouble(out, Object.is(double, -0) ? 0 : double);
  const exact = typeof value === 'number' || !Number.isFinite(double);
  const rest = exact ? 0n : missing(value, double);
  out.push(rest < 0n ? 0 : rest === 0n ? 1 : 2);
  if (rest === 0n) return;
  const shifted = rest + (1n << 71n);
  for (let shift = 64n; shift >= 0n; shift -= 8n) out.push(Number((shifted >> shift) & 0xffn));
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
