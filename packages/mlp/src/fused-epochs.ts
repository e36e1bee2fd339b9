import {
  type DenseLayer,
  DenseNet,
  type DenseNetOptions,
  type LayerNumbers,
  LinalgError,
  type NetExamples,
} from '@holdfast/linalg';
import type { CostPlan } from './cost.ts';
import { DenseDesignMatrix } from './dense-design-matrix.ts';
import type { DesignMatrix } from './design-matrix.ts';
import type { BatchPlan } from './iteration.ts';
import type { Layer } from './layer.ts';
import type { LearningRule, RuleMemory } from './learning-rule.ts';
import { Linear } from './linear.ts';
import type { MLP } from './mlp.ts';
import { RectifiedLinear } from './rectified-linear.ts';
import { Sigmoid } from './sigmoid.ts';
import { Softmax } from './softmax.ts';
import { Softplus } from './softplus.ts';
import { Tanh } from './tanh.ts';

type KernelRule = NonNullable<LearningRule['kernels']>;

/**
 * Whole epochs by the kernels of linalg: a call an epoch instead of some thirty a batch.
 *
 * For dense examples, the last layer's cost with or without decays of weights, and the rules that the
 * kernels know; the steps are those that are taken batch by batch, rounding aside.
 */
export class FusedEpochs {
  readonly #options: DenseNetOptions;
  readonly #batchSize: number;
  readonly #layers: readonly Layer[];
  readonly #rule: KernelRule;
  readonly #loaded = new WeakMap<DesignMatrix, NetExamples | 'unfit'>();
  #net: DenseNet | undefined;

  /** Undefined when a net, cost or rule asks for something between the steps. */
  static of(
    { layers, nvis, floatX }: MLP,
    { coeff, dropout, squares, sizes }: CostPlan,
    { kernels }: LearningRule,
    { batchSize, fma }: { readonly batchSize: number; readonly fma: boolean },
  ): FusedEpochs | undefined {
    if (coeff !== 1 || dropout !== undefined || kernels === undefined) return undefined;
    const dense = layers.map((layer, l) => {
      const decays = { weightDecay: 2 * (squares[l] as number), l1Decay: sizes[l] as number };
      return denseLayerOf(layer, decays);
    });
    if (!dense.every((each) => each !== undefined)) return undefined;
    const element = floatX === 'float32' ? 'f32' : 'f64';
    const options = { inputs: nvis, layers: dense, batchSize, element, fma } as const;
    return new FusedEpochs(options, batchSize, layers, kernels);
  }

  private constructor(
    options: DenseNetOptions,
    batchSize: number,
    layers: readonly Layer[],
    rule: KernelRule,
  ) {
    this.#options = options;
    this.#batchSize = batchSize;
    this.#layers = layers;
    this.#rule = rule;
  }

  /** Trains for one epoch; false, with nothing done, when these examples or batches do not suit. */
  train(dataset: DesignMatrix, { order, ends }: BatchPlan, learningRate: number): boolean {
    if (!areEven(order.length, ends, this.#batchSize)) return false;
    const loaded = this.#load(dataset);
    if (loaded === undefined) return false;
    const { net, examples } = loaded;
    const memories = this.#layers.map(({ parameters }) => {
      return parameters.map((parameter) => this.#rule.memoryOf(parameter));
    });
    const places = this.#layers.map((layer, l) => placesOf(layer, memories[l] ?? []));
    for (const [l, each] of places.entries()) {
      for (const { kind, numbers } of each) net[kind].set(l, numbers);
    }
    net.steps = memories[0]?.[0]?.steps ?? 0;
    net.trainEpoch(examples, order, this.#rule.step(learningRate));
    for (const [l, each] of places.entries()) {
      for (const { kind, numbers } of each) net[kind].get(l, numbers);
    }
    for (const memory of memories.flat()) if (memory.steps !== undefined) memory.steps = net.steps;
    return true;
  }

  /** Examples are copied into the net's memory once; undefined when they do not suit, or do not fit. */
  #load(dataset: DesignMatrix): { net: DenseNet; examples: NetExamples } | undefined {
    const known = this.#loaded.get(dataset);
    if (known === 'unfit') return undefined;
    if (known !== undefined && this.#net !== undefined) return { net: this.#net, examples: known };
    if (!this.#isFit(dataset)) {
      this.#loaded.set(dataset, 'unfit');
      return undefined;
    }
    try {
      this.#net ??= new DenseNet(this.#options);
      const examples = this.#net.load(dataset.size, dataset.X.data, dataset.y.data);
      this.#loaded.set(dataset, examples);
      return { net: this.#net, examples };
    } catch (error) {
      if (!(error instanceof LinalgError)) throw error;
      // There is no memory for the kernels; batch by batch it takes less.
      this.#loaded.set(dataset, 'unfit');
      return undefined;
    }
  }

  /** The kernels take it that the targets of a softmax sum to 1. */
  #isFit(dataset: DesignMatrix): dataset is DenseDesignMatrix {
    if (!(dataset instanceof DenseDesignMatrix)) return false;
    if (!(this.#layers.at(-1) instanceof Softmax)) return true;
    const { columns, data } = dataset.y;
    for (let row = 0; row < data.length; row += columns) {
      let sum = 0;
      for (let k = row; k < row + columns; k++) sum += data[k] as number;
      if (sum !== 1) return false;
    }
    return true;
  }
}

/** Whether all batches but the last are full, and all examples of the order are in one. */
function areEven(size: number, ends: Uint32Array, batchSize: number): boolean {
  for (let i = 0; i < ends.length; i++) {
    if (ends[i] !== Math.min(size, (i + 1) * batchSize)) return false;
  }
  return ends.at(-1) === size;
}

/** A layer's numbers of one kind, as the kernels name it. */
interface Place {
  readonly kind: 'parameters' | 'velocities' | 'squares';
  readonly numbers: LayerNumbers;
}

/** What the kernels shall work on: a layer's parameters, and what a rule keeps beside each of them. */
function placesOf(
  { parameters, weights, biases }: Layer,
  memories: readonly RuleMemory[],
): Place[] {
  const places: Place[] = [{ kind: 'parameters', numbers: { weights: weights.data, biases } }];
  const [W, b] = parameters[0]?.values === weights.data ? memories : memories.toReversed();
  for (const kind of ['velocities', 'squares'] as const) {
    const [ofWeights, ofBiases] = [W?.[kind], b?.[kind]];
    if (ofWeights === undefined || ofBiases === undefined) continue;
    places.push({ kind, numbers: { weights: ofWeights, biases: ofBiases } });
  }
  return places;
}

/** Undefined for a layer that the kernels do not know. */
function denseLayerOf(
  layer: Layer,
  decays: Pick<DenseLayer, 'weightDecay' | 'l1Decay'>,
): DenseLayer | undefined {
  const { dim, biases, hasNormLimits, parameters, weights } = layer;
  const activation = activationOf(layer);
  if (activation === undefined || biases.length === 0 || hasNormLimits) return undefined;
  const rateOf = (isWeights: boolean) =>
    parameters.find(({ values }) => (values === weights.data) === isWeights)?.lrScaler ?? 1;
  const { leftSlope = 0 } = layer.options as { readonly leftSlope?: number };
  return {
    ...{ units: dim, activation, leftSlope },
    ...{ weightRate: rateOf(true), biasRate: rateOf(false), ...decays },
  };
}

function activationOf(layer: Layer): DenseLayer['activation'] | undefined {
  if (layer instanceof Sigmoid) return 'sigmoid';
  if (layer instanceof Softmax) return 'softmax';
  if (layer instanceof Tanh) return 'tanh';
  if (layer instanceof RectifiedLinear) return 'rectifiedLinear';
  if (layer instanceof Softplus) return 'softplus';
  if (layer instanceof Linear && layer.options.useAbsLoss !== true) return 'linear';
  return undefined;
}
