import type { Hold } from './hold.ts';
import { assertLease } from './lease.ts';
import type { LockLostCode, LockLostError } from './lock-lost-error.ts';

/**
 * A lock that was granted: held until it is released or lost.
 *
 * Its lease is renewed by itself. When that fails, `signal` aborts with a `LockLostError` before
 * the server lets the lease end: work under the lock must stop then. A process that is itself
 * halted may learn of it too late; only fenced writes are safe against that.
 *
 * An owner who took a lock again while holding it (`reentrant`) has a `Lock` for each time. They
 * share token, lease and signal, are released in any order, and the last release gives the lock
 * back; when it is lost, it is lost for all of them.
 */
export class Lock implements AsyncDisposable {
  readonly name: string;
  readonly owner: string;
  /** Higher than the token of every grant of this lock before. */
  readonly token: bigint;
  /** Whether others may hold it at the same time: a read lock, or a semaphore's permit. */
  readonly isShared: boolean;
  readonly #hold: Hold;
  #isReleased = false;

  /** Made by a `LockerRoom`. */
  constructor(hold: Hold) {
    this.name = hold.name;
    this.owner = hold.owner;
    this.token = hold.token;
    this.isShared = hold.permits > 1;
    this.#hold = hold;
  }

  /** Aborts when the lock is lost, never because it was released. */
  get signal(): AbortSignal {
    return this.#hold.signal;
  }

  /** When the lease ends by the server's clock unless it is renewed. */
  get expiresAt(): Date {
    return this.#hold.expiresAt;
  }

  /** Whether the lock is neither released nor lost, asked of the clock rather than of a timer. */
  get isHeld(): boolean {
    return !this.#isReleased && this.#hold.isRunning;
  }

  /**
   * Renews the lease at once; `lease`, in milliseconds, replaces its length.
   *
   * @throws {LockLostError} when the lock is not held any more
   * @throws {TypeError} when `lease` is not 100 ms to a day
   */
  async extend(lease?: number): Promise<void> {
    if (lease !== undefined) assertLease(lease);
    this.assertHeld();
    if (!(await this.#hold.extend(lease))) this.assertHeld();
  }

  /**
   * Gives the lock back; the next in line is served. A second call does nothing.
   *
   * @throws {NotOwnerError} when it was lost and granted to somebody else since
   */
  release(): Promise<void> {
    this.#isReleased = true;
    return this.#hold.leave(this);
  }

  /** As `release`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /**
   * Returns while the lock is held.
   *
   * @throws {LockLostError} otherwise
   */
  assertHeld(): void {
    if (this.isHeld) return;
    throw this.#hold.loss ?? this.#hold.lossBy('released');
  }

  /** Ends the lock as lost, without giving it back. */
  lose(why: LockLostCode): LockLostError {
    return this.#hold.lose(why);
  }
}
