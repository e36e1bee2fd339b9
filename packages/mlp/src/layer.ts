import { type FloatArray, type FloatMatrix, type FloatX, zeros } from './float-array.ts';
import { checkNormLimits, limitNorms, type NormLimits } from './norm-limits.ts';
import type { RandomState } from './random-state.ts';

/** Numbers that training changes in place. */
export interface Parameter {
  /** The layer's name and W or b: `hidden_W`. */
  readonly name: string;
  /** rows × columns, row-major: for W inputs × units, for b 1 × units. */
  readonly values: FloatArray;
  readonly rows: number;
  readonly columns: number;
  /** What the learning rate is multiplied by. */
  readonly lrScaler: number;
}

/** What every layer may be given. */
export interface LayerOptions extends NormLimits {
  /** The first part of the names of its parameters and channels. */
  readonly layerName: string;
  /** What the learning rate of the weights is multiplied by; 1 if not given. */
  readonly WLrScale?: number;
  /** What the learning rate of the biases is multiplied by; 1 if not given. */
  readonly bLrScale?: number;
}

/** One layer of a net: z = xW + b for each row x, then an activation of z. */
export abstract class Layer {
  readonly layerName: string;
  /** How many outputs there are. */
  readonly dim: number;
  readonly #options: LayerOptions;
  readonly #initialBiases: Float64Array;
  #weights: FloatMatrix | undefined;
  #biases: FloatArray;
  #parameters: readonly Parameter[] = [];

  /** @param initialBiases one a unit, or none for a layer without biases */
  protected constructor(options: LayerOptions, dim: number, initialBiases: Float64Array) {
    const { layerName, WLrScale = 1, bLrScale = 1 } = options;
    if (layerName === '') throw new TypeError('a layer needs a name');
    if (!(Number.isSafeInteger(dim) && dim >= 1)) {
      throw new RangeError(`${layerName} must have one output or more, not ${dim}`);
    }
    if (!initialBiases.every(Number.isFinite)) {
      throw new RangeError(
        `the bias of ${layerName} must be a number, not ${initialBiases.find((each) => !Number.isFinite(each))}`,
      );
    }
    for (const [name, scale] of Object.entries({ WLrScale, bLrScale })) {
      if (scale >= 0 && scale < Infinity) continue;
      throw new RangeError(`${name} of ${layerName} must be a number of at least 0, not ${scale}`);
    }
    checkNormLimits(layerName, options);
    this.layerName = layerName;
    this.dim = dim;
    this.#options = options;
    this.#initialBiases = initialBiases;
    this.#biases = initialBiases;
  }

  /** inputs × dim, as they are now: a view, not a copy. */
  get weights(): FloatMatrix {
    if (this.#weights === undefined) throw new TypeError(`${this.layerName} is in no net yet`);
    return this.#weights;
  }

  /** One an output, as they are now: a view, not a copy; empty for a layer without biases. */
  get biases(): FloatArray {
    return this.#biases;
  }

  /** In Pylearn2's order. */
  get parameters(): readonly Parameter[] {
    return this.#parameters;
  }

  /** Gives the layer its weights. A net calls this, once. */
  initialise(inputs: number, rng: RandomState, floatX: FloatX): void {
    const { layerName, dim } = this;
    const { WLrScale = 1, bLrScale = 1 } = this.#options;
    if (this.#weights !== undefined) throw new TypeError(`${layerName} is in a net already`);
    const data = this.drawWeights(inputs, rng, floatX);
    this.#weights = { rows: inputs, columns: dim, data };
    const biases = zeros(floatX, this.#initialBiases.length);
    biases.set(this.#initialBiases);
    this.#biases = biases;
    const W = {
      name: `${layerName}_W`,
      values: data,
      rows: inputs,
      columns: dim,
      lrScaler: WLrScale,
    };
    const b = { name: `${layerName}_b`, values: biases, rows: 1, columns: dim, lrScaler: bLrScale };
    this.#parameters = biases.length === 0 ? [W] : this.ordered(W, b);
  }

  /** Whether there are limits to the norms of the weights. */
  get hasNormLimits(): boolean {
    const { maxColNorm, minColNorm, maxRowNorm } = this.#options;
    return (maxColNorm ?? minColNorm ?? maxRowNorm) !== undefined;
  }

  /** Keeps the norms of the weights within their limits: after each step, and before the first. */
  enforceConstraints(): void {
    if (this.hasNormLimits) limitNorms(this.weights, this.#options);
  }

  /** Refuses, by a `TypeError`, to be followed by another layer when it cannot be. */
  checkHidden(): void {}

  /** Turns `rows` rows of z into outputs, in place. */
  abstract activate(z: FloatArray, rows: number): void;
  /** Turns the gradient of the outputs into that of z, in place. */
  abstract activateBack(outputs: FloatArray, gradient: FloatArray, rows: number): void;
  /** The last parts of the names of its channels, without those of `OutputLayer`. */
  abstract readonly activityNames: readonly string[];
  /** Adds to `sums`, from `at` on, each activity of a batch times its rows. */
  abstract addActivity(sums: Float64Array, at: number, outputs: FloatArray, rows: number): void;
  /** What its constructor needs to make it again, as JSON can hold it; weights not included. */
  abstract get options(): Readonly<Record<string, unknown>>;

  protected ordered(W: Parameter, b: Parameter): readonly Parameter[] {
    return [W, b];
  }

  protected abstract drawWeights(inputs: number, rng: RandomState, floatX: FloatX): FloatArray;
}
