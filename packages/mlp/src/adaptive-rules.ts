import type { FloatArray } from './float-array.ts';
import { adaDeltaStep, adaGradStep, adamStep, rmsPropStep } from './kernels/steps.ts';
import type { Parameter } from './layer.ts';
import type { LearningRule } from './learning-rule.ts';

/**
 * Duchi, Hazan and Singer's rule: s ← s + g², p ← p − rate·g/max(1/maxScaling, √s).
 *
 * Weights that rarely have a gradient keep long steps: made for sparse examples.
 */
export class AdaGrad implements LearningRule {
  readonly #floor: number;
  readonly #squares = new Memory();

  /** @throws {RangeError} when maxScaling is not above 0 */
  constructor({ maxScaling = 1e5 }: { readonly maxScaling?: number } = {}) {
    this.#floor = 1 / checkPositive('maxScaling', maxScaling);
  }

  step({ values, lrScaler }: Parameter, gradient: FloatArray, learningRate: number): void {
    const rate = learningRate * lrScaler;
    adaGradStep(values, gradient, this.#squares.of(values), rate, this.#floor, 0, values.length);
  }

  readonly sparse: NonNullable<LearningRule['sparse']> = {
    catchUp() {},
    step: ({ values, columns, lrScaler }, gradient, learningRate, { rows, count }) => {
      const [rate, squares] = [learningRate * lrScaler, this.#squares.of(values)];
      for (let i = 0; i < count; i++) {
        const from = (rows[i] as number) * columns;
        adaGradStep(values, gradient, squares, rate, this.#floor, from, from + columns);
      }
    },
    settle() {},
  };
}

/** Hinton's rule: s ← decay·s + (1 − decay)·g², p ← p − rate·g/max(1/maxScaling, √s). */
export class RMSProp implements LearningRule {
  readonly #decay: number;
  readonly #floor: number;
  readonly #squares = new Memory();

  /** @throws {RangeError} when decay is not from 0 to below 1, or maxScaling is not above 0 */
  constructor({
    decay = 0.9,
    maxScaling = 1e5,
  }: { readonly decay?: number; readonly maxScaling?: number } = {}) {
    this.#decay = checkDecay('decay', decay);
    this.#floor = 1 / checkPositive('maxScaling', maxScaling);
  }

  step(parameter: Parameter, gradient: FloatArray, learningRate: number): void {
    const { values, lrScaler } = parameter;
    const squares = this.#squares.of(values, parameter.name);
    const rate = learningRate * lrScaler;
    rmsPropStep(values, gradient, squares, rate, this.#decay, this.#floor, 0, values.length);
  }

  channels(): Readonly<Record<string, number>> {
    const channels: Record<string, number> = {};
    for (const [name, values] of this.#squares.named) {
      let [min, max, sum] = [Infinity, -Infinity, 0];
      for (const value of values) {
        min = Math.min(min, value);
        max = Math.max(max, value);
        sum += value;
      }
      const prefix = `mean_square_grad_${name}`;
      channels[`${prefix}_min`] = min;
      channels[`${prefix}_max`] = max;
      channels[`${prefix}_mean`] = sum / values.length;
    }
    return channels;
  }
}

/**
 * Zeiler's rule: s ← decay·s + (1 − decay)·g², δ = −g·√(d + ε)/√(s + ε), d likewise of δ², p ← p + δ.
 *
 * As in Pylearn2 the learning rate is the ε, not a factor.
 */
export class AdaDelta implements LearningRule {
  readonly #decay: number;
  readonly #squares = new Memory();
  readonly #deltas = new Memory();

  /** @throws {RangeError} when decay is not from 0 to below 1 */
  constructor({ decay = 0.95 }: { readonly decay?: number } = {}) {
    this.#decay = checkDecay('decay', decay);
  }

  step({ values, lrScaler }: Parameter, gradient: FloatArray, learningRate: number): void {
    const [squares, deltas] = [this.#squares.of(values), this.#deltas.of(values)];
    const rate = learningRate * lrScaler;
    adaDeltaStep(values, gradient, squares, deltas, rate, this.#decay, 0, values.length);
  }
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

/** Kingma and Ba's rule (2015, algorithm 1): the mean of gradients over the root of their mean square. */
export class Adam implements LearningRule {
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #means = new Memory();
  readonly #squares = new Memory();
  readonly #steps = new WeakMap<FloatArray, number>();

  /** @throws {RangeError} when a beta is not from 0 to below 1, or epsilon is not above 0 */
  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}) {
    this.#beta1 = checkDecay('beta1', beta1);
    this.#beta2 = checkDecay('beta2', beta2);
    this.#epsilon = checkPositive('epsilon', epsilon);
  }

  step({ values, lrScaler }: Parameter, gradient: FloatArray, learningRate: number): void {
    const steps = (this.#steps.get(values) ?? 0) + 1;
    this.#steps.set(values, steps);
    const [beta1, beta2] = [this.#beta1, this.#beta2];
    const [c1, c2] = [1 - beta1 ** steps, 1 - beta2 ** steps];
    const [m, s] = [this.#means.of(values), this.#squares.of(values)];
    const rate = learningRate * lrScaler;
    adamStep(values, gradient, m, s, rate, beta1, beta2, c1, c2, this.#epsilon, 0, values.length);
  }
}

/** Zeros beside each parameter, for a rule to remember something in. */
class Memory {
  readonly named = new Map<string, FloatArray>();
  readonly #arrays = new WeakMap<FloatArray, FloatArray>();

  of(values: FloatArray, name?: string): FloatArray {
    const known = this.#arrays.get(values);
    if (known !== undefined) return known;
    const fresh = values.slice().fill(0);
    this.#arrays.set(values, fresh);
    if (name !== undefined) this.named.set(name, fresh);
    return fresh;
  }
}

function checkDecay(name: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new RangeError(`${name} must be from 0 to below 1, not ${value}`);
}

function checkPositive(name: string, value: number): number {
  if (value > 0 && value < Infinity) return value;
  throw new RangeError(`${name} must be a number above 0, not ${value}`);
}
