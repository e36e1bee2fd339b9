/**
 * The products of a first layer whose inputs are mostly 0: only what is not 0 is looked at.
 *
 * Inputs are compressed rows: those of row r have the columns `indices` and values `data` from place
 * `indptr[r]` to below `indptr[r + 1]`.
 */
import type { FloatArray } from '../float-array.ts';

/** Rows in compressed form, SciPy's `csr_matrix`. */
export interface CompressedRows {
  readonly data: Float64Array;
  readonly indices: Uint32Array;
  readonly indptr: Uint32Array;
}

/** z = x·W + b for the rows that `order` names from `from` to below `to`. */
export function sparseAffine(
  { data, indices, indptr }: CompressedRows,
  order: Uint32Array,
  from: number,
  to: number,
  weights: FloatArray,
  biases: FloatArray,
  z: FloatArray,
  units: number,
): void {
  let zFrom = 0;
  for (let i = from; i < to; i++) {
    const row = order[i] as number;
    for (let j = 0; j < units; j++) z[zFrom + j] = 0;
    const end = indptr[row + 1] as number;
    for (let at = indptr[row] as number; at < end; at++) {
      const value = data[at] as number;
      const w = (indices[at] as number) * units;
      for (let j = 0; j < units; j++) {
        z[zFrom + j] = (z[zFrom + j] as number) + value * (weights[w + j] as number);
      }
    }
    if (biases.length > 0) {
      for (let j = 0; j < units; j++) {
        z[zFrom + j] = (z[zFrom + j] as number) + (biases[j] as number);
      }
    }
    zFrom += units;
  }
}

/**
 * Lists the columns that occur in the rows that `order` names from `from` to below `to`.
 *
 * @param touched takes them, in the order in which they first occur
 * @param marks one a column, below `stamp` at entry; those that occur become `stamp`
 * @returns how many occur
 */
export function touchedColumns(
  { indices, indptr }: CompressedRows,
  order: Uint32Array,
  from: number,
  to: number,
  touched: Uint32Array,
  marks: Uint32Array,
  stamp: number,
): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    const row = order[i] as number;
    const end = indptr[row + 1] as number;
    for (let at = indptr[row] as number; at < end; at++) {
      const column = indices[at] as number;
      if (marks[column] === stamp) continue;
      marks[column] = stamp;
      touched[count++] = column;
    }
  }
  return count;
}

/**
 * Adds xᵀ·d to a gradient, in the rows of the columns that occur in x.
 *
 * @param d rows × units, the gradient of z
 * @param gradient inputs × units
 */
export function addSparseWeightGradient(
  { data, indices, indptr }: CompressedRows,
  order: Uint32Array,
  from: number,
  to: number,
  d: FloatArray,
  gradient: FloatArray,
  units: number,
): void {
  let dFrom = 0;
  for (let i = from; i < to; i++) {
    const row = order[i] as number;
    const end = indptr[row + 1] as number;
    for (let at = indptr[row] as number; at < end; at++) {
      const value = data[at] as number;
      const g = (indices[at] as number) * units;
      for (let j = 0; j < units; j++) {
        gradient[g + j] = (gradient[g + j] as number) + value * (d[dFrom + j] as number);
      }
    }
    dFrom += units;
  }
}
