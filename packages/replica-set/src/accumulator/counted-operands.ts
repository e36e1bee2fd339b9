/** `{ n, input }`: the operands of `$firstN`, `$lastN`, `$minN`, `$maxN`. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { isNumber } from '../bson-order.ts';
import type { Context } from '../expression/context.ts';
import {
  type Evaluator,
  type ExpressionScope,
  type ExpressionValue,
  missing,
  nameOf,
} from '../expression/evaluator.ts';
import { asLong } from '../expression/number-kind.ts';
import { namedOperands } from '../expression/operands.ts';
import { ServerError } from '../server-error.ts';
import type { Accumulator } from './accumulator.ts';
import { extremes } from './extreme-accumulators.ts';
import { firstOf, lastOf } from './gathering-accumulators.ts';

/** What gathers `count` values, by its name. */
export const countedAccumulators: Readonly<
  Record<string, (scope: ExpressionScope, count: number) => Accumulator>
> = {
  $firstN: (_, count) => firstOf(count),
  $lastN: (_, count) => lastOf(count),
  $minN: (scope, count) => extremes(scope, 1, count),
  $maxN: (scope, count) => extremes(scope, -1, count),
};

export interface CountedOperands {
  readonly input: Evaluator;
  readonly count: (scope: ExpressionScope) => number;
}

export function compileCounted(
  name: string,
  operand: BsonValue,
  context: Context,
): CountedOperands {
  const named = namedOperands(name, operand, {
    object: name.startsWith('$m') ? 5787900 : 5787801,
    unknown: 5787901,
    required: { n: 5787906, input: 5787907 },
  });
  return {
    input: context.compile(named.get('input')),
    count: compileCount(named, context),
  };
}

/** How many, from the operand `n`. */
export function compileCount(
  named: BsonDocument,
  context: Context,
): (scope: ExpressionScope) => number {
  const evaluate = context.compile(named.get('n'));
  return (scope) => countOf(evaluate(scope));
}

function countOf(value: ExpressionValue): number {
  const refusal = `Value for 'n' must be of integral type, but found ${nameOf(value)}`;
  if (value === missing || !isNumber(value)) throw new ServerError(5787902, refusal);
  const count = asLong(value);
  if (count === undefined) throw new ServerError(5787903, refusal);
  if (count > 0n) return Number(count);
  throw new ServerError(5787908, `'n' must be greater than 0, found ${count}`);
}
