/** The accumulators of `$group` and its like, compiled: `{ total: { $sum: '$price' } }`. */
import type { Accumulator, CompiledAccumulator } from './accumulator/accumulator.ts';
import {
  compileCount,
  compileCounted,
  countedAccumulators,
} from './accumulator/counted-operands.ts';
import { extreme, type Ranked, ranked } from './accumulator/extreme-accumulators.ts';
import { addToSet, first, last, mergeObjects, push } from './accumulator/gathering-accumulators.ts';
import { average, standardDeviation, sum } from './accumulator/numeric-accumulators.ts';
import { compilePercentile } from './accumulator/percentiles.ts';
import { type BsonValue, isDocument } from './bson-document.ts';
import type { Context } from './expression/context.ts';
import { type ExpressionScope, nullIfMissing, type VariableScope } from './expression/evaluator.ts';
import { namedOperands } from './expression/operands.ts';
import { scriptRefused } from './expression/values.ts';
import { newContext } from './expression.ts';
import { ServerError } from './server-error.ts';
import { compileSort } from './sort.ts';
import { sortKeyOf } from './stage/sort-key.ts';

export type { Accumulator, CompiledAccumulator } from './accumulator/accumulator.ts';

/**
 * Compiles what stands behind a field of a `$group`.
 *
 * @throws {ServerError} 40234 to 40238 when `specification` is not one accumulator,
 * 15952 when the accumulator is not known
 */
export function compileAccumulator(
  field: string,
  specification: BsonValue,
  around: VariableScope,
): CompiledAccumulator {
  const [entry] = isDocument(specification) ? specification : [];
  if (!isDocument(specification) || entry === undefined || !entry[0].startsWith('$')) {
    throw new ServerError(40234, `The field '${field}' must be an accumulator object`);
  }
  if (field.includes('.')) {
    throw new ServerError(40235, `The field name '${field}' cannot contain '.'`);
  }
  if (field.startsWith('$')) {
    throw new ServerError(40236, `The field name '${field}' cannot be an operator name`);
  }
  if (specification.size > 1) {
    throw new ServerError(40238, `The field '${field}' must specify one accumulator`);
  }
  const [name, operand] = entry;
  if (Array.isArray(operand)) {
    throw new ServerError(40237, `The ${name} accumulator is a unary operator`);
  }
  const compile = accumulators.get(name);
  if (compile === undefined) throw new ServerError(15952, `unknown group operator '${name}'`);
  return compile(operand, newContext(around));
}

/** The names of all accumulators, those that are refused included. */
export function accumulatorNames(): string[] {
  return [...accumulators.keys()];
}

type Compile = (operand: BsonValue, context: Context) => CompiledAccumulator;

function of(start: (scope: ExpressionScope) => Accumulator): Compile {
  return (operand, context) => ({ evaluate: context.compile(operand), start });
}

const accumulators: ReadonlyMap<string, Compile> = new Map<string, Compile>([
  ['$addToSet', of(addToSet)],
  ['$avg', of(average)],
  ['$count', compileNumberOf],
  ['$first', of(first)],
  ['$last', of(last)],
  ['$max', of((scope) => extreme(scope, -1))],
  ['$min', of((scope) => extreme(scope, 1))],
  ['$mergeObjects', of(mergeObjects)],
  ['$push', of(push)],
  ['$stdDevPop', of(() => standardDeviation('population'))],
  ['$stdDevSamp', of(() => standardDeviation('sample'))],
  ['$sum', of(sum)],
  ...Object.keys(countedAccumulators).map((name): [string, Compile] => [
    name,
    (operand, context) => {
      const { input, count } = compileCounted(name, operand, context);
      const make = countedAccumulators[name] as (scope: ExpressionScope, n: number) => Accumulator;
      return { evaluate: input, start: (scope) => make(scope, count(scope)) };
    },
  ]),
  ['$top', (operand, context) => compileRanked('$top', 1, false, operand, context)],
  ['$topN', (operand, context) => compileRanked('$topN', 1, true, operand, context)],
  ['$bottom', (operand, context) => compileRanked('$bottom', -1, false, operand, context)],
  ['$bottomN', (operand, context) => compileRanked('$bottomN', -1, true, operand, context)],
  ['$median', (operand, context) => compilePercentile('$median', operand, context)],
  ['$percentile', (operand, context) => compilePercentile('$percentile', operand, context)],
  [
    '$accumulator',
    () => {
      throw scriptRefused();
    },
  ],
]);

function compileNumberOf(operand: BsonValue): CompiledAccumulator {
  if (!isDocument(operand) || operand.size > 0) {
    throw new ServerError(14, '$count takes no arguments, i.e. $count:{}');
  }
  return { evaluate: () => 1, start: sum };
}

function compileRanked(
  name: string,
  sign: 1 | -1,
  many: boolean,
  operand: BsonValue,
  context: Context,
): CompiledAccumulator {
  const named = namedOperands(name, operand, {
    object: 5788001,
    unknown: 5788002,
    required: { ...(many && { n: 5788003 }), output: 5788004, sortBy: 5788005 },
  });
  const sortBy = named.get('sortBy');
  if (!isDocument(sortBy))
    throw new ServerError(10065, 'invalid parameter: expected an object (sortBy)');
  const keys = compileSort(sortBy);
  const output = context.compile(named.get('output'));
  const count = many ? compileCount(named, context) : () => 1;
  return {
    evaluate: (scope): Ranked => [
      nullIfMissing(output(scope)),
      sortKeyOf(keys, scope.root ?? new Map(), scope.collator),
    ],
    start(scope) {
      const best = ranked(scope, keys, sign, count(scope));
      if (many) return best;
      return { ...best, result: () => (best.result() as BsonValue[])[0] ?? null };
    },
  };
}
