import type { StepPlan } from './descent-step.ts';
import type { ElementName, Floats } from './kernel-memory.ts';

/** What a layer does to its weighted sums. */
export type Activation = 'linear' | 'sigmoid' | 'tanh' | 'rectifiedLinear' | 'softplus' | 'softmax';

/** A layer in which every unit sees every input. */
export interface DenseLayer {
  readonly units: number;
  /** `softmax` only in the last layer. */
  readonly activation: Activation;
  /** The slope of `rectifiedLinear` below 0, at least 0; 0 if not given. */
  readonly leftSlope?: number;
  /** Factors of the learning rate; 1 if not given. */
  readonly weightRate?: number;
  readonly biasRate?: number;
  /** How much of each weight, and of its sign, `update` adds to its gradient, at least 0; 0 if not given. */
  readonly weightDecay?: number;
  readonly l1Decay?: number;
}

/** One number for each weight and bias of a layer. */
export interface LayerNumbers {
  /** inputs × units, row-major. */
  readonly weights: Floats;
  /** units. */
  readonly biases: Floats;
}

/** What a net is made of, checked, with nothing left open. */
export interface NetPlan {
  readonly inputs: number;
  readonly layers: readonly Required<DenseLayer>[];
  readonly batchSize: number;
  readonly element: ElementName;
}

export type NumbersKind = 'parameters' | 'gradients' | 'velocities' | 'squares';

/** Examples as an engine keeps them. */
export interface LoadedExamples {
  readonly rows: number;
  readonly hasTargets: boolean;
}

/** What computes a net: the kernels, or plain TypeScript. Arguments have been checked. */
export interface NetEngine<E extends LoadedExamples = LoadedExamples> {
  /** Copies, into fresh arrays if none are given. */
  numbers(kind: NumbersKind, layer: number, into?: LayerNumbers): LayerNumbers;
  setNumbers(kind: NumbersKind, layer: number, numbers: LayerNumbers): void;
  load(rows: number, inputs: ArrayLike<number>, targets: ArrayLike<number> | undefined): E;
  /** The outputs of a layer for all rows. */
  forward(examples: E, layer: number): Floats;
  /** The outputs of a layer for inputs that are not kept. */
  forwardOnce(rows: number, inputs: ArrayLike<number>, layer: number): Floats;
  /** The sum of the cost over the rows and, unless the output is a softmax, the units. */
  cost(examples: E): number;
  /** Leaves the gradients of the mean cost of these rows, at most a batch. */
  backward(examples: E, order: ArrayLike<number>): void;
  update(step: StepPlan): void;
  epoch(examples: E, order: ArrayLike<number>, step: StepPlan): void;
}
