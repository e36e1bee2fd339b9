import type { MLP } from './mlp.ts';
import type { TerminationCriterion } from './termination.ts';

/** What a `MonitorBased` is made from. */
export interface MonitorBasedOptions {
  /** 'objective' if not given. */
  readonly channelName?: string;
  /** How many times in a row the channel may fail to fall enough; 5 if not given. */
  readonly N?: number;
  /** By what share of the best value it has to fall; 0.01 if not given, 0 for any fall at all. */
  readonly propDecrease?: number;
}

/**
 * Early stopping: goes on until a channel has not fallen enough for N questions.
 *
 * As in Pylearn2 the best value also takes falls that are too small to count, so a channel that creeps
 * down in small steps stops the training.
 */
export class MonitorBased implements TerminationCriterion {
  readonly #channelName: string;
  readonly #N: number;
  readonly #propDecrease: number;
  #countdown: number;
  #bestValue = Infinity;

  /** @throws {RangeError} when N is no whole number above 0, or propDecrease not from 0 to below 1 */
  constructor({ channelName = 'objective', N = 5, propDecrease = 0.01 }: MonitorBasedOptions = {}) {
    if (!(Number.isSafeInteger(N) && N >= 1)) {
      throw new RangeError(`N must be a whole number above 0, not ${N}`);
    }
    if (!(propDecrease >= 0 && propDecrease < 1)) {
      throw new RangeError(`propDecrease must be from 0 to below 1, not ${propDecrease}`);
    }
    this.#channelName = channelName;
    this.#N = N;
    this.#propDecrease = propDecrease;
    this.#countdown = N;
  }

  continueLearning({ monitor }: MLP): boolean {
    const value = monitor.last(this.#channelName);
    const isEnough = value < (1 - this.#propDecrease) * this.#bestValue;
    this.#countdown = isEnough ? this.#N : this.#countdown - 1;
    this.#bestValue = Math.min(this.#bestValue, Number.isNaN(value) ? Infinity : value);
    return this.#countdown > 0;
  }
}

/** Goes on while a channel is above a target. */
export class ChannelTarget implements TerminationCriterion {
  readonly #channelName: string;
  readonly #target: number;

  /** @throws {RangeError} when the target is no number */
  constructor({ channelName, target }: { readonly channelName: string; readonly target: number }) {
    if (!Number.isFinite(target)) throw new RangeError(`target must be a number, not ${target}`);
    this.#channelName = channelName;
    this.#target = target;
  }

  continueLearning({ monitor }: MLP): boolean {
    return monitor.last(this.#channelName) > this.#target;
  }
}

/** Goes on until a channel becomes infinite. */
export class ChannelInf implements TerminationCriterion {
  readonly #channelName: string;

  constructor({ channelName }: { readonly channelName: string }) {
    this.#channelName = channelName;
  }

  continueLearning({ monitor }: MLP): boolean {
    return Math.abs(monitor.last(this.#channelName)) !== Infinity;
  }
}

/** What a `MatchChannel` is made from. */
export interface MatchChannelOptions {
  readonly channelName: string;
  /** The channel of an earlier training, whose last value is to be reached. */
  readonly prevChannelName: string;
  /** Under which name `pushMonitor` put that training's monitor aside. */
  readonly prevMonitorName: string;
}

/**
 * Goes on while a channel is above the last value of a channel of an earlier training of the net.
 *
 * @example
 * net.pushMonitor('first');
 * new MatchChannel({ channelName: 'valid_objective', prevChannelName: 'train_objective', prevMonitorName: 'first' });
 */
export class MatchChannel implements TerminationCriterion {
  readonly #options: MatchChannelOptions;
  #target: number | undefined;

  constructor(options: MatchChannelOptions) {
    this.#options = options;
  }

  continueLearning(model: MLP): boolean {
    const { channelName, prevChannelName, prevMonitorName } = this.#options;
    this.#target ??= model.olderMonitor(prevMonitorName).last(prevChannelName);
    return model.monitor.last(channelName) > this.#target;
  }
}
