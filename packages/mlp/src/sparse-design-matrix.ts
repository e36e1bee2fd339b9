import type { Matrix } from '@holdfast/linalg';
import { inOrder } from './in-order.ts';
import { batchPlan, type IterationOptions } from './iteration.ts';
import { gatherRows } from './kernels/gather.ts';
import type { CompressedRows } from './kernels/sparse-affine.ts';
import { splitPlace } from './split-place.ts';
import { type TargetOptions, targetsOf } from './targets.ts';

/** An example of mostly zeros: the places that are not 0, and what is there. */
export type SparseRow = readonly (readonly [column: number, value: number])[];

/** What a `SparseDesignMatrix` is made from. */
export type SparseDesignMatrixOptions = TargetOptions & {
  readonly X: readonly SparseRow[] | CompressedRows;
  /** How many numbers an example has, those that are 0 included. */
  readonly features: number;
};

/**
 * Examples whose numbers are mostly 0, such as hashed words: memory by those that are not.
 *
 * Trains to the same net as a `DenseDesignMatrix` of the same numbers does, rounding aside, but looks
 * at the weights of no column that a batch does not have.
 */
export class SparseDesignMatrix {
  /** SciPy's `csr_matrix`: the entries of row r lie from `indptr[r]` to below `indptr[r + 1]`. */
  readonly X: CompressedRows;
  /** examples × targets; for classes, 1 in the column of the class and 0 in the others. */
  readonly y: Matrix;
  readonly features: number;

  /**
   * @throws {RangeError} when there is no example, X and y differ in rows, a column is not below
   *   `features` or occurs twice in a row, or a number is not finite
   * @example
   * new SparseDesignMatrix({ X: [[[3, 1]], [[0, 1], [7, 2]]], features: 8, y: [0, 1], yLabels: 2 });
   */
  constructor({ X, features, ...targets }: SparseDesignMatrixOptions) {
    if (!(Number.isSafeInteger(features) && features >= 1 && features <= 2 ** 32)) {
      throw new RangeError(`features must be a whole number above 0, not ${features}`);
    }
    this.X = 'indptr' in X ? copyOf(X) : compress(X);
    this.y = targetsOf(targets);
    this.features = features;
    const rows = this.X.indptr.length - 1;
    if (rows !== this.y.rows) throw new RangeError(`X has ${rows} rows, y has ${this.y.rows}`);
    if (rows === 0) throw new RangeError('there is no example');
    checkEntries(this.X, features);
  }

  /** How many examples there are. */
  get size(): number {
    return this.y.rows;
  }

  /** The examples whose numbers are given, in that order, as copies. */
  take(rows: ArrayLike<number>): SparseDesignMatrix {
    const { data, indices, indptr } = this.X;
    const order = Uint32Array.from(rows);
    const absent = order.find((row) => row >= this.size);
    if (absent !== undefined) throw new RangeError(`there is no example ${absent} of ${this.size}`);
    const [values, columns, ends] = [[] as number[], [] as number[], [0]];
    for (const row of order) {
      for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
        values.push(data[at] as number);
        columns.push(indices[at] as number);
      }
      ends.push(values.length);
    }
    const y = new Float64Array(order.length * this.y.columns);
    gatherRows(this.y.data, order, 0, order.length, this.y.columns, y);
    return new SparseDesignMatrix({
      X: {
        data: Float64Array.from(values),
        indices: Uint32Array.from(columns),
        indptr: Uint32Array.from(ends),
      },
      features: this.features,
      y: { rows: order.length, columns: this.y.columns, data: y },
    });
  }

  /**
   * The first int(size · proportion) examples, and the others.
   *
   * @throws {RangeError} when one of the parts would be empty
   */
  split(proportion: number): [SparseDesignMatrix, SparseDesignMatrix] {
    const place = splitPlace(this.size, proportion);
    const order = inOrder(this.size);
    return [this.take(order.subarray(0, place)), this.take(order.subarray(place))];
  }

  /** Batch after batch of one pass, as copies, in the order of a mode of iteration. */
  *iterator(options: IterationOptions): Generator<SparseDesignMatrix, void, undefined> {
    const { order, ends } = batchPlan(this.size, options);
    let from = 0;
    for (const end of ends) {
      yield this.take(order.subarray(from, end));
      from = end;
    }
  }
}

function copyOf({ data, indices, indptr }: CompressedRows): CompressedRows {
  return { data: data.slice(), indices: indices.slice(), indptr: indptr.slice() };
}

function compress(rows: readonly SparseRow[]): CompressedRows {
  const count = rows.reduce((sum, row) => sum + row.length, 0);
  const [data, indices] = [new Float64Array(count), new Uint32Array(count)];
  const indptr = new Uint32Array(rows.length + 1);
  let at = 0;
  for (const [i, row] of rows.entries()) {
    for (const [column, value] of row) {
      if (column >>> 0 !== column) {
        throw new RangeError(`row ${i} has a column ${column}: columns are whole numbers from 0`);
      }
      indices[at] = column;
      data[at++] = value;
    }
    indptr[i + 1] = at;
  }
  return { data, indices, indptr };
}

function checkEntries({ data, indices, indptr }: CompressedRows, features: number): void {
  const last = indptr.at(-1) ?? 0;
  if (indptr[0] !== 0 || last !== data.length || last !== indices.length) {
    throw new RangeError(
      `indptr goes from ${indptr[0]} to ${last}, but there are ${data.length} values and ${indices.length} indices`,
    );
  }
  const fall = indptr.findIndex((end, row) => row > 0 && end < (indptr[row - 1] as number));
  if (fall > 0) throw new RangeError(`indptr falls at row ${fall - 1}`);
  const seenIn = new Map<number, number>();
  for (let row = 0; row + 1 < indptr.length; row++) {
    const [from, to] = [indptr[row] as number, indptr[row + 1] as number];
    for (let at = from; at < to; at++) {
      const column = indices[at] as number;
      if (column >= features) {
        throw new RangeError(
          `row ${row} has a column ${column}, but there are ${features} features`,
        );
      }
      if (!Number.isFinite(data[at])) {
        throw new RangeError(`X holds ${data[at]} in row ${row}, column ${column}`);
      }
      if (seenIn.get(column) === row) {
        throw new RangeError(`row ${row} has column ${column} twice`);
      }
      seenIn.set(column, row);
    }
  }
}
