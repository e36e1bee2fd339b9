/** What was done to whom, and when, by the monotonic clock that all processes share. */
/** A worker stood still, by SIGSTOP. */
export interface Pause {
  readonly worker: string;
  readonly from: number;
  /** When it was let go on, or killed. */
  to: number;
}

export interface Kill {
  readonly worker: string;
  readonly at: number;
}

/** A worker's wall clock jumped. */
export interface Shift {
  readonly worker: string;
  readonly at: number;
}

/** Something was done to the members. */
export interface Fault {
  readonly name: string;
  /** Whether one of their clocks was wrong. */
  readonly isOfClocks: boolean;
  readonly from: number;
  /** When it was mended, the set had a primary, and no time was left that a wrong clock had written. */
  to: number;
}

/** Milliseconds within which one that goes on may not get anything done, on a busy machine. */
const wakingUp = 100;

export class Diary {
  readonly pauses: Pause[] = [];
  readonly kills: Kill[] = [];
  readonly shifts: Shift[] = [];
  readonly faults: Fault[] = [];
  /** Workers whose own clock does not count pauses. */
  readonly suspended: Set<string> = new Set();
  /** How often another member became primary. */
  failOvers = 0;

  /** What was not over yet at that time, and what came later. */
  since(time: number): Diary {
    const rest = new Diary();
    rest.pauses.push(...this.pauses.filter(({ to }) => to >= time));
    rest.faults.push(...this.faults.filter(({ to }) => to >= time));
    rest.kills.push(...this.kills.filter(({ at }) => at >= time));
    rest.shifts.push(...this.shifts.filter(({ at }) => at >= time));
    for (const worker of this.suspended) rest.suspended.add(worker);
    return rest;
  }

  /** When a worker was killed; `Infinity` while it lives. */
  endOf(worker: string): number {
    return this.kills.find((kill) => kill.worker === worker)?.at ?? Infinity;
  }

  /** Whether the members were left alone from `from` to `to`. */
  isQuiet(from: number, to: number): boolean {
    return lengthsOf(this.faults, from, to).length === 0;
  }

  /** Whether the members' clocks were right from `from` to `to`. */
  isOnTime(from: number, to: number): boolean {
    const ofClocks = this.faults.filter(({ isOfClocks }) => isOfClocks);
    return lengthsOf(ofClocks, from, to).length === 0;
  }

  /** Milliseconds between `from` and `to` in which the members were struck. */
  unrest(from: number, to: number): number {
    return sum(lengthsOf(this.faults, from, to));
  }

  /** Whether the worker stood still at some time between `from` and `to`. */
  isPaused(worker: string, from: number, to: number): boolean {
    return lengthsOf(this.#pausesOf(worker), from, to).length > 0;
  }

  /**
   * Milliseconds between `from` and `to` for which the worker may have sent nothing: those of all its
   * pauses if its own clock does not count them, else those of the longest row of pauses.
   */
  silence(worker: string, from: number, to: number): number {
    const pauses = this.#pausesOf(worker);
    if (this.suspended.has(worker)) return sum(lengthsOf(pauses, from, to));
    const rows: Span[] = [];
    for (const pause of pauses) {
      const last = rows.at(-1);
      if (last === undefined || pause.from - last.to > wakingUp) rows.push(pause);
      else rows[rows.length - 1] = { from: last.from, to: pause.to };
    }
    return Math.max(0, ...lengthsOf(rows, from, to));
  }

  #pausesOf(worker: string): Pause[] {
    return this.pauses.filter((pause) => pause.worker === worker);
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds of each of the spans that lie between `from` and `to`. */
function lengthsOf(spans: readonly Span[], from: number, to: number): number[] {
  return spans
    .map((span) => Math.min(to, span.to) - Math.max(from, span.from))
    .filter((length) => length > 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
