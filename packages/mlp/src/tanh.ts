import { AffineLayer } from './affine-layer.ts';
import type { FloatArray } from './float-array.ts';
import { tanh, tanhBack } from './kernels/activation.ts';

/** A hidden layer of hyperbolic tangents. */
export class Tanh extends AffineLayer {
  override activate(z: FloatArray, rows: number): void {
    tanh(z, rows * this.dim);
  }

  override activateBack(outputs: FloatArray, gradient: FloatArray, rows: number): void {
    tanhBack(outputs, gradient, rows * this.dim);
  }
}
