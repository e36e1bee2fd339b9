/** Accumulators that move with a window from document to document. */
import type { Accumulator } from '../../accumulator.ts';
import type { BsonValue } from '../../bson-document.ts';
import type { ExpressionValue } from '../../expression/evaluator.ts';
import { endpointsOf, type WindowBounds } from './bounds.ts';
import type { Partition } from './partition.ts';

/**
 * For each document what an accumulator yields of the values in its window. Windows only
 * move forward. One that leaves values behind takes them out, or begins anew where that is not possible.
 */
export function overWindows(
  partition: Partition,
  bounds: WindowBounds,
  values: readonly ExpressionValue[],
  start: () => Accumulator,
): BsonValue[] {
  const endpoints = endpointsOf(bounds, partition);
  let accumulator = start();
  let first = 0;
  let end = 0;
  return values.map((_, current) => {
    const window = endpoints(current);
    if (window === undefined) return start().result();
    const leaves = window.first > first;
    const canLeave = accumulator.remove !== undefined && window.first <= end;
    if (leaves && !canLeave) {
      accumulator = start();
      first = window.first;
      end = window.first;
    }
    while (first < window.first) accumulator.remove?.(values[first++]);
    while (end <= window.last) accumulator.add(values[end++]);
    const result = accumulator.result();
    // It may go on growing in the accumulator.
    return Array.isArray(result) ? [...result] : result;
  });
}
