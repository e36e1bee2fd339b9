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
  readonly from: number;
  /** When it was mended, the set had a primary, and no time was left that a wrong clock had written. */
  to: number;
}

export class Diary {
  readonly pauses: Pause[] = [];
  readonly kills: Kill[] = [];
  readonly shifts: Shift[] = [];
  readonly faults: Fault[] = [];
  /** How often another member became primary. */
  failOvers = 0;

  /** When a worker was killed; `Infinity` while it lives. */
  endOf(worker: string): number {
    return this.kills.find((kill) => kill.worker === worker)?.at ?? Infinity;
  }

  /** Whether the members were left alone from `from` to `to`. */
  isQuiet(from: number, to: number): boolean {
    return !this.faults.some((fault) => fault.from <= to && fault.to >= from);
  }

  /** Milliseconds between `from` and `to` in which the members were struck. */
  unrest(from: number, to: number): number {
    return lengthOf(this.faults, from, to);
  }

  /** Milliseconds between `from` and `to` in which the worker stood still. */
  stillness(worker: string, from: number, to: number): number {
    const own = this.pauses.filter((pause) => pause.worker === worker);
    return lengthOf(own, from, to);
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds of the spans that lie between `from` and `to`. */
function lengthOf(spans: readonly Span[], from: number, to: number): number {
  return spans
    .map((span) => Math.min(to, span.to) - Math.max(from, span.from))
    .reduce((sum, length) => sum + Math.max(0, length), 0);
}
