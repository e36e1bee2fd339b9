import type { DesignMatrix } from './design-matrix.ts';
import type { MLP } from './mlp.ts';
import { Momentum } from './momentum.ts';
import type { SGD } from './sgd.ts';
import type { TrainExtension } from './train-extension.ts';

/** When a schedule begins and when it has come to its end, in records of the monitor. */
export interface ScheduleSpan {
  readonly start: number;
  readonly saturate: number;
}

/** Counts epochs and sets what depends on them. */
abstract class EpochSchedule implements TrainExtension {
  protected count = 0;

  setup(model: MLP, _dataset: DesignMatrix, algorithm: SGD): void {
    this.count = model.monitor.epochsSeen;
    this.apply(algorithm);
  }

  onMonitor(_model: MLP, _dataset: DesignMatrix, algorithm: SGD): void {
    this.count++;
    this.apply(algorithm);
  }

  protected abstract apply(algorithm: SGD): void;
}

/** Moves the momentum evenly from its first value to `finalMomentum` between two epochs. */
export class MomentumAdjustor extends EpochSchedule {
  readonly #finalMomentum: number;
  readonly #start: number;
  readonly #saturate: number;
  #initMomentum: number | undefined;

  /**
   * @throws {RangeError} when finalMomentum is not from 0 to below 1, or saturate is before start
   */
  constructor({
    finalMomentum,
    start,
    saturate,
  }: { readonly finalMomentum: number } & ScheduleSpan) {
    super();
    if (!(finalMomentum >= 0 && finalMomentum < 1)) {
      throw new RangeError(`finalMomentum must be from 0 to below 1, not ${finalMomentum}`);
    }
    if (!(saturate >= start)) {
      throw new RangeError(`saturate, ${saturate}, is before start, ${start}`);
    }
    this.#finalMomentum = finalMomentum;
    this.#start = start;
    this.#saturate = saturate;
  }

  /** @throws {TypeError} when the algorithm's rule has no momentum */
  protected override apply({ learningRule }: SGD): void {
    if (!(learningRule instanceof Momentum)) {
      throw new TypeError('MomentumAdjustor needs an SGD whose learningRule is a Momentum');
    }
    this.#initMomentum ??= learningRule.momentum;
    learningRule.momentum = this.#currentMomentum(this.#initMomentum);
  }

  #currentMomentum(initial: number): number {
    const width = this.#saturate - this.#start;
    if (width === 0) return this.count >= this.#start ? this.#finalMomentum : initial;
    const alpha = Math.min(1, Math.max(0, (this.count - this.#start) / width));
    return initial * (1 - alpha) + alpha * this.#finalMomentum;
  }
}

/**
 * Lets the learning rate fall evenly from its first value to `decayFactor` times that.
 *
 * As in Pylearn2 the step is (rate − rate·factor)/(saturate − start + 1), and the first one is taken
 * at `start` itself.
 */
export class LinearDecayOverEpoch extends EpochSchedule {
  readonly #decay: LinearFall;
  #initRate: number | undefined;

  /** @throws {RangeError} when start is below 0, saturate not after it, or decayFactor not above 0 */
  constructor(options: { readonly decayFactor: number } & ScheduleSpan) {
    super();
    this.#decay = new LinearFall(options, 0);
  }

  protected override apply(algorithm: SGD): void {
    this.#initRate ??= algorithm.learningRate;
    algorithm.learningRate = this.#decay.at(this.count, this.#initRate);
  }
}

/** A rate that falls evenly between two counts. */
export class LinearFall {
  readonly #start: number;
  readonly #saturate: number;
  readonly #decayFactor: number;

  constructor(
    { start, saturate, decayFactor }: { readonly decayFactor: number } & ScheduleSpan,
    firstStart: number,
  ) {
    if (!(start >= firstStart))
      throw new RangeError(`start must be at least ${firstStart}, not ${start}`);
    if (!(saturate > start && saturate < Infinity)) {
      throw new RangeError(`saturate, ${saturate}, must be after start, ${start}`);
    }
    if (!(decayFactor > 0 && decayFactor < Infinity)) {
      throw new RangeError(`decayFactor must be a number above 0, not ${decayFactor}`);
    }
    this.#start = start;
    this.#saturate = saturate;
    this.#decayFactor = decayFactor;
  }

  at(count: number, initial: number): number {
    if (count < this.#start) return initial;
    if (count >= this.#saturate) return initial * this.#decayFactor;
    const step = (initial - initial * this.#decayFactor) / (this.#saturate - this.#start + 1);
    return initial - step * (count - this.#start + 1);
  }
}

/** What a `OneOverEpoch` is made from. */
export interface OneOverEpochOptions {
  /** The epoch from which on the rate shrinks. */
  readonly start: number;
  /** So many epochs later it is half as large; start + 1 if not given. */
  readonly halfLife?: number;
  /** It never gets below; 1e-6 if not given. */
  readonly minLr?: number;
}

/** Lets the learning rate shrink as halfLife/(epochs since start + halfLife). */
export class OneOverEpoch implements TrainExtension {
  readonly #start: number;
  readonly #halfLife: number;
  readonly #minLr: number;
  #initRate: number | undefined;
  #count = 0;

  /** @throws {RangeError} when start is below 0, or halfLife or minLr not above 0 */
  constructor({ start, halfLife = start + 1, minLr = 1e-6 }: OneOverEpochOptions) {
    if (!(start >= 0)) throw new RangeError(`start must be at least 0, not ${start}`);
    if (!(halfLife > 0)) throw new RangeError(`halfLife must be above 0, not ${halfLife}`);
    if (!(minLr > 0)) throw new RangeError(`minLr must be above 0, not ${minLr}`);
    this.#start = start;
    this.#halfLife = halfLife;
    this.#minLr = minLr;
  }

  /** @throws {RangeError} when the first rate is below minLr */
  onMonitor(_model: MLP, _dataset: DesignMatrix, algorithm: SGD): void {
    this.#initRate ??= algorithm.learningRate;
    if (this.#initRate < this.#minLr) {
      throw new RangeError(`the first rate, ${this.#initRate}, is below minLr, ${this.#minLr}`);
    }
    this.#count++;
    const since = this.#count - this.#start;
    const scale = since < 0 ? 1 : this.#halfLife / (since + this.#halfLife);
    algorithm.learningRate = Math.max(this.#minLr, this.#initRate * scale);
  }
}

/** What a `MonitorBasedLRAdjuster` is made from. */
export interface MonitorBasedLRAdjusterOptions {
  /** 'objective' if not given. */
  readonly channelName?: string;
  /** Above so many times its last value the channel makes the rate shrink; 1 if not given. */
  readonly highTrigger?: number;
  /** 0.99 if not given. */
  readonly shrinkAmt?: number;
  /** Above so many times its last value, and not above the other, it makes it grow; 0.99 if not given. */
  readonly lowTrigger?: number;
  /** 1.01 if not given. */
  readonly growAmt?: number;
  /** 1e-7 if not given. */
  readonly minLr?: number;
  /** 1 if not given. */
  readonly maxLr?: number;
}

/** Shrinks the learning rate when a channel rises, and lets it grow when it hardly falls. */
export class MonitorBasedLRAdjuster implements TrainExtension {
  readonly #options: Required<MonitorBasedLRAdjusterOptions>;

  constructor(options: MonitorBasedLRAdjusterOptions = {}) {
    this.#options = {
      ...{ channelName: 'objective', highTrigger: 1, shrinkAmt: 0.99, lowTrigger: 0.99 },
      ...{ growAmt: 1.01, minLr: 1e-7, maxLr: 1 },
      ...options,
    };
    const { channelName: _, ...numbers } = this.#options;
    for (const [name, value] of Object.entries(numbers)) {
      if (value > 0 && value < Infinity) continue;
      throw new RangeError(`${name} must be a number above 0, not ${value}`);
    }
  }

  onMonitor({ monitor }: MLP, _dataset: DesignMatrix, algorithm: SGD): void {
    const { channelName, highTrigger, shrinkAmt, lowTrigger, growAmt, minLr, maxLr } =
      this.#options;
    const [before, now] = monitor.channel(channelName).valRecord.slice(-2);
    if (before === undefined || now === undefined) return;
    let factor = 1;
    if (now > highTrigger * before) factor = shrinkAmt;
    else if (now > lowTrigger * before) factor = growAmt;
    const rate = algorithm.learningRate * factor;
    algorithm.learningRate = Math.min(maxLr, Math.max(minLr, rate));
  }
}
