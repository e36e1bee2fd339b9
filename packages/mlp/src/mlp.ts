import { asMatrix, type Matrix, type MatrixLike, rowsOf } from '@holdfast/linalg';
import type { DenseDesignMatrix } from './dense-design-matrix.ts';
import type { Parameter } from './layer.ts';
import { Monitor } from './monitor.ts';
import { RandomState } from './random-state.ts';
import { Sigmoid } from './sigmoid.ts';
import { Softmax } from './softmax.ts';

/** What an `MLP` is made from. */
export interface MLPOptions {
  /** From the input on; the last one, and no other, is a `Softmax`. */
  readonly layers: readonly (Sigmoid | Softmax)[];
  /** How many numbers an example has. */
  readonly nvis: number;
  /** What the weights are drawn from; [2013, 1, 4], as Pylearn2, if not given. */
  readonly seed?: number | readonly number[];
}

/** How often the likeliest class was the right one. */
export interface Score {
  readonly correct: number;
  readonly total: number;
}

/**
 * A multilayer perceptron: hidden layers, then the probability of each class.
 *
 * Weights are drawn as Pylearn2 draws them, so the same seed gives the same net to the last bit.
 */
export class MLP {
  readonly layers: readonly (Sigmoid | Softmax)[];
  readonly nvis: number;
  readonly monitor: Monitor = new Monitor((dataset) => this.#measure(dataset));
  readonly #hidden: readonly Sigmoid[];
  readonly #output: Softmax;

  /**
   * @throws {TypeError} when the last layer is no `Softmax` or another one is, two have one name, or
   *   a layer is in a net already
   * @throws {RangeError} when `nvis` is no whole number above 0, or the seed is none
   */
  constructor({ layers, nvis, seed = [2013, 1, 4] }: MLPOptions) {
    const output = layers.at(-1);
    const hidden = layers.slice(0, -1).filter((layer) => layer instanceof Sigmoid);
    if (!(output instanceof Softmax) || hidden.length < layers.length - 1) {
      throw new TypeError('the last layer, and no other, has to be a Softmax');
    }
    if (new Set(layers.map(({ layerName }) => layerName)).size < layers.length) {
      throw new TypeError('two layers have one name');
    }
    if (!(Number.isSafeInteger(nvis) && nvis >= 1)) {
      throw new RangeError(`nvis must be a whole number above 0, not ${nvis}`);
    }
    const rng = new RandomState(seed);
    let inputs = nvis;
    for (const layer of layers) {
      layer.initialise(inputs, rng);
      inputs = layer.dim;
    }
    this.layers = [...layers];
    this.nvis = nvis;
    this.#hidden = hidden;
    this.#output = output;
  }

  /** All that training changes, in the order of the layers. */
  get parameters(): readonly Parameter[] {
    return this.layers.flatMap(({ parameters }) => parameters);
  }

  /**
   * The probability of each class for each row of inputs.
   *
   * @throws {RangeError} when a row has not `nvis` numbers
   * @example
   * net.fprop([[0, 1]]); // => [[0.005, 0.995]], for a net that has learnt XOR
   */
  fprop(inputs: MatrixLike): number[][] {
    return rowsOf(this.#probabilities(this.#checked(asMatrix(inputs))));
  }

  /** How many examples are put into their class; among equals the first class counts. */
  score(dataset: DenseDesignMatrix): Score {
    this.checkFit(dataset);
    const correct = countSameMaximum(this.#probabilities(dataset.X), dataset.y);
    return { correct, total: dataset.size };
  }

  /** The mean over the examples of −log of what the net gives to their class. */
  cost(dataset: DenseDesignMatrix): number {
    this.checkFit(dataset);
    const input = this.#activations(dataset.X).at(-1) ?? dataset.X;
    return this.#output.negativeLogLikelihood(input, dataset.y) / dataset.size;
  }

  /** The gradient of the mean cost of a batch by each of `parameters`, in their order. */
  gradients(X: Matrix, y: Matrix): readonly Float64Array[] {
    const inputs = [X, ...this.#activations(X)];
    const last = inputs.at(-1) ?? X;
    let dz = this.#output.costGradient(this.#output.fprop(last), y);
    let all = this.#output.gradients(last, dz);
    let above: Sigmoid | Softmax = this.#output;
    for (const [i, layer] of [...this.#hidden.entries()].reverse()) {
      dz = layer.activationGradient(inputs[i + 1] ?? X, above.bprop(dz));
      all = [...layer.gradients(inputs[i] ?? X, dz), ...all];
      above = layer;
    }
    return all;
  }

  /** Refuses, by a `RangeError`, examples of another width than the net's. */
  checkFit({ X, y }: DenseDesignMatrix): void {
    this.#checked(X);
    if (y.columns === this.#output.dim) return;
    throw new RangeError(`y has ${y.columns} columns, the net has ${this.#output.dim} classes`);
  }

  #checked(inputs: Matrix): Matrix {
    if (inputs.rows === 0 || inputs.columns === this.nvis) return inputs;
    throw new RangeError(`the net takes ${this.nvis} numbers a row, not ${inputs.columns}`);
  }

  /** The outputs of each hidden layer. */
  #activations(X: Matrix): readonly Matrix[] {
    let input = X;
    return this.#hidden.map((layer) => {
      input = layer.fprop(input);
      return input;
    });
  }

  #probabilities(X: Matrix): Matrix {
    return this.#output.fprop(this.#activations(X).at(-1) ?? X);
  }

  #measure(dataset: DenseDesignMatrix): Record<string, number> {
    const nll = this.cost(dataset);
    const { correct, total } = this.score(dataset);
    const name = this.#output.layerName;
    return {
      objective: nll,
      [`${name}_nll`]: nll,
      [`${name}_misclass`]: (total - correct) / total,
    };
  }
}

function countSameMaximum(found: Matrix, due: Matrix): number {
  let count = 0;
  for (let row = 0; row < found.data.length; row += found.columns) {
    const [p, y] = [found, due].map(({ data }) => data.subarray(row, row + found.columns));
    if (p !== undefined && y !== undefined && indexOfMaximum(p) === indexOfMaximum(y)) count++;
  }
  return count;
}

function indexOfMaximum(values: Float64Array): number {
  return values.indexOf(Math.max(...values));
}
