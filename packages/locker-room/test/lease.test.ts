import { expect, test } from 'vitest';
import { Lease } from '../src/lease.ts';
import { pretendClock } from './pretend-clock.ts';

const never = new Promise<Date | null>(() => {});

/** A lease of 900 ms (so 810 of use, a beat each 300) granted by a request sent at time 0. */
function leaseOf900(renew: (length: number) => Promise<Date | null>) {
  const clock = pretendClock();
  const losses: { why: string; at: number }[] = [];
  const lease = new Lease(
    clock,
    { length: 900, sentAt: 0, expiresAt: new Date(900) },
    renew,
    (why) => losses.push({ why, at: clock.now() }),
  );
  return { clock, lease, losses };
}

test('is renewed at each third and lasts', async () => {
  const renewals: number[] = [];
  const { clock, lease, losses } = leaseOf900(async (length) => {
    renewals.push(clock.now());
    return new Date(clock.now() + length);
  });
  await clock.advance(3_000);
  expect(renewals).toEqual([300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000]);
  expect(lease.isRunning).toBe(true);
  expect(lease.expiresAt).toEqual(new Date(3900));
  expect(losses).toEqual([]);
});

test('is over a tenth before the server ends it when no renewal is answered', async () => {
  const { clock, lease, losses } = leaseOf900(() => never);
  await clock.advance(809);
  expect(lease.isRunning).toBe(true);
  await clock.advance(10_000);
  expect(lease.isRunning).toBe(false);
  expect(losses).toEqual([{ why: 'lease-over', at: 810 }]);
});

test('counts from before the request was sent, not from its answer', async () => {
  const { promise, resolve: answer } = Promise.withResolvers<Date>();
  let asked = 0;
  const { clock, losses } = leaseOf900(() => (asked++ === 0 ? promise : never));
  await clock.advance(800); // the renewal was sent at 300
  answer(new Date(0));
  await clock.advance(309);
  expect(losses).toEqual([]);
  await clock.advance(1000);
  expect(losses).toEqual([{ why: 'lease-over', at: 300 + 810 }]);
});

test('a failed renewal is repeated at the next beat', async () => {
  let calls = 0;
  const { clock, lease } = leaseOf900(() =>
    ++calls === 1 ? Promise.reject(new Error('no primary')) : Promise.resolve(new Date(0)),
  );
  await clock.advance(1400);
  expect(lease.isRunning).toBe(true);
});

test('an answer that comes after the end brings nothing back', async () => {
  const { promise, resolve: answer } = Promise.withResolvers<Date>();
  const { clock, lease, losses } = leaseOf900(() => promise);
  await clock.advance(1000);
  answer(new Date(5000));
  await clock.advance(1000);
  expect(lease.isRunning).toBe(false);
  expect(losses).toHaveLength(1);
});

test('is over at once when the server says that somebody else has the lock', async () => {
  const { clock, losses } = leaseOf900(() => Promise.resolve(null));
  await clock.advance(2000);
  expect(losses).toEqual([{ why: 'superseded', at: 300 }]);
});

test('knows its end even when the timers are late', () => {
  let now = 0;
  const late = { now: () => now, random: Math.random, after: () => () => {} };
  const losses: string[] = [];
  const lease = new Lease(
    late,
    { length: 900, sentAt: 0, expiresAt: new Date(0) },
    () => never,
    (why) => losses.push(why),
  );
  now = 810;
  expect(lease.isRunning).toBe(false);
  expect(losses).toEqual(['lease-over']);
});

test('stopped, it asks no more and calls nothing lost', async () => {
  let calls = 0;
  const { clock, lease, losses } = leaseOf900(async () => {
    calls += 1;
    return new Date(0);
  });
  lease.stop();
  await clock.advance(5000);
  expect({ calls, losses, running: lease.isRunning }).toEqual({
    calls: 0,
    losses: [],
    running: false,
  });
});
