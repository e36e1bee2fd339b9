/** Angles: `$sin` and all its kin, in doubles, or in decimals where the operand is one. */
import { Decimal128 } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { type BsonNumber, compareNumbers, isNumber, toDouble } from '../bson-order.ts';
import { type Decimal, decimalOf, toDecimal128 } from '../decimal/decimal.ts';
import { multiplyDecimals } from '../decimal/decimal-arithmetic.ts';
import {
  acosDecimal,
  acoshDecimal,
  asinDecimal,
  asinhDecimal,
  atan2Decimal,
  atanDecimal,
  atanhDecimal,
  cosDecimal,
  coshDecimal,
  sinDecimal,
  sinhDecimal,
  tanDecimal,
  tanhDecimal,
} from '../decimal/decimal-functions.ts';
import { ServerError } from '../server-error.ts';
import type { Operator, Operators } from './context.ts';
import { type ExpressionValue, isNullish, nameOf } from './evaluator.ts';
import { binary } from './operands.ts';
import { numeric } from './rounding.ts';

type Bounds = readonly [least: number, most: number, closed: boolean];

const anyFinite: Bounds = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, false];
const toOne: Bounds = [-1, 1, true];
const fromOne: Bounds = [1, Number.POSITIVE_INFINITY, true];

export const trigonometricOperators: Operators = {
  $sin: angle('$sin', Math.sin, sinDecimal, anyFinite),
  $cos: angle('$cos', Math.cos, cosDecimal, anyFinite),
  $tan: angle('$tan', Math.tan, tanDecimal, anyFinite),
  $asin: angle('$asin', Math.asin, asinDecimal, toOne),
  $acos: angle('$acos', Math.acos, acosDecimal, toOne),
  $atan: angle('$atan', Math.atan, atanDecimal),
  $atan2: binary('$atan2', angleOfPoint),
  $sinh: angle('$sinh', Math.sinh, sinhDecimal),
  $cosh: angle('$cosh', Math.cosh, coshDecimal),
  $tanh: angle('$tanh', Math.tanh, tanhDecimal),
  $asinh: angle('$asinh', Math.asinh, asinhDecimal),
  $acosh: angle('$acosh', Math.acosh, acoshDecimal, fromOne),
  $atanh: angle('$atanh', Math.atanh, atanhDecimal, toOne),
  $degreesToRadians: scaled(
    '$degreesToRadians',
    Math.PI / 180,
    '0.01745329251994329576923690768488613',
  ),
  $radiansToDegrees: scaled(
    '$radiansToDegrees',
    180 / Math.PI,
    '57.29577951308232087679815481410517',
  ),
};

function angle(
  name: string,
  double: (value: number) => number,
  decimal: (value: Decimal) => Decimal,
  bounds?: Bounds,
): Operator {
  return numeric(name, (value) => {
    const number = toDouble(value);
    if (Number.isNaN(number)) return value;
    if (bounds !== undefined) checkBounds(name, value, bounds);
    return value instanceof Decimal128
      ? toDecimal128(decimal(decimalOf(value)))
      : asDouble(double(number));
  });
}

function checkBounds(name: string, value: BsonNumber, [least, most, closed]: Bounds): void {
  const low = compareNumbers(value, least);
  const high = compareNumbers(value, most);
  if (closed ? low >= 0 && high <= 0 : low > 0 && high < 0) return;
  const [open, shut] = closed ? ['[', ']'] : ['(', ')'];
  throw new ServerError(
    50989,
    `cannot apply ${name} to ${String(value)}, value must be in ${open}${least},${most}${shut}`,
  );
}

function angleOfPoint(y: ExpressionValue, x: ExpressionValue): ExpressionValue {
  if (isNullish(y)) return null;
  if (!isNumber(y)) {
    throw new ServerError(51044, `$atan2 only supports numeric types, not ${nameOf(y)}`);
  }
  if (isNullish(x)) return null;
  if (!isNumber(x)) {
    throw new ServerError(51045, `$atan2 only supports numeric types, not ${nameOf(x)}`);
  }
  return y instanceof Decimal128 || x instanceof Decimal128
    ? toDecimal128(atan2Decimal(decimalOf(y), decimalOf(x)))
    : asDouble(Math.atan2(toDouble(y), toDouble(x)));
}

function scaled(name: string, factor: number, decimalFactor: string): Operator {
  const exact = decimalOf(Decimal128.fromString(decimalFactor));
  return numeric(name, (value) =>
    value instanceof Decimal128
      ? toDecimal128(multiplyDecimals(decimalOf(value), exact))
      : asDouble(toDouble(value) * factor),
  );
}
