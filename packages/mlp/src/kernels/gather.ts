import type { FloatArray } from '../float-array.ts';

/**
 * Copies the rows that `order` names from `from` to below `to` into `batch`, in that order.
 *
 * @param source any number of rows × columns
 * @param batch to − from rows × columns or more
 */
export function gatherRows(
  source: FloatArray,
  order: Uint32Array,
  from: number,
  to: number,
  columns: number,
  batch: FloatArray,
): void {
  let at = 0;
  for (let i = from; i < to; i++) {
    let next = (order[i] as number) * columns;
    for (let j = 0; j < columns; j++) batch[at++] = source[next++] as number;
  }
}
