/** Accumulators as expressions: over their operands, or over one operand that is an array. */
import type { Accumulator } from '../accumulator/accumulator.ts';
import { compileCounted, countedAccumulators } from '../accumulator/counted-operands.ts';
import { extreme } from '../accumulator/extreme-accumulators.ts';
import { mergeObjects } from '../accumulator/gathering-accumulators.ts';
import { average, standardDeviation, sum } from '../accumulator/numeric-accumulators.ts';
import { compilePercentile } from '../accumulator/percentiles.ts';
import { ServerError } from '../server-error.ts';
import { collated, type Operator, type Operators } from './context.ts';
import type { ExpressionScope } from './evaluator.ts';
import { operandsOf } from './operands.ts';

export const accumulatorExpressions: Operators = {
  $avg: over(average),
  $max: collated(over((scope) => extreme(scope, -1))),
  $min: collated(over((scope) => extreme(scope, 1))),
  $mergeObjects: over(mergeObjects),
  $stdDevPop: over(() => standardDeviation('population')),
  $stdDevSamp: over(() => standardDeviation('sample')),
  $sum: over(sum),
  $median: percentile('$median'),
  $percentile: percentile('$percentile'),
  ...Object.fromEntries(
    Object.entries(countedAccumulators).map(([name, start]) => [
      name,
      collated(counted(name, start)),
    ]),
  ),
};

function over(start: (scope: ExpressionScope) => Accumulator): Operator {
  return (operand, context) => {
    const operands = operandsOf(operand, context);
    const [only] = operands;
    if (only === undefined || operands.length > 1) {
      return (scope) => {
        const accumulator = start(scope);
        for (const evaluate of operands) accumulator.add(evaluate(scope));
        return accumulator.result();
      };
    }
    return (scope) => {
      const value = only(scope);
      const accumulator = start(scope);
      if (Array.isArray(value)) for (const item of value) accumulator.add(item);
      else accumulator.add(value);
      return accumulator.result();
    };
  };
}

function counted(
  name: string,
  start: (scope: ExpressionScope, count: number) => Accumulator,
): Operator {
  return (operand, context) => {
    const { input, count } = compileCounted(name, operand, context);
    return (scope) => {
      const accumulator = start(scope, count(scope));
      const items = input(scope);
      if (!Array.isArray(items)) throw new ServerError(5788200, 'Input must be an array');
      for (const item of items) accumulator.add(item);
      return accumulator.result();
    };
  };
}

function percentile(name: '$median' | '$percentile'): Operator {
  return (operand, context) => {
    const { evaluate, start } = compilePercentile(name, operand, context);
    return (scope) => {
      const value = evaluate(scope);
      const accumulator = start(scope);
      if (Array.isArray(value)) for (const item of value) accumulator.add(item);
      else accumulator.add(value);
      return accumulator.result();
    };
  };
}
