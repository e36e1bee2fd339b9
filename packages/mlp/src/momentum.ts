import type { FloatArray } from './float-array.ts';
import { momentumStep, nesterovStep } from './kernels/steps.ts';
import type { Parameter } from './layer.ts';
import type { LearningRule } from './learning-rule.ts';

/**
 * Steps that keep some of the last one: v ← m·v − rate·g, p ← p + v; v starts at 0.
 *
 * Nesterov's form, as in Pylearn2: p ← p + m·v − rate·g, with the new v.
 */
export class Momentum implements LearningRule {
  /** Whether steps are Nesterov's. */
  readonly isNesterov: boolean;
  readonly #memories = new Map<FloatArray, Memory>();
  #momentum: number;

  /** @throws {RangeError} when initMomentum is not from 0 to below 1 */
  constructor(
    initMomentum: number,
    { nesterovMomentum = false }: { readonly nesterovMomentum?: boolean } = {},
  ) {
    this.#momentum = checked(initMomentum);
    this.isNesterov = nesterovMomentum;
  }

  /** What is kept, from 0 to below 1; a schedule may change it between epochs. */
  get momentum(): number {
    return this.#momentum;
  }

  set momentum(momentum: number) {
    this.sparse.settle();
    this.#momentum = checked(momentum);
  }

  step(parameter: Parameter, gradient: FloatArray, learningRate: number): void {
    const { values, lrScaler } = parameter;
    const memory = this.#memoryOf(parameter);
    this.#settle(memory);
    memory.skipped = undefined;
    const step = this.isNesterov ? nesterovStep : momentumStep;
    const rate = learningRate * lrScaler;
    step(values, gradient, memory.velocity, rate, this.#momentum, 0, values.length);
  }

  /** A row that has no gradient glides on; it is moved when it has one again, or at last. */
  readonly sparse: NonNullable<LearningRule['sparse']> = {
    catchUp: (parameter, { rows, count }) => {
      const memory = this.#memoryOf(parameter);
      memory.skipped ??= new SkippedSteps(parameter, memory.velocity);
      for (let i = 0; i < count; i++) {
        const row = rows[i] as number;
        this.#catchUp(memory, row, memory.skipped.since(row));
      }
    },
    step: (parameter, gradient, learningRate, { rows, count }) => {
      const { values, columns, lrScaler } = parameter;
      const { velocity, skipped } = this.#memoryOf(parameter);
      const step = this.isNesterov ? nesterovStep : momentumStep;
      const rate = learningRate * lrScaler;
      for (let i = 0; i < count; i++) {
        const from = (rows[i] as number) * columns;
        step(values, gradient, velocity, rate, this.#momentum, from, from + columns);
      }
      skipped?.advance(rows, count);
    },
    settle: () => {
      for (const memory of this.#memories.values()) this.#settle(memory);
    },
  };

  /** What a parameter's last step was, as it is now: a view, to be read and written. */
  velocityOf(parameter: Parameter): FloatArray {
    const memory = this.#memoryOf(parameter);
    this.#settle(memory);
    memory.skipped = undefined;
    return memory.velocity;
  }

  channels(): Readonly<Record<string, number>> {
    return { momentum: this.#momentum };
  }

  #settle(memory: Memory): void {
    const { skipped } = memory;
    if (skipped === undefined || skipped.steps === 0) return;
    for (const row of skipped.moved()) this.#catchUp(memory, row, skipped.since(row));
    skipped.restart();
  }

  /** The steps of a gradient of 0 at once: v·(m + m² + … + mⁿ) in all, v·mⁿ left. */
  #catchUp({ parameter, velocity }: Memory, row: number, steps: number): void {
    if (steps === 0) return;
    const m = this.#momentum;
    const left = m ** steps;
    const sum = (m * (1 - left)) / (1 - m);
    const gone = this.isNesterov ? sum * m : sum;
    const { values, columns } = parameter;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const v = velocity[i] as number;
      if (v === 0) continue;
      values[i] = (values[i] as number) + v * gone;
      velocity[i] = v * left;
    }
  }

  #memoryOf(parameter: Parameter): Memory {
    const { values } = parameter;
    const known = this.#memories.get(values);
    if (known !== undefined) return known;
    const memory = { parameter, velocity: values.slice().fill(0), skipped: undefined };
    this.#memories.set(values, memory);
    return memory;
  }
}

interface Memory {
  readonly parameter: Parameter;
  readonly velocity: FloatArray;
  skipped: SkippedSteps | undefined;
}

/** How many steps each row has not taken. */
class SkippedSteps {
  steps = 0;
  readonly #taken: Uint32Array;
  readonly #hasMoved: Uint8Array;
  /** The rows that have a velocity; the first `#count` count. */
  readonly #moved: Uint32Array;
  #count = 0;

  constructor({ rows, columns }: Parameter, velocity: FloatArray) {
    this.#taken = new Uint32Array(rows);
    this.#hasMoved = new Uint8Array(rows);
    this.#moved = new Uint32Array(rows);
    for (let at = 0; at < velocity.length; at++) {
      if (velocity[at] !== 0) this.#mark(Math.floor(at / columns));
    }
  }

  since(row: number): number {
    return this.steps - (this.#taken[row] as number);
  }

  /** The rows that may have a velocity. */
  moved(): Uint32Array {
    return this.#moved.subarray(0, this.#count);
  }

  /** A step has been taken, by the rows that are named. */
  advance(rows: Uint32Array, count: number): void {
    this.steps++;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      this.#taken[row] = this.steps;
      this.#mark(row);
    }
  }

  restart(): void {
    this.steps = 0;
    this.#taken.fill(0);
  }

  #mark(row: number): void {
    if (this.#hasMoved[row] === 1) return;
    this.#hasMoved[row] = 1;
    this.#moved[this.#count++] = row;
  }
}

function checked(momentum: number): number {
  if (momentum >= 0 && momentum < 1) return momentum;
  throw new RangeError(`momentum must be from 0 to below 1, not ${momentum}`);
}
