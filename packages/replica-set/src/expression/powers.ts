/** `$exp`, `$ln`, `$log`, `$log10`, `$pow`, `$sqrt`: decimals stay decimals, all else is double or whole. */
import { Decimal128 } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { type BsonNumber, isNumber, toDouble } from '../bson-order.ts';
import { type Decimal, decimalOf, toDecimal128 } from '../decimal/decimal.ts';
import { isZero } from '../decimal/decimal-arithmetic.ts';
import {
  expDecimal,
  isNegativeNumber,
  lnDecimal,
  log10Decimal,
  logDecimal,
  powDecimal,
  sqrtDecimal,
} from '../decimal/decimal-functions.ts';
import { ServerError } from '../server-error.ts';
import type { Operators } from './context.ts';
import { type ExpressionValue, isNullish, nameOf } from './evaluator.ts';
import { fitsLong, intOrLong, kindOf, numberKind } from './number-kind.ts';
import { binary } from './operands.ts';
import { numeric } from './rounding.ts';

export const powerOperators: Operators = {
  $exp: numeric('$exp', (value) =>
    value instanceof Decimal128
      ? toDecimal128(expDecimal(decimalOf(value)))
      : asDouble(Math.exp(toDouble(value))),
  ),
  $ln: numeric('$ln', (value) => logarithm('$ln', 28766, value, lnDecimal, Math.log)),
  $log10: numeric('$log10', (value) => logarithm('$log10', 28761, value, log10Decimal, Math.log10)),
  $log: binary('$log', logOfBase),
  $pow: binary('$pow', power),
  $sqrt: numeric('$sqrt', squareRoot),
};

function isPositive(value: Decimal): boolean {
  return value.kind !== 'nan' && !value.negative && !isZero(value);
}

function logarithm(
  name: string,
  code: number,
  value: BsonNumber,
  decimal: (value: Decimal) => Decimal,
  double: (value: number) => number,
): BsonNumber {
  if (value instanceof Decimal128 && isPositive(decimalOf(value))) {
    return toDecimal128(decimal(decimalOf(value)));
  }
  const number = toDouble(value);
  if (number > 0 || Number.isNaN(number)) return asDouble(double(number));
  throw new ServerError(code, `${name}'s argument must be a positive number, but is ${number}`);
}

function logOfBase(value: ExpressionValue, base: ExpressionValue): ExpressionValue {
  if (isNullish(value) || isNullish(base)) return null;
  if (!isNumber(value)) {
    throw new ServerError(28756, `$log's argument must be numeric, not ${nameOf(value)}`);
  }
  if (!isNumber(base)) {
    throw new ServerError(28757, `$log's base must be numeric, not ${nameOf(base)}`);
  }
  const [number, root] = [toDouble(value), toDouble(base)];
  if (value instanceof Decimal128 || base instanceof Decimal128) {
    const [x, b] = [decimalOf(value), decimalOf(base)];
    if (isPositive(x) && isPositive(b) && !isOne(b)) return toDecimal128(logDecimal(x, b));
  }
  if (!(number > 0 || Number.isNaN(number))) {
    throw new ServerError(28758, `$log's argument must be a positive number, but is ${number}`);
  }
  if (!((root > 0 && root !== 1) || Number.isNaN(root))) {
    throw new ServerError(
      28759,
      `$log's base must be a positive number not equal to 1, but is ${root}`,
    );
  }
  return asDouble(Math.log(number) / Math.log(root));
}

function isOne(value: Decimal): boolean {
  return value.kind === 'finite' && isZero(lnDecimal(value));
}

function squareRoot(value: BsonNumber): BsonNumber {
  const negative =
    value instanceof Decimal128 ? isNegativeNumber(decimalOf(value)) : toDouble(value) < 0;
  if (negative) throw new ServerError(28714, "$sqrt's argument must be greater than or equal to 0");
  return value instanceof Decimal128
    ? toDecimal128(sqrtDecimal(decimalOf(value)))
    : asDouble(Math.sqrt(toDouble(value)));
}

function power(base: ExpressionValue, exponent: ExpressionValue): ExpressionValue {
  if (isNullish(base) || isNullish(exponent)) return null;
  if (!isNumber(base)) {
    throw new ServerError(28762, `$pow's base must be numeric, not ${nameOf(base)}`);
  }
  if (!isNumber(exponent)) {
    throw new ServerError(28763, `$pow's exponent must be numeric, not ${nameOf(exponent)}`);
  }
  const kind = Math.max(kindOf(base), kindOf(exponent));
  if (kind === numberKind.decimal) {
    const [x, y] = [decimalOf(base), decimalOf(exponent)];
    if (isZero(x) && isNegativeNumber(y)) throw zeroToNegative();
    return toDecimal128(powDecimal(x, y));
  }
  const double = toDouble(base) ** toDouble(exponent);
  if (toDouble(base) === 0 && toDouble(exponent) < 0) throw zeroToNegative();
  if (kind === numberKind.double) return asDouble(powDouble(toDouble(base), toDouble(exponent)));
  return powWhole(BigInt(base as number), BigInt(exponent as number), kind, double);
}

/** C's pow: 1 to any power is 1, and -1 to an infinite one too, where JavaScript has NaN. */
function powDouble(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1;
  return base ** exponent;
}

function powWhole(base: bigint, exponent: bigint, kind: number, double: number): BsonNumber {
  const whole = (value: bigint) => (kind === numberKind.long ? value : intOrLong(value));
  if (base === 1n || (base === -1n && exponent % 2n === 0n)) return whole(1n);
  if (base === -1n) return whole(-1n);
  if (base === 0n) return whole(exponent === 0n ? 1n : 0n);
  if (exponent < 0n || exponent > 63n) return asDouble(double);
  const result = base ** exponent;
  return fitsLong(result) ? whole(result) : asDouble(double);
}

function zeroToNegative(): ServerError {
  return new ServerError(28764, '$pow cannot take a base of 0 and a negative exponent');
}
