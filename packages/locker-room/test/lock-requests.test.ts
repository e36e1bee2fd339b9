import { expect, test } from 'vitest';
import { LockRequests } from '../src/lock-requests.ts';
import type { Granted, LockStore } from '../src/lock-store.ts';
import { pretendClock } from './pretend-clock.ts';

test.each([
  { how: 'by waiting', timeout: Infinity },
  { how: 'by asking once', timeout: 0 },
])('a lock granted as its room is closed is given back ($how)', async ({ timeout }) => {
  const answer = Promise.withResolvers<Granted>();
  const withdrawn: string[] = [];
  const store = {
    ask: () => answer.promise,
    withdraw: async (name: string) => void withdrawn.push(name),
  };
  const requests = new LockRequests(store as unknown as LockStore, pretendClock());
  const lock = requests.lock('name', { timeout }, 1);
  answer.resolve({ granted: true, token: 1n, expiresAt: new Date(30_000) });
  const closed = requests.close();
  await expect(lock).rejects.toThrow('the locker room was closed');
  await closed;
  expect(withdrawn).toEqual(['name']);
  expect(requests.metrics()).toMatchObject({ held: 0, waiting: 0 });
});
