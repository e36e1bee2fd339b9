import { asMatrix, type Matrix, type MatrixLike, rowsOf } from '@holdfast/linalg';
import { Backpropagation } from './backpropagation.ts';
import { type Cost, costPlan, Default } from './cost.ts';
import { DenseDesignMatrix } from './dense-design-matrix.ts';
import type { DesignMatrix } from './design-matrix.ts';
import type { FloatArray, FloatX } from './float-array.ts';
import { ForwardPass } from './forward-pass.ts';
import { inOrder } from './in-order.ts';
import type { Layer, Parameter } from './layer.ts';
import { type Experience, Monitor } from './monitor.ts';
import { isOutputLayer, type OutputLayer } from './output-layer.ts';
import { RandomState } from './random-state.ts';
import type { Score } from './scoring.ts';

/** What an `MLP` is made from. */
export interface MLPOptions {
  /** From the input on; the last one is a `Softmax`, `Sigmoid` or `Linear`. */
  readonly layers: readonly Layer[];
  /** How many numbers an example has. */
  readonly nvis: number;
  /** What the weights are drawn from; [2013, 1, 4], as Pylearn2, if not given. */
  readonly seed?: number | readonly number[];
  /** How the net computes; 'float64' if not given. */
  readonly floatX?: FloatX;
}

const chunk = 256;

/**
 * A multilayer perceptron: layer after layer, from the numbers of an example to an answer.
 *
 * Weights are drawn as Pylearn2 draws them, so the same seed gives the same net to the last bit.
 */
export class MLP {
  readonly layers: readonly Layer[];
  readonly nvis: number;
  readonly floatX: FloatX;
  /** What weights were drawn from, and what masks of a `Dropout` are. */
  readonly rng: RandomState;
  /** All that training changes, in the order of the layers. */
  readonly parameters: readonly Parameter[];
  /** Notes that travel with the net into a file, by the name of who made them. */
  readonly tag: Record<string, Record<string, string | number>> = {};
  readonly #output: OutputLayer;
  readonly #pass: ForwardPass;
  readonly #olderMonitors = new Map<string, Monitor>();
  #monitor = new Monitor();

  /**
   * @throws {TypeError} when the last layer cannot be last, a `Softmax` is not last, two have one
   *   name, or a layer is in a net already
   * @throws {RangeError} when `nvis` is no whole number above 0, or the seed is none
   */
  constructor({ layers, nvis, seed = [2013, 1, 4], floatX = 'float64' }: MLPOptions) {
    const output = layers.at(-1);
    if (output === undefined) throw new TypeError('a net needs a layer');
    if (!isOutputLayer(output)) {
      throw new TypeError(
        `${output.layerName} cannot be the last layer: a Softmax, Sigmoid or Linear can`,
      );
    }
    for (const layer of layers.slice(0, -1)) layer.checkHidden();
    if (new Set(layers.map(({ layerName }) => layerName)).size < layers.length) {
      throw new TypeError('two layers have one name');
    }
    if (!(Number.isSafeInteger(nvis) && nvis >= 1)) {
      throw new RangeError(`nvis must be a whole number above 0, not ${nvis}`);
    }
    this.rng = new RandomState(seed);
    let inputs = nvis;
    for (const layer of layers) {
      layer.initialise(inputs, this.rng, floatX);
      inputs = layer.dim;
    }
    this.layers = [...layers];
    this.nvis = nvis;
    this.floatX = floatX;
    this.parameters = layers.flatMap(({ parameters }) => parameters);
    this.#output = output;
    this.#pass = new ForwardPass(this.layers, nvis, floatX, chunk);
  }

  /** Counts what the net has seen, and records figures. */
  get monitor(): Monitor {
    return this.#monitor;
  }

  /**
   * Puts the monitor aside under a name, and begins a new one: another training of the same net.
   *
   * @throws {TypeError} when the name is taken
   */
  pushMonitor(name: string): void {
    if (this.#olderMonitors.has(name)) throw new TypeError(`there is a monitor "${name}" already`);
    this.#olderMonitors.set(name, this.#monitor);
    this.#monitor = new Monitor();
  }

  /** Takes over what a net had seen when it was saved, and the last values of its channels. */
  restoreExperience(
    experience: Experience,
    channels: Readonly<Record<string, number | null>>,
  ): void {
    this.#monitor = new Monitor(experience);
    for (const [name, value] of Object.entries(channels)) {
      this.#monitor.record(name, value ?? Number.NaN);
    }
  }

  /** A monitor that was put aside. */
  olderMonitor(name: string): Monitor {
    const monitor = this.#olderMonitors.get(name);
    if (monitor !== undefined) return monitor;
    throw new TypeError(`no monitor has been put aside as "${name}": call pushMonitor`);
  }

  /**
   * The outputs for each row of inputs: of a `Softmax`, the probability of each class.
   *
   * @throws {RangeError} when a row has not `nvis` numbers, or one that is not finite
   * @example
   * net.fprop([[0, 1]]); // => [[0.005, 0.995]], for a net that has learnt XOR
   */
  fprop(inputs: MatrixLike | DesignMatrix): number[][] {
    const { dim } = this.#output;
    const dataset = this.#datasetOf(inputs);
    if (dataset === undefined) return [];
    const data = new Float64Array(dataset.size * dim);
    this.#eachChunk(dataset, ({ outputs, from, rows }) => {
      data.set(outputs.subarray(0, rows * dim), from * dim);
    });
    return rowsOf({ rows: dataset.size, columns: dim, data });
  }

  /**
   * The number of the likeliest class of each row; among equals the first.
   *
   * @throws {TypeError} when the last layer tells no classes apart
   */
  classify(inputs: MatrixLike | DesignMatrix): number[] {
    const output = this.#output;
    if (output.classOf === undefined) {
      throw new TypeError(`${output.layerName} tells no classes apart: use fprop`);
    }
    const dataset = this.#datasetOf(inputs);
    const classes: number[] = [];
    if (dataset === undefined) return classes;
    this.#eachChunk(dataset, ({ outputs, rows }) => {
      for (let row = 0; row < rows; row++) {
        classes.push(output.classOf?.(outputs, row * output.dim) as number);
      }
    });
    return classes;
  }

  /**
   * How many examples are answered rightly: are put into their class, or have all their bits right.
   *
   * @throws {TypeError} when the last layer tells no classes apart
   */
  score(dataset: DesignMatrix): Score {
    const output = this.#output;
    this.checkFit(dataset);
    if (output.isRight === undefined) {
      throw new TypeError(`${output.layerName} is never right or wrong: use cost`);
    }
    let correct = 0;
    this.#eachChunk(dataset, ({ outputs, targets, rows }) => {
      for (let row = 0; row < rows; row++) {
        if (output.isRight?.(outputs, targets, row * output.dim)) correct++;
      }
    });
    return { correct, total: dataset.size };
  }

  /** The mean over the examples of the last layer's cost. */
  cost(dataset: DesignMatrix): number {
    this.checkFit(dataset);
    let sum = 0;
    this.#eachChunk(dataset, ({ costSum }) => {
      sum += costSum;
    });
    return sum / dataset.size;
  }

  /**
   * The gradient of a cost by each of `parameters`, in their order, over all examples at once.
   *
   * @param cost the last layer's, if not given
   */
  gradients(dataset: DesignMatrix, cost: Cost = new Default()): readonly FloatArray[] {
    this.checkFit(dataset);
    const plan = costPlan(cost, this.layers);
    const { size } = dataset;
    const pass = new Backpropagation(this, plan, { capacity: size });
    pass.load(dataset, inOrder(size), 0, size);
    pass.run();
    return pass.gradients;
  }

  /** Keeps all weights within the limits of their norms. */
  enforceConstraints(): void {
    for (const layer of this.layers) layer.enforceConstraints();
  }

  /** Refuses, by a `RangeError`, examples of another width than the net's. */
  checkFit({ features, y }: DesignMatrix): void {
    if (features !== this.nvis) {
      throw new RangeError(`the net takes ${this.nvis} numbers a row, not ${features}`);
    }
    const { dim } = this.#output;
    if (y.columns !== dim) {
      throw new RangeError(`y has ${y.columns} columns, the net has ${dim} outputs`);
    }
  }

  /** Shows the outputs of all examples, a few hundred at a time; what is shown is soon overwritten. */
  #eachChunk(dataset: DesignMatrix, visit: (part: Chunk) => void): void {
    const pass = this.#pass;
    const order = inOrder(dataset.size);
    const last = this.layers.length - 1;
    const outputs = pass.outputs[last] as FloatArray;
    for (let from = 0; from < dataset.size; from += chunk) {
      const rows = Math.min(chunk, dataset.size - from);
      pass.load(dataset, order, from, from + rows);
      pass.run(rows);
      const costSum = this.#output.costSum(outputs, pass.targets, rows);
      pass.activate(last, rows);
      visit({ outputs, targets: pass.targets, from, rows, costSum });
    }
  }

  #datasetOf(inputs: MatrixLike | DesignMatrix): DesignMatrix | undefined {
    if ('features' in inputs) {
      this.checkFit(inputs);
      return inputs;
    }
    const X = asMatrix(inputs);
    if (X.rows === 0) return undefined;
    if (X.columns !== this.nvis) {
      throw new RangeError(`the net takes ${this.nvis} numbers a row, not ${X.columns}`);
    }
    return new DenseDesignMatrix({ X, y: noTargets(X.rows, this.#output.dim) });
  }
}

interface Chunk {
  readonly outputs: FloatArray;
  readonly targets: FloatArray;
  /** The number of the first example, and how many there are. */
  readonly from: number;
  readonly rows: number;
  readonly costSum: number;
}

function noTargets(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}
