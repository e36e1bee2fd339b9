import type { DesignMatrix } from './design-matrix.ts';
import type { MLP } from './mlp.ts';
import { modelStore } from './model-store.ts';
import type { SGD } from './sgd.ts';
import type { TrainExtension } from './train-extension.ts';

/** What a `Train` is made from. */
export interface TrainOptions {
  readonly dataset: DesignMatrix;
  readonly model: MLP;
  readonly algorithm: SGD;
  /** The file that holds the net as it was last saved; not in browsers. */
  readonly savePath?: string;
  /** Every how many epochs, and at the end, it is saved; 0, never, if not given. */
  readonly saveFreq?: number;
  readonly extensions?: readonly TrainExtension[];
}

/**
 * A net, what it learns from and how: Pylearn2's training loop.
 *
 * Unlike the loops that tutorials write by hand it records and calls the extensions once before the
 * first epoch.
 *
 * @example
 * new Train({ dataset: train, model: net, algorithm: trainer, extensions: [best] }).mainLoop();
 */
export class Train {
  readonly dataset: DesignMatrix;
  readonly model: MLP;
  readonly algorithm: SGD;
  readonly extensions: readonly TrainExtension[];
  readonly #savePath: string | undefined;
  readonly #saveFreq: number;
  #isSetUp = false;
  #trainingSeconds = 0;
  #totalSeconds = 0;

  /**
   * @throws {RangeError} when saveFreq is no whole number of at least 0
   * @throws {TypeError} when it is above 0 without a savePath
   */
  constructor({
    dataset,
    model,
    algorithm,
    savePath,
    saveFreq = 0,
    extensions = [],
  }: TrainOptions) {
    if (!(Number.isSafeInteger(saveFreq) && saveFreq >= 0)) {
      throw new RangeError(`saveFreq must be a whole number of at least 0, not ${saveFreq}`);
    }
    if (saveFreq > 0 && savePath === undefined) {
      throw new TypeError(`saveFreq is ${saveFreq}, but there is no savePath`);
    }
    this.dataset = dataset;
    this.model = model;
    this.algorithm = algorithm;
    this.extensions = [...extensions];
    this.#savePath = savePath;
    this.#saveFreq = saveFreq;
  }

  /**
   * Trains until the termination criterion or an extension says stop.
   *
   * @param options no epoch begins later than `timeBudget` seconds after the start
   */
  mainLoop(options: { readonly timeBudget?: number } = {}): void {
    for (const _ of this.epochs(options));
  }

  /**
   * The same step by step: gives the net after each record, the one before the first epoch included.
   *
   * Whoever leaves the loop ends the training as if it had been told to stop: the net is saved if
   * `saveFreq` asks for that.
   */
  *epochs({
    timeBudget = Infinity,
  }: {
    readonly timeBudget?: number;
  } = {}): Generator<MLP, void, undefined> {
    const { model, algorithm } = this;
    const end = performance.now() + timeBudget * 1000;
    let hasFailed = false;
    try {
      this.#setup();
      let goesOn = this.#observe();
      yield model;
      goesOn = algorithm.continueLearning(model) && goesOn;
      while (goesOn && performance.now() <= end) {
        goesOn = this.#epoch();
        yield model;
        goesOn = algorithm.continueLearning(model) && goesOn;
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      if (this.#saveFreq > 0 && !hasFailed) this.#save();
    }
  }

  #setup(): void {
    const { model, dataset, algorithm } = this;
    if (this.#isSetUp) return;
    this.#isSetUp = true;
    algorithm.setup(model, dataset);
    for (const extension of this.extensions) extension.setup?.(model, dataset, algorithm);
    model.enforceConstraints();
    if (!model.monitor.isMeasuring) return;
    model.monitor.add(() => ({
      training_seconds_this_epoch: this.#trainingSeconds,
      total_seconds_last_epoch: this.#totalSeconds,
    }));
  }

  #epoch(): boolean {
    const { model, dataset, algorithm } = this;
    const begun = performance.now();
    algorithm.train(dataset);
    this.#trainingSeconds = (performance.now() - begun) / 1000;
    model.monitor.reportEpoch();
    const goesOn = this.#observe();
    if (this.#saveFreq > 0 && model.monitor.epochsSeen % this.#saveFreq === 0) this.#save();
    this.#totalSeconds = (performance.now() - begun) / 1000;
    return goesOn;
  }

  /** Takes a record and calls the extensions; false when one of them says stop. */
  #observe(): boolean {
    const { model, dataset, algorithm } = this;
    model.monitor.update();
    let goesOn = true;
    for (const extension of this.extensions) {
      if (extension.onMonitor?.(model, dataset, algorithm) === 'stop') goesOn = false;
    }
    return goesOn;
  }

  #save(): void {
    const { model, dataset, algorithm } = this;
    for (const extension of this.extensions) extension.onSave?.(model, dataset, algorithm);
    modelStore().save(model, this.#savePath as string);
  }
}
