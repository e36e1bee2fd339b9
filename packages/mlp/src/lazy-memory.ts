import type { TouchedRows } from './backpropagation.ts';
import type { FloatArray } from './float-array.ts';
import type { Parameter } from './layer.ts';
import type { LearningRule } from './learning-rule.ts';

/** Arrays beside a parameter, by their names. */
type Beside<N extends string> = Readonly<Record<N, FloatArray>>;

/** What `steps` steps of a gradient of 0 do to the entries from `from` to below `to`. */
type Glide<N extends string> = (
  values: FloatArray,
  beside: Beside<N>,
  steps: number,
  from: number,
  to: number,
) => void;

/** One step of the entries from `from` to below `to`. */
type Move<N extends string> = (
  values: FloatArray,
  gradient: FloatArray,
  beside: Beside<N>,
  rate: number,
  from: number,
  to: number,
) => void;

interface Remembered<N extends string> {
  readonly parameter: Parameter;
  readonly beside: Beside<N>;
  skipped: SkippedSteps | undefined;
}

/**
 * What a rule remembers of each parameter, in arrays of zeros at first.
 *
 * Steps of a gradient of 0 are put off, row by row: they are done at once before somebody looks.
 */
export class LazyMemory<N extends string> {
  readonly #names: readonly N[];
  readonly #glide: Glide<N>;
  readonly #remembered = new Map<FloatArray, Remembered<N>>();

  constructor(names: readonly N[], glide: Glide<N>) {
    this.#names = names;
    this.#glide = glide;
  }

  /** The arrays beside a parameter, with nothing put off, to be read and written. */
  of(parameter: Parameter): Beside<N> {
    const remembered = this.#of(parameter);
    this.#settle(remembered);
    // Who writes may give any row something to glide by.
    remembered.skipped = undefined;
    return remembered.beside;
  }

  /** Each parameter that has been stepped, with its arrays. */
  *entries(): Iterable<readonly [Parameter, Beside<N>]> {
    this.settle();
    for (const { parameter, beside } of this.#remembered.values()) yield [parameter, beside];
  }

  /** Does all that was put off. */
  settle(): void {
    for (const remembered of this.#remembered.values()) this.#settle(remembered);
  }

  /** A rule's steps of gradients that are 0 but in some rows. */
  sparse(move: Move<N>): NonNullable<LearningRule['sparse']> {
    return {
      catchUp: (parameter, { rows, count }) => {
        const remembered = this.#of(parameter);
        remembered.skipped ??= new SkippedSteps(parameter, Object.values(remembered.beside));
        for (let i = 0; i < count; i++) this.#catchUp(remembered, rows[i] as number);
      },
      step: (parameter, gradient, learningRate, touched) => {
        const { values, columns, lrScaler } = parameter;
        const { beside, skipped } = this.#of(parameter);
        const { rows, count } = touched;
        for (let i = 0; i < count; i++) {
          const from = (rows[i] as number) * columns;
          move(values, gradient, beside, learningRate * lrScaler, from, from + columns);
        }
        skipped?.advance(touched);
      },
      settle: () => this.settle(),
    };
  }

  #settle(remembered: Remembered<N>): void {
    const { skipped } = remembered;
    if (skipped === undefined || skipped.steps === 0) return;
    for (const row of skipped.moved()) this.#catchUp(remembered, row);
    skipped.restart();
  }

  #catchUp({ parameter, beside, skipped }: Remembered<N>, row: number): void {
    const steps = skipped?.since(row) ?? 0;
    if (steps === 0) return;
    const { values, columns } = parameter;
    this.#glide(values, beside, steps, row * columns, (row + 1) * columns);
  }

  #of(parameter: Parameter): Remembered<N> {
    const { values } = parameter;
    const known = this.#remembered.get(values);
    if (known !== undefined) return known;
    const zeros = this.#names.map((name) => [name, values.slice().fill(0)]);
    const beside: Record<N, FloatArray> = Object.fromEntries(zeros);
    const remembered = { parameter, beside, skipped: undefined };
    this.#remembered.set(values, remembered);
    return remembered;
  }
}

/** How many steps each row has not taken. */
class SkippedSteps {
  steps = 0;
  readonly #taken: Uint32Array;
  readonly #hasMoved: Uint8Array;
  /** The rows that have something to glide by; the first `#count` count. */
  readonly #moved: Uint32Array;
  #count = 0;

  constructor({ rows, columns }: Parameter, arrays: readonly FloatArray[]) {
    this.#taken = new Uint32Array(rows);
    this.#hasMoved = new Uint8Array(rows);
    this.#moved = new Uint32Array(rows);
    for (const array of arrays) {
      for (let at = 0; at < array.length; at++) {
        if (array[at] !== 0) this.#mark(Math.floor(at / columns));
      }
    }
  }

  since(row: number): number {
    return this.steps - (this.#taken[row] as number);
  }

  moved(): Uint32Array {
    return this.#moved.subarray(0, this.#count);
  }

  /** A step has been taken, by the rows that are named. */
  advance({ rows, count }: TouchedRows): void {
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
