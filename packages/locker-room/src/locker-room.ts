import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { type Clock, systemClock } from './clock.ts';
import { FencedCollection } from './fenced-collection.ts';
import type { Lock } from './lock.ts';
import { assertName, assertOwner } from './lock-name.ts';
import {
  assertOptions,
  assertPermits,
  type LockOptions,
  type TryLockOptions,
} from './lock-options.ts';
import { LockRequests } from './lock-requests.ts';
import { type LockSet, takeAll } from './lock-set.ts';
import type { LockHolder, LockStatus } from './lock-status.ts';
import { LockStore } from './lock-store.ts';
import { type Lockable, type Locked, type LockedDecorator, lockedBy } from './locked.ts';
import type { LockerMetrics } from './metrics.ts';
import { Semaphore } from './semaphore.ts';

/** Where the locks lie: a client that is shared, or the address for one of the room's own. */
export type LockerRoomOptions = (
  | { readonly client: MongoClient; readonly uri?: never }
  | { readonly uri: string; readonly client?: never }
) & {
  /** Default `locker_room`. */
  readonly database?: string;
  /** Default `locks`. */
  readonly collection?: string;
};

/**
 * Distributed locks, kept in MongoDB.
 *
 * At most one owner holds a lock's newest token. A lock is granted in one step by the server's
 * clock and confirmed by a majority, so a fail-over does not grant it twice; an answer lost on the
 * way is asked for again as the same request, so it is neither granted twice nor leaked. Those who
 * wait are served in the order in which they came; one that vanishes holds up the line for at most
 * 5 s. A lock is not reentrant unless asked for so: an owner who asks twice waits for itself.
 *
 * Exclusion by a lease rests on clocks: on members whose clocks agree to within a tenth of the
 * lease, and on holders that stop when `lock.signal` aborts. Where a late write would do harm, write
 * through `fenced`, which rests on neither.
 *
 * @example
 * const lockers = new LockerRoom({ client });
 * await lockers.lockAndRelease('my_lock', { owner: 'gustav', timeout: 2000 }, async (lock) => {
 *   await work({ signal: lock.signal });
 * });
 */
export class LockerRoom implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #client: MongoClient;
  readonly #ownsClient: boolean;
  readonly #store: LockStore;
  readonly #requests: LockRequests;

  /** `clock` is for tests. A client that is given is shared, and protected by `mongoProxy`. */
  constructor(
    { client, uri, database = 'locker_room', collection = 'locks' }: LockerRoomOptions,
    clock: Clock = systemClock,
  ) {
    if ((client === undefined) === (uri === undefined)) {
      throw new TypeError('a LockerRoom needs either a client or a uri');
    }
    this.#clock = clock;
    this.#client = mongoProxy(client ?? new MongoClient(uri ?? '', safeClientOptions));
    this.#ownsClient = client === undefined;
    this.#store = new LockStore(this.#client, database, collection);
    this.#requests = new LockRequests(this.#store, clock);
  }

  /**
   * Waits in line for the lock and holds it.
   *
   * @throws {LockTimeoutError} when `timeout` has passed; names the holder and since when, or the
   *   servers that gave no answer
   * @throws {ForeignDocumentError} when other documents lie in the collection, as all methods do
   * @throws {TypeError} on a wrong name, owner, timeout or lease, before any request
   */
  async lock(name: string, options: LockOptions = {}): Promise<Lock> {
    return this.#requests.lock(name, options, 1);
  }

  /**
   * Takes the lock if it is free and nobody waits for it; null otherwise.
   *
   * @throws {TypeError} on a wrong name, owner or lease, before any request
   */
  async tryLock(name: string, options: TryLockOptions = {}): Promise<Lock | null> {
    return this.#requests.tryLock(name, options, 1);
  }

  /**
   * As `lock`, but held together with other readers. Readers that come after somebody who wants the
   * lock alone wait behind him, so that readers never starve a writer.
   */
  async readLock(name: string, options: LockOptions = {}): Promise<Lock> {
    return this.#requests.lock(name, options, Infinity);
  }

  /** As `lock`, by the name that goes with `readLock`: held alone. */
  writeLock(name: string, options: LockOptions = {}): Promise<Lock> {
    return this.lock(name, options);
  }

  /**
   * A semaphore, of which at most `permits` are held at the same time.
   *
   * How many there are is said by who asks. Where askers of one name say different numbers, the
   * lowest among those who hold a permit and those before in line counts, so no holder ever shares
   * it with more than he allows. A lock is a semaphore of one permit, and a read lock one of
   * endlessly many: all of them share their names.
   *
   * @throws {TypeError} on a wrong name, or when `permits` is not a whole number from 1
   */
  semaphore(name: string, permits: number): Semaphore {
    assertName(name);
    assertPermits(permits);
    return new Semaphore(this.#requests, name, permits);
  }

  /**
   * Holds several locks, or none of them.
   *
   * They are taken one after the other in the order of their names, whatever the order they are
   * given in, so that two who want the same locks never wait for each other. A name given twice is
   * taken once. `timeout` is for all of them together; an error tells what was left of it for the
   * lock that was not granted.
   *
   * @throws {LockTimeoutError} when one of them was not granted in time
   * @throws {LockLostError} when one of them was lost while the others were waited for
   * @throws {TypeError} on a wrong name, owner, timeout or lease, before any request
   */
  async lockAll(names: Iterable<string>, options: LockOptions = {}): Promise<LockSet> {
    if (typeof names === 'string') throw new TypeError('lockAll takes a list of names, not one');
    const inOrder = [...new Set(names)].sort();
    for (const name of inOrder) assertOptions(name, options);
    const { timeout = Infinity, signal } = options;
    const begun = this.#clock.now();
    return takeAll(inOrder, (name, loss) => {
      const left = Math.max(0, timeout - (this.#clock.now() - begun));
      const either = signal === undefined ? loss : AbortSignal.any([loss, signal]);
      return this.lock(name, { ...options, timeout: left, signal: either });
    });
  }

  /**
   * Holds the lock while `work` runs, and resolves to its result.
   *
   * Resolves only if the lock was held all the time. An error of `work` is never hidden by one of
   * the release.
   *
   * @throws {LockTimeoutError} when the lock was not granted in time; `work` has not begun
   * @throws {LockLostError} when the lock was lost before `work` ended
   */
  async lockAndRelease<T>(
    name: string,
    options: LockOptions,
    work: (lock: Lock) => Promise<T> | T,
  ): Promise<T> {
    const lock = await this.lock(name, options);
    let result: T;
    try {
      result = await work(lock);
    } catch (error) {
      await lock.release().catch(() => {}); // the end of the lease frees what this could not
      throw error;
    }
    const wasLost = !lock.isHeld && lock.signal.aborted;
    const releasing = lock.release();
    if (wasLost) await releasing.catch(() => lock.signal.throwIfAborted());
    await releasing;
    lock.signal.throwIfAborted();
    return result;
  }

  /**
   * The function as one that runs under the lock; without `work`, a decorator that does the same to
   * functions and methods.
   *
   * @example
   * const nightly = lockers.locked('nightly', { timeout: 0 }, async (day: string) => report(day));
   * await nightly('2026-11-24');
   * // class Reports { @lockers.locked('nightly') async make(day) { … } }
   * @throws {TypeError} on a wrong name or owner, at once
   */
  locked(name: string, options?: LockOptions): LockedDecorator;
  locked<This, Args extends unknown[], Result>(
    name: string,
    options: LockOptions,
    work: Lockable<This, Args, Result>,
  ): Locked<This, Args, Result>;
  locked(
    name: string,
    options: LockOptions = {},
    work?: Lockable<unknown, unknown[], unknown>,
  ): LockedDecorator | Locked<unknown, unknown[], unknown> {
    assertOptions(name, options); // wrong arguments are told of here, not at the first call
    const decorate = lockedBy((run) => this.lockAndRelease(name, options, run));
    return work === undefined ? decorate : decorate(work);
  }

  /**
   * Takes the lock from all who hold it, for operators; a holder learns of it at the next heartbeat,
   * and its fenced writes are refused at once. Who broke it and when is kept in the lock's document
   * (`breaks`, the last ten).
   *
   * @returns from whom it was taken
   */
  async break(
    name: string,
    { by = this.#requests.owner }: { readonly by?: string } = {},
  ): Promise<readonly LockHolder[]> {
    assertName(name);
    assertOwner(by);
    return this.#store.break(name, by);
  }

  /** How one lock stands; a lock that was never asked for is free with token 0. */
  async status(name: string): Promise<LockStatus> {
    assertName(name);
    return this.#store.status(name);
  }

  /** How every lock of the collection stands, sorted by name. */
  list(): Promise<LockStatus[]> {
    return this.#store.list();
  }

  /** What goes on in this room, for metrics: a snapshot. */
  metrics(): LockerMetrics {
    return this.#requests.metrics();
  }

  /**
   * The collection as the holder of `lock` may write it: see `FencedCollection` for the promise.
   *
   * @throws {TypeError} when the collection is not of the room's own client: lock and data are written
   *   in one transaction
   */
  fenced<T extends Document>(lock: Lock, collection: Collection<T>): FencedCollection<T> {
    return new FencedCollection(lock, this.#store, collection);
  }

  /**
   * Ends all waits, calls every held lock lost and then gives it back, and closes the client if it
   * is the room's own. Waits for the database for at most 5 s.
   */
  async close(): Promise<void> {
    await this.#requests.close();
    if (this.#ownsClient) await this.#client.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
