/** `$covariancePop`, `$covarianceSamp` and `$expMovingAvg`. */
import { Decimal128 } from 'bson';
import type { Accumulator } from '../../accumulator.ts';
import { asDouble } from '../../arithmetic.ts';
import { type BsonValue, isDocument } from '../../bson-document.ts';
import { type BsonNumber, isNumber, toDouble, typeName } from '../../bson-order.ts';
import { compileExpression, type VariableScope } from '../../expression.ts';
import { ServerError } from '../../server-error.ts';
import { rooted } from '../stage.ts';
import { toDecimal, valueOperation } from '../value-operation.ts';
import type { WindowBounds } from './bounds.ts';
import type { WindowFunction } from './partition.ts';
import { overWindows } from './sliding.ts';

const add = valueOperation('$add');
const subtract = valueOperation('$subtract');
const multiply = valueOperation('$multiply');
const divide = valueOperation('$divide');

/** The covariance of the pairs of numbers in a window; what is no such pair does not count. */
export function covariance(
  operand: BsonValue,
  bounds: WindowBounds,
  isSample: boolean,
  around: VariableScope,
): WindowFunction {
  const evaluate = compileExpression(operand, around);
  return (partition) => {
    const { documents, scope } = partition;
    const values = documents.map((document) => evaluate(rooted(scope, document)));
    return overWindows(partition, bounds, values, () => pairedDeviation(isSample));
  };
}

/** By the running means of both: "Algorithms for calculating variance", online form. */
function pairedDeviation(isSample: boolean): Accumulator {
  let count = 0;
  let sumX: BsonValue = 0;
  let sumY: BsonValue = 0;
  let product: BsonValue = asDouble(0);
  return {
    add(value) {
      if (!Array.isArray(value) || value.length !== 2 || !value.every(isNumber)) return;
      const [x, y] = value as [BsonNumber, BsonNumber];
      if (!Number.isFinite(toDouble(x)) || !Number.isFinite(toDouble(y))) {
        product = add(product, endlessOf([x, y]));
        return;
      }
      const deltaX = subtract(x, count === 0 ? 0 : divide(sumX, count));
      count += 1;
      sumX = add(sumX, x);
      sumY = add(sumY, y);
      product = add(product, multiply(deltaX, subtract(y, divide(sumY, count))));
    },
    result() {
      if (count === 1 && !isSample) return asDouble(0);
      const divisor = isSample ? count - 1 : count;
      return divisor <= 0 ? null : divide(product, divisor);
    },
  };
}

/** What a pair that is not finite adds: an infinity, or NaN when both signs or NaN are in it. */
function endlessOf(pair: readonly [BsonNumber, BsonNumber]): BsonValue {
  const endless = pair.map(toDouble).filter((value) => !Number.isFinite(value));
  const [first = Number.NaN] = endless;
  const value = endless.every((other) => other === first) ? first : Number.NaN;
  return pair.some((each) => each instanceof Decimal128) ? toDecimal(value) : value;
}

/** The average in which each value weighs `alpha`, and all before it the rest. */
export function expMovingAvg(operand: BsonValue, around: VariableScope): WindowFunction {
  const names = "An 'input' field, and either an 'N' field or an 'alpha' field";
  if (!isDocument(operand)) {
    throw new ServerError(9, '$expMovingAvg must have exactly one argument that is an object');
  }
  if (operand.size !== 2 || !operand.has('input')) {
    throw new ServerError(9, `$expMovingAvg sub object must have exactly two fields: ${names}`);
  }
  if (!operand.has('N') && !operand.has('alpha')) {
    throw new ServerError(
      9,
      `Got unrecognized field in $expMovingAvg$expMovingAvg sub object must have exactly two fields: ${names}`,
    );
  }
  const alpha = operand.has('N') ? weightOf(operand.get('N')) : alphaOf(operand.get('alpha'));
  const rest = subtract(toDecimal(1), alpha);
  const evaluate = compileExpression(operand.get('input'), around);
  return ({ documents, scope }) => {
    let average: BsonValue = null;
    let isDecimal = false;
    return documents.map((document) => {
      const value = evaluate(rooted(scope, document));
      if (isNumber(value)) {
        if (value instanceof Decimal128) isDecimal = true;
        const decimal = toDecimal(value);
        average =
          average === null ? decimal : add(multiply(decimal, alpha), multiply(average, rest));
      }
      return average === null || isDecimal ? average : asDouble(toDouble(average as BsonNumber));
    });
  };
}

function weightOf(n: BsonValue): BsonValue {
  if (!isNumber(n)) {
    throw new ServerError(9, `'N' field must be an integer, but found type ${typeName(n)}`);
  }
  const count = toDouble(n);
  if (count !== Math.floor(count)) {
    throw new ServerError(
      9,
      `'N' field must be an integer, but found  N: ${count}. To use a non-integer, use the 'alpha' argument instead`,
    );
  }
  if (!(count > 0)) throw new ServerError(9, `'N' must be greater than zero. Got ${count}`);
  return divide(toDecimal(2), add(toDecimal(n), 1));
}

function alphaOf(alpha: BsonValue): BsonValue {
  if (!isNumber(alpha)) throw new ServerError(9, "'alpha' must be a number");
  const value = toDouble(alpha);
  if (value > 0 && value < 1) return toDecimal(alpha);
  throw new ServerError(9, `'alpha' must be between 0 and 1 (exclusive), found alpha: ${value}`);
}
