/** `$abs`, `$ceil`, `$floor`, `$round`, `$trunc`. */
import { Decimal128, type Double } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { type BsonNumber, isNumber, toDouble } from '../bson-order.ts';
import {
  decimalOf,
  exactDecimal,
  finite,
  type Rounding,
  toDecimal128,
} from '../decimal/decimal.ts';
import { quantize, roundAt, wholePart } from '../decimal/decimal-arithmetic.ts';
import { ServerError } from '../server-error.ts';
import type { Operator, Operators } from './context.ts';
import { type ExpressionValue, isNullish, missing, nameOf } from './evaluator.ts';
import { asInt, fitsLong, intOrLong, kindOf, numberKind } from './number-kind.ts';
import { ranged, unary } from './operands.ts';

export const roundingOperators: Operators = {
  $abs: numeric('$abs', absolute),
  $ceil: numeric('$ceil', (value) => toWhole(value, 'up', Math.ceil)),
  $floor: numeric('$floor', (value) => toWhole(value, 'down', Math.floor)),
  $round: ranged('$round', [1, 2], (values) => toPlace('$round', values, 'half-even')),
  $trunc: ranged('$trunc', [1, 2], (values) => toPlace('$trunc', values, 'toward-zero')),
};

/** An operator of one number; null of nothing. */
export function numeric(name: string, apply: (value: BsonNumber) => ExpressionValue): Operator {
  return unary(name, (value) => {
    if (isNullish(value)) return null;
    if (isNumber(value)) return apply(value);
    throw new ServerError(28765, `${name} only supports numeric types, not ${nameOf(value)}`);
  });
}

function absolute(value: BsonNumber): BsonNumber {
  if (value instanceof Decimal128) {
    const decimal = decimalOf(value);
    return toDecimal128(decimal.kind === 'nan' ? decimal : { ...decimal, negative: false });
  }
  if (kindOf(value) === numberKind.double) return asDouble(Math.abs(toDouble(value)));
  const long = BigInt(value as number | bigint);
  const size = long < 0n ? -long : long;
  if (!fitsLong(size)) throw new ServerError(28680, "can't take $abs of long long min");
  return typeof value === 'bigint' ? size : intOrLong(size);
}

function toWhole(value: BsonNumber, way: Rounding, apply: (value: number) => number): BsonNumber {
  if (value instanceof Decimal128) return toDecimal128(quantize(decimalOf(value), 0, way));
  return kindOf(value) === numberKind.double ? asDouble(apply(toDouble(value))) : value;
}

function toPlace(
  name: string,
  [value, place]: ExpressionValue[],
  rounding: Rounding,
): ExpressionValue {
  if (value === undefined || isNullish(value)) return null;
  if (!isNumber(value)) {
    throw new ServerError(51081, `${name} only supports numeric types, not ${nameOf(value)}`);
  }
  if (place === null || place === missing) return null;
  const places = place === undefined ? 0 : asInt(place);
  if (places === undefined) {
    throw new ServerError(51082, `precision argument to  ${name} must be a integral value`);
  }
  if (places < -20 || places > 100) {
    throw new ServerError(
      51083,
      `cannot apply ${name} with precision value ${places} value must be in [-20, 100]`,
    );
  }
  return roundTo(name, value, places, rounding);
}

function roundTo(name: string, value: BsonNumber, places: number, rounding: Rounding): BsonNumber {
  if (value instanceof Decimal128) {
    const decimal = decimalOf(value);
    return decimal.kind === 'infinite' ? value : toDecimal128(roundAt(decimal, -places, rounding));
  }
  if (typeof value === 'bigint' || kindOf(value) === numberKind.int) {
    if (places >= 0) return value;
    const whole = finite(BigInt(value as number | bigint));
    const long = wholePart(quantize(whole, -places, rounding), rounding);
    if (long === undefined || !fitsLong(long)) {
      throw new ServerError(
        51080,
        `invalid conversion from Decimal128 result in ${name} resulting from arguments: [${value}, ${places}]`,
      );
    }
    return typeof value === 'bigint' ? long : intOrLong(long);
  }
  return roundDouble(value as number | Double, places, rounding);
}

function roundDouble(value: number | Double, places: number, rounding: Rounding): BsonNumber {
  const double = toDouble(value);
  if (!Number.isFinite(double)) return value;
  if (places === 0 && Math.abs(double) < 1e15) {
    return asDouble(rounding === 'toward-zero' ? Math.trunc(double) : halfEven(double));
  }
  const rounded = roundAt(exactDecimal(value), -places, rounding);
  return asDouble(toDouble(toDecimal128(rounded)));
}

function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  const whole = up ? floor + 1 : floor;
  return whole === 0 && (value < 0 || Object.is(value, -0)) ? -0 : whole;
}
