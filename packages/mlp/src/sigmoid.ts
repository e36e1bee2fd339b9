import { AffineLayer, type AffineOptions } from './affine-layer.ts';
import { addDetection, detectionNames } from './detection.ts';
import type { FloatArray } from './float-array.ts';
import { sigmoid, sigmoidBack, softplusOf } from './kernels/activation.ts';
import { residual } from './kernels/softmax.ts';
import { indexOfMaximum, type OutputLayer } from './output-layer.ts';

/**
 * What the units of a last `Sigmoid` stand for: bits to be found, one class of several, or bits that
 * are right only all together.
 */
export type MonitorStyle = 'detection' | 'one_hot_class' | 'bit_vector_class';

/** What a `Sigmoid` is made from. */
export interface SigmoidOptions extends AffineOptions {
  /** 'detection' if not given. */
  readonly monitorStyle?: MonitorStyle;
}

/**
 * A layer of logistic units, 1/(1 + e^−z).
 *
 * As the last layer its cost is the mean over units and examples of y·sp(−z) + (1 − y)·sp(z), where
 * sp is softplus.
 */
export class Sigmoid extends AffineLayer implements OutputLayer {
  readonly judgementNames: readonly string[];
  readonly #style: MonitorStyle;

  constructor(options: SigmoidOptions) {
    super(options);
    this.#style = options.monitorStyle ?? 'detection';
    const names = {
      detection: detectionNames,
      one_hot_class: ['misclass'],
      bit_vector_class: ['misclass'],
    };
    this.judgementNames = names[this.#style];
    if (this.judgementNames === undefined) {
      throw new TypeError(
        `monitorStyle of ${this.layerName} is ${Object.keys(names).join(', ')}, not ${options.monitorStyle}`,
      );
    }
  }

  override activate(z: FloatArray, rows: number): void {
    sigmoid(z, rows * this.dim);
  }

  override activateBack(outputs: FloatArray, gradient: FloatArray, rows: number): void {
    sigmoidBack(outputs, gradient, rows * this.dim);
  }

  costSum(z: FloatArray, y: FloatArray, rows: number): number {
    let sum = 0;
    for (let i = 0; i < rows * this.dim; i++) {
      const [value, due] = [z[i] as number, y[i] as number];
      sum += due * softplusOf(-value) + (1 - due) * softplusOf(value);
    }
    return sum / this.dim;
  }

  costGradient(outputs: FloatArray, y: FloatArray, gradient: FloatArray, rows: number): void {
    const count = rows * this.dim;
    residual(outputs, y, gradient, count, count);
  }

  addJudgement(
    sums: Float64Array,
    at: number,
    outputs: FloatArray,
    y: FloatArray,
    rows: number,
    costSum: number,
  ): void {
    if (this.#style === 'detection') {
      addDetection(sums, at, outputs, y, rows, this.dim, costSum);
      return;
    }
    for (let row = 0; row < rows; row++) {
      if (!this.isRight(outputs, y, row * this.dim)) sums[at] = (sums[at] as number) + 1;
    }
  }

  /** The unit that is highest; of one unit alone, whether it is above ½. */
  classOf(outputs: FloatArray, from: number): number {
    if (this.dim > 1) return indexOfMaximum(outputs, from, this.dim);
    return (outputs[from] as number) > 0.5 ? 1 : 0;
  }

  isRight(outputs: FloatArray, y: FloatArray, from: number): boolean {
    if (this.#style === 'one_hot_class') {
      return indexOfMaximum(outputs, from, this.dim) === indexOfMaximum(y, from, this.dim);
    }
    for (let k = from; k < from + this.dim; k++) {
      if ((outputs[k] as number) > 0.5 !== (y[k] as number) > 0.5) return false;
    }
    return true;
  }
}
