import type { Floats } from './kernel-memory.ts';
import { checkApart, checkMatrix, checkSize } from './operand.ts';
import type { Strided } from './plain-product.ts';
import { multiplyInto } from './product.ts';

/** What `gemm` works on: dense, row-major arrays. */
export interface Gemm<T extends Floats> {
  /** Rows of op(A) and of C. */
  readonly m: number;
  /** Columns of op(B) and of C. */
  readonly n: number;
  /** Columns of op(A), rows of op(B): how many products each entry sums. */
  readonly k: number;
  /** m × k; k × m when `transposeA`. */
  readonly a: T;
  /** k × n; n × k when `transposeB`. */
  readonly b: T;
  /** m × n; overwritten. */
  readonly c: T;
  /** 1 if not given. */
  readonly alpha?: number;
  /** 0 if not given. */
  readonly beta?: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Entries from one row to the next, as stored; the columns if not given. */
  readonly lda?: number;
  readonly ldb?: number;
  readonly ldc?: number;
  /**
   * Lets products be fused with the sums they go into: faster and no less exact, but the last bits
   * then depend on the machine. false if not given.
   */
  readonly fma?: boolean;
}

/**
 * Overwrites C with alpha · op(A) · op(B) + beta · C, where op transposes if asked to.
 *
 * Each entry is the sum of its k products in order of k, each product and each sum rounded to the
 * type of the arrays: unless `fma` is asked for, the same call gives the same bits on every
 * machine. With beta 0 the old content of C is not read, so it may be anything. NaN and infinities
 * travel as in IEEE 754. Level 3 BLAS `dgemm` and `sgemm`, row-major.
 *
 * @throws {RangeError} when a size is no whole number ≥ 0, a leading dimension is less than the
 *   columns, or an array has not the entries it should
 * @throws {TypeError} when C shares memory with A or B, or the arrays are not of one type
 * @throws {LinalgError} `memory-exhausted`; C is unchanged
 * @example
 * const c = new Float64Array(1);
 * gemm({ m: 1, n: 1, k: 2, a: Float64Array.of(1, 2), b: Float64Array.of(3, 4), c });
 * c[0]; // => 11
 */
export function gemm<T extends Floats>(call: Gemm<T>): void {
  const { m, n, k, a, b, c, alpha = 1, beta = 0, transposeA = false, transposeB = false } = call;
  checkSize('gemm', 'm', m);
  checkSize('gemm', 'n', n);
  checkSize('gemm', 'k', k);
  const lda = checkMatrix('gemm', 'a', a, transposeA ? [k, m] : [m, k], call.lda);
  const ldb = checkMatrix('gemm', 'b', b, transposeB ? [n, k] : [k, n], call.ldb);
  const ldc = checkMatrix('gemm', 'c', c, [m, n], call.ldc);
  checkApart('gemm', ['c', c], { a, b });
  const left = strided(a, lda, transposeA);
  const right = strided(b, ldb, transposeB);
  const { fma = false } = call;
  multiplyInto({ m, n, k, a: left, b: right, c, ldc, alpha, beta, lower: false, fma });
}

/** A matrix, or its transposed, as stored. */
export function strided(data: Floats, leading: number, transposed: boolean): Strided {
  return { data, row: transposed ? 1 : leading, column: transposed ? leading : 1 };
}
