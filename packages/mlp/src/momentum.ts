import type { DescentStep } from '@holdfast/linalg';
import type { FloatArray } from './float-array.ts';
import { momentumStep, nesterovStep } from './kernels/steps.ts';
import type { Parameter } from './layer.ts';
import { LazyMemory } from './lazy-memory.ts';
import type { LearningRule } from './learning-rule.ts';

/**
 * Steps that keep some of the last one: v ← m·v − rate·g, p ← p + v; v starts at 0.
 *
 * Nesterov's form, as in Pylearn2: p ← p + m·v − rate·g, with the new v.
 */
export class Momentum implements LearningRule {
  readonly #isNesterov: boolean;
  /** A row that has no gradient glides on: v·(m + m² + … + mⁿ) in n steps, of which v·mⁿ is left. */
  readonly #memory = new LazyMemory(['velocities'], (values, { velocities }, steps, from, to) => {
    const m = this.#momentum;
    const left = m ** steps;
    const sum = (m * (1 - left)) / (1 - m);
    const gone = this.#isNesterov ? sum * m : sum;
    for (let i = from; i < to; i++) {
      const v = velocities[i] as number;
      if (v === 0) continue;
      values[i] = (values[i] as number) + v * gone;
      velocities[i] = v * left;
    }
  });
  #momentum: number;

  /** @throws {RangeError} when initMomentum is not from 0 to below 1 */
  constructor(
    initMomentum: number,
    { nesterovMomentum = false }: { readonly nesterovMomentum?: boolean } = {},
  ) {
    this.#momentum = checked(initMomentum);
    this.#isNesterov = nesterovMomentum;
  }

  /** What is kept, from 0 to below 1; a schedule may change it between epochs. */
  get momentum(): number {
    return this.#momentum;
  }

  set momentum(momentum: number) {
    this.#memory.settle();
    this.#momentum = checked(momentum);
  }

  step(parameter: Parameter, gradient: FloatArray, learningRate: number): void {
    const { values, lrScaler } = parameter;
    const rate = learningRate * lrScaler;
    this.#move(values, gradient, this.#memory.of(parameter).velocities, rate, 0, values.length);
  }

  readonly sparse: NonNullable<LearningRule['sparse']> = this.#memory.sparse(
    (values, gradient, { velocities }, rate, from, to) =>
      this.#move(values, gradient, velocities, rate, from, to),
  );

  readonly kernels: NonNullable<LearningRule['kernels']> = {
    step: (learningRate): DescentStep => {
      return { learningRate, momentum: this.#momentum, nesterov: this.#isNesterov };
    },
    memoryOf: (parameter) => this.#memory.of(parameter),
  };

  channels(): Readonly<Record<string, number>> {
    return { momentum: this.#momentum };
  }

  #move(
    values: FloatArray,
    gradient: FloatArray,
    velocities: FloatArray,
    rate: number,
    from: number,
    to: number,
  ): void {
    const step = this.#isNesterov ? nesterovStep : momentumStep;
    step(values, gradient, velocities, rate, this.#momentum, from, to);
  }
}

function checked(momentum: number): number {
  if (momentum >= 0 && momentum < 1) return momentum;
  throw new RangeError(`momentum must be from 0 to below 1, not ${momentum}`);
}
