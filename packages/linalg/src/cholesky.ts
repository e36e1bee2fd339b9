import { type DenseKernels, ownKernels, strideOf } from './dense-kernels.ts';
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

// So many rows are made one by one before what they take away from the rest is a product.
const blockRows = 32;
// Smaller ones are faster in plain loops, and many of them may be kept.
const leastRows = 48;

/**
 * The factor L of A = L · Lᵀ for a symmetric positive definite A, kept where it can be renewed by a
 * vector in time n² and solve systems.
 *
 * Sums run in the order of their index, as in the textbook's loops: the same bits on every machine
 * unless `fma` is asked for. LAPACK `potrf` and `potrs`; the updates are LINPACK's `chud` and `chdd`
 * in the mixed form.
 *
 * @example
 * const a = Float64Array.of(4, 2, 2, 3);
 * const cholesky = new Cholesky({ n: 2, a });
 * cholesky.solve(Float64Array.of(8, 8)); // => Float64Array [1, 2]
 * cholesky.update(Float64Array.of(1, 0)); // now that of [[5, 2], [2, 3]]
 */
export class Cholesky<T extends Floats = Float64Array> {
  readonly n: number;
  readonly #like: T;
  readonly #kernels: DenseKernels;
  readonly #stride: number;
  /** Upper: Lᵀ, row by row. */
  readonly #upper: Floats;
  /** Room for a vector, and for some columns side by side: whole vectors of the kernels. */
  readonly #vector: Floats;
  readonly #columns: Floats;
  readonly #strip: number;

  /**
   * @throws {RangeError} when n is no whole number above 0, `a` has not n · n entries, or one that
   *   is read is not finite
   * @throws {LinalgError} `not-positive-definite`, with the row at which it showed;
   *   `memory-exhausted`
   */
  constructor({ n, a, lda, fma = false }: CholeskyOptions<T>) {
    checkSize('Cholesky', 'n', n);
    const leading = checkMatrix('Cholesky', 'a', a, [n, n], lda);
    checkFinite('Cholesky', a, n, leading);
    const element = elementOf(a);
    this.n = n;
    this.#like = a;
    this.#stride = strideOf(element, n);
    this.#kernels = n < leastRows ? new PlainKernels(element) : ownKernels(element, fma);
    this.#strip = 64 / a.BYTES_PER_ELEMENT;
    const { upper, vector, columns } = this.#kernels.floats({
      upper: n * this.#stride,
      vector: this.#stride,
      columns: n * this.#strip,
    });
    this.#upper = upper;
    this.#vector = vector;
    this.#columns = columns;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        this.#upper[j * this.#stride + i] = a[i * leading + j] as number;
      }
    }
    const failed = factorUpper(this.#kernels, this.#upper, this.#stride, n);
    if (failed >= 0) {
      const pivot = this.#upper[failed * this.#stride + failed];
      throw new LinalgError(
        'not-positive-definite',
        `Cholesky: a is not positive definite: the pivot of row ${failed} is ${pivot}`,
        { row: failed },
      );
    }
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

  /** log det A. */
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
   */
  solve(b: T, columns = 1): T {
    const { n } = this;
    checkSize('Cholesky.solve', 'columns', columns);
    checkMatrix('Cholesky.solve', 'b', b, [n, columns], undefined);
    const x = floatsLike(this.#like, n * columns) as T;
    for (let from = 0; from < columns; from += this.#strip) {
      const width = Math.min(this.#strip, columns - from);
      this.#eachOf(width, (at, i, j) => {
        this.#columns[at] = b[i * columns + from + j] as number;
      });
      this.#solveStrip(width);
      this.#eachOf(width, (at, i, j) => {
        x[i * columns + from + j] = this.#columns[at] as number;
      });
    }
    return x;
  }

  /**
   * Makes this the factor of A + x · xᵀ.
   *
   * @throws {RangeError} when `x` has not n entries, or one is not finite
   */
  update(x: ArrayLike<number>): void {
    this.#put('Cholesky.update', x);
    this.#kernels.choleskyRotate(this.#upper, this.#stride, this.n, this.#vector, 1);
  }

  /**
   * Makes this the factor of A − x · xᵀ.
   *
   * @throws {RangeError} when `x` has not n entries, or one is not finite
   * @throws {LinalgError} `not-positive-definite` when that is what A − x · xᵀ would be, to working
   *   precision; the factor is as it was
   */
  downdate(x: ArrayLike<number>): void {
    this.#put('Cholesky.downdate', x);
    const left = this.#leftBy(x);
    const precision = this.#like instanceof Float32Array ? 2 ** -24 : 2 ** -53;
    if (!(left > this.n * precision)) {
      throw new LinalgError(
        'not-positive-definite',
        `Cholesky.downdate: A − x · xᵀ would not be positive definite (1 − xᵀ · A⁻¹ · x is ${left})`,
      );
    }
    // Only next to that border can rounding make a rotation fail half-way.
    const kept = left < 0.01 ? this.#upper.slice() : undefined;
    const failed = this.#kernels.choleskyRotate(
      this.#upper,
      this.#stride,
      this.n,
      this.#vector,
      -1,
    );
    if (failed < 0) return;
    if (kept !== undefined) this.#upper.set(kept);
    throw new LinalgError(
      'not-positive-definite',
      `Cholesky.downdate: row ${failed} would not have a pivot above 0`,
      { row: failed },
    );
  }

  /** 1 − xᵀ · A⁻¹ · x, by U⁻ᵀ · x. */
  #leftBy(x: ArrayLike<number>): number {
    this.#eachOf(1, (at, i) => {
      this.#columns[at] = x[i] as number;
    });
    this.#solveTransposed(1);
    let left = 1;
    this.#eachOf(1, (at) => {
      left -= (this.#columns[at] as number) ** 2;
    });
    return left;
  }

  #put(caller: string, x: ArrayLike<number>): void {
    if (x.length !== this.n) {
      throw new RangeError(`${caller}: x must have ${this.n} entries, not ${x.length}`);
    }
    for (let i = 0; i < this.n; i++) {
      const entry = x[i] as number;
      if (!Number.isFinite(entry)) throw new RangeError(`${caller}: x[${i}] is ${entry}`);
    }
    this.#vector.set(x);
  }

  #eachOf(width: number, visit: (at: number, row: number, column: number) => void): void {
    for (let i = 0; i < this.n; i++) {
      for (let j = 0; j < width; j++) visit(i * this.#strip + j, i, j);
    }
  }

  #solveStrip(width: number): void {
    this.#solveTransposed(width);
    const last = this.n - 1;
    const stride = this.#stride;
    const upper = { data: this.#upper, offset: last * (stride + 1), row: -stride, column: -1 };
    const columns = {
      data: this.#columns,
      offset: last * this.#strip,
      row: -this.#strip,
      column: 1,
    };
    this.#kernels.solveLower(this.n, width, upper, columns, false);
  }

  #solveTransposed(width: number): void {
    const lower = { data: this.#upper, offset: 0, row: 1, column: this.#stride };
    const columns = { data: this.#columns, offset: 0, row: this.#strip, column: 1 };
    this.#kernels.solveLower(this.n, width, lower, columns, false);
  }
}

/** Makes U of A = Uᵀ · U in place; gives the row whose pivot is not above 0, or −1. */
function factorUpper(kernels: DenseKernels, u: Floats, stride: number, n: number): number {
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
