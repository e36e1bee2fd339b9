import type { Clock } from './clock.ts';
import { Lease } from './lease.ts';
import { Lock } from './lock.ts';
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
 * One grant of a lock, held through one `Lock` or, reentrant, through several: until the last of
 * them is released, or the lock is lost for all.
 */
export class Hold {
  readonly name: string;
  readonly owner: string;
  readonly token: bigint;
  readonly permits: number;
  readonly #store: LockStore;
  readonly #lease: Lease;
  readonly #loss = new AbortController();
  readonly #ended: () => void;
  readonly #locks = new Set<Lock>();
  #givenBack: Promise<void> | undefined;

  /** `ended` is called when it is given back or lost, and again if both. */
  constructor(
    store: LockStore,
    clock: Clock,
    { name, owner, lease, permits, sentAt, answer }: Grant,
    ended: () => void,
  ) {
    this.name = name;
    this.owner = owner;
    this.token = answer.token;
    this.permits = permits;
    this.#store = store;
    this.#ended = ended;
    this.#lease = new Lease(
      clock,
      { length: lease, sentAt, expiresAt: answer.expiresAt },
      (length) => store.extend(name, owner, answer.token, length),
      (why) => this.lose(why),
    );
  }

  get signal(): AbortSignal {
    return this.#loss.signal;
  }

  get expiresAt(): Date {
    return this.#lease.expiresAt;
  }

  get isRunning(): boolean {
    return this.#lease.isRunning;
  }

  /** One more lock to hold it through. */
  enter(): Lock {
    const lock = new Lock(this);
    this.#locks.add(lock);
    return lock;
  }

  /** Gives it back if this is the last of its locks. */
  async leave(lock: Lock): Promise<void> {
    this.#locks.delete(lock);
    if (this.#locks.size === 0) await this.giveBack();
  }

  /** Renews the lease, for `lease` milliseconds from now on; false when it is not held any more. */
  extend(lease?: number): Promise<boolean> {
    return this.#lease.renew(lease);
  }

  /** Ends it as lost, without giving it back. */
  lose(why: LockLostCode): LockLostError {
    const loss = this.lossBy(why);
    this.#end();
    this.#loss.abort(loss);
    return loss;
  }

  lossBy(why: LockLostCode): LockLostError {
    return new LockLostError(this.name, this.token, why);
  }

  /** Gives it back, whether or not it is held through other locks still; again, nothing happens. */
  giveBack(): Promise<void> {
    this.#end();
    this.#givenBack ??= this.#giveBack().catch((error: unknown) => {
      this.#givenBack = undefined; // it may be tried again
      throw error;
    });
    return this.#givenBack;
  }

  #end(): void {
    this.#lease.stop();
    this.#ended();
  }

  async #giveBack(): Promise<void> {
    const { name, owner, token } = this;
    const next = await this.#store.release(name, owner, token);
    if (next !== null) return next.forEach(wake);
    const latest = await this.#store.latestToken(name);
    if (latest !== token) throw new NotOwnerError(name, owner, token, latest);
  }
}
