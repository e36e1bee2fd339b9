import { asMatrix, type Matrix, type MatrixLike } from '@holdfast/linalg';

/** Targets: a row an example, or with `yLabels` the number of each example's class. */
export interface TargetOptions {
  readonly y: MatrixLike | readonly number[];
  /** How many classes there are, when y holds their numbers, from 0 on. */
  readonly yLabels?: number;
}

/**
 * Targets as a matrix; class numbers become rows with 1 in the column of the class.
 *
 * @throws {RangeError} when rows differ in length, a number is not finite, or a label is no class
 */
export function targetsOf({ y, yLabels }: TargetOptions): Matrix {
  if (yLabels === undefined) {
    if (Array.isArray(y) && typeof y[0] === 'number') {
      throw new TypeError('y is a list of numbers: give yLabels if they are classes, else rows');
    }
    return finiteCopy(y as MatrixLike, 'y');
  }
  if (!(Number.isSafeInteger(yLabels) && yLabels >= 1)) {
    throw new RangeError(`yLabels must be a whole number above 0, not ${yLabels}`);
  }
  const labels = Array.isArray(y) ? y.flat() : [...(y as Matrix).data];
  const data = new Float64Array(labels.length * yLabels);
  for (const [row, label] of labels.entries()) {
    if (!(Number.isInteger(label) && label >= 0 && label < yLabels)) {
      throw new RangeError(`row ${row} has label ${label}; labels go from 0 to ${yLabels - 1}`);
    }
    data[row * yLabels + label] = 1;
  }
  return { rows: labels.length, columns: yLabels, data };
}

/** A copy that holds numbers alone: NaN and infinities are refused by a `RangeError`. */
export function finiteCopy(like: MatrixLike, name: string): Matrix {
  const { rows, columns, data } = asMatrix(like);
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    const [row, column] = [Math.floor(odd / columns), odd % columns];
    throw new RangeError(`${name} holds ${data[odd]} in row ${row}, column ${column}`);
  }
  return { rows, columns, data: data.slice() };
}
