/** The functions of `$setWindowFields`, by their names. */
import { type BsonValue, isDocument } from '../../bson-document.ts';
import type { VariableScope } from '../../expression.ts';
import { ServerError } from '../../server-error.ts';
import type { SortKey } from '../../sort.ts';
import { accumulation, windowAccumulators } from './accumulation.ts';
import { parseBounds, wholePartition } from './bounds.ts';
import { carriedForward, linearFill } from './filling.ts';
import type { WindowFunction } from './partition.ts';
import { ranking, shift } from './ranking.ts';
import { derivative, integral } from './rate.ts';
import { covariance, expMovingAvg } from './statistics.ts';

const otherFunctions = new Set([
  '$covariancePop',
  '$covarianceSamp',
  '$denseRank',
  '$derivative',
  '$documentNumber',
  '$expMovingAvg',
  '$integral',
  '$linearFill',
  '$locf',
  '$rank',
  '$shift',
]);

const isFunction = (name: string) => windowAccumulators.has(name) || otherFunctions.has(name);

/** Compiles what stands behind a field of the output: `{ $sum: '$a', window: { documents: [-1, 0] } }`. */
export function compileWindowFunction(
  field: string,
  specification: BsonValue,
  sortBy: readonly SortKey[] | undefined,
  around: VariableScope,
): WindowFunction {
  if (!isDocument(specification)) {
    throw new ServerError(9, `The field '${field}' must be a window function object`);
  }
  const names = [...specification.keys()];
  const operator = names.find((name) => name.startsWith('$'));
  if (operator === undefined) {
    throw new ServerError(
      9,
      `Expected a $-prefixed window function${names[0] ? `, ${names[0]}` : ''}`,
    );
  }
  if (!isFunction(operator)) {
    throw new ServerError(9, `Unrecognized window function, ${operator}`);
  }
  const others = names.filter((name) => name !== operator && name !== 'window');
  const isRank =
    operator === '$rank' || operator === '$denseRank' || operator === '$documentNumber';
  if (isRank && names.length > 1) {
    throw new ServerError(5371601, 'Rank style window functions take no other arguments');
  }
  if (others.some(isFunction)) {
    throw new ServerError(9, 'Cannot specify two functions in window function spec');
  }
  if (others.length > 0) {
    throw new ServerError(9, `Window function found an unknown argument: ${others[0]}`);
  }
  const operand = specification.get(operator);
  if (isRank) {
    if (!isDocument(operand) || operand.size > 0) {
      throw new ServerError(5371603, `${operator} must be specified with '{}' as the value`);
    }
    return ranking(operator, singleKey(operator, sortBy, 5371602));
  }
  const window = specification.get('window');
  if (window === undefined) return unbounded(operator, operand, sortBy, around);
  if (takesNoWindow.has(operator)) {
    throw new ServerError(9, `'window' field is not allowed in ${operator}`);
  }
  return bounded(operator, operand, sortBy, window, around);
}

const takesNoWindow = new Set(['$expMovingAvg', '$linearFill', '$locf', '$shift']);

function unbounded(
  operator: string,
  operand: BsonValue,
  sortBy: readonly SortKey[] | undefined,
  around: VariableScope,
): WindowFunction {
  switch (operator) {
    case '$expMovingAvg':
      if (sortBy === undefined) {
        throw new ServerError(9, "$expMovingAvg requires an explicit 'sortBy'");
      }
      return expMovingAvg(operand, around);
    case '$linearFill':
      singleKey(operator, sortBy, 605001);
      return linearFill(operand, around);
    case '$locf':
      return carriedForward(operand, around);
    case '$shift': {
      const shifted = shift(operand, around);
      if (sortBy === undefined) throw new ServerError(9, "'$shift' requires a sortBy");
      return shifted;
    }
    case '$derivative':
      checkSortedBy(operator, sortBy);
      derivative(operand, wholePartition, around);
      throw new ServerError(9, '$derivative requires explicit window bounds');
    default:
      return bounded(operator, operand, sortBy, new Map(), around);
  }
}

function bounded(
  operator: string,
  operand: BsonValue,
  sortBy: readonly SortKey[] | undefined,
  window: BsonValue,
  around: VariableScope,
): WindowFunction {
  const bounds = parseBounds(window, sortBy, around);
  switch (operator) {
    case '$derivative':
      checkSortedBy(operator, sortBy);
      return derivative(operand, bounds, around);
    case '$integral':
      checkSortedBy(operator, sortBy);
      return integral(operand, bounds, around);
    case '$covariancePop':
    case '$covarianceSamp':
      return covariance(operand, bounds, operator === '$covarianceSamp', around);
    default:
      return accumulation(operator, operand, bounds, around);
  }
}

function singleKey(
  operator: string,
  sortBy: readonly SortKey[] | undefined,
  code: number,
): readonly SortKey[] {
  if (sortBy?.length === 1) return sortBy;
  throw new ServerError(
    code,
    `${operator} must be specified with a top level sortBy expression with exactly one element`,
  );
}

function checkSortedBy(operator: string, sortBy: readonly SortKey[] | undefined): void {
  if (sortBy === undefined) throw new ServerError(9, `${operator} requires a sortBy`);
  if (sortBy.length !== 1) throw new ServerError(9, `${operator} requires a non-compound sortBy`);
}
