import { type Block, type DenseKernels, strideOf, withDenseKernels } from './dense-kernels.ts';
import { elementOf, type Floats } from './kernel-memory.ts';
import { LinalgError } from './linalg-error.ts';
import { checkApart, checkMatrix, checkSize } from './operand.ts';

/** What `solveTriangular` works on: row-major arrays. */
export interface TriangularSolve<T extends Floats> {
  readonly n: number;
  /** n × n; only the triangle is read. */
  readonly a: T;
  /** n × columns; overwritten by X. */
  readonly b: T;
  /** 1 if not given. */
  readonly columns?: number;
  /** Whether A is an upper triangle, as stored; false if not given. */
  readonly upper?: boolean;
  /** Whether to solve with the transposed of A. */
  readonly transpose?: boolean;
  /** Whether the diagonal is taken to be 1, and not read. */
  readonly unitDiagonal?: boolean;
  /** Entries from one row to the next; the columns if not given. */
  readonly lda?: number;
  readonly ldb?: number;
  /**
   * Lets products be fused with the sums they go into: faster and no less exact, but the last bits
   * then depend on the machine. false if not given.
   */
  readonly fma?: boolean;
}

// So many rows are solved one by one; what they take away from others is a product.
const blockRows = 32;

/**
 * Overwrites B with the X of op(A) · X = B for a triangular A, where op transposes if asked to.
 *
 * What is taken away from an entry is taken away in the order in which the unknowns are found, each
 * product and each difference rounded: the same bits on every machine unless `fma` is asked for.
 * Level 3 BLAS `trsm` from the left.
 *
 * @throws {RangeError} when a size is no whole number ≥ 0, or an array has not the entries it should
 * @throws {TypeError} when the arrays share memory, or are not of one type
 * @throws {LinalgError} `singular`, with the row whose diagonal entry is 0; `memory-exhausted`; B is
 *   unchanged
 * @example
 * const b = Float64Array.of(2, 7);
 * solveTriangular({ n: 2, a: Float64Array.of(2, 0, 3, 4), b });
 * b; // => Float64Array [1, 1]
 */
export function solveTriangular<T extends Floats>(call: TriangularSolve<T>): void {
  const { n, a, b, columns = 1, upper = false, transpose = false, unitDiagonal = false } = call;
  checkSize('solveTriangular', 'n', n);
  checkSize('solveTriangular', 'columns', columns);
  const lda = checkMatrix('solveTriangular', 'a', a, [n, n], call.lda);
  const ldb = checkMatrix('solveTriangular', 'b', b, [n, columns], call.ldb);
  checkApart('solveTriangular', ['b', b], { a });
  for (let i = 0; i < n && !unitDiagonal; i++) {
    if (a[i * (lda + 1)] !== 0) continue;
    const message = `solveTriangular: a is singular: a[${i}, ${i}] is 0`;
    throw new LinalgError('singular', message, { row: i });
  }
  if (n === 0 || columns === 0) return;
  const element = elementOf(b);
  withDenseKernels(element, call.fma ?? false, (kernels) => {
    const strides = [strideOf(element, n), strideOf(element, columns)] as const;
    const { triangle, x } = kernels.floats({ triangle: n * strides[0], x: n * strides[1] });
    copyRows(a, lda, triangle, strides[0], n, n);
    copyRows(b, ldb, x, strides[1], n, columns);
    const [l, rows] = asLower(triangle, x, strides, n, upper, transpose);
    solveBlocks(kernels, n, columns, l, rows, unitDiagonal);
    copyRows(x, strides[1], b, ldb, n, columns);
  });
}

/** op(A) as a lower triangle: an upper one is one from its last row and column back. */
function asLower(
  triangle: Floats,
  x: Floats,
  [stride, xStride]: readonly [number, number],
  n: number,
  upper: boolean,
  transpose: boolean,
): readonly [Block, Block] {
  const [row, column] = transpose ? [1, stride] : [stride, 1];
  const back = upper !== transpose;
  const direction = back ? -1 : 1;
  const first = back ? n - 1 : 0;
  return [
    {
      data: triangle,
      offset: first * (stride + 1),
      row: direction * row,
      column: direction * column,
    },
    { data: x, offset: first * xStride, row: direction * xStride, column: 1 },
  ];
}

/** Overwrites the rows of B by X, where L · X = B: each half in turn, and a product between. */
export function solveBlocks(
  kernels: DenseKernels,
  n: number,
  columns: number,
  l: Block,
  b: Block,
  unit: boolean,
): void {
  // A few columns are not worth packing the triangle for.
  if (n <= blockRows || columns < 4) {
    kernels.solveLower(n, columns, l, b, unit);
    return;
  }
  const half = Math.ceil(n / 2 / blockRows) * blockRows;
  const rest = n - half;
  const below = entriesFrom(b, half, 0);
  solveBlocks(kernels, half, columns, l, b, unit);
  const mode = { sign: -1, adds: true, triangle: 'all' } as const;
  kernels.product({ m: rest, n: columns, k: half }, entriesFrom(l, half, 0), b, below, mode);
  solveBlocks(kernels, rest, columns, entriesFrom(l, half, half), below, unit);
}

function entriesFrom(block: Block, row: number, column: number): Block {
  return { ...block, offset: block.offset + row * block.row + column * block.column };
}

function copyRows(
  from: Floats,
  fromStride: number,
  to: Floats,
  toStride: number,
  rows: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++) {
    to.set(from.subarray(i * fromStride, i * fromStride + columns), i * toStride);
  }
}
