import type { Matrix } from '@holdfast/linalg';
import { checkRange, drawUniform, Layer } from './layer.ts';
import type { RandomState } from './random-state.ts';

/** What a `Sigmoid` is made from. */
export interface SigmoidOptions {
  /** The first part of the names of its parameters. */
  readonly layerName: string;
  /** How many units. */
  readonly dim: number;
  /** Weights start evenly spread from −irange to irange. */
  readonly irange: number;
  /** What biases start at; 0 if not given. */
  readonly initBias?: number;
}

/** A layer of logistic units, 1/(1 + e^−z). It cannot be the last of a net. */
export class Sigmoid extends Layer {
  readonly #irange: number;

  /** @throws {RangeError} when `dim`, `irange` or `initBias` cannot be */
  constructor({ layerName, dim, irange, initBias = 0 }: SigmoidOptions) {
    super(layerName, dim, initBias);
    checkRange(layerName, irange);
    this.#irange = irange;
  }

  /** The gradient of z from that of the outputs. */
  activationGradient(output: Matrix, gradient: Matrix): Matrix {
    const { data } = output;
    const dz = gradient.data.map((each, i) => {
      const h = data[i] as number;
      return each * h * (1 - h);
    });
    return { ...gradient, data: dz };
  }

  protected override drawWeights(count: number, rng: RandomState): Float64Array {
    const weights = drawUniform(count, this.#irange, rng);
    // Pylearn2 draws a mask for its include_prob even when all weights are included.
    drawUniform(count, 1, rng);
    return weights;
  }

  protected override activate(z: Matrix): Matrix {
    const { data } = z;
    for (let i = 0; i < data.length; i++) data[i] = 1 / (1 + Math.exp(-(data[i] as number)));
    return z;
  }
}
