import { Backpropagation } from './backpropagation.ts';
import { type Cost, costPlan, Default } from './cost.ts';
import { datasetMeasurement } from './dataset-measurement.ts';
import type { DesignMatrix } from './design-matrix.ts';
import { refuseDivergence } from './divergence.ts';
import type { FloatArray } from './float-array.ts';
import { FusedEpochs } from './fused-epochs.ts';
import { gradientDescent } from './gradient-descent.ts';
import { type BatchPlan, batchPlan, checkMode, type IterationMode } from './iteration.ts';
import type { LearningRule } from './learning-rule.ts';
import type { MLP } from './mlp.ts';
import { RandomState } from './random-state.ts';
import type { TerminationCriterion } from './termination.ts';

/** Something that is called after each step, such as a schedule that counts batches. */
export interface UpdateCallback {
  onUpdate(algorithm: SGD): void;
}

/** What an `SGD` is made from. */
export interface SGDOptions {
  /** How far a step goes along the gradient. */
  readonly learningRate: number;
  /** How many examples a step looks at; the last step of an epoch takes what is left. */
  readonly batchSize: number;
  /** What is made small; the last layer's cost if not given. */
  readonly cost?: Cost;
  /** What figures are recorded of: one data set, or several by name; none if not given. */
  readonly monitoringDataset?: DesignMatrix | Readonly<Record<string, DesignMatrix>>;
  /** `batchSize` if not given. */
  readonly monitoringBatchSize?: number;
  /** All that there are if not given. */
  readonly monitoringBatches?: number;
  /** 'sequential' if not given. */
  readonly monitorIterationMode?: IterationMode;
  /** The plain step along the gradient if not given. */
  readonly learningRule?: LearningRule;
  /** Never stops if not given. */
  readonly terminationCriterion?: TerminationCriterion;
  readonly updateCallbacks?: readonly UpdateCallback[];
  /** 'shuffled_sequential' if not given. */
  readonly trainIterationMode?: IterationMode;
  /** How many batches make an epoch; all that there are if not given. */
  readonly batchesPerIter?: number;
  /**
   * Lets training fuse products with the sums they go into, where the machine can: large nets learn up
   * to 1.4 times as fast, and no less exactly, but the last digits of their weights then depend on the
   * machine. false if not given.
   */
  readonly fma?: boolean;
  /** What the order of examples is drawn from; [2012, 10, 5], as Pylearn2, if not given. */
  readonly seed?: number | readonly number[];
}

/**
 * Trains a net by stochastic gradient descent, as Pylearn2's `SGD` does.
 *
 * By default each epoch goes once through all examples, in an order drawn anew.
 *
 * @example
 * const trainer = new SGD({ learningRate: 0.05, batchSize: 10, terminationCriterion: new EpochCounter(400) });
 * trainer.setup(net, train);
 * do {
 *   trainer.train(train);
 *   net.monitor.reportEpoch();
 *   net.monitor.update();
 * } while (trainer.continueLearning(net));
 */
export class SGD {
  /** May be changed between steps. */
  learningRate: number;
  readonly learningRule: LearningRule;
  readonly #options: SGDOptions;
  readonly #mode: IterationMode;
  readonly #rng: RandomState;
  #model: MLP | undefined;
  #pass: Backpropagation | undefined;
  #fused: FusedEpochs | undefined;

  /** @throws {RangeError} when the rate is not above 0, or a count no whole number above 0 */
  constructor(options: SGDOptions) {
    const { learningRate, batchSize, seed = [2012, 10, 5] } = options;
    const { trainIterationMode = 'shuffled_sequential', monitoringDataset } = options;
    const { monitoringBatchSize, monitoringBatches, batchesPerIter } = options;
    if (!(learningRate > 0 && learningRate < Infinity)) {
      throw new RangeError(`learningRate must be a number above 0, not ${learningRate}`);
    }
    const counts = { batchSize, monitoringBatchSize, monitoringBatches, batchesPerIter };
    for (const [name, count] of Object.entries(counts)) {
      if (count === undefined || (Number.isSafeInteger(count) && count >= 1)) continue;
      throw new RangeError(`${name} must be a whole number above 0, not ${count}`);
    }
    if (
      monitoringDataset === undefined &&
      (monitoringBatchSize ?? monitoringBatches) !== undefined
    ) {
      throw new TypeError('a monitoring batch is of a monitoringDataset, which is missing');
    }
    checkMode(trainIterationMode);
    this.learningRate = learningRate;
    this.learningRule = options.learningRule ?? gradientDescent;
    this.#options = options;
    this.#mode = trainIterationMode;
    this.#rng = new RandomState(seed);
  }

  /**
   * Says which net is trained; its monitor watches the monitoring data sets from now on.
   *
   * @throws {RangeError} when examples do not fit the net, there are fewer than a batch, or a cost
   *   names a layer that is not there
   */
  setup(model: MLP, dataset: DesignMatrix): void {
    const { batchSize, cost = new Default(), fma = false } = this.#options;
    model.checkFit(dataset);
    this.#checkBatch(dataset);
    const plan = costPlan(cost, model.layers);
    const { monitor } = model;
    const sets = this.#monitoringSets();
    for (const [, set] of sets) model.checkFit(set);
    this.#model = model;
    const rowsSuffice = this.learningRule.sparse !== undefined;
    this.#pass = new Backpropagation(model, plan, { capacity: batchSize, rowsSuffice, fma });
    const isWatched = (this.#options.updateCallbacks ?? []).length > 0;
    this.#fused = isWatched
      ? undefined
      : FusedEpochs.of(model, plan, this.learningRule, { batchSize, fma });
    monitor.clear();
    if (sets.length === 0) return;
    const { monitoringBatchSize, monitoringBatches, batchesPerIter } = this.#options;
    const isDefault = (monitoringBatchSize ?? monitoringBatches) === undefined;
    for (const [name, set] of sets) {
      const measuring = {
        prefix: name === '' ? '' : `${name}_`,
        batchSize: monitoringBatchSize ?? batchSize,
        numBatches: isDefault ? batchesPerIter : monitoringBatches,
        mode: this.#options.monitorIterationMode ?? 'sequential',
        plan,
      };
      monitor.add(datasetMeasurement(model, set, measuring));
    }
    monitor.add(() => ({
      learning_rate: this.learningRate,
      ...this.learningRule.channels?.(),
    }));
  }

  /**
   * Trains for one epoch.
   *
   * @throws {TypeError} before `setup`
   * @throws {RangeError} when the examples do not fit the net
   * @throws {DivergenceError} when a parameter is or becomes NaN or infinite
   */
  train(dataset: DesignMatrix): void {
    const model = this.#model;
    const pass = this.#pass;
    if (model === undefined || pass === undefined) {
      throw new TypeError('call setup(model, dataset) before train');
    }
    model.checkFit(dataset);
    this.#checkBatch(dataset);
    refuseDivergence(model, dataset, this.learningRate);
    const { batchSize, batchesPerIter } = this.#options;
    const rng = this.#rng;
    const batches = batchPlan(dataset.size, {
      ...{ mode: this.#mode, batchSize, numBatches: batchesPerIter, rng },
    });
    const isDone = this.#fused?.train(dataset, batches, this.learningRate) ?? false;
    if (isDone) reportBatches(model, batches);
    else this.#trainByBatches(model, pass, dataset, batches);
    this.learningRule.sparse?.settle();
    refuseDivergence(model, dataset, this.learningRate);
  }

  #trainByBatches(
    model: MLP,
    pass: Backpropagation,
    dataset: DesignMatrix,
    { order, ends }: BatchPlan,
  ): void {
    const { updateCallbacks = [] } = this.#options;
    const limited = model.layers.filter(({ hasNormLimits }) => hasNormLimits);
    let from = 0;
    for (let batch = 0; batch < ends.length; batch++) {
      const end = ends[batch] as number;
      this.#step(model, pass, dataset, order, from, end);
      for (const layer of limited) layer.enforceConstraints();
      model.monitor.reportBatch(end - from);
      for (const callback of updateCallbacks) callback.onUpdate(this);
      from = end;
    }
  }

  /** Whether another epoch shall follow, as the termination criterion sees it. */
  continueLearning(model: MLP): boolean {
    return this.#options.terminationCriterion?.continueLearning(model) ?? true;
  }

  /** One batch: the gradient at the weights as they are, then a step of each parameter. */
  #step(
    { parameters, layers }: MLP,
    pass: Backpropagation,
    dataset: DesignMatrix,
    order: Uint32Array,
    from: number,
    end: number,
  ): void {
    const rule = this.learningRule;
    pass.load(dataset, order, from, end);
    const { touched } = pass;
    const rows = touched === undefined ? undefined : rule.sparse;
    const first = layers[0]?.weights.data;
    if (rows !== undefined && touched !== undefined) {
      for (const parameter of parameters) {
        if (parameter.values === first) rows.catchUp(parameter, touched);
      }
    }
    pass.run();
    for (let p = 0; p < parameters.length; p++) {
      const parameter = parameters[p] as MLP['parameters'][number];
      const gradient = pass.gradients[p] as FloatArray;
      if (rows !== undefined && touched !== undefined && parameter.values === first) {
        rows.step(parameter, gradient, this.learningRate, touched);
      } else {
        rule.step(parameter, gradient, this.learningRate);
      }
    }
  }

  #monitoringSets(): [name: string, set: DesignMatrix][] {
    const { monitoringDataset } = this.#options;
    if (monitoringDataset === undefined) return [];
    if (isDesignMatrix(monitoringDataset)) return [['', monitoringDataset]];
    return Object.entries(monitoringDataset);
  }

  #checkBatch({ size }: DesignMatrix): void {
    const { batchSize } = this.#options;
    if (batchSize <= size) return;
    throw new RangeError(`a batch of ${batchSize} is larger than the data, ${size} examples`);
  }
}

function reportBatches({ monitor }: MLP, { ends }: BatchPlan): void {
  let from = 0;
  for (const end of ends) {
    monitor.reportBatch(end - from);
    from = end;
  }
}

function isDesignMatrix(
  sets: DesignMatrix | Readonly<Record<string, DesignMatrix>>,
): sets is DesignMatrix {
  return 'features' in sets && typeof sets.features === 'number';
}
