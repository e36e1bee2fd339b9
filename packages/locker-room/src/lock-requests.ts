import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Refused } from './answer.ts';
import { Bell } from './bell.ts';
import type { Clock } from './clock.ts';
import { findDeadlock, type Wait } from './deadlock.ts';
import type { Asker } from './grant.ts';
import { Heartbeat } from './heartbeat.ts';
import { HeldLocks } from './held-locks.ts';
import { Hold, type Workings } from './hold.ts';
import { endOfUse } from './lease.ts';
import { Lock } from './lock.ts';
import type { LockLostCode } from './lock-lost-error.ts';
import { assertOptions, type LockOptions, type TryLockOptions } from './lock-options.ts';
import type { LockHolder, LockStatus } from './lock-status.ts';
import type { LockStore } from './lock-store.ts';
import { LockTimeoutError } from './lock-timeout-error.ts';
import { type LockerMetrics, Meter } from './metrics.ts';
import { type Turn, turnOf, Waiter } from './waiter.ts';
import { timeIsUp, Waits } from './waits.ts';

/** Milliseconds without an answer from which on a timeout tells of them. */
const longestSilence = 1_000;
/** Milliseconds that a timeout is held back at most, to leave the line and to tell of a deadlock. */
const longestLook = 500;
/** Milliseconds that `close` waits for a database that does not answer. */
const longestTidying = 5_000;

/** All that is asked for through one locker room: each request ends in a lock or tells why not. */
export class LockRequests {
  /** What the ids of all who ask here begin with. */
  readonly #id = randomUUID();
  /** Who asks when nobody is named. */
  readonly owner: string = `${hostname()}:${process.pid}:${this.#id.slice(0, 8)}`;
  readonly #clock: Clock;
  readonly #store: LockStore;
  readonly #workings: Workings;
  readonly #held = new HeldLocks();
  readonly #meter = new Meter();
  readonly #waits: Waits;
  #asked = 0;
  /** The look at who waits, for all whose time is up meanwhile. */
  #looking: Promise<readonly LockStatus[]> | undefined;
  /** What `close` has to wait for. */
  readonly #underWay = new Set<Promise<void>>();

  constructor(store: LockStore, clock: Clock) {
    this.#clock = clock;
    this.#store = store;
    this.#waits = new Waits(clock);
    this.#workings = {
      store,
      clock,
      bell: new Bell(() => store.calls(`${this.#id}:`), clock),
      heartbeat: new Heartbeat(clock, (...args) => store.renew(...args)),
    };
  }

  /** As `LockerRoom.lock`, held with so many at most. */
  async lock(name: string, options: LockOptions, permits: number): Promise<Lock> {
    const asker = this.#asker(name, options, permits);
    const { timeout = Infinity, signal } = options;
    const again = this.#again(name, asker, signal);
    if (again !== undefined) return again;
    if (timeout > 0) return this.#track(this.#wait(name, asker, timeout, signal));
    const lock = await this.#track(this.#askOnce(name, asker, signal));
    if (lock instanceof Lock) return lock;
    throw this.#timeoutError(name, timeout, lock);
  }

  /** As `LockerRoom.tryLock`, held with so many at most. */
  async tryLock(name: string, options: TryLockOptions, permits: number): Promise<Lock | null> {
    const asker = this.#asker(name, options, permits);
    const again = this.#again(name, asker);
    if (again !== undefined) return again;
    const lock = await this.#track(this.#askOnce(name, asker));
    return lock instanceof Lock ? lock : null;
  }

  /** A snapshot of what goes on. */
  metrics(): LockerMetrics {
    return this.#meter.snapshot(this.#held.all.length);
  }

  /** Ends all waits, and gives back all that is held, as lost; waits for that for 5 s at most. */
  async close(): Promise<void> {
    this.#waits.close(new Error('the locker room was closed'));
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
  }

  #asker(name: string, options: LockOptions, permits: number): Asker {
    assertOptions(name, options);
    const { owner = this.owner, lease = 30_000, reentrant: isReentrant = false } = options;
    this.#asked += 1;
    return { id: `${this.#id}:${this.#asked}`, owner, lease, permits, isReentrant };
  }

  /** Of an owner who holds the lock and may take it again. */
  #again(
    name: string,
    { owner, permits, isReentrant = false }: Asker,
    signal?: AbortSignal,
  ): Lock | undefined {
    if (!isReentrant) return undefined;
    this.#waits.throwIfClosed();
    signal?.throwIfAborted();
    return this.#held.again(name, owner, permits)?.enter();
  }

  async #wait(
    name: string,
    asker: Asker,
    timeout: number,
    signal: AbortSignal | undefined,
  ): Promise<Lock> {
    // A wait without an end ends with the patience of `mongo-proxy`, or nobody would hear of it.
    using waiter = new Waiter(this.#workings, name, asker, timeout < Infinity);
    const begun = this.#clock.now();
    using wait = this.#waits.begin(timeout, signal);
    this.#meter.waiting += 1;
    try {
      return this.#hold(name, asker, begun, await waiter.turn(wait));
    } catch (error) {
      const withdrawn = this.#withdraw(name, asker, waiter.asking);
      if (error !== timeIsUp) throw error;
      const { refused, silence } = waiter;
      const isHeard = refused !== undefined && silence < longestSilence;
      const looked = isHeard ? this.#deadlock(name, asker, refused) : undefined;
      // Nothing is handed on any more to one who was told that his time is up.
      if (isHeard) await this.#soon(withdrawn).catch(() => {});
      const deadlock = await looked;
      throw this.#timeoutError(name, timeout, refused, { silence, deadlock });
    } finally {
      this.#meter.waiting -= 1;
    }
  }

  async #askOnce(name: string, asker: Asker, signal?: AbortSignal): Promise<Lock | Refused> {
    using wait = this.#waits.begin(Infinity, signal);
    wait.throwIfOver();
    const sentAt = this.#clock.now();
    const asking = this.#store.askFirst(name, asker, 'leave');
    try {
      const answer = await wait.for(asking);
      if (!answer.granted) return answer;
      if (this.#clock.now() < endOfUse(sentAt, asker.lease)) {
        return this.#hold(name, asker, sentAt, turnOf(answer, asker, sentAt));
      }
      // The answer came so late that the lease is over: it is given back unused.
      await this.#store.withdraw(name, asker.id);
      const nobody = { owner: null, timestamp: null, holders: 0, waiting: 0, before: 0 };
      return { granted: false, ...nobody, token: answer.token, soonest: 0 };
    } catch (error) {
      void this.#withdraw(name, asker, asking);
      throw error;
    }
  }

  /** Of a call that was made at `begun`. */
  #hold(name: string, asker: Asker, begun: number, turn: Turn): Lock {
    this.#waits.throwIfClosed();
    const granted = this.#clock.now();
    const ended = (why?: LockLostCode): void => {
      if (this.#held.delete(hold)) this.#meter.ended(this.#clock.now() - granted, why);
    };
    const hold: Hold = new Hold(this.#workings, { ...asker, name, turn }, ended);
    this.#held.add(hold, asker.isReentrant ?? false);
    this.#meter.acquireTimes.add(granted - begun);
    return hold.enter();
  }

  /** Leaves nothing behind of a question whose answer nobody waits for any more. */
  #withdraw(name: string, asker: Asker, asking: Promise<unknown>): Promise<void> {
    const withdrawn = asking.catch(() => {}).then(() => this.#store.withdraw(name, asker.id));
    // Should this fail too: the line forgets its dead, and a lease ends.
    return this.#track(withdrawn).catch(() => {});
  }

  /** The promise's outcome, if it is to be had while a timeout may be held back. */
  async #soon<T>(promise: Promise<T>): Promise<T> {
    using wait = this.#waits.begin(longestLook);
    return await wait.for(promise);
  }

  #timeoutError(
    name: string,
    timeout: number,
    last: Refused | undefined,
    { silence = 0, deadlock }: { silence?: number; deadlock?: readonly Wait[] | undefined } = {},
  ): LockTimeoutError {
    this.#meter.timeouts += 1;
    const isSilent = last === undefined || silence >= longestSilence;
    const silent = isSilent ? this.#store.servers : [];
    return new LockTimeoutError(name, timeout, last, silent, deadlock);
  }

  /** Looks whether somebody waits in a ring; undefined also when that cannot be seen soon. */
  async #deadlock(
    name: string,
    { owner, permits }: Asker,
    { before, token }: Refused,
  ): Promise<readonly Wait[] | undefined> {
    this.#looking ??= this.#store.contended().finally(() => {
      this.#looking = undefined;
    });
    // The caller is leaving the line, and its lock is contended no longer if nobody else waits.
    const looked = Promise.all([this.#looking, this.#store.status(name)]);
    const [locks, own] = await this.#soon(looked).catch(() => [[], undefined] as const);
    if (own === undefined) return undefined;
    // It may have been handed on to him too late.
    const isLate = (each: LockHolder) => each.owner === owner && each.token > token;
    const wanted = { ...own, holders: own.holders.filter((each) => !isLate(each)) };
    const others = locks.filter(({ _id }) => _id !== name);
    return findDeadlock({ owner, permits, before, waitsFor: name }, [...others, wanted]);
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
