/** `$eq` and the like, `$and`, `$or`, `$not`. */
import { collated, type Operator, type Operators } from './context.ts';
import { compareIn, isTruthy } from './evaluator.ts';
import { binary, unary, variadic } from './operands.ts';

export const comparisonOperators: Operators = {
  $eq: comparison('$eq', (order) => order === 0),
  $ne: comparison('$ne', (order) => order !== 0),
  $gt: comparison('$gt', (order) => order > 0),
  $gte: comparison('$gte', (order) => order >= 0),
  $lt: comparison('$lt', (order) => order < 0),
  $lte: comparison('$lte', (order) => order <= 0),
  $cmp: comparison('$cmp', Math.sign),
  $and: variadic((operands) => (scope) => operands.every((operand) => isTruthy(operand(scope)))),
  $or: variadic((operands) => (scope) => operands.some((operand) => isTruthy(operand(scope)))),
  $not: unary('$not', (value) => !isTruthy(value)),
};

function comparison(name: string, answer: (order: number) => boolean | number): Operator {
  return collated(binary(name, (a, b, scope) => answer(compareIn(scope, a, b))));
}
