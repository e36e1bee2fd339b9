import { setImmediate } from 'node:timers/promises';
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LockerRoom } from '../src/locker-room.ts';
import type { Histogram } from '../src/metrics.ts';
import { type PretendClock, pretendClock } from './pretend-clock.ts';

let rs: ReplicaSet;
let client: MongoClient;
let clock: PretendClock;
let name: string;
let tests = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = new MongoClient(rs.uri, safeClientOptions);
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(() => {
  clock = pretendClock();
  name = `lock-${++tests}`;
});

/** The bounds between which each value lies. */
function placesOf({ buckets }: Histogram): (readonly [above: number, atMost: number])[] {
  return buckets.flatMap(({ le, count }, place) => {
    const { le: above = 0, count: before = 0 } = buckets[place - 1] ?? {};
    return Array.from({ length: count - before }, () => [above, le] as const);
  });
}

test('a room that nobody used has nothing to tell', async () => {
  await using lockers = new LockerRoom({ client });
  const { acquireTimes, holdTimes, ...counts } = lockers.metrics();
  const lost = { 'lease-over': 0, superseded: 0 };
  expect(counts).toEqual({ held: 0, waiting: 0, timeouts: 0, lost });
  for (const times of [acquireTimes, holdTimes]) {
    expect(times).toMatchObject({ count: 0, sum: 0 });
    expect(times.buckets.at(-1)).toEqual({ le: Infinity, count: 0 });
  }
});

test('tells what is held, who waits, and how long both took', async () => {
  await using lockers = new LockerRoom({ client }, clock);
  const lock = await lockers.lock(name);
  const waiting = lockers.lock(name);
  while ((await lockers.status(name)).waiting.length === 0) await setImmediate();
  expect(lockers.metrics()).toMatchObject({ held: 1, waiting: 1 });
  await clock.advance(700);
  await lock.release();
  const next = await waiting;
  await clock.advance(100_000_000);
  await next.release().catch(() => {});
  const { held, waiting: still, acquireTimes, holdTimes } = lockers.metrics();
  expect({ held, still }).toEqual({ held: 0, still: 0 });
  expect(acquireTimes).toMatchObject({ count: 2, sum: 700 });
  expect(placesOf(acquireTimes)).toEqual([
    [0, 1],
    [500, 1_000],
  ]);
  expect(placesOf(holdTimes).at(0)).toEqual([500, 1_000]);
  expect(holdTimes.count).toBe(2);
});

test('a lock that its owner takes again counts once', async () => {
  await using lockers = new LockerRoom({ client }, clock);
  const ann = { owner: 'ann', reentrant: true };
  const [outer, inner] = [await lockers.lock(name, ann), await lockers.lock(name, ann)];
  expect(lockers.metrics()).toMatchObject({ held: 1, acquireTimes: { count: 1 } });
  await outer.release();
  expect(lockers.metrics()).toMatchObject({ held: 1, holdTimes: { count: 0 } });
  await inner.release();
  expect(lockers.metrics()).toMatchObject({ held: 0, holdTimes: { count: 1 } });
});

test('timeouts are counted, and refusals of tryLock are none', async () => {
  await using lockers = new LockerRoom({ client }, clock);
  await using _lock = await lockers.lock(name);
  expect(await lockers.tryLock(name)).toBeNull();
  await expect(lockers.lock(name, { timeout: 0 })).rejects.toThrow('not granted');
  expect(lockers.metrics()).toMatchObject({ timeouts: 1, acquireTimes: { count: 1 } });
});

test('losses are counted once, by their reason', async () => {
  await using lockers = new LockerRoom({ client }, clock);
  const taken = await lockers.lock(name);
  await lockers.break(name);
  await taken.extend().catch(() => {});
  const halted = await lockers.lock(`${name}-b`);
  await clock.jump(40_000);
  expect([taken.isHeld, halted.isHeld]).toEqual([false, false]);
  await taken.release().catch(() => {});
  await halted.release();
  const lost = { 'lease-over': 1, superseded: 1 };
  expect(lockers.metrics()).toMatchObject({ held: 0, lost, holdTimes: { count: 2 } });
});

test('what is lost because the room is closed is no loss', async () => {
  const lockers = new LockerRoom({ client }, clock);
  await lockers.lock(name);
  await lockers.close();
  const lost = { 'lease-over': 0, superseded: 0 };
  expect(lockers.metrics()).toMatchObject({ held: 0, lost, holdTimes: { count: 1 } });
});
