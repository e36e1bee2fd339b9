import type { MLP } from './mlp.ts';

/** Says after an epoch whether another one shall follow. */
export interface TerminationCriterion {
  continueLearning(model: MLP): boolean;
}

/**
 * Goes on until a net has seen so many epochs more than it had when first asked about.
 *
 * As in Pylearn2, counting starts at the first *question*: a loop that trains first and asks
 * afterwards trains one epoch more than `maxEpochs`.
 */
export class EpochCounter implements TerminationCriterion {
  readonly #maxEpochs: number;
  #offset: number | undefined;

  /**
   * @param options with `newEpochs` false all epochs of the net count, also those before
   * @throws {RangeError} when maxEpochs is no whole number of at least 0
   */
  constructor(maxEpochs: number, { newEpochs = true }: { readonly newEpochs?: boolean } = {}) {
    if (!(Number.isSafeInteger(maxEpochs) && maxEpochs >= 0)) {
      throw new RangeError(`maxEpochs must be a whole number of at least 0, not ${maxEpochs}`);
    }
    this.#maxEpochs = maxEpochs;
    this.#offset = newEpochs ? undefined : 0;
  }

  continueLearning({ monitor }: MLP): boolean {
    this.#offset ??= monitor.epochsSeen;
    return monitor.epochsSeen - this.#offset < this.#maxEpochs;
  }
}

/** Goes on while all of several criteria do; those after one that stops are not asked. */
export class And implements TerminationCriterion {
  readonly #criteria: readonly TerminationCriterion[];

  constructor(criteria: readonly TerminationCriterion[]) {
    this.#criteria = [...criteria];
  }

  continueLearning(model: MLP): boolean {
    return this.#criteria.every((criterion) => criterion.continueLearning(model));
  }
}

/** Goes on while any of several criteria does; those after one that goes on are not asked. */
export class Or implements TerminationCriterion {
  readonly #criteria: readonly TerminationCriterion[];

  constructor(criteria: readonly TerminationCriterion[]) {
    this.#criteria = [...criteria];
  }

  continueLearning(model: MLP): boolean {
    return this.#criteria.some((criterion) => criterion.continueLearning(model));
  }
}
