import type { Parameter } from './layer.ts';

/** How a gradient changes the parameters. */
export interface LearningRule {
  /** Changes each parameter in place, by the gradient of the same place. */
  step(
    parameters: readonly Parameter[],
    gradients: readonly Float64Array[],
    learningRate: number,
  ): void;
}

/**
 * Steps that keep some of the last one: v ← m·v − rate·g, p ← p + v; v starts at 0.
 *
 * Nesterov's form, as in Pylearn2: p ← p + m·v − rate·g, with the new v.
 */
export class Momentum implements LearningRule {
  /** What is kept, from 0 to below 1; a schedule may change it between epochs. */
  momentum: number;
  readonly #isNesterov: boolean;
  readonly #velocities = new WeakMap<Float64Array, Float64Array>();

  /** @throws {RangeError} when initMomentum is not from 0 to below 1 */
  constructor(
    initMomentum: number,
    { nesterovMomentum = false }: { readonly nesterovMomentum?: boolean } = {},
  ) {
    if (!(initMomentum >= 0 && initMomentum < 1)) {
      throw new RangeError(`momentum must be from 0 to below 1, not ${initMomentum}`);
    }
    this.momentum = initMomentum;
    this.#isNesterov = nesterovMomentum;
  }

  step(
    parameters: readonly Parameter[],
    gradients: readonly Float64Array[],
    learningRate: number,
  ): void {
    const m = this.momentum;
    for (const [which, { values }] of parameters.entries()) {
      const gradient = gradients[which] as Float64Array;
      const velocity = this.#velocities.get(values) ?? new Float64Array(values.length);
      this.#velocities.set(values, velocity);
      for (let i = 0; i < values.length; i++) {
        const pull = learningRate * (gradient[i] as number);
        const v = m * (velocity[i] as number) - pull;
        velocity[i] = v;
        values[i] = (values[i] as number) + (this.#isNesterov ? m * v - pull : v);
      }
    }
  }
}

/** The plain step: p ← p − rate·g. */
export const gradientDescent: LearningRule = {
  step(parameters, gradients, learningRate) {
    for (const [which, { values }] of parameters.entries()) {
      const gradient = gradients[which] as Float64Array;
      for (let i = 0; i < values.length; i++) {
        values[i] = (values[i] as number) - learningRate * (gradient[i] as number);
      }
    }
  },
};
