import { factorUpper, solveFactored, solveTransposed } from './cholesky-factor.ts';
import { type DenseKernels, ownKernels, strideOf, withDenseKernels } from './dense-kernels.ts';
import { elementOf, type Floats } from './kernel-memory.ts';
import { LinalgError } from './linalg-error.ts';
import { checkFinite, checkMatrix, checkSize, floatsLike } from './operand.ts';
import { PlainKernels } from './plain-kernels.ts';

/** What `Cholesky` factors. */
export interface CholeskyOptions<T extends Floats> {
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

/** What renews a factor and solves with it, and its work space. */
interface KeptFactor {
  readonly kernels: DenseKernels;
  readonly vector: Floats;
  /** A column, each entry at the start of a vector. */
  readonly x: Floats;
}

// Larger factors are renewed and solved with by kernels that keep them.
const leastKept = 200;

/**
 * The factor L of A = L · Lᵀ for a symmetric positive definite A, kept where it can be renewed by a
 * vector in time n² and solve systems.
 *
 * Sums run in the order of their index, as in the textbook's loops: the same bits on every machine
 * unless `fma` is asked for. LAPACK `potrf` and `potrs`; the updates are LINPACK's `chud` and `chdd`
 * in the mixed form.
 *
 * @example
 * const cholesky = new Cholesky({ n: 2, a: Float64Array.of(4, 2, 2, 5) });
 * cholesky.lower; // => Float64Array [2, 0, 1, 2]
 * cholesky.solve(Float64Array.of(8, 12)); // => Float64Array [1, 2]
 * cholesky.update(Float64Array.of(0, 2)); // now that of [[4, 2], [2, 9]]
 */
export class Cholesky<T extends Floats = Float64Array> {
  readonly n: number;
  readonly #like: T;
  readonly #fma: boolean;
  readonly #stride: number;
  /** Lᵀ, row by row: here, or with the kernels once they are used. */
  #upper: Floats;
  #kept: KeptFactor | undefined;

  /**
   * @throws {RangeError} when n is no whole number ≥ 0, `a` has not n · n entries, or one that is
   *   read is not finite
   * @throws {LinalgError} `not-positive-definite`, with the row at which it showed;
   *   `memory-exhausted`
   */
  constructor({ n, a, lda, fma = false }: CholeskyOptions<T>) {
    checkSize('Cholesky', 'n', n);
    const leading = checkMatrix('Cholesky', 'a', a, [n, n], lda);
    checkFinite('Cholesky', a, n, leading);
    const element = elementOf(a);
    const stride = strideOf(element, n);
    this.n = n;
    this.#like = a;
    this.#fma = fma;
    this.#stride = stride;
    this.#upper = withDenseKernels(element, fma, (kernels) => {
      const { upper } = kernels.floats({ upper: n * stride });
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) upper[j * stride + i] = a[i * leading + j] as number;
      }
      const failed = factorUpper(kernels, upper, stride, n);
      if (failed < 0) return upper.slice();
      const pivot = upper[failed * (stride + 1)];
      const message = `Cholesky: a is not positive definite: the pivot of row ${failed} is ${pivot}`;
      throw new LinalgError('not-positive-definite', message, { row: failed });
    });
  }

  /** L, n × n and row-major, with 0 above its diagonal; a copy. */
  get lower(): T {
    const { n } = this;
    const lower = floatsLike(this.#like, n * n) as T;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) lower[i * n + j] = this.#upper[j * this.#stride + i] as number;
    }
    return lower;
  }

  /** log det A; the engine's logarithm may differ in the last bit from another's. */
  get logDeterminant(): number {
    let sum = 0;
    for (let i = 0; i < this.n; i++) {
      sum += Math.log(this.#upper[i * (this.#stride + 1)] as number);
    }
    return 2 * sum;
  }

  /**
   * The X of A · X = B, n × columns and row-major as B, in a new array.
   *
   * @throws {RangeError} when `b` has not n · columns entries
   * @throws {LinalgError} `memory-exhausted`
   */
  solve(b: T, columns = 1): T {
    const { n } = this;
    checkSize('Cholesky.solve', 'columns', columns);
    checkMatrix('Cholesky.solve', 'b', b, [n, columns], undefined);
    const solved = floatsLike(this.#like, n * columns) as T;
    if (columns === 1) {
      const kept = this.#keep();
      this.#put(kept.x, b);
      solveFactored(kept.kernels, n, 1, this.#upper, this.#stride, kept.x, this.#lanes);
      for (let i = 0; i < n; i++) solved[i] = kept.x[i * this.#lanes] as number;
      return solved;
    }
    const element = elementOf(b);
    const xStride = strideOf(element, columns);
    withDenseKernels(element, this.#fma, (kernels) => {
      const { upper, x } = kernels.floats({ upper: this.#upper.length, x: n * xStride });
      upper.set(this.#upper);
      for (let i = 0; i < n; i++) x.set(b.subarray(i * columns, (i + 1) * columns), i * xStride);
      solveFactored(kernels, n, columns, upper, this.#stride, x, xStride);
      for (let i = 0; i < n; i++) {
        solved.set(x.subarray(i * xStride, i * xStride + columns), i * columns);
      }
    });
    return solved;
  }

  /**
   * Makes this the factor of A + x · xᵀ.
   *
   * @throws {RangeError} when `x` has not n entries, or one is not finite
   */
  update(x: ArrayLike<number>): void {
    this.#check('Cholesky.update', x);
    const { kernels, vector } = this.#keep();
    vector.set(x);
    kernels.choleskyRotate(this.#upper, this.#stride, this.n, vector, 1);
  }

  /**
   * Makes this the factor of A − x · xᵀ.
   *
   * @throws {RangeError} when `x` has not n entries, or one is not finite
   * @throws {LinalgError} `not-positive-definite` when that is what A − x · xᵀ would be, to working
   *   precision; the factor is as it was
   */
  downdate(x: ArrayLike<number>): void {
    this.#check('Cholesky.downdate', x);
    const { kernels, vector } = this.#keep();
    const left = this.#leftBy(x);
    const precision = this.#like instanceof Float32Array ? 2 ** -24 : 2 ** -53;
    if (!(left > this.n * precision)) {
      const message = `Cholesky.downdate: A − x · xᵀ would not be positive definite: 1 − xᵀ · A⁻¹ · x is ${left}`;
      throw new LinalgError('not-positive-definite', message);
    }
    // Only next to that border can rounding make a rotation fail half-way.
    const before = left < 0.01 ? this.#upper.slice() : undefined;
    vector.set(x);
    const failed = kernels.choleskyRotate(this.#upper, this.#stride, this.n, vector, -1);
    if (failed < 0) return;
    if (before !== undefined) this.#upper.set(before);
    const message = `Cholesky.downdate: row ${failed} would not have a pivot above 0`;
    throw new LinalgError('not-positive-definite', message, { row: failed });
  }

  /** 1 − xᵀ · A⁻¹ · x, by U⁻ᵀ · x. */
  #leftBy(x: ArrayLike<number>): number {
    const kept = this.#keep();
    this.#put(kept.x, x);
    solveTransposed(kept.kernels, this.n, 1, this.#upper, this.#stride, kept.x, this.#lanes);
    let left = 1;
    for (let i = 0; i < this.n; i++) left -= (kept.x[i * this.#lanes] as number) ** 2;
    return left;
  }

  /** What works on the factor; a large one moves to the kernels when first asked for. */
  #keep(): KeptFactor {
    if (this.#kept !== undefined) return this.#kept;
    const element = elementOf(this.#like);
    const small = this.n < leastKept;
    const kernels = small ? new PlainKernels(element) : ownKernels(element, this.#fma);
    const { upper, vector, x } = kernels.floats({
      upper: small ? 0 : this.#upper.length,
      vector: this.#stride,
      x: this.n * this.#lanes,
    });
    if (!small) {
      upper.set(this.#upper);
      this.#upper = upper;
    }
    this.#kept = { kernels, vector, x };
    return this.#kept;
  }

  /** Numbers from one entry of a column to be solved for to the next: a vector. */
  get #lanes(): number {
    return 16 / this.#like.BYTES_PER_ELEMENT;
  }

  #put(column: Floats, values: ArrayLike<number>): void {
    for (let i = 0; i < this.n; i++) column[i * this.#lanes] = values[i] as number;
  }

  #check(caller: string, x: ArrayLike<number>): void {
    if (x.length !== this.n) {
      throw new RangeError(`${caller}: x must have ${this.n} entries, not ${x.length}`);
    }
    for (let i = 0; i < this.n; i++) {
      const entry = x[i] as number;
      if (!Number.isFinite(entry)) throw new RangeError(`${caller}: x[${i}] is ${entry}`);
    }
  }
}
