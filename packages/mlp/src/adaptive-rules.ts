import type { FloatArray } from './float-array.ts';
import { adaDeltaStep, adaGradStep, adamStep, rmsPropStep } from './kernels/steps.ts';
import type { Parameter } from './layer.ts';
import { LazyMemory } from './lazy-memory.ts';
import type { LearningRule, RuleMemory } from './learning-rule.ts';

/**
 * Duchi, Hazan and Singer's rule: s ← s + g², p ← p − rate·g/max(1/maxScaling, √s).
 *
 * Weights that rarely have a gradient keep long steps: made for sparse examples.
 */
export class AdaGrad implements LearningRule {
  readonly #maxScaling: number;
  readonly #floor: number;
  // A gradient of 0 changes nothing.
  readonly #memory = new LazyMemory(['squares'], () => {});

  /** @throws {RangeError} when maxScaling is not above 0 */
  constructor({ maxScaling = 1e5 }: { readonly maxScaling?: number } = {}) {
    this.#maxScaling = checkPositive('maxScaling', maxScaling);
    this.#floor = 1 / maxScaling;
  }

  step(parameter: Parameter, gradient: FloatArray, learningRate: number): void {
    const { values, lrScaler } = parameter;
    const { squares } = this.#memory.of(parameter);
    const rate = learningRate * lrScaler;
    adaGradStep(values, gradient, squares, rate, this.#floor, 0, values.length);
  }

  readonly sparse: NonNullable<LearningRule['sparse']> = this.#memory.sparse(
    (values, gradient, { squares }, rate, from, to) =>
      adaGradStep(values, gradient, squares, rate, this.#floor, from, to),
  );

  readonly kernels: NonNullable<LearningRule['kernels']> = {
    step: (learningRate) => ({ rule: 'adaGrad', learningRate, maxScaling: this.#maxScaling }),
    memoryOf: (parameter) => this.#memory.of(parameter),
  };
}

/** Hinton's rule: s ← decay·s + (1 − decay)·g², p ← p − rate·g/max(1/maxScaling, √s). */
export class RMSProp implements LearningRule {
  readonly #decay: number;
  readonly #maxScaling: number;
  readonly #floor: number;
  readonly #memory = new LazyMemory(['squares'], (_, { squares }, steps, from, to) =>
    scale(squares, this.#decay ** steps, from, to),
  );

  /** @throws {RangeError} when decay is not from 0 to below 1, or maxScaling is not above 0 */
  constructor({
    decay = 0.9,
    maxScaling = 1e5,
  }: { readonly decay?: number; readonly maxScaling?: number } = {}) {
    this.#decay = checkDecay('decay', decay);
    this.#maxScaling = checkPositive('maxScaling', maxScaling);
    this.#floor = 1 / maxScaling;
  }

  step(parameter: Parameter, gradient: FloatArray, learningRate: number): void {
    const { values, lrScaler } = parameter;
    const { squares } = this.#memory.of(parameter);
    const rate = learningRate * lrScaler;
    rmsPropStep(values, gradient, squares, rate, this.#decay, this.#floor, 0, values.length);
  }

  readonly sparse: NonNullable<LearningRule['sparse']> = this.#memory.sparse(
    (values, gradient, { squares }, rate, from, to) =>
      rmsPropStep(values, gradient, squares, rate, this.#decay, this.#floor, from, to),
  );

  readonly kernels: NonNullable<LearningRule['kernels']> = {
    step: (learningRate) => {
      return { rule: 'rmsProp', learningRate, decay: this.#decay, maxScaling: this.#maxScaling };
    },
    memoryOf: (parameter) => this.#memory.of(parameter),
  };

  channels(): Readonly<Record<string, number>> {
    const channels: Record<string, number> = {};
    for (const [{ name }, { squares }] of this.#memory.entries()) {
      let [min, max, sum] = [Infinity, -Infinity, 0];
      for (const value of squares) {
        min = Math.min(min, value);
        max = Math.max(max, value);
        sum += value;
      }
      const prefix = `mean_square_grad_${name}`;
      channels[`${prefix}_min`] = min;
      channels[`${prefix}_max`] = max;
      channels[`${prefix}_mean`] = sum / squares.length;
    }
    return channels;
  }
}

/**
 * Zeiler's rule: s ← decay·s + (1 − decay)·g², δ = −g·√(d + ε)/√(s + ε), d likewise of δ², p ← p + δ.
 *
 * As in Pylearn2 the learning rate is the ε, not a factor. Epochs are trained batch by batch.
 */
export class AdaDelta implements LearningRule {
  readonly #decay: number;
  readonly #memory = new LazyMemory(['squares', 'deltas'], (_, beside, steps, from, to) => {
    const left = this.#decay ** steps;
    scale(beside.squares, left, from, to);
    scale(beside.deltas, left, from, to);
  });

  /** @throws {RangeError} when decay is not from 0 to below 1 */
  constructor({ decay = 0.95 }: { readonly decay?: number } = {}) {
    this.#decay = checkDecay('decay', decay);
  }

  step(parameter: Parameter, gradient: FloatArray, learningRate: number): void {
    const { values, lrScaler } = parameter;
    const { squares, deltas } = this.#memory.of(parameter);
    const rate = learningRate * lrScaler;
    adaDeltaStep(values, gradient, squares, deltas, rate, this.#decay, 0, values.length);
  }

  readonly sparse: NonNullable<LearningRule['sparse']> = this.#memory.sparse(
    (values, gradient, { squares, deltas }, rate, from, to) =>
      adaDeltaStep(values, gradient, squares, deltas, rate, this.#decay, from, to),
  );
}

/** What an `Adam` is made from. */
export interface AdamOptions {
  /** How much is kept of the mean of gradients; 0.9 if not given. */
  readonly beta1?: number;
  /** How much is kept of the mean of their squares; 0.999 if not given. */
  readonly beta2?: number;
  /** Added to the root of the mean square; 1e-8 if not given. */
  readonly epsilon?: number;
}

/**
 * Kingma and Ba's rule (2015, algorithm 1): the mean of gradients over the root of their mean square.
 *
 * Without a gradient a weight still moves, by a way that no formula shortens: sparse examples cost as
 * much as dense ones.
 */
export class Adam implements LearningRule {
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #memories = new WeakMap<FloatArray, Required<RuleMemory>>();

  /** @throws {RangeError} when a beta is not from 0 to below 1, or epsilon is not above 0 */
  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}) {
    this.#beta1 = checkDecay('beta1', beta1);
    this.#beta2 = checkDecay('beta2', beta2);
    this.#epsilon = checkPositive('epsilon', epsilon);
  }

  step(parameter: Parameter, gradient: FloatArray, learningRate: number): void {
    const { values, lrScaler } = parameter;
    const memory = this.#memoryOf(parameter);
    memory.steps++;
    const { velocities, squares, steps } = memory;
    const [beta1, beta2] = [this.#beta1, this.#beta2];
    const [c1, c2] = [1 - beta1 ** steps, 1 - beta2 ** steps];
    const rate = learningRate * lrScaler;
    const [epsilon, to] = [this.#epsilon, values.length];
    adamStep(values, gradient, velocities, squares, rate, beta1, beta2, c1, c2, epsilon, 0, to);
  }

  readonly kernels: NonNullable<LearningRule['kernels']> = {
    step: (learningRate) => {
      const [beta1, beta2, epsilon] = [this.#beta1, this.#beta2, this.#epsilon];
      return { rule: 'adam', learningRate, beta1, beta2, epsilon };
    },
    memoryOf: (parameter) => this.#memoryOf(parameter),
  };

  #memoryOf({ values }: Parameter): Required<RuleMemory> {
    const known = this.#memories.get(values);
    if (known !== undefined) return known;
    const zeros = () => values.slice().fill(0);
    const memory = { velocities: zeros(), squares: zeros(), steps: 0 };
    this.#memories.set(values, memory);
    return memory;
  }
}

function scale(array: FloatArray, factor: number, from: number, to: number): void {
  for (let i = from; i < to; i++) array[i] = (array[i] as number) * factor;
}

function checkDecay(name: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new RangeError(`${name} must be from 0 to below 1, not ${value}`);
}

function checkPositive(name: string, value: number): number {
  if (value > 0 && value < Infinity) return value;
  throw new RangeError(`${name} must be a number above 0, not ${value}`);
}
