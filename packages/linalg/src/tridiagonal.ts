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
 * Makes A, n × n and whole, with entries of up to about 1, tridiagonal by Householder reflections from the last row up; A is used
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

// Squares below which numbers count for nothing beside those near 1, and would lose their digits.
const negligible = 2 ** -900;

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
  if (rest < negligible) return { tau: 0, beta: alpha };
  const length = Math.sqrt(alpha * alpha + rest);
  const beta = alpha > 0 ? -length : length;
  for (let j = 0; j < k - 1; j++) v[j] = (x[j] as number) / (alpha - beta);
  return { tau: (beta - alpha) / beta, beta };
}

/** Reflectors that are applied together. */
export const reflectorBlock = 32;

/** Room for `reflectRows`: two strips of as many rows, and two squares, `reflectorBlock` wide. */
export interface ReflectWork {
  readonly first: Floats;
  readonly second: Floats;
  readonly gram: Floats;
  readonly factor: Floats;
}

/**
 * Turns rows that are eigenvectors of T into those of A: each is multiplied by Q, a block of
 * reflectors at a time as I − Yᵀ · F · Y with a lower triangular F. Schreiber and Van Loan, "A
 * storage-efficient WY representation for products of Householder transformations" (1989).
 */
export function reflectRows(
  kernels: DenseKernels,
  { vectors, taus }: Reflectors,
  rows: Floats,
  stride: number,
  n: number,
  { first, second, gram, factor }: ReflectWork,
): void {
  const fresh = { sign: 1, adds: false, triangle: 'all' } as const;
  const less = { sign: -1, adds: true, triangle: 'all' } as const;
  const plain = (data: Floats, row: number): Block => ({ data, offset: 0, row, column: 1 });
  const side = reflectorBlock;
  for (let from = 2; from < n; from += side) {
    const count = Math.min(side, n - from);
    const width = from + count - 1;
    const y: Block = { data: vectors, offset: from * stride, row: stride, column: 1 };
    const across: Block = { ...y, row: 1, column: stride };
    kernels.product({ m: count, n: count, k: width }, y, across, plain(gram, side), fresh);
    blockFactor(taus.subarray(from, from + count), gram, factor);
    const strip = { m: n, n: count };
    kernels.product({ ...strip, k: width }, plain(rows, stride), across, plain(first, side), fresh);
    const transposed: Block = { data: factor, offset: 0, row: 1, column: side };
    kernels.product(
      { ...strip, k: count },
      plain(first, side),
      transposed,
      plain(second, side),
      fresh,
    );
    const whole = { m: n, n: width, k: count };
    kernels.product(whole, plain(second, side), y, plain(rows, stride), less);
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
