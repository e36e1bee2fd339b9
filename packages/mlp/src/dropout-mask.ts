import { type FloatArray, type FloatX, zeros } from './float-array.ts';
import type { RandomState } from './random-state.ts';

/** Which inputs of a layer a batch keeps. */
export class DropoutMask {
  /** The inputs that `apply` was given last, times their factors. */
  readonly masked: FloatArray;
  readonly #factors: FloatArray;
  readonly #includeProb: number;
  readonly #scale: number;
  readonly #perExample: boolean;
  readonly #inputs: number;
  readonly #rng: RandomState;

  constructor(
    includeProb: number,
    scale: number,
    perExample: boolean,
    inputs: number,
    capacity: number,
    floatX: FloatX,
    rng: RandomState,
  ) {
    this.masked = zeros(floatX, capacity * inputs);
    this.#factors = zeros(floatX, capacity * inputs);
    this.#includeProb = includeProb;
    this.#scale = scale;
    this.#perExample = perExample;
    this.#inputs = inputs;
    this.#rng = rng;
  }

  /** Draws a mask, and gives the inputs times it. */
  apply(x: FloatArray, rows: number): FloatArray {
    const [factors, masked] = [this.#factors, this.masked];
    const count = rows * this.#inputs;
    const drawn = this.#perExample ? count : this.#inputs;
    for (let i = 0; i < drawn; i++) {
      factors[i] = this.#rng.uniform() < this.#includeProb ? this.#scale : 0;
    }
    for (let i = drawn; i < count; i++) factors[i] = factors[i - drawn] as number;
    for (let i = 0; i < count; i++) masked[i] = (x[i] as number) * (factors[i] as number);
    return masked;
  }

  /** Makes the gradient of the masked inputs that of the inputs. */
  applyBack(gradient: FloatArray, rows: number): void {
    const factors = this.#factors;
    for (let i = 0; i < rows * this.#inputs; i++) {
      gradient[i] = (gradient[i] as number) * (factors[i] as number);
    }
  }
}
