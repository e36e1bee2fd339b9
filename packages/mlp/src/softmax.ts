import type { Matrix } from '@holdfast/linalg';
import { checkRange, drawUniform, Layer, type Parameter } from './layer.ts';
import type { RandomState } from './random-state.ts';

/** What a `Softmax` is made from. */
export interface SoftmaxOptions {
  /** The first part of the names of its parameters. */
  readonly layerName: string;
  /** How many classes. */
  readonly nClasses: number;
  /** Weights start evenly spread from −irange to irange; biases start at 0. */
  readonly irange: number;
}

/** The last layer of a net that tells classes apart: the probability of each, by softmax. */
export class Softmax extends Layer {
  readonly #irange: number;

  /** @throws {RangeError} when `nClasses` or `irange` cannot be */
  constructor({ layerName, nClasses, irange }: SoftmaxOptions) {
    super(layerName, nClasses, 0);
    checkRange(layerName, irange);
    this.#irange = irange;
  }

  override get parameters(): readonly Parameter[] {
    return super.parameters.toReversed();
  }

  override gradients(input: Matrix, dz: Matrix): readonly Float64Array[] {
    return super.gradients(input, dz).toReversed();
  }

  /** The sum over the batch of −Σₖ yₖ · log softmax(z)ₖ, from z itself: no p rounds to 0. */
  negativeLogLikelihood(input: Matrix, y: Matrix): number {
    const { columns, data: z } = this.linear(input);
    let sum = 0;
    for (let row = 0; row < z.length; row += columns) {
      const highest = highestOf(z, row, columns);
      let total = 0;
      for (let k = row; k < row + columns; k++) total += Math.exp((z[k] as number) - highest);
      const logTotal = Math.log(total);
      for (let k = row; k < row + columns; k++) {
        sum -= (y.data[k] as number) * ((z[k] as number) - highest - logTotal);
      }
    }
    return sum;
  }

  /** The gradient by z of the mean negative log-likelihood: (p − y)/n. */
  costGradient(output: Matrix, y: Matrix): Matrix {
    const { rows, data } = output;
    return { ...output, data: data.map((p, i) => (p - (y.data[i] as number)) / rows) };
  }

  protected override drawWeights(count: number, rng: RandomState): Float64Array {
    return drawUniform(count, this.#irange, rng);
  }

  protected override activate(z: Matrix): Matrix {
    const { columns, data } = z;
    for (let row = 0; row < data.length; row += columns) {
      const highest = highestOf(data, row, columns);
      let total = 0;
      for (let k = row; k < row + columns; k++) {
        const power = Math.exp((data[k] as number) - highest);
        data[k] = power;
        total += power;
      }
      for (let k = row; k < row + columns; k++) data[k] = (data[k] as number) / total;
    }
    return z;
  }
}

function highestOf(values: Float64Array, from: number, count: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = from; k < from + count; k++) highest = Math.max(highest, values[k] as number);
  return highest;
}
