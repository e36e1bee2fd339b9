import type { Matrix } from '@holdfast/linalg';
import type { DenseDesignMatrix } from './dense-design-matrix.ts';
import type { MLP } from './mlp.ts';
import { DivergenceError } from './mlp-error.ts';
import { gradientDescent, type LearningRule } from './momentum.ts';
import { RandomState } from './random-state.ts';
import type { TerminationCriterion } from './termination.ts';

/** What an `SGD` is made from. */
export interface SGDOptions {
  /** How far a step goes along the gradient. */
  readonly learningRate: number;
  /** How many examples a step looks at; the last step of an epoch takes what is left. */
  readonly batchSize: number;
  /** What the net's monitor records figures of; none if not given. */
  readonly monitoringDataset?: DenseDesignMatrix;
  /** The plain step along the gradient if not given. */
  readonly learningRule?: LearningRule;
  /** Never stops if not given. */
  readonly terminationCriterion?: TerminationCriterion;
  /** What the order of examples is drawn from; [2012, 10, 5], as Pylearn2, if not given. */
  readonly seed?: number | readonly number[];
}

/**
 * Trains a net by stochastic gradient descent, as Pylearn2's `SGD` does in its default mode.
 *
 * Each epoch goes once through all examples, in an order drawn anew.
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
  /** May be changed between epochs. */
  learningRate: number;
  readonly #options: SGDOptions;
  readonly #rule: LearningRule;
  readonly #rng: RandomState;
  #model: MLP | undefined;

  /** @throws {RangeError} when the rate is not above 0, or the batch no whole number above 0 */
  constructor(options: SGDOptions) {
    const { learningRate, batchSize, learningRule, seed = [2012, 10, 5] } = options;
    if (!(learningRate > 0 && learningRate < Infinity)) {
      throw new RangeError(`learningRate must be a number above 0, not ${learningRate}`);
    }
    if (!(Number.isSafeInteger(batchSize) && batchSize >= 1)) {
      throw new RangeError(`batchSize must be a whole number above 0, not ${batchSize}`);
    }
    this.learningRate = learningRate;
    this.#options = options;
    this.#rule = learningRule ?? gradientDescent;
    this.#rng = new RandomState(seed);
  }

  /**
   * Says which net is trained; its monitor watches `monitoringDataset` from now on.
   *
   * @throws {RangeError} when examples do not fit the net
   */
  setup(model: MLP, dataset: DenseDesignMatrix): void {
    const { monitoringDataset } = this.#options;
    model.checkFit(dataset);
    if (monitoringDataset !== undefined) {
      model.checkFit(monitoringDataset);
      model.monitor.watch(monitoringDataset);
    }
    this.#model = model;
  }

  /**
   * Trains for one epoch.
   *
   * @throws {TypeError} before `setup`
   * @throws {RangeError} when the examples do not fit the net
   * @throws {DivergenceError} when a parameter is or becomes NaN or infinite
   */
  train(dataset: DenseDesignMatrix): void {
    const model = this.#model;
    if (model === undefined) throw new TypeError('call setup(model, dataset) before train');
    model.checkFit(dataset);
    const { parameters } = model;
    refuseDivergence(model);
    const order = this.#rng.permutation(dataset.size);
    for (let from = 0; from < order.length; from += this.#options.batchSize) {
      const batch = order.subarray(from, from + this.#options.batchSize);
      const gradients = model.gradients(rowsAt(dataset.X, batch), rowsAt(dataset.y, batch));
      this.#rule.step(parameters, gradients, this.learningRate);
    }
    refuseDivergence(model);
  }

  /** Whether another epoch shall follow, as the termination criterion sees it. */
  continueLearning(model: MLP): boolean {
    return this.#options.terminationCriterion?.continueLearning(model) ?? true;
  }
}

function rowsAt({ columns, data }: Matrix, which: Uint32Array): Matrix {
  const rows = new Float64Array(which.length * columns);
  for (let i = 0; i < which.length; i++) {
    const from = (which[i] as number) * columns;
    for (let j = 0; j < columns; j++) rows[i * columns + j] = data[from + j] as number;
  }
  return { rows: which.length, columns, data: rows };
}

function refuseDivergence({ parameters }: MLP): void {
  for (const { name, values } of parameters) {
    if (!values.every(Number.isFinite)) throw new DivergenceError(name);
  }
}
