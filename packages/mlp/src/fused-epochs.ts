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
import { gradientDescent } from './gradient-descent.ts';
import type { BatchPlan } from './iteration.ts';
import type { Layer } from './layer.ts';
import type { LearningRule } from './learning-rule.ts';
import { Linear } from './linear.ts';
import type { MLP } from './mlp.ts';
import { Momentum } from './momentum.ts';
import { RectifiedLinear } from './rectified-linear.ts';
import { Sigmoid } from './sigmoid.ts';
import { Softmax } from './softmax.ts';
import { Softplus } from './softplus.ts';
import { Tanh } from './tanh.ts';

/**
 * Whole epochs by the kernels of linalg: a call an epoch instead of some thirty a batch.
 *
 * For dense examples, the last layer's cost alone, and the plain step or momentum; the steps are those
 * that are taken batch by batch, rounding aside.
 */
export class FusedEpochs {
  readonly #options: DenseNetOptions;
  readonly #layers: readonly Layer[];
  readonly #momentum: Momentum | undefined;
  readonly #batchSize: number;
  readonly #loaded = new WeakMap<DesignMatrix, NetExamples | 'unfit'>();
  #net: DenseNet | undefined;

  /** Undefined when a net, cost or rule asks for something between the steps. */
  static of(
    { layers, nvis, floatX }: MLP,
    { coeff, dropout, squares, sizes }: CostPlan,
    rule: LearningRule,
    batchSize: number,
  ): FusedEpochs | undefined {
    const isPlain =
      coeff === 1 && dropout === undefined && [...squares, ...sizes].every((each) => each === 0);
    const isKnown = rule === gradientDescent || rule instanceof Momentum;
    const dense = layers.map(denseLayerOf).filter((each) => each !== undefined);
    if (!isPlain || !isKnown || dense.length < layers.length) return undefined;
    const element = floatX === 'float32' ? 'f32' : 'f64';
    const options = { inputs: nvis, layers: dense, batchSize, element } as const;
    return new FusedEpochs(options, layers, rule instanceof Momentum ? rule : undefined);
  }

  private constructor(
    options: DenseNetOptions & { readonly batchSize: number },
    layers: readonly Layer[],
    momentum: Momentum | undefined,
  ) {
    this.#options = options;
    this.#layers = layers;
    this.#momentum = momentum;
    this.#batchSize = options.batchSize;
  }

  /** Trains for one epoch; false, with nothing done, when these examples or batches do not suit. */
  train(dataset: DesignMatrix, { order, ends }: BatchPlan, learningRate: number): boolean {
    if (!areEven(order.length, ends, this.#batchSize)) return false;
    const loaded = this.#load(dataset);
    if (loaded === undefined) return false;
    const { net, examples } = loaded;
    const momentum = this.#momentum;
    for (const [l, layer] of this.#layers.entries()) {
      net.parameters.set(l, { weights: layer.weights.data, biases: layer.biases });
      if (momentum !== undefined) net.velocities.set(l, velocitiesOf(momentum, layer));
    }
    net.trainEpoch(examples, order, {
      ...{ learningRate, momentum: momentum?.momentum ?? 0 },
      nesterov: momentum?.isNesterov ?? false,
    });
    for (const [l, layer] of this.#layers.entries()) {
      copyNumbers(net.parameters.get(l), { weights: layer.weights.data, biases: layer.biases });
      if (momentum !== undefined) {
        copyNumbers(net.velocities.get(l), velocitiesOf(momentum, layer));
      }
    }
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

function copyNumbers(from: LayerNumbers, to: LayerNumbers): void {
  to.weights.set(from.weights);
  to.biases.set(from.biases);
}

function velocitiesOf(rule: Momentum, { parameters, weights }: Layer): LayerNumbers {
  const [first, second] = parameters.map((parameter) => rule.velocityOf(parameter));
  if (first === undefined || second === undefined) throw new TypeError('a layer without biases');
  const isWeightsFirst = parameters[0]?.values === weights.data;
  return isWeightsFirst ? { weights: first, biases: second } : { weights: second, biases: first };
}

/** Undefined for a layer that the kernels do not know. */
function denseLayerOf(layer: Layer): DenseLayer | undefined {
  const { dim, biases, hasNormLimits, parameters, weights } = layer;
  const activation = activationOf(layer);
  if (activation === undefined || biases.length === 0 || hasNormLimits) return undefined;
  const rateOf = (isWeights: boolean) =>
    parameters.find(({ values }) => (values === weights.data) === isWeights)?.lrScaler ?? 1;
  const { leftSlope = 0 } = layer.options as { readonly leftSlope?: number };
  return {
    ...{ units: dim, activation, leftSlope },
    ...{ weightRate: rateOf(true), biasRate: rateOf(false) },
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
