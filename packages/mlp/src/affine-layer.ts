import type { FloatArray, FloatX } from './float-array.ts';
import { checkWeightInit, drawLinearWeights, type LinearWeightInit } from './initial-weights.ts';
import { Layer, type LayerOptions } from './layer.ts';
import type { RandomState } from './random-state.ts';
import { addUnitActivity, unitActivityNames } from './unit-activity.ts';

/** What a `Linear`, and each hidden layer, is made from. */
export interface AffineOptions extends LayerOptions, LinearWeightInit {
  /** How many units. */
  readonly dim: number;
  /** What biases start at; 0 if not given. */
  readonly initBias?: number;
  /** Whether there are biases; true if not given. */
  readonly useBias?: boolean;
}

/** What Pylearn2's `Linear` and the layers made from it have in common. */
export abstract class AffineLayer extends Layer {
  readonly activityNames: readonly string[] = unitActivityNames;
  readonly #options: AffineOptions;

  /**
   * @throws {TypeError} when not exactly one of irange, istdev and sparseInit is given, or both rows
   *   and columns are limited
   * @throws {RangeError} when a number cannot be
   */
  constructor(options: AffineOptions) {
    const { dim, initBias = 0, useBias = true } = options;
    const units = Number.isSafeInteger(dim) && dim >= 1 && useBias ? dim : 0;
    super(options, dim, new Float64Array(units).fill(initBias));
    if (!useBias && options.bLrScale !== undefined) {
      throw new TypeError(`${options.layerName} has no biases for bLrScale to scale`);
    }
    checkWeightInit(options.layerName, options);
    this.#options = options;
  }

  override get options(): Readonly<Record<string, unknown>> {
    return { ...this.#options };
  }

  override addActivity(sums: Float64Array, at: number, outputs: FloatArray, rows: number): void {
    addUnitActivity(sums, at, outputs, rows, this.dim);
  }

  protected override drawWeights(inputs: number, rng: RandomState, floatX: FloatX): FloatArray {
    return drawLinearWeights(this.#options, inputs, this.dim, rng, floatX);
  }
}
