/** Arithmetic on BSON's numbers, with MongoDB's rules of how types grow. */
import { Decimal128, Double } from 'bson';
import { isInt32 } from './bson-document.ts';
import { type BsonNumber, toDouble } from './bson-order.ts';
import { type Decimal, decimalOf, toDecimal128 } from './decimal/decimal.ts';
import { addDecimals, multiplyDecimals } from './decimal/decimal-arithmetic.ts';
import { ServerError } from './server-error.ts';

/** The sum as `$inc` has it: int32 grows to int64, int64 past its range throws 2, anything with a double is a double, with a decimal a decimal. */
export function addNumbers(a: BsonNumber, b: BsonNumber): BsonNumber {
  return arithmetic(
    a,
    b,
    addDecimals,
    (left, right) => left + right,
    (left, right) => left + right,
  );
}

export function multiplyNumbers(a: BsonNumber, b: BsonNumber): BsonNumber {
  return arithmetic(
    a,
    b,
    multiplyDecimals,
    (left, right) => left * right,
    (left, right) => left * right,
  );
}

/** A double that stays one, be its value whole. */
export function asDouble(value: number): BsonNumber {
  return isInt32(value) ? new Double(value) : value;
}

const longMost = 2n ** 63n - 1n;

function arithmetic(
  a: BsonNumber,
  b: BsonNumber,
  decimals: (a: Decimal, b: Decimal) => Decimal,
  doubles: (a: number, b: number) => number,
  longs: (a: bigint, b: bigint) => bigint,
): BsonNumber {
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    return toDecimal128(decimals(decimalOf(a), decimalOf(b)));
  }
  if (!isWhole(a) || !isWhole(b)) return asDouble(doubles(toDouble(a), toDouble(b)));
  const result = longs(BigInt(a), BigInt(b));
  if (result > longMost || result < -longMost - 1n) {
    throw new ServerError(2, 'Failed to apply the operation: it would overflow a long');
  }
  const wide = typeof a === 'bigint' || typeof b === 'bigint';
  return wide || !isInt32(Number(result)) ? result : Number(result);
}

function isWhole(value: BsonNumber): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && isInt32(value));
}
