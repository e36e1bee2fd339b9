import { AffineLayer } from './affine-layer.ts';
import type { FloatArray } from './float-array.ts';
import { softplus, softplusBack } from './kernels/activation.ts';

/** A hidden layer of log(1 + e^z). */
export class Softplus extends AffineLayer {
  override activate(z: FloatArray, rows: number): void {
    softplus(z, rows * this.dim);
  }

  override activateBack(outputs: FloatArray, gradient: FloatArray, rows: number): void {
    softplusBack(outputs, gradient, rows * this.dim);
  }
}
