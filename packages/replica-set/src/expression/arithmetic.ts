/** `$add`, `$subtract`, `$multiply`, `$divide`, `$mod`: types widen as MongoDB has them widen. */
import { Decimal128 } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { isInt32 } from '../bson-document.ts';
import { type BsonNumber, isNumber, toDouble } from '../bson-order.ts';
import { type Decimal, decimalOf, toDecimal128 } from '../decimal/decimal.ts';
import {
  addDecimals,
  divideDecimals,
  isZero,
  moduloDecimals,
  multiplyDecimals,
  subtractDecimals,
  wholePart,
} from '../decimal/decimal-arithmetic.ts';
import { ServerError } from '../server-error.ts';
import type { Operators } from './context.ts';
import {
  type Evaluator,
  type ExpressionScope,
  type ExpressionValue,
  isNullish,
  missing,
  nameOf,
} from './evaluator.ts';
import { fitsLong, intOrLong, kindOf, numberKind } from './number-kind.ts';
import { binary, variadic } from './operands.ts';

export const arithmeticOperators: Operators = {
  $add: variadic(compileAdd),
  $subtract: binary('$subtract', subtract),
  $multiply: variadic(compileMultiply),
  $divide: binary('$divide', divide),
  $mod: binary('$mod', modulo),
};

/** Two numbers added; longs that overflow go on as doubles. */
function addNumbersWidening(a: BsonNumber, b: BsonNumber): BsonNumber {
  return combine(
    a,
    b,
    addDecimals,
    (x, y) => x + y,
    (x, y) => x + y,
  );
}

function combine(
  a: BsonNumber,
  b: BsonNumber,
  decimals: (a: Decimal, b: Decimal) => Decimal,
  doubles: (a: number, b: number) => number,
  longs: (a: bigint, b: bigint) => bigint,
): BsonNumber {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = doubles(a, b);
    if (!isInt32(a) || !isInt32(b)) return asDouble(result);
    // Adding 0 takes the sign from -0, which no int has.
    if (isInt32(result + 0)) return result + 0;
  }
  const kind = Math.max(kindOf(a), kindOf(b));
  if (kind === numberKind.decimal) return toDecimal128(decimals(decimalOf(a), decimalOf(b)));
  if (kind === numberKind.double) return asDouble(doubles(toDouble(a), toDouble(b)));
  const result = longs(BigInt(a as number | bigint), BigInt(b as number | bigint));
  if (kind === numberKind.int) return intOrLong(result);
  return fitsLong(result) ? result : asDouble(doubles(toDouble(a), toDouble(b)));
}

function compileAdd(operands: readonly Evaluator[]): Evaluator {
  return (scope: ExpressionScope) => {
    let total: BsonNumber = 0;
    let kind: number = numberKind.int;
    let date: bigint | undefined;
    for (const operand of operands) {
      const value = operand(scope);
      if (isNullish(value)) return null;
      if (value instanceof Date) {
        if (date !== undefined) {
          throw new ServerError(16612, 'only one date allowed in an $add expression');
        }
        date = BigInt(value.getTime()) + wholeOf(total);
      } else {
        const number = numeric('$add only supports numeric or date types, not', value);
        kind = Math.max(kind, kindOf(number));
        if (date === undefined) total = addNumbersWidening(total, number);
        else date += wholeOf(number);
      }
    }
    return date === undefined ? narrowed(total, kind) : dateOf(date);
  };
}

/** What ints alone make is an int again where it fits. */
function narrowed(value: BsonNumber, kind: number): BsonNumber {
  return kind === numberKind.int && typeof value === 'bigint' ? intOrLong(value) : value;
}

function numeric(refusal: string, value: ExpressionValue): BsonNumber {
  if (value !== missing && isNumber(value)) return value;
  throw new ServerError(14, `${refusal} ${nameOf(value)}`);
}

/** A number that is added to a date, as milliseconds. */
function wholeOf(value: BsonNumber): bigint {
  if (typeof value === 'bigint') return value;
  const whole =
    value instanceof Decimal128
      ? wholePart(decimalOf(value), 'half-even')
      : roundedAway(toDouble(value));
  if (whole === undefined || !fitsLong(whole)) throw dateOverflow();
  return whole;
}

function roundedAway(value: number): bigint | undefined {
  if (!Number.isFinite(value)) return undefined;
  return BigInt(value < 0 ? -Math.round(-value) : Math.round(value));
}

/** @throws {ServerError} 15 beyond the dates that this server holds: 271821 BC to 275760 AD */
export function dateOf(milliseconds: bigint | number): Date {
  const date = new Date(Number(milliseconds));
  if (Number.isNaN(date.getTime())) throw dateOverflow();
  return date;
}

function dateOverflow(): ServerError {
  return new ServerError(15, 'date overflow');
}

function subtract(a: ExpressionValue, b: ExpressionValue): ExpressionValue {
  if (isNullish(a) || isNullish(b)) return null;
  if (isNumber(a) && isNumber(b)) {
    return combine(
      a,
      b,
      subtractDecimals,
      (x, y) => x - y,
      (x, y) => x - y,
    );
  }
  if (!(a instanceof Date)) {
    throw new ServerError(14, `can't $subtract ${nameOf(b)} from ${nameOf(a)}`);
  }
  if (b instanceof Date) return BigInt(a.getTime() - b.getTime());
  if (!isNumber(b)) throw new ServerError(14, `can't $subtract ${nameOf(b)} from Date`);
  return dateOf(BigInt(a.getTime()) - wholeOf(b));
}

function compileMultiply(operands: readonly Evaluator[]): Evaluator {
  return (scope: ExpressionScope) => {
    let product: BsonNumber = 1;
    let kind: number = numberKind.int;
    // Past the range of longs the exact product so far is no longer known; the double one is.
    let double = 1;
    for (const operand of operands) {
      const value = operand(scope);
      if (isNullish(value)) return null;
      const number = numeric('$multiply only supports numeric types, not', value);
      kind = Math.max(kind, kindOf(number));
      double *= toDouble(number);
      product = multiply(product, number, double);
    }
    return narrowed(product, kind);
  };
}

function multiply(a: BsonNumber, b: BsonNumber, double: number): BsonNumber {
  return combine(
    a,
    b,
    multiplyDecimals,
    () => double,
    (x, y) => x * y,
  );
}

function divide(a: ExpressionValue, b: ExpressionValue): ExpressionValue {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumber(a) || !isNumber(b)) {
    throw new ServerError(
      14,
      `$divide only supports numeric types, not ${nameOf(a)} and ${nameOf(b)}`,
    );
  }
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    const divisor = decimalOf(b);
    if (isZero(divisor)) throw divisionByZero();
    return toDecimal128(divideDecimals(decimalOf(a), divisor));
  }
  const divisor = toDouble(b);
  if (divisor === 0) throw divisionByZero();
  return asDouble(toDouble(a) / divisor);
}

function divisionByZero(): ServerError {
  return new ServerError(2, "can't $divide by zero");
}

function modulo(a: ExpressionValue, b: ExpressionValue): ExpressionValue {
  if (isNullish(a) || isNullish(b)) return null;
  if (!isNumber(a) || !isNumber(b)) {
    throw new ServerError(
      16611,
      `$mod only supports numeric types, not ${nameOf(a)} and ${nameOf(b)}`,
    );
  }
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    const divisor = decimalOf(b);
    if (isZero(divisor)) throw new ServerError(5733415, "can't $mod by zero");
    return toDecimal128(moduloDecimals(decimalOf(a), divisor));
  }
  if (toDouble(b) === 0) throw new ServerError(16610, "can't $mod by zero");
  // A double that divides counts as an int where it could be one.
  const isReal = kindOf(b) === numberKind.double && !isInt32(toDouble(b));
  if (kindOf(a) === numberKind.double || isReal) return asDouble(toDouble(a) % toDouble(b));
  const rest = BigInt(a as number | bigint) % BigInt(typeof b === 'bigint' ? b : toDouble(b));
  return typeof a === 'bigint' || typeof b === 'bigint' ? rest : Number(rest);
}
