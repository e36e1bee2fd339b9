import type { Clock } from './clock.ts';

/** The part of a lease that is used; the rest covers late timers and clocks that run unevenly. */
const usedPart = 0.9;

/** When the holder of a lease has to stop, on the clock on which its request was sent at `sentAt`. */
export function endOfUse(sentAt: number, length: number): number {
  return sentAt + length * usedPart;
}

/**
 * Returns when this is a length for a lease, in milliseconds.
 *
 * @throws {TypeError} otherwise
 */
export function assertLease(length: number): void {
  if (typeof length === 'number' && length >= 100 && length <= 86_400_000) return;
  throw new TypeError(`lease must be 100 ms to a day, not ${String(length)}`);
}

/** What a lease was granted or renewed for. */
export interface Term {
  /** Milliseconds. */
  readonly length: number;
  /** From when its holder counts it: a time on his clock that was before the grant. */
  readonly sentAt: number;
  /** Its end by the server's clock. */
  readonly expiresAt: Date;
}

/** Why a lease ended that was not stopped. */
export type LeaseEnd = 'lease-over' | 'superseded';

/**
 * The lease of one holder: knows before the server does when it has ended, and when it is to be
 * renewed.
 *
 * Time is counted on the monotonic clock from before the request that granted or renewed the lease
 * was sent, so the holder's end comes before the server's. A renewal is due at each third.
 */
export class Lease {
  readonly #clock: Clock;
  readonly #lost: (why: LeaseEnd) => void;
  /** Milliseconds by which the server's clock is ahead, at least. */
  readonly #ahead: number;
  #length: number;
  #end: number;
  #dueAt: number;
  #expiresAt: Date;
  #failures = 0;
  #isOver = false;

  /**
   * Begins with `term`; its renewals are for `length` milliseconds. `lost` is called once at most,
   * and not after `stop`.
   */
  constructor(clock: Clock, term: Term, length: number, lost: (why: LeaseEnd) => void) {
    this.#clock = clock;
    this.#lost = lost;
    this.#ahead = term.expiresAt.getTime() - term.length - clock.now();
    this.#length = length;
    this.#end = endOfUse(term.sentAt, term.length);
    this.#dueAt = term.sentAt + term.length / 3;
    this.#expiresAt = term.expiresAt;
  }

  /** Milliseconds for which it is renewed. */
  get length(): number {
    return this.#length;
  }

  /** When it ends by the server's clock unless renewed; not later than that. */
  get expiresAt(): Date {
    return this.#expiresAt;
  }

  /** When its holder has to stop, on his clock. */
  get end(): number {
    return this.#end;
  }

  /** When the next renewal is to be sent; never while one is under way. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** How many renewals were refused since the last that was not. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether work under the lease is still allowed; exact even when timers are late. */
  get isRunning(): boolean {
    if (!this.#isOver && this.#clock.now() >= this.#end) this.finish('lease-over');
    return !this.#isOver;
  }

  /** A renewal was sent. */
  sent(): void {
    this.#dueAt = Infinity;
  }

  /** A renewal that was sent at `sentAt` was answered; without its end, that is reckoned. */
  renewed(sentAt: number, length: number, expiresAt?: Date): void {
    if (!this.isRunning) return;
    const reckoned = new Date(Math.floor(this.#ahead + sentAt + length));
    this.#end = Math.max(this.#end, endOfUse(sentAt, length));
    this.#expiresAt = later(this.#expiresAt, expiresAt ?? reckoned);
    this.#failures = 0;
    this.#dueAt = sentAt + this.#length / 3;
  }

  /** As `renewed`; from now on it is renewed for `length` milliseconds. */
  extended({ sentAt, length, expiresAt }: Term): void {
    this.#length = length;
    this.renewed(sentAt, length, expiresAt);
  }

  /** A renewal was not answered: whether it was carried out is not known. It is tried again soon. */
  unanswered(): void {
    this.#dueAt = this.#clock.now() + this.#length / 24;
  }

  /** A renewal was refused, which may not last. It is tried again soon. */
  refused(): void {
    this.#failures += 1;
    this.unanswered();
  }

  /** Ends it as lost. */
  finish(why: LeaseEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#lost(why);
  }

  /** Ends it without calling it lost. */
  stop(): void {
    this.#isOver = true;
  }
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}
