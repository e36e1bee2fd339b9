import type { LockLostCode } from './lock-lost-error.ts';

/** A distribution, in the form that Prometheus knows as a histogram. */
export interface Histogram {
  readonly count: number;
  /** Milliseconds, of all together. */
  readonly sum: number;
  /** How many took at most `le` milliseconds; the last counts all, with `le` Infinity. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
}

/** What goes on in one locker room. The counts are from its beginning and rise only. */
export interface LockerMetrics {
  /** Locks that are held now; one that its owner has taken again counts once. */
  readonly held: number;
  /** Calls that wait for a lock now. */
  readonly waiting: number;
  /** Waits that ended in a `LockTimeoutError`. */
  readonly timeouts: number;
  /** Locks that were lost while they were held, by the code of their `LockLostError`. */
  readonly lost: { readonly 'lease-over': number; readonly superseded: number };
  /** From each call that was granted a lock to the grant. */
  readonly acquireTimes: Histogram;
  /** From each grant to the release or the loss. */
  readonly holdTimes: Histogram;
}

const second = 1_000;
const minute = 60_000;

/** Upper bounds of the buckets, in milliseconds. */
const bounds: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 30].map((seconds) => seconds * second),
  ...[1, 5, 15, 60].map((minutes) => minutes * minute),
  Infinity,
];

/** Times counted by their size; takes the same memory however many they are. */
class Times {
  readonly #counts = bounds.map(() => 0);
  #sum = 0;

  add(milliseconds: number): void {
    const place = bounds.findIndex((bound) => milliseconds <= bound);
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sum += milliseconds;
  }

  snapshot(): Histogram {
    let count = 0;
    const buckets = bounds.map((le, place) => {
      count += this.#counts[place] ?? 0;
      return { le, count };
    });
    return { count, sum: this.#sum, buckets };
  }
}

/** Counts what goes on in a locker room. */
export class Meter {
  readonly acquireTimes: Times = new Times();
  readonly holdTimes: Times = new Times();
  waiting = 0;
  timeouts = 0;
  readonly #lost = { 'lease-over': 0, superseded: 0 };

  /** A lock was given up, and lost when there is a reason. */
  ended(holdTime: number, why: LockLostCode | undefined): void {
    this.holdTimes.add(holdTime);
    if (why === 'lease-over' || why === 'superseded') this.#lost[why] += 1;
  }

  snapshot(held: number): LockerMetrics {
    return {
      held,
      waiting: this.waiting,
      timeouts: this.timeouts,
      lost: { ...this.#lost },
      acquireTimes: this.acquireTimes.snapshot(),
      holdTimes: this.holdTimes.snapshot(),
    };
  }
}
