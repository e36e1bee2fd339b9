import type { Block, DenseKernels } from './dense-kernels.ts';
import type { Floats } from './kernel-memory.ts';

/** A symmetric matrix made tridiagonal: T = Qᵀ · A · Q. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Entry i stands between diagonal entries i and i + 1. */
  readonly offDiagonal: Float64Array;
}

/** The reflectors of which Q is the product: H = I − tau · v · vᵀ, v in row k, for k from n − 1. */
export interface Reflectors {
  readonly vectors: Floats;
  readonly taus: Float64Array;
}

/** Room for `tridiagonalize`: vectors of one stride. */
export interface ReflectorWork {
  readonly v: Floats;
  readonly w: Floats;
  readonly next: Floats;
  readonly p: Floats;
}

/**
 * Makes A, n × n and whole, tridiagonal by Householder reflections from the last row up; A is used
 * up. The reflectors are kept where there is room for them.
 *
 * What a reflection changes in A is applied in the pass that multiplies by the next one, so that A
 * is read once for each. Golub and Van Loan, "Matrix Computations", 8.3.1, from the end.
 */
export function tridiagonalize(
  kernels: DenseKernels,
  a: Floats,
  stride: number,
  n: number,
  { v, w, next, p }: ReflectorWork,
  reflectors: Reflectors | undefined,
): Tridiagonal {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    const row = a.subarray(k * stride, k * stride + k + 1);
    // What the reflection before left to do in this row.
    for (let j = 0; j <= k; j++) {
      const once = (row[j] as number) - (v[k] as number) * (w[j] as number);
      row[j] = once - (w[k] as number) * (v[j] as number);
    }
    diagonal[k] = row[k] as number;
    if (k === 0) break;
    const { tau, beta } = reflectorOf(row, k, next);
    offDiagonal[k - 1] = beta;
    if (k === 1) {
      // Nothing is left to be made 0, but the last change is still due in row 0.
      continue;
    }
    if (reflectors !== undefined) {
      reflectors.vectors.set(next.subarray(0, k), k * stride);
      reflectors.taus[k] = tau;
    }
    p.fill(0);
    kernels.reflect(k, a, stride, { v, w, next, p });
    let dot = 0;
    for (let j = 0; j < k; j++) dot += (p[j] as number) * (next[j] as number);
    const half = (tau * tau * dot) / 2;
    v.fill(0);
    w.fill(0);
    for (let j = 0; j < k; j++) {
      v[j] = next[j] as number;
      w[j] = tau * (p[j] as number) - half * (next[j] as number);
    }
  }
  return { diagonal, offDiagonal };
}

/** Leaves in `v` the reflector that makes all but the last of k numbers 0, and that one beta. */
function reflectorOf(
  x: Floats,
  k: number,
  v: Floats,
): { readonly tau: number; readonly beta: number } {
  v.fill(0);
  v[k - 1] = 1;
  const alpha = x[k - 1] as number;
  let rest = 0;
  for (let j = 0; j < k - 1; j++) rest += (x[j] as number) ** 2;
  if (rest === 0) return { tau: 0, beta: alpha };
  const length = Math.sqrt(alpha * alpha + rest);
  const beta = alpha > 0 ? -length : length;
  for (let j = 0; j < k - 1; j++) v[j] = (x[j] as number) / (alpha - beta);
  return { tau: (beta - alpha) / beta, beta };
}

/** Reflectors that are applied together. */
export const reflectorBlock = 32;

/** Room for `accumulate`: three blocks of rows, and two squares of `reflectorBlock`. */
export interface AccumulateWork {
  readonly first: Floats;
  readonly second: Floats;
  readonly gram: Floats;
  readonly factor: Floats;
}

/**
 * Leaves Q in z, which is 0: the product of the reflectors, a block at a time as I − Yᵀ · T · Y with
 * a lower triangular T. Schreiber and Van Loan, "A storage-efficient WY representation" (1989).
 */
export function accumulate(
  kernels: DenseKernels,
  { vectors, taus }: Reflectors,
  z: Floats,
  stride: number,
  n: number,
  { first, second, gram, factor }: AccumulateWork,
): void {
  for (let i = 0; i < n; i++) z[i * (stride + 1)] = 1;
  const fresh = { sign: 1, adds: false, triangle: 'all' } as const;
  const less = { sign: -1, adds: true, triangle: 'all' } as const;
  const plain = (data: Floats, row: number): Block => ({ data, offset: 0, row, column: 1 });
  for (let from = 2; from < n; from += reflectorBlock) {
    const count = Math.min(reflectorBlock, n - from);
    const width = from + count - 1;
    const y: Block = { data: vectors, offset: from * stride, row: stride, column: 1 };
    const transposed: Block = { ...y, row: 1, column: stride };
    const square = { m: count, n: count, k: width };
    kernels.product(square, y, transposed, plain(gram, reflectorBlock), fresh);
    blockFactor(taus.subarray(from, from + count), gram, factor);
    const strip = { m: count, n: width };
    kernels.product({ ...strip, k: width }, y, plain(z, stride), plain(first, stride), fresh);
    const t = plain(factor, reflectorBlock);
    kernels.product({ ...strip, k: count }, t, plain(first, stride), plain(second, stride), fresh);
    const whole = { m: width, n: width, k: count };
    kernels.product(whole, transposed, plain(second, stride), plain(z, stride), less);
  }
}

/** T of a block of reflectors, from the products of their vectors with each other. */
function blockFactor(taus: Float64Array, gram: Floats, factor: Floats): void {
  factor.fill(0);
  for (const [i, tau] of taus.entries()) {
    const row = i * reflectorBlock;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let l = j; l < i; l++) {
        sum += (gram[row + l] as number) * (factor[l * reflectorBlock + j] as number);
      }
      factor[row + j] = -tau * sum;
    }
    factor[row + i] = tau;
  }
}
