import type { DenseKernels } from './dense-kernels.ts';
import type { Floats } from './kernel-memory.ts';
import { solveBlocks } from './triangular-solve.ts';

// So many rows are made one by one before what they take away from the rest is a product.
const blockRows = 32;

/** Makes U of A = Uᵀ · U in place; gives the row whose pivot is not above 0, or −1. */
export function factorUpper(kernels: DenseKernels, u: Floats, stride: number, n: number): number {
  for (let from = 0; from < n; from += blockRows) {
    const to = Math.min(n, from + blockRows);
    const failed = kernels.choleskyRows(u, stride, from, to);
    if (failed >= 0) return failed;
    const rest = n - to;
    if (rest === 0) return -1;
    const made = from * stride + to;
    kernels.product(
      { m: rest, n: rest, k: to - from },
      { data: u, offset: made, row: 1, column: stride },
      { data: u, offset: made, row: stride, column: 1 },
      { data: u, offset: to * (stride + 1), row: stride, column: 1 },
      { sign: -1, adds: true, triangle: 'upper' },
    );
  }
  return -1;
}

/** Overwrites X, n × columns, by that of Uᵀ · U · X' = X. */
export function solveFactored(
  kernels: DenseKernels,
  n: number,
  columns: number,
  u: Floats,
  stride: number,
  x: Floats,
  xStride: number,
): void {
  solveTransposed(kernels, n, columns, u, stride, x, xStride);
  // An upper triangle is a lower one from its last row and column back.
  const last = n - 1;
  const upper = { data: u, offset: last * (stride + 1), row: -stride, column: -1 };
  const rows = { data: x, offset: last * xStride, row: -xStride, column: 1 };
  solveBlocks(kernels, n, columns, upper, rows, false);
}

/** Overwrites X, n × columns, by that of Uᵀ · X' = X. */
export function solveTransposed(
  kernels: DenseKernels,
  n: number,
  columns: number,
  u: Floats,
  stride: number,
  x: Floats,
  xStride: number,
): void {
  const lower = { data: u, offset: 0, row: 1, column: stride };
  solveBlocks(kernels, n, columns, lower, { data: x, offset: 0, row: xStride, column: 1 }, false);
}
