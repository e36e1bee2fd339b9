import { strided } from './gemm.ts';
import type { Floats } from './kernel-memory.ts';
import { checkApart, checkMatrix, checkSize } from './operand.ts';
import { multiplyInto } from './product.ts';

/** What `gemv` works on: a row-major matrix and vectors without gaps. */
export interface Gemv<T extends Floats> {
  /** Rows of A, as stored. */
  readonly m: number;
  /** Columns of A, as stored. */
  readonly n: number;
  /** m × n. */
  readonly a: T;
  /** n entries; m when `transpose`. */
  readonly x: T;
  /** m entries; n when `transpose`; overwritten. */
  readonly y: T;
  /** 1 if not given. */
  readonly alpha?: number;
  /** 0 if not given. */
  readonly beta?: number;
  readonly transpose?: boolean;
  /** Entries from one row to the next; n if not given. */
  readonly lda?: number;
  /**
   * Lets products be fused with the sums they go into: the last bits then depend on the machine.
   * false if not given.
   */
  readonly fma?: boolean;
}

/**
 * Overwrites y with alpha · op(A) · x + beta · y, where op transposes if asked to; sums and rounds
 * as `gemm` does. Level 2 BLAS `dgemv` and `sgemv`, row-major.
 *
 * @throws {RangeError} when a size is no whole number ≥ 0, `lda` is less than n, or an array has not
 *   the entries it should
 * @throws {TypeError} when y shares memory with A or x, or the arrays are not of one type
 * @example
 * const y = new Float64Array(2);
 * gemv({ m: 2, n: 2, a: Float64Array.of(1, 2, 3, 4), x: Float64Array.of(1, 1), y });
 * y; // => Float64Array [3, 7]
 */
export function gemv<T extends Floats>(call: Gemv<T>): void {
  const { m, n, a, x, y, alpha = 1, beta = 0, transpose = false, fma = false } = call;
  checkSize('gemv', 'm', m);
  checkSize('gemv', 'n', n);
  const lda = checkMatrix('gemv', 'a', a, [m, n], call.lda);
  const [rows, columns] = transpose ? [n, m] : [m, n];
  checkMatrix('gemv', 'x', x, [columns, 1], undefined);
  checkMatrix('gemv', 'y', y, [rows, 1], undefined);
  checkApart('gemv', ['y', y], { a, x });
  const c = { c: y, alpha, beta, lower: false, fma };
  if (transpose) {
    // yᵀ = xᵀ · A: along the rows of A.
    const row = strided(x, columns, false);
    multiplyInto({ m: 1, n: rows, k: columns, a: row, b: strided(a, lda, false), ldc: rows, ...c });
  } else {
    const column = strided(x, 1, false);
    multiplyInto({ m: rows, n: 1, k: columns, a: strided(a, lda, false), b: column, ldc: 1, ...c });
  }
}
