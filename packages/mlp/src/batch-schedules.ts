import { LinearFall, type ScheduleSpan } from './epoch-schedules.ts';
import type { SGD, UpdateCallback } from './sgd.ts';

/** Lets the learning rate fall evenly between two counts of batches, to `decayFactor` times the first. */
export class LinearDecay implements UpdateCallback {
  readonly #decay: LinearFall;
  #initRate: number | undefined;
  #count = 0;

  /** @throws {RangeError} when start is below 1, saturate not after it, or decayFactor not above 0 */
  constructor(options: { readonly decayFactor: number } & ScheduleSpan) {
    this.#decay = new LinearFall(options, 1);
  }

  onUpdate(algorithm: SGD): void {
    this.#initRate ??= algorithm.learningRate;
    this.#count++;
    algorithm.learningRate = this.#decay.at(this.#count, this.#initRate);
  }
}

/** Divides the learning rate by `decayFactor` after each batch, down to `minLr`. */
export class ExponentialDecay implements UpdateCallback {
  readonly #decayFactor: number;
  readonly #minLr: number;
  #initRate: number | undefined;
  #count = 0;

  /** @throws {RangeError} when decayFactor is not above 1, or minLr not above 0 */
  constructor({ decayFactor, minLr }: { readonly decayFactor: number; readonly minLr: number }) {
    if (!(decayFactor > 1 && decayFactor < Infinity)) {
      throw new RangeError(`decayFactor must be a number above 1, not ${decayFactor}`);
    }
    if (!(minLr > 0)) throw new RangeError(`minLr must be above 0, not ${minLr}`);
    this.#decayFactor = decayFactor;
    this.#minLr = minLr;
  }

  onUpdate(algorithm: SGD): void {
    this.#initRate ??= algorithm.learningRate;
    this.#count++;
    const rate = this.#initRate / this.#decayFactor ** this.#count;
    algorithm.learningRate = Math.max(this.#minLr, rate);
  }
}

/** Multiplies the learning rate by min(1, annealStart/batches). */
export class AnnealedLearningRate implements UpdateCallback {
  readonly #annealStart: number;
  #initRate: number | undefined;
  #count = 0;

  /** @throws {RangeError} when annealStart is not above 0 */
  constructor({ annealStart }: { readonly annealStart: number }) {
    if (!(annealStart > 0)) throw new RangeError(`annealStart must be above 0, not ${annealStart}`);
    this.#annealStart = annealStart;
  }

  onUpdate(algorithm: SGD): void {
    this.#initRate ??= algorithm.learningRate;
    this.#count++;
    algorithm.learningRate = this.#initRate * Math.min(1, this.#annealStart / this.#count);
  }
}
