import { type DescentStep, stepPlan } from './descent-step.ts';
import { activationNumbers } from './kernel-layout.ts';
import { type ElementName, type Floats, kernelMemory } from './kernel-memory.ts';
import type {
  DenseLayer,
  LayerNumbers,
  LoadedExamples,
  NetEngine,
  NetPlan,
  NumbersKind,
} from './net-engine.ts';
import { PlainNet } from './plain-net.ts';
import { WasmNet } from './wasm-net.ts';

/** What a `DenseNet` is made from. */
export interface DenseNetOptions {
  /** How many numbers an example has. */
  readonly inputs: number;
  /** From the inputs on. */
  readonly layers: readonly DenseLayer[];
  /** Examples a gradient is taken over, at most; 128 if not given. */
  readonly batchSize?: number;
  /** The precision of everything; f32 is up to twice as fast. `f64` if not given. */
  readonly element?: ElementName;
  /**
   * Lets products be fused with the sums they go into: faster and no less exact, but the last bits
   * then depend on the machine. false if not given.
   */
  readonly fma?: boolean;
}

/** Examples that lie in a net's memory. */
export interface NetExamples {
  readonly rows: number;
}

/** A number for each weight and bias: the parameter itself, or what stands beside it. */
export interface NetNumbers {
  /**
   * Those of a layer, counted from 0, copied into `into`, or into fresh arrays if it is not given.
   *
   * @throws {RangeError} when `into` has not inputs · units weights and units biases
   */
  get(layer: number, into?: LayerNumbers): LayerNumbers;
  /**
   * Replaces those of a layer.
   *
   * @throws {RangeError} when there are not inputs · units weights and units biases
   */
  set(layer: number, numbers: LayerNumbers): void;
}

const costs = ['softmax', 'sigmoid', 'linear'];

/**
 * A net of dense layers with all its numbers and examples in one memory, so that an epoch of
 * minibatch gradient descent is a single call.
 *
 * Parameters start at 0: set them. Sums run in the order of their index, and exp and log are the
 * package's own, so the same calls give the same bits on every machine, with or without
 * WebAssembly, unless `fma` is asked for. Numbers that overflow or become NaN travel on; no call
 * looks for them.
 *
 * The cost of a softmax output is the mean over the examples of −Σ target · log probability, where
 * the targets of an example sum to 1; of a sigmoid, the mean over examples and units of its cross-entropy; of a linear one, the mean over
 * the examples of the squared error. Other outputs have none and cannot be trained.
 *
 * @example
 * const net = new DenseNet({ inputs: 2, layers: [{ units: 1, activation: 'linear' }] });
 * const examples = net.load(1, [1, 2], [3]);
 * net.trainEpoch(examples, [0], { learningRate: 0.0625 });
 * net.forward(examples); // => Float64Array [2.25]
 */
export class DenseNet {
  readonly inputs: number;
  readonly layers: readonly DenseLayer[];
  readonly batchSize: number;
  readonly element: ElementName;
  readonly parameters: NetNumbers;
  /** Those that `backward` left, or that were set; `update` follows them. */
  readonly gradients: NetNumbers;
  /** What momentum keeps; of `adam` the means of the gradients. */
  readonly velocities: NetNumbers;
  /** What `adaGrad`, `rmsProp` and `adam` keep of the squares of the gradients. */
  readonly squares: NetNumbers;
  readonly #engine: NetEngine;
  readonly #loaded = new WeakSet<NetExamples>();
  #steps = 0;

  /**
   * @throws {RangeError} when a size is no whole number above 0, or a rate or slope is out of range
   * @throws {TypeError} when there is no layer, one of an unknown kind, or a softmax that is not the
   *   last
   * @throws {LinalgError} `memory-exhausted`
   */
  constructor({ inputs, layers, batchSize = 128, element = 'f64', fma = false }: DenseNetOptions) {
    checkSize('inputs', inputs);
    checkSize('batchSize', batchSize);
    const plan: NetPlan = { inputs, layers: layers.map(checkedLayer), batchSize, element };
    if (layers.length === 0) throw new TypeError('a net needs at least one layer');
    const memory = kernelMemory({ fma });
    this.#engine = memory === undefined ? new PlainNet(plan) : new WasmNet(memory, plan);
    this.inputs = inputs;
    this.layers = layers;
    this.batchSize = batchSize;
    this.element = element;
    this.parameters = this.#numbers('parameters');
    this.gradients = this.#numbers('gradients');
    this.velocities = this.#numbers('velocities');
    this.squares = this.#numbers('squares');
  }

  /**
   * Copies examples into the net's memory, where they stay as long as the net: `inputs` is
   * rows × inputs and `targets`, if they are to be learnt, rows × units of the last layer, row-major.
   *
   * @throws {RangeError} when an array has another length
   * @throws {LinalgError} `memory-exhausted`
   */
  load(rows: number, inputs: ArrayLike<number>, targets?: ArrayLike<number>): NetExamples {
    checkSize('rows', rows);
    checkLength('inputs', inputs.length, rows, this.inputs);
    if (targets !== undefined) checkLength('targets', targets.length, rows, this.#outputs);
    const examples = this.#engine.load(rows, inputs, targets);
    this.#loaded.add(examples);
    return examples;
  }

  /** The outputs of a layer, the last if none is named: rows × units, a copy. */
  forward(examples: NetExamples, layer: number = this.layers.length - 1): Floats {
    const loaded = this.#checked(examples);
    this.#checkLayer(layer);
    return this.#engine.forward(loaded, layer);
  }

  /**
   * The outputs of a layer, the last if none is named, for inputs that are not kept: rows × inputs
   * numbers, row-major.
   *
   * @throws {RangeError} when `inputs` has another length
   * @throws {LinalgError} `memory-exhausted`
   */
  forwardOnce(
    rows: number,
    inputs: ArrayLike<number>,
    layer: number = this.layers.length - 1,
  ): Floats {
    checkSize('rows', rows);
    checkLength('inputs', inputs.length, rows, this.inputs);
    this.#checkLayer(layer);
    return this.#engine.forwardOnce(rows, inputs, layer);
  }

  /** The mean cost of the examples, which have targets. */
  cost(examples: NetExamples): number {
    const loaded = this.#checkedToLearn(examples);
    const units = this.layers.at(-1)?.activation === 'sigmoid' ? this.#outputs : 1;
    return this.#engine.cost(loaded) / (loaded.rows * units);
  }

  /**
   * Leaves in `gradients` those of the mean cost of the rows listed, at most `batchSize` of them.
   *
   * @throws {RangeError} when there are too many rows, or one is not in the examples
   */
  backward(examples: NetExamples, order: ArrayLike<number>): void {
    const loaded = this.#checkedToLearn(examples);
    checkOrder(order, loaded.rows);
    if (order.length > this.batchSize || order.length === 0) {
      throw new RangeError(`a batch has 1 to ${this.batchSize} rows, not ${order.length}`);
    }
    this.#engine.backward(loaded, order);
  }

  /** How many times the parameters have been moved: what `adam` counts by. May be set. */
  get steps(): number {
    return this.#steps;
  }

  /** @throws {RangeError} when it is no whole number of at least 0 */
  set steps(steps: number) {
    if (!Number.isSafeInteger(steps) || steps < 0) {
      throw new RangeError(`steps must be a whole number of at least 0, not ${steps}`);
    }
    this.#steps = steps;
  }

  /**
   * Moves the parameters by their gradients, all at once.
   *
   * @throws {RangeError} when a number of the step is out of range
   * @throws {TypeError} when there is no such rule
   */
  update(step: DescentStep): void {
    this.#engine.update(stepPlan(step, this.#steps));
    this.#steps++;
  }

  /**
   * Trains on the rows listed, in their order, a batch at a time; the last one may be short.
   *
   * @throws {RangeError} when a row is not in the examples, or a number of the step is out of range
   * @throws {TypeError} when there is no such rule
   */
  trainEpoch(examples: NetExamples, order: ArrayLike<number>, step: DescentStep): void {
    const loaded = this.#checkedToLearn(examples);
    checkOrder(order, loaded.rows);
    this.#engine.epoch(loaded, order, stepPlan(step, this.#steps));
    this.#steps += Math.ceil(order.length / this.batchSize);
  }

  get #outputs(): number {
    return this.layers.at(-1)?.units ?? 0;
  }

  #numbers(kind: NumbersKind): NetNumbers {
    const checkSizes = (layer: number, { weights, biases }: LayerNumbers) => {
      const units = this.layers[layer]?.units ?? 0;
      const inputs = this.layers[layer - 1]?.units ?? this.inputs;
      checkLength('weights', weights.length, inputs, units);
      checkLength('biases', biases.length, 1, units);
    };
    return {
      get: (layer, into) => {
        this.#checkLayer(layer);
        if (into !== undefined) checkSizes(layer, into);
        return this.#engine.numbers(kind, layer, into);
      },
      set: (layer, numbers) => {
        this.#checkLayer(layer);
        checkSizes(layer, numbers);
        this.#engine.setNumbers(kind, layer, numbers);
      },
    };
  }

  #checkLayer(layer: number): void {
    if (Number.isInteger(layer) && layer >= 0 && layer < this.layers.length) return;
    throw new RangeError(`the net has layers 0 to ${this.layers.length - 1}, not ${layer}`);
  }

  #checked(examples: NetExamples): LoadedExamples {
    if (this.#loaded.has(examples)) return examples as LoadedExamples;
    throw new TypeError('these examples were not loaded into this net');
  }

  #checkedToLearn(examples: NetExamples): LoadedExamples {
    const loaded = this.#checked(examples);
    if (!loaded.hasTargets) throw new TypeError('these examples were loaded without targets');
    const { activation = 'none' } = this.layers.at(-1) ?? {};
    if (costs.includes(activation)) return loaded;
    throw new TypeError(`an output of kind ${activation} has no cost; use ${costs.join(', ')}`);
  }
}

function checkedLayer(
  layer: DenseLayer,
  index: number,
  all: readonly DenseLayer[],
): Required<DenseLayer> {
  const { units, activation } = layer;
  const { leftSlope = 0, weightRate = 1, biasRate = 1, weightDecay = 0, l1Decay = 0 } = layer;
  const numbers = { leftSlope, weightRate, biasRate, weightDecay, l1Decay };
  checkSize(`units of layer ${index}`, units);
  if (!Object.hasOwn(activationNumbers, activation)) {
    const known = Object.keys(activationNumbers).join(', ');
    throw new TypeError(`layer ${index} has no activation ${activation}; there are ${known}`);
  }
  if (activation === 'softmax' && index < all.length - 1) {
    throw new TypeError(`layer ${index} is a softmax; only the last layer can be one`);
  }
  for (const [name, value] of Object.entries(numbers)) {
    if (value >= 0 && value < Number.POSITIVE_INFINITY) continue;
    throw new RangeError(`${name} of layer ${index} must be at least 0 and finite, not ${value}`);
  }
  return { units, activation, ...numbers };
}

function checkOrder(order: ArrayLike<number>, rows: number): void {
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    if (Number.isInteger(row) && row >= 0 && row < rows) continue;
    throw new RangeError(`order names row ${row} at ${i}; the examples have rows 0 to ${rows - 1}`);
  }
}

function checkSize(name: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 1) return;
  throw new RangeError(`${name} must be a whole number above 0, not ${size}`);
}

function checkLength(name: string, length: number, rows: number, columns: number): void {
  if (length === rows * columns) return;
  throw new RangeError(`${name} must have ${rows} × ${columns} numbers, not ${length}`);
}
