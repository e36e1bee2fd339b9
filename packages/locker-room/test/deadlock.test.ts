import { setImmediate } from 'node:timers/promises';
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findDeadlock, tellDeadlock } from '../src/deadlock.ts';
import type { LockStatus } from '../src/lock-status.ts';
import { LockTimeoutError } from '../src/lock-timeout-error.ts';
import { LockerRoom } from '../src/locker-room.ts';
import { pretendClock } from './pretend-clock.ts';

const [one, all] = [1, Infinity];
type Who = readonly [owner: string, permits: number];

/** A lock as `holders` and `waiting` say; the times do not matter. */
function lock(_id: string, holders: readonly Who[], waiting: readonly Who[] = []): LockStatus {
  const when = new Date(0);
  return {
    ...{ _id, locked: true, owner: null, timestamp: null, expiresAt: null, token: 1n },
    holders: holders.map(([owner, permits]) => ({
      ...{ owner, permits, token: 1n, timestamp: when, expiresAt: when },
    })),
    waiting: waiting.map(([owner, permits]) => ({ owner, permits, since: when })),
  };
}

const default1 = 'host:1:0123abcd';
const default2 = 'host:2:4567abcd';

describe('ann, first in line for b, waits', () => {
  test.each<{ case: string; locks: LockStatus[]; permits?: number; before?: number; told: string }>(
    [
      {
        case: 'for one who waits for her',
        locks: [lock('a', [['ann', one]], [['bob', one]]), lock('b', [['bob', one]])],
        told: 'deadlock: ann waits for b held by bob, who waits for a held by ann',
      },
      {
        case: 'for one who waits for another who waits for her',
        locks: [
          lock('a', [['ann', one]], [['cy', one]]),
          lock('b', [['bob', one]], [['ann', one]]),
          lock('c', [['cy', one]], [['bob', one]]),
        ],
        told: 'deadlock: ann waits for b held by bob, who waits for c held by cy, who waits for a held by ann',
      },
      {
        case: 'for herself',
        locks: [lock('b', [['ann', one]])],
        told: 'deadlock: ann waits for b held by ann',
      },
      {
        case: 'for one of several readers, who waits for her',
        locks: [
          lock('a', [['ann', one]], [['cy', all]]),
          lock('b', [
            ['bob', all],
            ['cy', all],
          ]),
        ],
        told: 'deadlock: ann waits for b held by cy, who waits for a held by ann',
      },
      {
        case: 'to read once more, behind a writer who waits for her to end reading',
        locks: [lock('b', [['ann', all]], [['bob', one]])],
        permits: all,
        before: 1,
        told: 'deadlock: ann waits for b held by ann',
      },
      {
        case: 'for a semaphore, all holders of which wait for her',
        locks: [
          lock(
            'a',
            [['ann', one]],
            [
              ['bob', one],
              ['cy', one],
            ],
          ),
          lock('b', [
            ['bob', 2],
            ['cy', 2],
          ]),
        ],
        permits: 2,
        told: 'deadlock: ann waits for b held by bob, who waits for a held by ann',
      },
      {
        case: 'for one whose name was not chosen',
        locks: [lock('a', [['ann', one]], [[default1, one]]), lock('b', [[default1, one]])],
        told: `possible deadlock (an owner may be several tasks): ann waits for b held by ${default1}, who waits for a held by ann`,
      },
    ],
  )('$case', ({ locks, permits = one, before = 0, told }) => {
    const ring = findDeadlock({ owner: 'ann', waitsFor: 'b', permits, before }, locks);
    expect(ring && tellDeadlock(ring)).toBe(told);
  });

  test.each<{ case: string; locks: LockStatus[]; permits?: number; owner?: string }>([
    { case: 'for one who works', locks: [lock('b', [['bob', one]])] },
    { case: 'for nobody', locks: [] },
    {
      case: 'for one who waits for one who works',
      locks: [
        lock('a', [['ann', one]]),
        lock('b', [['bob', one]]),
        lock('c', [['cy', one]], [['bob', one]]),
      ],
    },
    {
      case: 'for two who wait for each other',
      locks: [
        lock('b', [['bob', one]]),
        lock('c', [['cy', one]], [['bob', one]]),
        lock('d', [['bob', one]], [['cy', one]]),
      ],
    },
    {
      case: 'for a semaphore, one holder of which works',
      locks: [
        lock('a', [['ann', one]], [['bob', one]]),
        lock('b', [
          ['bob', 2],
          ['cy', 2],
        ]),
      ],
      permits: 2,
    },
    {
      case: 'for one who waits for ever for another, and for a permit of hers that is left',
      locks: [
        lock('a', [['ann', 2]], [['bob', 2]]),
        lock('b', [['bob', one]], [['dee', one]]),
        lock('c', [['dee', one]], [['bob', one]]),
      ],
    },
    {
      case: 'for another task of her process',
      locks: [lock('b', [[default1, one]], [[default1, one]])],
      owner: default1,
    },
    {
      case: 'for a process one task of which waits for a semaphore that has a permit left',
      locks: [lock('a', [[default1, 2]], [[default2, 2]]), lock('b', [[default2, one]])],
      owner: default1,
    },
  ])('in no ring, $case', ({ locks, permits = one, owner = 'ann' }) => {
    expect(findDeadlock({ owner, waitsFor: 'b', permits, before: 0 }, locks)).toBeUndefined();
  });
});

test('a thousand who wait in a row are looked through', () => {
  const locks = Array.from({ length: 1000 }, (_, n) =>
    lock(`${n}`, [[`owner ${n}`, one]], [[`owner ${(n + 999) % 1000}`, one]]),
  );
  const own = { owner: 'owner 0', waitsFor: '1', permits: one, before: 0 };
  expect(findDeadlock(own, locks)).toHaveLength(1000);
  expect(findDeadlock(own, locks.slice(0, 999))).toBeUndefined();
});

describe('in a real line', () => {
  let rs: ReplicaSet;
  let client: MongoClient;
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
    name = `lock-${++tests}`;
  });

  /** Ann has a and wants b, bob has b and wants a; the outcome of the wait of ann, who gives up. */
  async function tangle(beforeTheEnd: () => Promise<unknown> = async () => {}): Promise<unknown> {
    const clock = pretendClock();
    await using watched = new MongoClient(rs.uri, { ...safeClientOptions, monitorCommands: true });
    let answers = 0;
    watched.on('commandSucceeded', ({ commandName }) => {
      if (commandName === 'findAndModify') answers += 1;
    });
    await using ours = new LockerRoom({ client: watched }, clock);
    await using theirs = new LockerRoom({ client });
    const [a, b] = [`${name}-a`, `${name}-b`];
    await ours.lock(a, { owner: 'ann' });
    await theirs.lock(b, { owner: 'bob' });
    const bobs = theirs.lock(a, { owner: 'bob' });
    const anns = ours.lock(b, { owner: 'ann', timeout: 900 }).catch((error: unknown) => error);
    for (const each of [a, b]) {
      while ((await theirs.status(each)).waiting.length === 0) await setImmediate();
    }
    // Two for each first question, and one when the stream is open.
    while (answers < 5) await setImmediate();
    await clock.untilTimers(3); // a heartbeat, the timeout, one of a sleep
    await beforeTheEnd();
    await clock.advance(900);
    const outcome = await anns;
    const ended = expect(bobs).rejects.toThrow('closed');
    await theirs.close();
    await ended;
    return outcome;
  }

  test('the error of a timeout tells the ring', async () => {
    const [a, b] = [`${name}-a`, `${name}-b`];
    const error = await tangle();
    expect(error).toBeInstanceOf(LockTimeoutError);
    expect(error).toMatchObject({
      holder: 'bob',
      waiting: 0,
      deadlock: [
        { owner: 'ann', waitsFor: b },
        { owner: 'bob', waitsFor: a },
      ],
    });
    expect((error as Error).message).toMatch(
      new RegExp(
        `^lock "${b}": not granted within 900 ms: held by bob since [^;]+; ` +
          `deadlock: ann waits for ${b} held by bob, who waits for ${a} held by ann$`,
      ),
    );
  });

  test('a look that fails hides no timeout', async () => {
    const error = await tangle(() =>
      rs.failCommand({ failCommands: ['aggregate'], errorCode: 13 }),
    );
    expect(error).toMatchObject({ name: 'LockTimeoutError', holder: 'bob', deadlock: undefined });
  });

  test('who asks once is told who stands in line, and nothing is looked through', async () => {
    await using lockers = new LockerRoom({ client });
    const lock = await lockers.readLock(name, { owner: 'ann' });
    const second = await lockers.readLock(name, { owner: 'bob' });
    const stop = new AbortController();
    const waiting = lockers.lock(name, { signal: stop.signal });
    while ((await lockers.status(name)).waiting.length === 0) await setImmediate();
    await expect(lockers.lock(name, { owner: 'ann', timeout: 0 })).rejects.toMatchObject({
      message: expect.stringMatching(
        /held by ann and 1 more since \S+Z; 1 more in line, 0 of them before$/,
      ),
      waiting: 1,
      deadlock: undefined,
    });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await Promise.all([lock.release(), second.release()]);
  });
});
