import { asMatrix, type Matrix, type MatrixLike } from '@holdfast/linalg';

/** Examples to learn from or to be judged by: copies of what was given, a row an example. */
export class DenseDesignMatrix {
  /** examples × features. */
  readonly X: Matrix;
  /** examples × targets; for classes, 1 in the column of the class and 0 in the others. */
  readonly y: Matrix;

  /**
   * @throws {RangeError} when there is no example, X and y differ in rows, rows differ in length, or
   *   a number is not finite
   * @example
   * new DenseDesignMatrix({ X: [[0, 1], [1, 1]], y: [[0, 1], [1, 0]] });
   */
  constructor({ X, y }: { readonly X: MatrixLike; readonly y: MatrixLike }) {
    this.X = copyOf(X, 'X');
    this.y = copyOf(y, 'y');
    if (this.X.rows !== this.y.rows) {
      throw new RangeError(`X has ${this.X.rows} rows, y has ${this.y.rows}`);
    }
    if (this.X.rows === 0) throw new RangeError('there is no example');
  }

  /** How many examples there are. */
  get size(): number {
    return this.X.rows;
  }
}

function copyOf(like: MatrixLike, name: string): Matrix {
  const { rows, columns, data } = asMatrix(like);
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    throw new RangeError(`${name} holds ${data[odd]} in row ${Math.floor(odd / columns)}`);
  }
  return { rows, columns, data: data.slice() };
}
