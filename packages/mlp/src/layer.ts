import { gemm, type Matrix, multiply } from '@holdfast/linalg';
import type { RandomState } from './random-state.ts';

/** Numbers that training changes in place. */
export interface Parameter {
  /** The layer's name and W or b: `hidden_W`. */
  readonly name: string;
  readonly values: Float64Array;
}

/** One layer of a net: z = xW + b for each row x, then an activation of z. */
export abstract class Layer {
  readonly layerName: string;
  /** How many outputs there are. */
  readonly dim: number;
  #weights: Matrix | undefined;
  readonly #biases: Float64Array;

  protected constructor(layerName: string, dim: number, initBias: number) {
    if (layerName === '') throw new TypeError('a layer needs a name');
    if (!(Number.isSafeInteger(dim) && dim >= 1)) {
      throw new RangeError(`${layerName} must have one output or more, not ${dim}`);
    }
    if (!Number.isFinite(initBias)) {
      throw new RangeError(`the bias of ${layerName} must be a number, not ${initBias}`);
    }
    this.layerName = layerName;
    this.dim = dim;
    this.#biases = new Float64Array(dim).fill(initBias);
  }

  /** inputs × dim, as they are now: a view, not a copy. */
  get weights(): Matrix {
    if (this.#weights === undefined) throw new TypeError(`${this.layerName} is in no net yet`);
    return this.#weights;
  }

  /** One an output, as they are now: a view, not a copy. */
  get biases(): Float64Array {
    return this.#biases;
  }

  /** In Pylearn2's order. */
  get parameters(): readonly Parameter[] {
    return [
      { name: `${this.layerName}_W`, values: this.weights.data },
      { name: `${this.layerName}_b`, values: this.biases },
    ];
  }

  /** Gives the layer its weights. A net calls this, once. */
  initialise(inputs: number, rng: RandomState): void {
    if (this.#weights !== undefined) throw new TypeError(`${this.layerName} is in a net already`);
    this.#weights = {
      rows: inputs,
      columns: this.dim,
      data: this.drawWeights(inputs * this.dim, rng),
    };
  }

  /** The outputs for a batch: rows × dim. */
  fprop(input: Matrix): Matrix {
    return this.activate(this.linear(input));
  }

  /** xW + b. */
  linear({ rows, data }: Matrix): Matrix {
    const { rows: inputs, columns, data: weights } = this.weights;
    const z = new Float64Array(rows * columns);
    for (let i = 0; i < rows; i++) z.set(this.#biases, i * columns);
    gemm({ m: rows, n: columns, k: inputs, a: data, b: weights, c: z, beta: 1 });
    return { rows, columns, data: z };
  }

  /** The gradients of W and b, in the order of `parameters`, from those of z. */
  gradients(input: Matrix, dz: Matrix): readonly Float64Array[] {
    return [multiply(input, dz, { transposeA: true }).data, columnSums(dz)];
  }

  /** The gradient of the input from that of z. */
  bprop(dz: Matrix): Matrix {
    return multiply(dz, this.weights, { transposeB: true });
  }

  protected abstract drawWeights(count: number, rng: RandomState): Float64Array;
  /** Turns z into outputs; may overwrite and return it. */
  protected abstract activate(z: Matrix): Matrix;
}

/** Draws as many numbers from ±irange. */
export function drawUniform(count: number, irange: number, rng: RandomState): Float64Array {
  return Float64Array.from({ length: count }, () => rng.uniform(-irange, irange));
}

/** Refuses a range of initial weights that is none. */
export function checkRange(layerName: string, irange: number): void {
  if (irange >= 0 && irange < Infinity) return;
  throw new RangeError(`irange of ${layerName} must be a number of at least 0, not ${irange}`);
}

function columnSums({ columns, data }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) {
    sums[at % columns] = (sums[at % columns] as number) + (data[at] as number);
  }
  return sums;
}
