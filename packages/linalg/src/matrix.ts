import { gemm } from './gemm.ts';

/** A dense matrix of f64: entry (i, j) is `data[i * columns + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** rows · columns entries, row-major. */
  readonly data: Float64Array;
}

/** A matrix, or its rows as plain arrays of one length. */
export type MatrixLike = Matrix | readonly (readonly number[])[];

/**
 * Gives a matrix for what may be one already: a `Matrix` itself, not copied; of rows a copy.
 *
 * @throws {RangeError} when rows differ in length, or `data` has not rows · columns entries
 * @example
 * asMatrix([[1, 2], [3, 4]]); // => { rows: 2, columns: 2, data: Float64Array [1, 2, 3, 4] }
 */
export function asMatrix(like: MatrixLike): Matrix {
  if ('data' in like) {
    const { rows, columns, data } = like;
    if (data.length === rows * columns) return like;
    throw new RangeError(`a ${rows} × ${columns} matrix has not ${data.length} entries`);
  }
  const rows = like.length;
  const columns = like[0]?.length ?? 0;
  const data = new Float64Array(rows * columns);
  for (const [i, row] of like.entries()) {
    if (row.length !== columns) {
      throw new RangeError(`row ${i} has ${row.length} entries where row 0 has ${columns}`);
    }
    data.set(row, i * columns);
  }
  return { rows, columns, data };
}

/** Copies a matrix into plain arrays, one a row: what JSON and charts want. */
export function rowsOf({ rows, columns, data }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
}

/**
 * The product op(A) · op(B) as a new matrix, where op transposes if asked to; sums as `gemm` does.
 *
 * @throws {RangeError} when the inner sizes differ
 */
export function multiply(
  a: Matrix,
  b: Matrix,
  options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): Matrix {
  const [m, k] = options.transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
  const [inner, n] = options.transposeB ? [b.columns, b.rows] : [b.rows, b.columns];
  if (inner !== k) throw new RangeError(`cannot multiply ${m} × ${k} by ${inner} × ${n}`);
  const data = new Float64Array(m * n);
  gemm({ m, n, k, a: a.data, b: b.data, c: data, ...options });
  return { rows: m, columns: n, data };
}
