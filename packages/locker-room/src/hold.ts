import type { Bell } from './bell.ts';
import type { Clock } from './clock.ts';
import type { Heartbeat } from './heartbeat.ts';
import { Lease } from './lease.ts';
import { Lock } from './lock.ts';
import { type LockLostCode, LockLostError } from './lock-lost-error.ts';
import type { LockStore } from './lock-store.ts';
import { NotOwnerError } from './not-owner-error.ts';
import type { Turn } from './waiter.ts';

/** What all that is held through one locker room has in common. */
export interface Workings {
  readonly store: LockStore;
  readonly clock: Clock;
  readonly bell: Bell;
  readonly heartbeat: Heartbeat;
}

/** What a lock was granted for. */
interface Grant {
  readonly name: string;
  /** That of the asker. */
  readonly id: string;
  readonly owner: string;
  readonly lease: number;
  readonly permits: number;
  readonly turn: Turn;
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
  readonly #workings: Workings;
  readonly #id: string;
  readonly #isWanted: boolean;
  readonly #lease: Lease;
  /** Made when somebody first asks for it. */
  #signal: AbortController | undefined;
  #loss: LockLostError | undefined;
  readonly #ended: (why?: LockLostCode) => void;
  readonly #locks = new Set<Lock>();
  #givenBack: Promise<void> | undefined;

  /** `ended` is called when it is given back or, with the reason, lost; and again if both. */
  constructor(
    workings: Workings,
    { name, id, owner, lease, permits, turn }: Grant,
    ended: (why?: LockLostCode) => void,
  ) {
    this.name = name;
    this.owner = owner;
    this.token = turn.token;
    this.permits = permits;
    this.#workings = workings;
    this.#id = id;
    this.#isWanted = turn.isWanted;
    this.#ended = ended;
    this.#lease = new Lease(workings.clock, turn, lease, (why) => this.lose(why));
    workings.heartbeat.keep(this.#lease, { name, id });
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      this.#signal = new AbortController();
      if (this.#loss !== undefined) this.#signal.abort(this.#loss);
    }
    return this.#signal.signal;
  }

  /** How it was lost; undefined when it was not. */
  get loss(): LockLostError | undefined {
    return this.#loss;
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
  async extend(length: number = this.#lease.length): Promise<boolean> {
    const { store, clock, heartbeat } = this.#workings;
    const sentAt = clock.now();
    const expiresAt = await store.extend(this.name, this.owner, this.token, length);
    if (expiresAt === null) this.#lease.finish('superseded');
    if (expiresAt === null || !this.isRunning) return false;
    this.#lease.extended({ sentAt, length, expiresAt });
    heartbeat.keep(this.#lease, { name: this.name, id: this.#id });
    return true;
  }

  /** Ends it as lost, without giving it back. */
  lose(why: LockLostCode): LockLostError {
    const loss = this.lossBy(why);
    this.#loss ??= loss;
    this.#end(why);
    this.#signal?.abort(this.#loss);
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

  #end(why?: LockLostCode): void {
    this.#lease.stop();
    this.#workings.heartbeat.leave(this.#lease);
    this.#ended(why);
  }

  async #giveBack(): Promise<void> {
    const { name, owner, token } = this;
    const { store, bell } = this.#workings;
    const calls = await store.release(name, owner, token, this.#isWanted);
    if (calls !== null) return bell.ring(calls);
    const latest = await store.latestToken(name);
    if (latest !== token) throw new NotOwnerError(name, owner, token, latest);
  }
}
