import { AffineLayer, type AffineOptions } from './affine-layer.ts';
import type { FloatArray } from './float-array.ts';
import { residual } from './kernels/softmax.ts';
import type { OutputLayer } from './output-layer.ts';

/** What a `Linear` is made from. */
export interface LinearOptions extends AffineOptions {
  /** Cost by the distance of outputs from targets instead of its square; false if not given. */
  readonly useAbsLoss?: boolean;
}

/**
 * Units without an activation: the last layer of a net that foretells numbers.
 *
 * As the last layer its cost is the mean over the examples of Σ (y − output)², without the ½.
 */
export class Linear extends AffineLayer implements OutputLayer {
  readonly judgementNames: readonly string[] = [];
  readonly #useAbsLoss: boolean;

  constructor(options: LinearOptions) {
    super(options);
    this.#useAbsLoss = options.useAbsLoss ?? false;
  }

  override activate(): void {}

  override activateBack(): void {}

  costSum(z: FloatArray, y: FloatArray, rows: number): number {
    let sum = 0;
    for (let i = 0; i < rows * this.dim; i++) {
      const error = (z[i] as number) - (y[i] as number);
      sum += this.#useAbsLoss ? Math.abs(error) : error * error;
    }
    return sum;
  }

  costGradient(outputs: FloatArray, y: FloatArray, gradient: FloatArray, rows: number): void {
    const count = rows * this.dim;
    residual(outputs, y, gradient, count, this.#useAbsLoss ? 1 : rows / 2);
    if (!this.#useAbsLoss) return;
    for (let i = 0; i < count; i++) gradient[i] = Math.sign(gradient[i] as number) / rows;
  }

  addJudgement(): void {}
}
