import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { Bell } from './bell.ts';
import { type Clock, systemClock } from './clock.ts';
import { findDeadlock, type Wait } from './deadlock.ts';
import { endOfWait, orAborted, timeIsUp } from './end-of-wait.ts';
import { FencedCollection } from './fenced-collection.ts';
import type { Asker } from './grant.ts';
import { Heartbeat } from './heartbeat.ts';
import { HeldLocks } from './held-locks.ts';
import { Hold, type Workings } from './hold.ts';
import { endOfUse } from './lease.ts';
import { Lock } from './lock.ts';
import { assertName, assertOwner } from './lock-name.ts';
import {
  assertOptions,
  assertPermits,
  type LockOptions,
  type TryLockOptions,
} from './lock-options.ts';
import { type LockSet, takeAll } from './lock-set.ts';
import { type LockHolder, type LockStatus, LockStore, type Refused } from './lock-store.ts';
import { LockTimeoutError } from './lock-timeout-error.ts';
import { type Lockable, type Locked, type LockedDecorator, lockedBy } from './locked.ts';
import { type Turn, turnOf, Waiter } from './waiter.ts';

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

/** A counting semaphore; its permits are locks, with a lease and a signal each. */
export interface Semaphore {
  readonly name: string;
  readonly permits: number;
  /**
   * Waits in line for a permit and holds it.
   *
   * @throws {LockTimeoutError} when `timeout` has passed
   */
  acquire(options?: LockOptions): Promise<Lock>;
  /** A permit if one is left and nobody waits; null otherwise. */
  tryAcquire(options?: TryLockOptions): Promise<Lock | null>;
}

/** Milliseconds that a timeout is held back at most to tell of a deadlock. */
const longestLook = 500;
/** Milliseconds that `close` waits for a database that does not answer. */
const longestTidying = 5_000;

/**
 * Distributed locks, kept in MongoDB.
 *
 * At most one owner holds a lock's newest token. A lock is granted in one step by the server's
 * clock and confirmed by a majority, so a fail-over does not grant it twice; an answer lost on the
 * way is asked for again as the same request, so it is neither granted twice nor leaked. Those who
 * wait are served in the order in which they came; one that vanishes holds up the line for at most
 * 5 s. A lock is not reentrant: an owner who asks twice waits for itself.
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
  /** What the ids of all who ask here begin with. */
  readonly #id = randomUUID();
  readonly #owner = `${hostname()}:${process.pid}:${this.#id.slice(0, 8)}`;
  readonly #workings: Workings;
  #asked = 0;
  readonly #closing = new AbortController();
  readonly #held = new HeldLocks();
  /** The look at who waits, for all whose time is up meanwhile. */
  #looking: Promise<readonly LockStatus[]> | undefined;
  /** What `close` has to wait for. */
  readonly #underWay = new Set<Promise<void>>();

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
    const store = new LockStore(this.#client, database, collection);
    this.#store = store;
    this.#workings = {
      store,
      clock,
      bell: new Bell(() => store.calls(`${this.#id}:`), clock),
      heartbeat: new Heartbeat(clock, (...args) => store.renew(...args)),
    };
  }

  /**
   * Waits in line for the lock and holds it.
   *
   * @throws {LockTimeoutError} when `timeout` has passed; names the holder and since when
   * @throws {TypeError} on a wrong name, owner, timeout or lease, before any request
   */
  async lock(name: string, options: LockOptions = {}): Promise<Lock> {
    return this.#lock(name, options);
  }

  /**
   * Takes the lock if it is free and nobody waits for it; null otherwise.
   *
   * @throws {TypeError} on a wrong name, owner or lease, before any request
   */
  async tryLock(name: string, options: TryLockOptions = {}): Promise<Lock | null> {
    return this.#try(name, options);
  }

  /**
   * As `lock`, but held together with other readers. Readers that come after somebody who wants the
   * lock alone wait behind him, so that readers never starve a writer.
   */
  async readLock(name: string, options: LockOptions = {}): Promise<Lock> {
    return this.#lock(name, options, Infinity);
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
    return {
      name,
      permits,
      acquire: (options = {}) => this.#lock(name, options, permits),
      tryAcquire: (options = {}) => this.#try(name, options, permits),
    };
  }

  /**
   * Holds several locks, or none of them.
   *
   * They are taken one after the other in the order of their names, whatever the order they are
   * given in, so that two who want the same locks never wait for each other. A name given twice is
   * taken once. `timeout` is for all of them together.
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
    { by = this.#owner }: { readonly by?: string } = {},
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
    this.#closing.abort(new Error('the locker room was closed'));
    for (const hold of this.#held.all) {
      hold.lose('closed');
      void this.#track(hold.giveBack());
    }
    const settled = async (): Promise<void> => {
      while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    };
    void this.#track(this.#workings.bell.close());
    // What cannot be given back in time is freed by the end of its lease.
    const enough = Promise.withResolvers<void>();
    const cancel = this.#clock.after(longestTidying, enough.resolve);
    await Promise.race([settled(), enough.promise]);
    cancel();
    if (this.#ownsClient) await this.#client.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #asker(name: string, options: LockOptions, permits = 1): Asker {
    assertOptions(name, options);
    const { owner = this.#owner, lease = 30_000, reentrant: isReentrant = false } = options;
    this.#asked += 1;
    return { id: `${this.#id}:${this.#asked}`, owner, lease, permits, isReentrant };
  }

  async #lock(name: string, options: LockOptions, permits?: number): Promise<Lock> {
    const asker = this.#asker(name, options, permits);
    const { timeout = Infinity, signal } = options;
    const again = this.#again(name, asker, signal);
    if (again !== undefined) return again;
    if (timeout > 0) return this.#track(this.#wait(name, asker, timeout, signal));
    const lock = await this.#track(this.#askOnce(name, asker));
    if (lock instanceof Lock) return lock;
    throw this.#timeoutError(name, timeout, lock);
  }

  async #try(name: string, options: TryLockOptions, permits?: number): Promise<Lock | null> {
    const asker = this.#asker(name, options, permits);
    const again = this.#again(name, asker);
    if (again !== undefined) return again;
    const lock = await this.#track(this.#askOnce(name, asker));
    return lock instanceof Lock ? lock : null;
  }

  /** Of an owner who holds the lock and may take it again. */
  #again(
    name: string,
    { owner, permits, isReentrant = false }: Asker,
    signal?: AbortSignal,
  ): Lock | undefined {
    if (!isReentrant) return undefined;
    this.#closing.signal.throwIfAborted();
    signal?.throwIfAborted();
    return this.#held.again(name, owner, permits)?.enter();
  }

  async #wait(
    name: string,
    asker: Asker,
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<Lock> {
    using waiter = new Waiter(this.#workings, name, asker);
    using end = endOfWait(this.#clock, timeout, [this.#closing.signal, signal]);
    try {
      return this.#hold(name, asker, await waiter.turn(end.signal));
    } catch (error) {
      this.#withdrawLater(name, asker, waiter.asking);
      if (error !== timeIsUp) throw error;
      const { refused } = waiter;
      const deadlock = refused && (await this.#deadlock(name, asker, refused.before));
      throw this.#timeoutError(name, timeout, refused, deadlock);
    }
  }

  async #askOnce(name: string, asker: Asker): Promise<Lock | Refused> {
    this.#closing.signal.throwIfAborted();
    const sentAt = this.#clock.now();
    const asking = this.#store.askFirst(name, asker, 'leave');
    try {
      const answer = await asking;
      this.#closing.signal.throwIfAborted();
      if (!answer.granted) return answer;
      if (this.#clock.now() < endOfUse(sentAt, asker.lease)) {
        return this.#hold(name, asker, turnOf(answer, asker, sentAt));
      }
      // The answer came so late that the lease is over: it is given back unused.
      await this.#store.withdraw(name, asker.id);
      const nobody = { owner: null, timestamp: null, holders: 0, waiting: 0, before: 0 };
      return { granted: false, ...nobody, token: answer.token, soonest: 0 };
    } catch (error) {
      this.#withdrawLater(name, asker, asking);
      throw error;
    }
  }

  #hold(name: string, asker: Asker, turn: Turn): Lock {
    const grant = { ...asker, name, turn };
    const hold: Hold = new Hold(this.#workings, grant, () => this.#held.delete(hold));
    this.#held.add(hold, asker.isReentrant ?? false);
    return hold.enter();
  }

  /** Leaves nothing behind of a question whose answer nobody waits for any more. */
  #withdrawLater(name: string, asker: Asker, asking: Promise<unknown>): void {
    const withdrawn = asking.catch(() => {}).then(() => this.#store.withdraw(name, asker.id));
    // Should this fail too: the line forgets its dead, and a lease ends.
    this.#track(withdrawn).catch(() => {});
  }

  #timeoutError(
    name: string,
    timeout: number,
    last: Refused | undefined,
    deadlock?: readonly Wait[],
  ): LockTimeoutError {
    const servers = this.#client.options.hosts.map(String);
    return new LockTimeoutError(name, timeout, last, servers, deadlock);
  }

  /** Looks whether somebody waits in a ring; undefined also when that cannot be seen soon. */
  async #deadlock(
    name: string,
    { owner, permits }: Asker,
    before: number,
  ): Promise<readonly Wait[] | undefined> {
    using end = endOfWait(this.#clock, longestLook, [this.#closing.signal]);
    this.#looking ??= this.#store.contended().finally(() => {
      this.#looking = undefined;
    });
    const locks = await orAborted(this.#looking, end.signal).catch(() => []);
    return findDeadlock({ owner, permits, before, waitsFor: name }, locks);
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    const forget = (): void => {
      this.#underWay.delete(done);
    };
    const done = promise.then(forget, forget);
    this.#underWay.add(done);
    return promise;
  }
}
