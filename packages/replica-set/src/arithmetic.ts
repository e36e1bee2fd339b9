/** Arithmetic on BSON's numbers, with MongoDB's rules of how types grow. */
import { Decimal128, Double } from 'bson';
import { isInt32 } from './bson-document.ts';
import { type BsonNumber, toDouble } from './bson-order.ts';
import { ServerError } from './server-error.ts';

/** MongoDB's sum: int32 grows to int64, int64 past its range throws 2, anything with a double is a double. */
export function addNumbers(a: BsonNumber, b: BsonNumber): BsonNumber {
  return arithmetic(
    a,
    b,
    (left, right) => left + right,
    (left, right) => left + right,
  );
}

export function multiplyNumbers(a: BsonNumber, b: BsonNumber): BsonNumber {
  return arithmetic(
    a,
    b,
    (left, right) => left * right,
    (left, right) => left * right,
  );
}

/** The same number with its sign turned. */
export function negateNumber(value: BsonNumber): BsonNumber {
  if (typeof value === 'bigint') return -value;
  if (value instanceof Decimal128) throw decimalRefused();
  return value instanceof Double
    ? asDouble(-value.value)
    : isInt32(value)
      ? widen(0 - value)
      : -value;
}

/** A double that stays one, be its value whole. */
export function asDouble(value: number): BsonNumber {
  return isInt32(value) ? new Double(value) : value;
}

/** A whole number as int32 where it fits, else as int64. */
function widen(value: number): BsonNumber {
  return isInt32(value) ? value : BigInt(value);
}

const longMost = 2n ** 63n - 1n;

function arithmetic(
  a: BsonNumber,
  b: BsonNumber,
  doubles: (a: number, b: number) => number,
  longs: (a: bigint, b: bigint) => bigint,
): BsonNumber {
  if (a instanceof Decimal128 || b instanceof Decimal128) throw decimalRefused();
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

function decimalRefused(): ServerError {
  return new ServerError(238, 'arithmetic on decimals is not there yet');
}
