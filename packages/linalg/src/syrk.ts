import { strided } from './gemm.ts';
import type { Floats } from './kernel-memory.ts';
import { checkApart, checkMatrix, checkSize, floatsLike } from './operand.ts';
import { multiplyInto } from './product.ts';

/** What `syrk` works on: dense, row-major arrays. */
export interface Syrk<T extends Floats> {
  /** Rows of op(A), rows and columns of C. */
  readonly n: number;
  /** Columns of op(A): how many products each entry sums. */
  readonly k: number;
  /** n × k; k × n when `transpose`. */
  readonly a: T;
  /** n × n; overwritten. With beta, its lower triangle is read. */
  readonly c: T;
  /** 1 if not given. */
  readonly alpha?: number;
  /** 0 if not given. */
  readonly beta?: number;
  readonly transpose?: boolean;
  /** Entries from one row to the next, as stored; the columns if not given. */
  readonly lda?: number;
  readonly ldc?: number;
  /**
   * Lets products be fused with the sums they go into: faster and no less exact, but the last bits
   * then depend on the machine. false if not given.
   */
  readonly fma?: boolean;
}

/**
 * Overwrites C with alpha · op(A) · op(A)ᵀ + beta · C, both triangles, in about half the time of
 * `gemm`; sums and rounds as that does. Level 3 BLAS `dsyrk` and `ssyrk`, row-major.
 *
 * @throws {RangeError} when a size is no whole number ≥ 0, a leading dimension is less than the
 *   columns, or an array has not the entries it should
 * @throws {TypeError} when C shares memory with A, or the arrays are not of one type
 * @throws {LinalgError} `memory-exhausted`; C is unchanged
 * @example
 * const c = new Float64Array(4);
 * syrk({ n: 2, k: 1, a: Float64Array.of(1, 3), c });
 * c; // => Float64Array [1, 3, 3, 9]
 */
export function syrk<T extends Floats>(call: Syrk<T>): void {
  const { n, k, a, c, alpha = 1, beta = 0, transpose = false, fma = false } = call;
  checkSize('syrk', 'n', n);
  checkSize('syrk', 'k', k);
  const lda = checkMatrix('syrk', 'a', a, transpose ? [k, n] : [n, k], call.lda);
  const ldc = checkMatrix('syrk', 'c', c, [n, n], call.ldc);
  checkApart('syrk', ['c', c], { a });
  const left = strided(a, lda, transpose);
  const right = strided(a, lda, !transpose);
  // The kernels may leave anything above the diagonal, so C itself is written at the end.
  const product = floatsLike(c, n * n);
  const bare = { c: product, ldc: n, alpha: 1, beta: 0, lower: true };
  multiplyInto({ m: n, n, k, a: left, b: right, ...bare, fma });
  mirror(product, { n, c, ldc, alpha, beta });
}

/** C = alpha · T + beta · C by the lower triangle of T, each step rounded to the type of C. */
function mirror(
  t: Floats,
  {
    n,
    c,
    ldc,
    alpha,
    beta,
  }: {
    readonly n: number;
    readonly c: Floats;
    readonly ldc: number;
    readonly alpha: number;
    readonly beta: number;
  },
): void {
  const round = c instanceof Float32Array ? Math.fround : (value: number) => value;
  const [scale, keep] = [round(alpha), round(beta)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const at = i * ldc + j;
      const scaled = scale * (t[i * n + j] as number);
      const entry = beta === 0 ? scaled : round(scaled) + round(keep * (c[at] as number));
      c[at] = entry;
      c[j * ldc + i] = entry;
    }
  }
}
