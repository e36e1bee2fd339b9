import { type FloatArray, type FloatX, zeros } from './float-array.ts';
import type { RandomState } from './random-state.ts';

/** How weights start. Exactly one of irange, istdev and sparseInit is given. */
export interface WeightInit {
  /** Evenly spread from −irange to irange. */
  readonly irange?: number;
  /** Normal, of this standard deviation, around 0. */
  readonly istdev?: number;
  /** So many weights of each unit are normal, of standard deviation 1; the others are 0. */
  readonly sparseInit?: number;
}

/** What else the weights of hidden and linear layers may start from. */
export interface LinearWeightInit extends WeightInit {
  /** With irange: how likely a weight is to be kept; the others are 0. 1 if not given. */
  readonly includeProb?: number;
  /** With sparseInit: the standard deviation, 1 if not given. */
  readonly sparseStdev?: number;
}

/**
 * Refuses a start that is none.
 *
 * @throws {TypeError} when not exactly one of the three is given
 * @throws {RangeError} when one is below 0 or no number
 */
export function checkWeightInit(layerName: string, init: LinearWeightInit): void {
  const { irange, istdev, sparseInit, includeProb = 1, sparseStdev = 1 } = init;
  const given = { irange, istdev, sparseInit };
  const names = Object.entries(given).filter(([, value]) => value !== undefined);
  if (names.length !== 1) {
    throw new TypeError(
      `${layerName} takes one of irange, istdev and sparseInit, not ${names.length} of them`,
    );
  }
  for (const [name, value] of [...names, ['sparseStdev', sparseStdev] as const]) {
    if (typeof value === 'number' && value >= 0 && value < Infinity) continue;
    throw new RangeError(`${name} of ${layerName} must be a number of at least 0, not ${value}`);
  }
  if (sparseInit !== undefined && !Number.isSafeInteger(sparseInit)) {
    throw new RangeError(`sparseInit of ${layerName} must be a whole number, not ${sparseInit}`);
  }
  if (!(includeProb >= 0 && includeProb <= 1)) {
    throw new RangeError(`includeProb of ${layerName} must be from 0 to 1, not ${includeProb}`);
  }
}

/** Weights of a layer, inputs × units, drawn in the order in which Pylearn2's `Linear` draws. */
export function drawLinearWeights(
  init: LinearWeightInit,
  inputs: number,
  units: number,
  rng: RandomState,
  floatX: FloatX,
): FloatArray {
  const { irange, includeProb = 1, sparseStdev = 1 } = init;
  const weights = drawWeights(init, inputs, units, rng, floatX);
  if (irange !== undefined) {
    // The mask is drawn even when all weights are included.
    for (let i = 0; i < weights.length; i++) if (!(rng.uniform() < includeProb)) weights[i] = 0;
  }
  if (sparseStdev !== 1)
    for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) * sparseStdev;
  return weights;
}

/** Weights of a layer, inputs × units, drawn in the order in which Pylearn2's `Softmax` draws. */
export function drawWeights(
  { irange, istdev, sparseInit = 0 }: WeightInit,
  inputs: number,
  units: number,
  rng: RandomState,
  floatX: FloatX,
): FloatArray {
  const weights = zeros(floatX, inputs * units);
  if (irange !== undefined) {
    for (let i = 0; i < weights.length; i++) weights[i] = rng.uniform(-irange, irange);
  } else if (istdev !== undefined) {
    for (let i = 0; i < weights.length; i++) weights[i] = rng.randn() * istdev;
  } else {
    if (sparseInit > inputs) {
      throw new RangeError(`sparseInit is ${sparseInit}, but the layer has ${inputs} inputs`);
    }
    for (let unit = 0; unit < units; unit++) {
      for (let drawn = 0; drawn < sparseInit; drawn++) {
        let at: number;
        do at = rng.randint(0, inputs) * units + unit;
        while (weights[at] !== 0);
        weights[at] = rng.randn();
      }
    }
  }
  return weights;
}
