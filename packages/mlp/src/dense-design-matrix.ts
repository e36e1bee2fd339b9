import type { Matrix, MatrixLike } from '@holdfast/linalg';
import { inOrder } from './in-order.ts';
import { batchPlan, type IterationOptions } from './iteration.ts';
import { gatherRows } from './kernels/gather.ts';
import { splitPlace } from './split-place.ts';
import { finiteCopy, type TargetOptions, targetsOf } from './targets.ts';

/** Examples to learn from or to be judged by: copies of what was given, a row an example. */
export class DenseDesignMatrix {
  /** examples × features. */
  readonly X: Matrix;
  /** examples × targets; for classes, 1 in the column of the class and 0 in the others. */
  readonly y: Matrix;

  /**
   * @throws {RangeError} when there is no example, X and y differ in rows, rows differ in length, a
   *   number is not finite, or a label is not below `yLabels`
   * @example
   * new DenseDesignMatrix({ X: [[0, 1], [1, 1]], y: [[0, 1], [1, 0]] });
   * new DenseDesignMatrix({ X: [[0, 1], [1, 1]], y: [1, 0], yLabels: 2 }); // the same
   */
  constructor({ X, ...targets }: { readonly X: MatrixLike } & TargetOptions) {
    this.X = finiteCopy(X, 'X');
    this.y = targetsOf(targets);
    if (this.X.rows !== this.y.rows) {
      throw new RangeError(`X has ${this.X.rows} rows, y has ${this.y.rows}`);
    }
    if (this.X.rows === 0) throw new RangeError('there is no example');
  }

  /** How many examples there are. */
  get size(): number {
    return this.X.rows;
  }

  /** How many numbers an example has. */
  get features(): number {
    return this.X.columns;
  }

  /** The examples whose numbers are given, in that order, as copies. */
  take(rows: ArrayLike<number>): DenseDesignMatrix {
    const order = Uint32Array.from(rows);
    return new DenseDesignMatrix({ X: rowsAt(this.X, order), y: rowsAt(this.y, order) });
  }

  /**
   * The first int(size · proportion) examples, and the others.
   *
   * @throws {RangeError} when one of the parts would be empty
   */
  split(proportion: number): [DenseDesignMatrix, DenseDesignMatrix] {
    const { size } = this;
    const place = splitPlace(size, proportion);
    const order = inOrder(size);
    return [this.take(order.subarray(0, place)), this.take(order.subarray(place))];
  }

  /** Batch after batch of one pass, as copies, in the order of a mode of iteration. */
  *iterator(options: IterationOptions): Generator<DenseDesignMatrix, void, undefined> {
    const { order, ends } = batchPlan(this.size, options);
    let from = 0;
    for (const end of ends) {
      yield this.take(order.subarray(from, end));
      from = end;
    }
  }
}

function rowsAt({ rows, columns, data }: Matrix, order: Uint32Array): Matrix {
  const absent = order.find((row) => row >= rows);
  if (absent !== undefined) throw new RangeError(`there is no example ${absent} of ${rows}`);
  const taken = new Float64Array(order.length * columns);
  gatherRows(data, order, 0, order.length, columns, taken);
  return { rows: order.length, columns, data: taken };
}
