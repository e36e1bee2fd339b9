import { asMatrix, type Matrix, type MatrixLike } from '@holdfast/linalg';

/**
 * Scales features to mean 0 and standard deviation 1, as scikit-learn's `StandardScaler` does.
 *
 * The deviation is that of the population (ddof 0); a feature that never changes is only centred.
 *
 * @example
 * const scaler = new StandardScaler().fit(trainRows);
 * scaler.transform(testRows); // by the mean and deviation of the training rows
 */
export class StandardScaler {
  #mean: Float64Array | undefined;
  #scale: Float64Array | undefined;

  /** One a feature. */
  get mean(): Float64Array {
    return this.#fitted(this.#mean);
  }

  /** The standard deviation of each feature, 1 for one that never changes. */
  get scale(): Float64Array {
    return this.#fitted(this.#scale);
  }

  /**
   * Learns means and deviations.
   *
   * @throws {RangeError} when there are no rows, or a number is not finite
   */
  fit(rows: MatrixLike): this {
    const X = asMatrix(rows);
    if (X.rows === 0) throw new RangeError('there are no rows to learn a scale from');
    const mean = columnMeans(X, (value) => value);
    const variance = columnMeans(X, (value, j) => (value - (mean[j] as number)) ** 2);
    const odd = variance.findIndex((each) => !Number.isFinite(each));
    if (odd >= 0) throw new RangeError(`feature ${odd} holds NaN or infinity`);
    this.#mean = mean;
    this.#scale = variance.map((each) => (each === 0 ? 1 : Math.sqrt(each)));
    return this;
  }

  /**
   * (x − mean)/scale as a new matrix.
   *
   * @throws {TypeError} before `fit`
   * @throws {RangeError} when the rows have another number of features
   */
  transform(rows: MatrixLike): Matrix {
    const X = asMatrix(rows);
    const { mean, scale } = this;
    if (X.rows > 0 && X.columns !== mean.length) {
      throw new RangeError(`the scaler knows ${mean.length} features, the rows have ${X.columns}`);
    }
    const data = X.data.map(
      (value, i) => (value - (mean[i % X.columns] as number)) / (scale[i % X.columns] as number),
    );
    return { rows: X.rows, columns: X.columns, data };
  }

  #fitted(values: Float64Array | undefined): Float64Array {
    if (values === undefined) throw new TypeError('the scaler has not been fitted: call fit(rows)');
    return values;
  }
}

function columnMeans(
  { rows, columns, data }: Matrix,
  of: (value: number, column: number) => number,
): Float64Array {
  const means = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) {
    const j = at % columns;
    means[j] = (means[j] as number) + of(data[at] as number, j);
  }
  return means.map((sum) => sum / rows);
}
