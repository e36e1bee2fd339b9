import { AffineLayer, type AffineOptions } from './affine-layer.ts';
import type { FloatArray } from './float-array.ts';
import { rectify, rectifyBack } from './kernels/activation.ts';

/** What a `RectifiedLinear` is made from. */
export interface RectifiedLinearOptions extends AffineOptions {
  /** The slope below 0, of at least 0; 0 if not given. */
  readonly leftSlope?: number;
}

/** A hidden layer of rectified linear units: z above 0, leftSlope · z below. */
export class RectifiedLinear extends AffineLayer {
  readonly #leftSlope: number;

  constructor(options: RectifiedLinearOptions) {
    super(options);
    this.#leftSlope = options.leftSlope ?? 0;
    if (!(this.#leftSlope >= 0 && this.#leftSlope < Infinity)) {
      throw new RangeError(
        `leftSlope of ${this.layerName} must be a number of at least 0, not ${this.#leftSlope}`,
      );
    }
  }

  override activate(z: FloatArray, rows: number): void {
    rectify(z, rows * this.dim, this.#leftSlope);
  }

  override activateBack(outputs: FloatArray, gradient: FloatArray, rows: number): void {
    rectifyBack(outputs, gradient, rows * this.dim, this.#leftSlope);
  }
}
