import { type DenseKernels, strideOf, withDenseKernels } from './dense-kernels.ts';
import { divideAndConquer } from './divide-and-conquer.ts';
import { elementOf, type Floats } from './kernel-memory.ts';
import { checkFinite, checkMatrix, checkSize, floatsLike } from './operand.ts';
import { reflectorBlock, reflectRows, tridiagonalize } from './tridiagonal.ts';
import { diagonalize, negligibleIn } from './tridiagonal-eigen.ts';

/** What the eigenvalues are wanted of. */
export interface SymmetricEigenCall<T extends Floats> {
  readonly n: number;
  /** n × n, row-major and symmetric, of which only the lower triangle is read. */
  readonly a: T;
  /** Entries from one row to the next; n if not given. */
  readonly lda?: number;
  /**
   * Lets products be fused with the sums they go into: faster and no less exact, but the last bits
   * then depend on the machine. false if not given.
   */
  readonly fma?: boolean;
}

/** A = V · diag(values) · Vᵀ. */
export interface SymmetricEigen<T extends Floats> {
  /** In ascending order. */
  readonly values: T;
  /** n × n, row-major: column i belongs to value i; columns are orthonormal. */
  readonly vectors: T;
}

/**
 * The eigenvalues and eigenvectors of a symmetric matrix.
 *
 * Right to some n units in the last place of the greatest eigenvalue. The same bits on every machine
 * unless `fma` is asked for. Householder reflections, then divide and conquer, as LAPACK `syevd`.
 *
 * @throws {RangeError} when n is no whole number ≥ 0, `a` has not n · n entries, or one that is read
 *   is not finite
 * @throws {LinalgError} `no-convergence`, which has not been seen; `memory-exhausted`
 * @example
 * symmetricEigen({ n: 2, a: Float64Array.of(3, 4, 4, -3) }).values; // => Float64Array [-5, 5]
 */
export function symmetricEigen<T extends Floats>(call: SymmetricEigenCall<T>): SymmetricEigen<T> {
  checkSize('symmetricEigen', 'n', call.n);
  const vectors = floatsLike(call.a, call.n * call.n) as T;
  const values = eigen(call, vectors);
  return { values, vectors };
}

/** The eigenvalues alone, in ascending order, as `symmetricEigen`, in less than half of the time. */
export function symmetricEigenvalues<T extends Floats>(call: SymmetricEigenCall<T>): T {
  checkSize('symmetricEigenvalues', 'n', call.n);
  return eigen(call, undefined);
}

/** Gives the values, and leaves the vectors if there is an array for them. */
function eigen<T extends Floats>(call: SymmetricEigenCall<T>, vectors: T | undefined): T {
  const { n, a, fma = false } = call;
  const lda = checkMatrix('symmetricEigen', 'a', a, [n, n], call.lda);
  checkFinite('symmetricEigen', a, n, lda);
  const element = elementOf(a);
  const matrix = { a, n, lda, stride: strideOf(element, n), scale: scaleOf(a, n, lda) };
  const values = withDenseKernels(element, fma, (kernels) => {
    return vectors === undefined ? valuesOf(kernels, matrix) : pairsOf(kernels, matrix, vectors);
  });
  const scaled = floatsLike(a, n) as T;
  for (const [i, value] of values.entries()) scaled[i] = value / matrix.scale;
  return scaled;
}

interface ScaledMatrix {
  readonly a: Floats;
  readonly n: number;
  readonly lda: number;
  /** Of the copy that is worked on. */
  readonly stride: number;
  readonly scale: number;
}

function valuesOf(kernels: DenseKernels, matrix: ScaledMatrix): Float64Array {
  const { n, stride } = matrix;
  const arrays = kernels.floats({ a: n * stride, v: stride, w: stride, next: stride, p: stride });
  copyWhole(matrix, arrays.a);
  const { diagonal, offDiagonal } = tridiagonalize(kernels, arrays.a, stride, n, arrays, undefined);
  diagonalize(diagonal, offDiagonal, negligibleIn(diagonal, offDiagonal), undefined);
  return diagonal.sort();
}

function pairsOf(kernels: DenseKernels, matrix: ScaledMatrix, vectors: Floats): Float64Array {
  const { n, stride } = matrix;
  const arrays = kernels.floats({
    // The matrix, and room for vectors being put together.
    a: n * stride,
    ...{ v: stride, w: stride, next: stride, p: stride },
    ...{ reflectors: n * stride, rows: n * stride, gathered: n * stride, weights: n * stride },
    ...{ cosines: stride, sines: stride },
    ...{ first: n * reflectorBlock, second: n * reflectorBlock },
    ...{ gram: reflectorBlock ** 2, factor: reflectorBlock ** 2 },
  });
  const { a, rows } = arrays;
  copyWhole(matrix, a);
  const reflectors = { vectors: arrays.reflectors, taus: new Float64Array(n) };
  const { diagonal, offDiagonal } = tridiagonalize(kernels, a, stride, n, arrays, reflectors);
  // Eigenvectors lie in rows until the end.
  divideAndConquer(kernels, diagonal, offDiagonal, rows, stride, { ...arrays, result: a });
  reflectRows(kernels, reflectors, rows, stride, n, arrays);
  const order = Array.from(diagonal.keys()).sort((i, j) => {
    return (diagonal[i] as number) - (diagonal[j] as number);
  });
  for (const [column, row] of order.entries()) {
    for (let i = 0; i < n; i++) vectors[i * n + column] = rows[row * stride + i] as number;
  }
  return Float64Array.from(order, (i) => diagonal[i] as number);
}

/** A power of 2 that brings the greatest entry near 1, so that squares neither overflow nor vanish. */
function scaleOf(a: Floats, n: number, lda: number): number {
  let greatest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) greatest = Math.max(greatest, Math.abs(a[i * lda + j] as number));
  }
  if (greatest === 0) return 1;
  return 2 ** Math.max(-1022, Math.min(1022, -Math.floor(Math.log2(greatest))));
}

/** Copies the lower triangle to both. */
function copyWhole({ a, n, lda, stride, scale }: ScaledMatrix, to: Floats): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const entry = (a[i * lda + j] as number) * scale;
      to[i * stride + j] = entry;
      to[j * stride + i] = entry;
    }
  }
}
