import { beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../src/clock.ts';
import { Heartbeat, type HolderKey, type Renewals } from '../src/heartbeat.ts';
import { Lease } from '../src/lease.ts';
import { type PretendClock, pretendClock } from './pretend-clock.ts';

interface Request {
  readonly at: number;
  readonly ids: readonly string[];
  readonly length: number;
}

const done: Renewals = { lost: new Set(), failed: new Set() };
const never = new Promise<Renewals>(() => {});
const idsOf = (holders: readonly HolderKey[]) => holders.map(({ id }) => id);

let clock: PretendClock;
let requests: Request[];
let losses: { id: string; why: string; at: number }[];
/** What the server does with a request. */
let reply: (ids: readonly string[]) => Renewals | Promise<Renewals>;
let heartbeat: Heartbeat;

beforeEach(() => {
  clock = pretendClock();
  requests = [];
  losses = [];
  reply = () => done;
  heartbeat = heartbeatOf(clock);
});

function heartbeatOf(time: Clock): Heartbeat {
  return new Heartbeat(time, async (holders, length) => {
    requests.push({ at: time.now(), ids: idsOf(holders), length });
    return reply(idsOf(holders));
  });
}

/** A lease of 900 ms unless said (so 810 of use, a beat each 300), granted at once. */
function hold(id: string, length = 900, time: Clock = clock): Lease {
  const term = { length, sentAt: time.now(), expiresAt: new Date(time.now() + length) };
  const lease = new Lease(time, term, length, (why) => losses.push({ id, why, at: time.now() }));
  heartbeat.keep(lease, { name: `lock ${id}`, id });
  return lease;
}

describe('one lease', () => {
  test('is renewed at each third and lasts', async () => {
    const lease = hold('a');
    await clock.advance(3_000);
    expect(requests.map(({ at }) => at)).toEqual([
      300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000,
    ]);
    expect(lease.isRunning).toBe(true);
    expect(lease.expiresAt).toEqual(new Date(3_900));
    expect(losses).toEqual([]);
  });

  test('is over a tenth before the server ends it when no renewal is answered', async () => {
    reply = () => never;
    const lease = hold('a');
    await clock.advance(809);
    expect(lease.isRunning).toBe(true);
    await clock.advance(1);
    expect(losses).toEqual([{ id: 'a', why: 'lease-over', at: 810 }]);
    await clock.advance(10_000);
    expect(lease.isRunning).toBe(false);
    expect(requests).toHaveLength(1);
  });

  test('counts from before the request was sent, not from its answer', async () => {
    const { promise, resolve: answer } = Promise.withResolvers<Renewals>();
    reply = () => (requests.length === 1 ? promise : never);
    hold('a');
    await clock.advance(800); // the renewal was sent at 300
    answer(done);
    await clock.advance(309);
    expect(losses).toEqual([]);
    await clock.advance(1000);
    expect(losses).toEqual([{ id: 'a', why: 'lease-over', at: 300 + 810 }]);
  });

  test('counts from before the question when it was handed on after it, for a shorter time', async () => {
    await clock.advance(1_000);
    const term = { length: 300, sentAt: 920, expiresAt: new Date(1_300) };
    const lease = new Lease(clock, term, 900, () => {});
    heartbeat.keep(lease, { name: 'lock', id: 'a' });
    expect(lease.end).toBe(920 + 270);
    await clock.advance(21);
    expect(requests).toEqual([{ at: 1_020, ids: ['a'], length: 900 }]);
    expect(lease.end).toBe(1_020 + 810);
  });

  test('a renewal that nobody answered is repeated soon, and the lease lasts', async () => {
    reply = () => (requests.length === 1 ? Promise.reject(new Error('no primary')) : done);
    const lease = hold('a');
    await clock.advance(1400);
    expect(requests.map(({ at }) => at)).toEqual([300, 337.5, 637.5, 937.5, 1237.5]);
    expect(lease.isRunning).toBe(true);
  });

  test('an answer that comes after the end brings nothing back', async () => {
    const { promise, resolve: answer } = Promise.withResolvers<Renewals>();
    reply = () => promise;
    const lease = hold('a');
    await clock.advance(1000);
    answer(done);
    await clock.advance(1000);
    expect(lease.isRunning).toBe(false);
    expect(losses).toHaveLength(1);
  });

  test('is over at once when the server says that it is not held any more', async () => {
    reply = (ids) => ({ lost: new Set(ids), failed: new Set() });
    hold('a');
    await clock.advance(2000);
    expect(losses).toEqual([{ id: 'a', why: 'superseded', at: 300 }]);
  });

  test('knows its end even when the timers are late, as after a halt', () => {
    let now = 0;
    const halted: Clock = { now: () => now, random: Math.random, after: () => () => {} };
    heartbeat = heartbeatOf(halted);
    const lease = hold('a', 900, halted);
    now = 810;
    expect(lease.isRunning).toBe(false);
    expect(losses).toEqual([{ id: 'a', why: 'lease-over', at: 810 }]);
  });

  test('whose turn comes too late is not renewed any more', async () => {
    hold('a');
    await clock.jump(5_000);
    expect(requests).toEqual([]);
    expect(losses).toEqual([{ id: 'a', why: 'lease-over', at: 5_000 }]);
  });

  test('stopped, asks no more and is not called lost', async () => {
    const lease = hold('a');
    lease.stop();
    heartbeat.leave(lease);
    await clock.advance(5000);
    expect(requests).toEqual([]);
    expect(losses).toEqual([]);
    expect(lease.isRunning).toBe(false);
  });

  test('given another length, is renewed for that and at its thirds, and never ends sooner', async () => {
    const lease = hold('a');
    lease.extended({ length: 3_000, sentAt: 100, expiresAt: new Date(3_100) });
    heartbeat.keep(lease, { name: 'lock a', id: 'a' });
    lease.renewed(200, 900); // an answer that was under way
    expect(lease.end).toBe(100 + 2_700);
    expect(lease.expiresAt).toEqual(new Date(3_100));
    await clock.advance(1_300);
    expect(requests).toEqual([{ at: 1_200, ids: ['a'], length: 3_000 }]);
  });
});

describe('many leases', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

  test('of one length go by one request, at about the same time', async () => {
    for (const id of many(20)) {
      hold(id);
      await clock.advance(3);
    }
    await clock.advance(240);
    expect(requests).toEqual([{ at: 300, ids: many(20), length: 900 }]);
    await clock.advance(300);
    expect(requests).toHaveLength(2);
  });

  test('of several lengths go by one request a length', async () => {
    for (const id of many(4)) hold(id, id < '2' ? 900 : 1_500);
    await clock.advance(500);
    expect(requests).toEqual([
      { at: 300, ids: ['0', '1'], length: 900 },
      { at: 500, ids: ['2', '3'], length: 1_500 },
    ]);
  });

  test('go by several requests when there are very many', async () => {
    for (const id of many(1_200)) hold(id);
    await clock.advance(310);
    expect(requests.map(({ ids }) => ids.length)).toEqual([500, 500, 200]);
  });

  test('are lost each for itself', async () => {
    reply = (ids) => ({ lost: new Set(ids.filter((id) => id === '3')), failed: new Set() });
    const leases = many(5).map((id) => hold(id));
    await clock.advance(2_000);
    expect(losses).toEqual([{ id: '3', why: 'superseded', at: 300 }]);
    expect(leases.map(({ isRunning }) => isRunning)).toEqual([true, true, true, false, true]);
  });

  test('do not go down with one that cannot be written', async () => {
    reply = (ids) => (ids.includes('777') ? { lost: new Set(), failed: new Set(ids) } : done);
    for (const id of many(1_000)) hold(id);
    await clock.advance(5_000);
    expect(losses).toEqual([{ id: '777', why: 'lease-over', at: 810 }]);
    const sizes = requests.filter(({ ids }) => ids.includes('777')).map(({ ids }) => ids.length);
    expect(sizes.slice(0, 4)).toEqual([500, 20, 1, 1]);
    expect(requests.slice(-3).flatMap(({ ids }) => ids)).toHaveLength(999);
  });

  test('stay together while nobody answers', async () => {
    reply = () => (clock.now() < 600 ? Promise.reject(new Error('no primary')) : done);
    for (const id of many(100)) hold(id);
    await clock.advance(700);
    expect(losses).toEqual([]);
    expect(new Set(requests.map(({ ids }) => ids.length))).toEqual(new Set([100]));
  });
});
