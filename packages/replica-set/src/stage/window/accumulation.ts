/** The accumulators of `$group` over windows. */
import { compileAccumulator } from '../../accumulator.ts';
import type { BsonValue } from '../../bson-document.ts';
import type { VariableScope } from '../../expression.ts';
import { rooted } from '../stage.ts';
import type { WindowBounds } from './bounds.ts';
import type { WindowFunction } from './partition.ts';
import { overWindows } from './sliding.ts';

/** Those that windows know. */
export const windowAccumulators: ReadonlySet<string> = new Set([
  '$addToSet',
  '$avg',
  '$bottom',
  '$bottomN',
  '$count',
  '$first',
  '$firstN',
  '$last',
  '$lastN',
  '$max',
  '$maxN',
  '$median',
  '$min',
  '$minN',
  '$percentile',
  '$push',
  '$stdDevPop',
  '$stdDevSamp',
  '$sum',
  '$top',
  '$topN',
]);

export function accumulation(
  operator: string,
  operand: BsonValue,
  bounds: WindowBounds,
  around: VariableScope,
): WindowFunction {
  // In $group an array would be several operands; here it is one.
  const single = Array.isArray(operand) ? new Map([['$concatArrays', [operand]]]) : operand;
  const { evaluate, start } = compileAccumulator('window', new Map([[operator, single]]), around);
  return (partition) => {
    const { documents, scope } = partition;
    const values = documents.map((document) => evaluate(rooted(scope, document)));
    return overWindows(partition, bounds, values, () => start(rooted(scope, new Map())));
  };
}
