import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { Granted, Refused } from '../src/answer.ts';
import { LockRequests } from '../src/lock-requests.ts';
import type { LockStatus } from '../src/lock-status.ts';
import type { LockStore } from '../src/lock-store.ts';
import type { LockTimeoutError } from '../src/lock-timeout-error.ts';
import { pretendClock } from './pretend-clock.ts';

test.each([
  { how: 'by waiting', timeout: Infinity },
  { how: 'by asking once', timeout: 0 },
])('a lock granted as its room is closed is given back ($how)', async ({ timeout }) => {
  const answer = Promise.withResolvers<Granted>();
  const withdrawn: string[] = [];
  const store = {
    askFirst: () => answer.promise,
    withdraw: async (name: string) => void withdrawn.push(name),
  };
  const requests = new LockRequests(store as unknown as LockStore, pretendClock());
  const lock = requests.lock('name', { timeout }, 1);
  answer.resolve({ granted: true, token: 1n, expiresAt: new Date(30_000), waiting: 0 });
  const closed = requests.close();
  await expect(lock).rejects.toThrow('the locker room was closed');
  await closed;
  expect(withdrawn).toEqual(['name']);
  expect(requests.metrics()).toMatchObject({ held: 0, waiting: 0 });
});

const silentStream = Object.assign(new EventEmitter(), {
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
  close: async () => {},
});
const nobody = { owner: null, timestamp: null, expiresAt: null };
const times = { timestamp: new Date(0), expiresAt: new Date(0) };

test.each([
  { what: 'a lock that the owner held before is a deadlock', token: 5n, length: 1 },
  { what: 'one that was handed on to him as his time was up is none', token: 6n, length: 0 },
])('$what', async ({ token, length }) => {
  const clock = pretendClock();
  const refused: Refused = {
    ...{ granted: false, owner: 'bob', timestamp: new Date(0) },
    ...{ holders: 1, waiting: 0, before: 0, token: 5n, soonest: 20_000 },
  };
  const lock: LockStatus = {
    ...{ _id: 'name', locked: true, token, ...nobody },
    holders: [{ owner: 'ann', permits: 1, token, ...times }],
    waiting: [{ owner: 'cy', permits: 1, since: new Date(0) }],
  };
  const store = {
    askFirst: async () => refused,
    ask: async () => refused,
    withdraw: async () => {},
    contended: async () => [lock],
    status: async () => lock,
    calls: () => silentStream,
  };
  const requests = new LockRequests(store as unknown as LockStore, clock);
  const waiting = requests
    .lock('name', { owner: 'ann', timeout: 900 }, 1)
    .catch((error: unknown) => error);
  await clock.untilTimers(2);
  await clock.advance(900);
  const { deadlock = [] } = (await waiting) as LockTimeoutError;
  expect(deadlock).toHaveLength(length);
});
