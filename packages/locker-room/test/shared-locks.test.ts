import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Lock } from '../src/lock.ts';
import { takeAll } from '../src/lock-set.ts';
import { LockStore } from '../src/lock-store.ts';
import { LockerRoom } from '../src/locker-room.ts';
import { LineOracle } from './line-oracle.ts';
import { pretendClock } from './pretend-clock.ts';

let rs: ReplicaSet;
let client: MongoClient;
let ours: LockerRoom;
let theirs: LockerRoom;
let name: string;
let tests = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = new MongoClient(rs.uri, safeClientOptions);
  ours = new LockerRoom({ client });
  theirs = new LockerRoom({ client });
});

afterAll(async () => {
  await Promise.all([ours?.close(), theirs?.close()]);
  await client?.close();
  await rs?.stop();
});

beforeEach(() => {
  name = `lock-${++tests}`;
});

async function untilWaiting(count: number): Promise<void> {
  while ((await ours.status(name)).waiting.length !== count) await setImmediate();
}

test('readers hold a lock together, and a writer alone', async () => {
  const readers = await Promise.all([ours.readLock(name), theirs.readLock(name, { owner: 'eve' })]);
  expect(await ours.tryLock(name)).toBeNull();
  const { locked, owner, holders } = await theirs.status(name);
  expect([locked, holders.length]).toEqual([true, 2]);
  expect(holders.map((each) => each.owner)).toContain('eve');
  expect(owner).toBe(holders[0]?.owner);
  const writing = ours.writeLock(name, { owner: 'writer' });
  await untilWaiting(1);
  for (const reader of readers) await reader.release();
  const writer = await writing;
  expect(await ours.status(name)).toMatchObject({ holders: [{ owner: 'writer' }] });
  await expect(theirs.readLock(name, { timeout: 0 })).rejects.toMatchObject({ holder: 'writer' });
  expect(writer.token).toBe(3n);
  await writer.release();
});

test('readers who come after a writer let him go first', async () => {
  const reader = await ours.readLock(name, { owner: 'first reader' });
  const order: string[] = [];
  const granted = (who: string) => (lock: AsyncDisposable) => {
    order.push(who);
    return lock;
  };
  const writing = theirs.writeLock(name).then(granted('writer'));
  await untilWaiting(1);
  const reading = ours.readLock(name).then(granted('reader'));
  await untilWaiting(2);
  await expect(theirs.readLock(name, { timeout: 0 })).rejects.toMatchObject({
    holder: 'first reader',
  });
  await reader.release();
  await (await writing)[Symbol.asyncDispose]();
  await (await reading)[Symbol.asyncDispose]();
  expect(order).toEqual(['writer', 'reader']);
});

test('a semaphore gives no more permits than it has, in the order of asking', async () => {
  const places = ours.semaphore(name, 2);
  const [first, second] = await Promise.all([places.acquire(), places.acquire()]);
  expect(await places.tryAcquire()).toBeNull();
  const waiting = theirs.semaphore(name, 2).acquire();
  await untilWaiting(1);
  await first?.release();
  const third = await waiting;
  expect(third.token).toBe(3n);
  expect(await places.tryAcquire()).toBeNull();
  await Promise.all([second?.release(), third.release()]);
  const fourth = await places.tryAcquire({ owner: 'late' });
  expect(fourth).toMatchObject({ owner: 'late', token: 4n, isShared: true });
  await fourth?.extend(200_000);
  expect((await ours.status(name)).expiresAt).toEqual(fourth?.expiresAt);
  await fourth?.release();
});

test('who allows fewer is not joined by more than he allows, nor passed in line', async () => {
  const [of3, of2] = [ours.semaphore(name, 3), theirs.semaphore(name, 2)];
  const first = await of3.acquire();
  const second = await of2.acquire();
  expect(await of3.tryAcquire()).toBeNull();
  await second.release();
  const third = await of3.acquire();
  const waiting = of2.acquire();
  await untilWaiting(1);
  expect(await of3.tryAcquire()).toBeNull();
  await first.release();
  await (await waiting).release();
  await third.release();
});

test('a release wakes all who may hold the lock together, with no clock at all', async () => {
  const clock = pretendClock();
  const still = new LockerRoom({ client }, clock);
  const writer = await still.lock(name);
  const readers: Promise<Lock>[] = [];
  for (let count = 1; count <= 3; count++) {
    readers.push(still.readLock(name));
    await untilWaiting(count);
  }
  await clock.untilTimers(4); // the room's heartbeat, one of each sleep
  await writer.release();
  expect((await Promise.all(readers)).map(({ isHeld }) => isHeld)).toEqual([true, true, true]);
  await still.close();
});

test.each([0, 1.5, Number.NaN, -1])('a semaphore of %d permits is refused', (permits) => {
  expect(() => ours.semaphore(name, permits)).toThrow('permits must be a whole number from 1');
});

test('a break takes it from all who hold it, and keeps each', async () => {
  const readers = [await ours.readLock(name, { owner: 'a' }), await ours.readLock(name)];
  const broken = await theirs.break(name, { by: 'operator' });
  expect(broken.map(({ token }) => token)).toEqual([1n, 2n]);
  expect(await theirs.status(name)).toMatchObject({ locked: false, holders: [] });
  const locks = client.db('locker_room').collection<{ _id: string }>('locks');
  expect(await locks.findOne({ _id: name })).toMatchObject({
    breaks: [
      { by: 'operator', owner: 'a' },
      { by: 'operator', owner: readers[1]?.owner },
    ],
  });
  const writer = await theirs.lock(name);
  await expect(readers[0]?.release()).rejects.toMatchObject({ name: 'NotOwnerError' });
  await writer.release();
});

test('what is held together fences nothing', async () => {
  const reader = await ours.readLock(name);
  const collection = client.db('test').collection('things');
  expect(() => ours.fenced(reader, collection)).toThrow(
    'fenced writes need one that is held alone',
  );
  await reader.release();
});

test('several locks are taken in the order of their names, and all or none', async () => {
  const names = ['c', 'a', 'b', 'a'].map((each) => `${name}-${each}`);
  await using all = await ours.lockAll(names);
  expect(all.locks.map((lock) => lock.name)).toEqual(
    ['a', 'b', 'c'].map((each) => `${name}-${each}`),
  );
  expect(all.get(`${name}-b`)).toBe(all.locks[1]);
  expect(all.isHeld).toBe(true);
  const theirNames = [`${name}-0`, ...names];
  await expect(theirs.lockAll(theirNames, { timeout: 500 })).rejects.toMatchObject({
    lock: `${name}-a`,
  });
  expect((await ours.status(`${name}-0`)).locked).toBe(false);
  await expect(theirs.lockAll([`${name}-0`, ''])).rejects.toThrow(TypeError);
  expect((await ours.status(`${name}-0`)).token).toBe(1n);
  await theirs.break(`${name}-b`);
  await expect(all.locks[1]?.extend()).rejects.toMatchObject({ code: 'superseded' });
  expect(all.signal.aborted).toBe(true);
  expect(all.isHeld).toBe(false);
  await all.release();
  for (const each of ['a', 'b', 'c']) {
    expect((await ours.status(`${name}-${each}`)).locked).toBe(false);
  }
});

test('a lock that is lost while the others are waited for ends the wait, and none is held', async () => {
  const [a, b, c] = [`${name}-a`, `${name}-b`, `${name}-c`];
  const clock = pretendClock();
  await using still = new LockerRoom({ client }, clock);
  const held = await theirs.lock(c);
  const waiting = still.lockAll([c, b, a], { lease: 3_000 });
  const ended = expect(waiting).rejects.toMatchObject({ code: 'superseded', lock: a });
  while ((await ours.status(c)).waiting.length === 0) await setImmediate();
  await theirs.break(a);
  await clock.advance(1_000); // a third of the lease
  await ended;
  while ((await ours.status(c)).waiting.length > 0) await setImmediate();
  expect((await ours.status(b)).locked).toBe(false);
  await held.release();
});

test('a lock that is lost as the last one is granted leaves none', async () => {
  const [a, b] = [`${name}-a`, `${name}-b`];
  const taking = takeAll([a, b], async (each) => {
    const lock = await ours.lock(each);
    if (each === b) await theirs.break(a);
    if (each === b) await first?.extend().catch(() => {});
    first ??= lock;
    return lock;
  });
  let first: Lock | undefined;
  await expect(taking).rejects.toMatchObject({ code: 'superseded', lock: a });
  expect((await ours.status(b)).locked).toBe(false);
});

test('two who want the same locks in another order both get them', async () => {
  const [a, b] = [`${name}-a`, `${name}-b`];
  const work = async (lockers: LockerRoom, names: string[]) => {
    for (let round = 0; round < 5; round++) await (await lockers.lockAll(names)).release();
  };
  await Promise.all([work(ours, [a, b]), work(theirs, [b, a])]);
  expect((await ours.status(a)).token).toBe(10n);
});

const ids = ['ann', 'bob', 'cy', 'dee'];
const kinds = [1, 1, 2, 3, Infinity];
const leases = [3_000, 61_000];
/** No sum of these is near a lease or the patience of the line, so the time of a step is no matter. */
const pauses = [2_000, 6_000];

/** Chance that is the same for the same seed. */
function diceOf(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

test('in any order of steps the line is what its rules say', async () => {
  const store = new LockStore(client, 'locker_room', 'locks');
  for (let seed = 1; seed <= 60; seed++) {
    expect(await firstMismatch(store, seed), `seed ${seed}`).toBeUndefined();
  }
  await rs.skewClock(0, 0);
});

async function firstMismatch(store: LockStore, seed: number): Promise<string | undefined> {
  const lock = `${name}-${seed}`;
  const roll = diceOf(seed);
  const oracle = new LineOracle();
  const granted: { id: string; token: bigint }[] = [];
  const begun = Date.now();
  let now = 0;
  for (let step = 0; step < 30; step++) {
    await rs.skewClock(0, now - (Date.now() - begun)); // the server's time passes by pauses only
    const kind = roll(8);
    // Mostly one who holds it, whether he knows or not; else one who was granted it once.
    const some = roll(4) > 0 && oracle.holders.length > 0 ? oracle.holders : granted;
    const one = some[roll(Math.max(1, some.length))];
    let expected: unknown;
    let found: unknown;
    let what = '';
    if (kind < 4) {
      const id = ids[roll(ids.length)] ?? '';
      const before = [...oracle.waiting, ...oracle.holders].find((each) => each.id === id);
      const permits = before?.permits ?? kinds[roll(kinds.length)] ?? 1;
      const lease = leases[roll(leases.length)] ?? 0;
      what = `${id} asks to be one of ${permits}`;
      expected = oracle.ask(id, lease, permits, now);
      const asker = { id, owner: id, lease, permits };
      const answer = await (before === undefined
        ? store.askFirst(lock, asker, 'stand')
        : store.ask(lock, asker, 'stand'));
      found = { granted: answer.granted, before: answer.granted ? 0 : answer.before };
      if (answer.granted) granted.push({ id, token: answer.token });
    } else if (kind === 4) {
      const pause = pauses[roll(pauses.length)] ?? 0;
      what = `${pause} ms pass`;
      now += pause;
      await rs.skewClock(0, now - (Date.now() - begun));
    } else if (kind === 5 && one) {
      what = `${one.id} releases`;
      expected = oracle.release(one.token, now);
      const calls = await store.release(lock, one.id, one.token, roll(2) === 0);
      found = calls?.map(({ id }) => id);
    } else if (kind === 6 && one) {
      what = `${one.id} extends`;
      expected = oracle.extend(one.token, 3_000, now);
      found = (await store.extend(lock, one.id, one.token, 3_000)) !== null;
    } else if (kind === 7) {
      const id = ids[roll(ids.length)] ?? '';
      what = `${id} withdraws`;
      oracle.withdraw(id, now);
      await store.withdraw(lock, id);
    }
    const { owner, holders, waiting, token } = await store.status(lock);
    const running = oracle.holders.filter(({ end }) => end > now);
    const state = [owner, holders.map((h) => [h.owner, h.token]), waiting.map((w) => w.owner)];
    const due = [
      running[0]?.id ?? null,
      running.map((h) => [h.id, h.token]),
      oracle.waiting.filter(({ until }) => until > now).map(({ id }) => id),
    ];
    const [is, ought] = [inspect([state, found, token]), inspect([due, expected, oracle.token])];
    if (is !== ought) return `step ${step}, ${what}: ${is} instead of ${ought}`;
    if (running.some(({ permits }) => permits < running.length)) {
      return `step ${step}, ${what}: held by more than one of them allows`;
    }
  }
  return undefined;
}
