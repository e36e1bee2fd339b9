/** Numbers, text, dates, booleans and ObjectIds turned into one another. */
import { Decimal128, Double, ObjectId, Timestamp } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { type BsonValue, isInt32 } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { decimalOf, finite, toDecimal128 } from '../decimal/decimal.ts';
import { wholePart } from '../decimal/decimal-arithmetic.ts';
import { ServerError } from '../server-error.ts';
import { dateOf } from './arithmetic.ts';
import { optionalInstant } from './date-parts.ts';
import { readDate } from './date-reading.ts';
import { isTruthy, nameOf } from './evaluator.ts';
import { fitsLong } from './number-kind.ts';
import { isoText, numberText } from './text.ts';
import { utc } from './time-zone.ts';

/** @throws {ServerError} 241, as all conversions do that cannot be done */
function failure(message: string): ServerError {
  return new ServerError(241, message);
}

export function unsupported(value: BsonValue, to: string): ServerError {
  return failure(
    `Unsupported conversion from ${nameOf(value)} to ${to} in $convert with no onError value`,
  );
}

function unreadable(text: string, why: string): ServerError {
  return failure(`Failed to parse number '${text}' in $convert with no onError value: ${why}`);
}

function overflow(value: string): ServerError {
  return failure(
    `Conversion would overflow target type in $convert with no onError value: ${value}`,
  );
}

export function toBoolean(value: BsonValue): boolean {
  return isTruthy(value);
}

export function toDoubleValue(value: BsonValue): BsonValue {
  if (value instanceof Decimal128) {
    const decimal = decimalOf(value);
    const double = toDouble(value);
    const lost =
      decimal.kind === 'finite' &&
      (!Number.isFinite(double) || (double === 0 && decimal.digits !== 0n));
    if (lost) throw overflow(value.toString());
    return asDouble(double);
  }
  if (isNumber(value)) return asDouble(toDouble(value));
  if (typeof value === 'boolean') return asDouble(Number(value));
  if (value instanceof Date) return asDouble(value.getTime());
  if (typeof value === 'string') return asDouble(readDouble(value));
  throw unsupported(value, 'double');
}

function readDouble(text: string): number {
  checkHexadecimal(text);
  if (/^[+-]?(inf|infinity)$/i.test(text))
    return Number(text.startsWith('-') ? '-Infinity' : 'Infinity');
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw unreadable(text, 'Did not consume whole string.');
  }
  const number = Number(text);
  if (!Number.isFinite(number)) throw unreadable(text, 'Out of range');
  return number;
}

function checkHexadecimal(text: string): void {
  if (text.startsWith('0x')) {
    throw failure(`Illegal hexadecimal input in $convert with no onError value: ${text}`);
  }
}

export function toInt(value: BsonValue): BsonValue {
  const whole = wholeOf(value, 'int');
  const number = Number(whole);
  if (isInt32(number)) return number;
  throw typeof value === 'string' ? unreadable(value, 'Overflow') : overflow(String(value));
}

export function toLong(value: BsonValue): BsonValue {
  if (value instanceof Date) return BigInt(value.getTime());
  const whole = wholeOf(value, 'long');
  if (fitsLong(whole)) return whole;
  throw typeof value === 'string' ? unreadable(value, 'Overflow') : overflow(String(value));
}

/** The value without its fraction. */
function wholeOf(value: BsonValue, to: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'string') return readWhole(value);
  if (!isNumber(value)) throw unsupported(value, to);
  const double = toDouble(value);
  if (Number.isNaN(double)) {
    throw failure('Attempt to convert NaN value to integer type in $convert with no onError value');
  }
  const whole =
    value instanceof Decimal128
      ? wholePart(decimalOf(value), 'toward-zero')
      : Number.isFinite(double)
        ? BigInt(Math.trunc(double))
        : undefined;
  if (whole !== undefined) return whole;
  throw failure(
    'Attempt to convert infinity value to integer type in $convert with no onError value',
  );
}

function readWhole(text: string): bigint {
  checkHexadecimal(text);
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.startsWith('+') ? text.slice(1) : text);
  throw unreadable(text, 'Did not consume whole string.');
}

export function toDecimal(value: BsonValue): BsonValue {
  if (value instanceof Decimal128) return value;
  if (isNumber(value)) return toDecimal128(decimalOf(value));
  if (typeof value === 'boolean') return toDecimal128(finite(value ? 1n : 0n));
  if (value instanceof Date) return toDecimal128(finite(BigInt(value.getTime())));
  if (typeof value === 'string') return readDecimal(value);
  throw unsupported(value, 'decimal');
}

function readDecimal(text: string): Decimal128 {
  checkHexadecimal(text);
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,9}))?$/i.exec(text);
  if (parts !== null && /\d/.test(text.split(/e/i)[0] ?? '')) {
    const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
    const digits = BigInt(whole + fraction);
    const decimal = {
      ...finite(digits, Number(exponent) - fraction.length),
      negative: sign === '-',
    };
    const result = toDecimal128(decimal);
    if (decimalOf(result).kind === 'finite') return result;
    throw unreadable(text, 'Conversion from string to decimal would overflow');
  }
  if (/^[+-]?(inf|infinity)$/i.test(text)) {
    return Decimal128.fromString(text.startsWith('-') ? '-Infinity' : 'Infinity');
  }
  if (/^[+-]?nan$/i.test(text)) return Decimal128.fromString('NaN');
  throw unreadable(text, 'Failed to parse string to decimal');
}

export function toText(value: BsonValue): BsonValue {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value);
  if (value instanceof Double || value instanceof Decimal128) return numberText(value);
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Date) return isoText(value);
  throw unsupported(value, 'string');
}

export function toObjectId(value: BsonValue): BsonValue {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw unsupported(value, 'objectId');
  if (/^[0-9a-fA-F]{24}$/.test(value)) return ObjectId.createFromHexString(value);
  const why =
    value.length === 24
      ? 'Invalid character found in hex string'
      : `Invalid string length for parsing to OID, expected 24 but found ${value.length}`;
  throw failure(`Failed to parse objectId '${value}' in $convert with no onError value: ${why}`);
}

export function toDate(value: BsonValue): BsonValue {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId || value instanceof Timestamp) {
    return new Date(optionalInstant(value) ?? 0);
  }
  if (typeof value === 'string') return readDate(value, utc);
  const isWide = isNumber(value) && !(typeof value === 'number' && isInt32(value));
  if (!isWide) throw unsupported(value, 'date');
  return dateOf(toLong(value) as bigint);
}
