import type { Clock } from './clock.ts';
import { assertLease, Lease } from './lease.ts';
import { type LockLostCode, LockLostError } from './lock-lost-error.ts';
import type { Granted, LockStore } from './lock-store.ts';
import { NotOwnerError } from './not-owner-error.ts';
import { wake } from './wake-up.ts';

/** What a lock was granted for. */
interface Grant {
  readonly name: string;
  readonly owner: string;
  readonly lease: number;
  readonly permits: number;
  /** On the clock, before the request was sent. */
  readonly sentAt: number;
  readonly answer: Granted;
}

/**
 * A lock that was granted: held until it is released or lost.
 *
 * Its lease is renewed by itself. When that fails, `signal` aborts with a `LockLostError` before
 * the server lets the lease end: work under the lock must stop then. A process that is itself
 * halted may learn of it too late; only fenced writes are safe against that.
 */
export class Lock implements AsyncDisposable {
  readonly name: string;
  readonly owner: string;
  /** Higher than the token of every grant of this lock before. */
  readonly token: bigint;
  /** Whether others may hold it at the same time: a read lock, or a semaphore's permit. */
  readonly isShared: boolean;
  readonly #store: LockStore;
  readonly #held: Set<Lock>;
  readonly #lease: Lease;
  readonly #loss = new AbortController();
  #released: Promise<void> | undefined;

  /** Made by a `LockerRoom`. */
  constructor(
    store: LockStore,
    clock: Clock,
    held: Set<Lock>,
    { name, owner, lease, permits, sentAt, answer }: Grant,
  ) {
    this.name = name;
    this.owner = owner;
    this.token = answer.token;
    this.isShared = permits > 1;
    this.#store = store;
    this.#held = held.add(this);
    this.#lease = new Lease(
      clock,
      { length: lease, sentAt, expiresAt: answer.expiresAt },
      (length) => store.extend(name, owner, answer.token, length),
      (why) => this.lose(why),
    );
  }

  /** Aborts when the lock is lost, never because it was released. */
  get signal(): AbortSignal {
    return this.#loss.signal;
  }

  /** When the lease ends by the server's clock unless it is renewed. */
  get expiresAt(): Date {
    return this.#lease.expiresAt;
  }

  /** Whether the lock is neither released nor lost, asked of the clock rather than of a timer. */
  get isHeld(): boolean {
    return this.#lease.isRunning;
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
    if (!(await this.#lease.renew(lease))) this.assertHeld();
  }

  /**
   * Gives the lock back; the next in line is served. A second call does nothing.
   *
   * @throws {NotOwnerError} when it was lost and granted to somebody else since
   */
  release(): Promise<void> {
    this.#end();
    this.#released ??= this.#release().catch((error: unknown) => {
      this.#released = undefined; // it may be tried again
      throw error;
    });
    return this.#released;
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
    const reason: unknown = this.signal.reason;
    throw reason instanceof LockLostError ? reason : this.#lossBy('released');
  }

  /** Ends the lock as lost, without giving it back. */
  lose(why: LockLostCode): LockLostError {
    const loss = this.#lossBy(why);
    this.#end();
    this.#loss.abort(loss);
    return loss;
  }

  #end(): void {
    this.#lease.stop();
    this.#held.delete(this);
  }

  #lossBy(why: LockLostCode): LockLostError {
    return new LockLostError(this.name, this.token, why);
  }

  async #release(): Promise<void> {
    const { name, owner, token } = this;
    const next = await this.#store.release(name, owner, token);
    if (next !== null) return next.forEach(wake);
    const latest = await this.#store.latestToken(name);
    if (latest !== token) throw new NotOwnerError(name, owner, token, latest);
  }
}
