/** The kinds of numbers, and whole numbers out of any of them. */
import { Decimal128, Double } from 'bson';
import { isInt32 } from '../bson-document.ts';
import { type BsonNumber, isNumber } from '../bson-order.ts';
import { decimalOf } from '../decimal/decimal.ts';
import { wholePart } from '../decimal/decimal-arithmetic.ts';
import type { ExpressionValue } from './evaluator.ts';

/** The kinds in the order in which arithmetic widens them. */
export const numberKind = { int: 0, long: 1, double: 2, decimal: 3 } as const;

export function kindOf(value: BsonNumber): number {
  if (typeof value === 'number') return isInt32(value) ? numberKind.int : numberKind.double;
  if (typeof value === 'bigint') return numberKind.long;
  return value instanceof Double ? numberKind.double : numberKind.decimal;
}

const greatestLong = 2n ** 63n - 1n;

export function fitsLong(value: bigint): boolean {
  return value <= greatestLong && value >= -greatestLong - 1n;
}

/** A whole number as int where it fits, else as long. */
export function intOrLong(value: bigint): number | bigint {
  const number = Number(value);
  return isInt32(number) ? number : value;
}

/** The long that this number is; nothing when it is another number. */
export function asLong(value: ExpressionValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (!isNumberValue(value)) return undefined;
  if (value instanceof Decimal128) {
    const decimal = decimalOf(value);
    const whole = wholePart(decimal, 'toward-zero');
    if (whole === undefined || !fitsLong(whole)) return undefined;
    return decimal.kind === 'finite' && isWhole(decimal.digits, decimal.exponent)
      ? whole
      : undefined;
  }
  const double = typeof value === 'number' ? value : value.value;
  if (!Number.isInteger(double)) return undefined;
  const whole = BigInt(double);
  return fitsLong(whole) ? whole : undefined;
}

function isWhole(digits: bigint, exponent: number): boolean {
  return exponent >= 0 || digits % 10n ** BigInt(-exponent) === 0n;
}

/** The int32 that this number is; nothing when it is another number. */
export function asInt(value: ExpressionValue): number | undefined {
  if (typeof value === 'number' && isInt32(value)) return value;
  const long = asLong(value);
  return long !== undefined && BigInt.asIntN(32, long) === long ? Number(long) : undefined;
}

export function isNumberValue(value: ExpressionValue): value is BsonNumber {
  return isNumber(value);
}
