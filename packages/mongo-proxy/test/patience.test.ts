import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noCounts } from '../src/counts.ts';
import {
  type Clock,
  type Connection,
  Patience,
  type RetryNotice,
  type Trial,
} from '../src/patience.ts';

const connection: Connection = {
  connect: async () => {},
  isClosed: () => false,
  guard: (attempt) => attempt,
};

/** A clock whose sleeps take no time at all, and say how long they would have taken. */
function pretendClock(random: () => number = () => 0.5) {
  let now = 0;
  const slept: number[] = [];
  const clock: Clock = {
    now: () => now,
    random,
    sleep(delay) {
      slept.push(delay);
      now += delay;
      return Promise.resolve();
    },
  };
  return { clock, slept };
}

function trialThatFails(times: number, mayRetry = true): Trial<string> {
  let attempts = 0;
  return {
    attempt: () =>
      ++attempts <= times
        ? Promise.reject(new Error(`failure ${attempts}`))
        : Promise.resolve('done'),
    mayRetry: () => mayRetry,
    verdict: (error) => error,
    exhausted: (failures) => new Error(`gave up after ${failures.length}`),
  };
}

test('a trial that succeeds is made once', async () => {
  const { clock, slept } = pretendClock();
  await expect(
    new Patience(1000, undefined, connection, noCounts(), clock).run('find', trialThatFails(0)),
  ).resolves.toBe('done');
  expect(slept).toEqual([]);
});

test('waits for half of a delay that doubles up to two seconds when chance says one half', async () => {
  const { clock, slept } = pretendClock();
  const notices: RetryNotice[] = [];
  const patience = new Patience(
    60_000,
    (notice) => notices.push(notice),
    connection,
    noCounts(),
    clock,
  );
  await expect(patience.run('insertOne', trialThatFails(9))).resolves.toBe('done');
  expect(slept).toEqual([10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
  expect(notices.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(notices[1]).toMatchObject({
    operation: 'insertOne',
    delay: 20,
    error: { message: 'failure 2' },
  });
});

test('stops at once where no retry may follow', async () => {
  const { clock, slept } = pretendClock();
  const patience = new Patience(1000, undefined, connection, noCounts(), clock);
  await expect(patience.run('find', trialThatFails(1, false))).rejects.toThrow('failure 1');
  expect(slept).toEqual([]);
});

test('never waits longer than its patience, and uses all of it before giving up', () => {
  const chances = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
  return fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 10_000 }), chances, async (length, chance) => {
      const { clock, slept } = pretendClock(() => Math.max(0.01, chance.next().value));
      const patience = new Patience(length, undefined, connection, noCounts(), clock);
      const error = await patience
        .run('find', trialThatFails(Number.POSITIVE_INFINITY))
        .catch((thrown: Error) => thrown);
      expect(error).toEqual(new Error(`gave up after ${slept.length + 1}`));
      expect(slept.reduce((sum, delay) => sum + delay, 0)).toBeCloseTo(length, 6);
      for (const [index, delay] of slept.entries()) {
        expect(delay).toBeLessThan(Math.min(2000, 20 * 2 ** index) + 1e-9);
      }
    }),
  );
});

test('closing ends the wait, and the next attempt decides', async () => {
  const asleep = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => 0,
    random: () => 1,
    sleep: (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve());
        asleep.resolve();
      }),
  };
  const patience = new Patience(1000, undefined, connection, noCounts(), clock);
  const running = patience.run('find', trialThatFails(1));
  await asleep.promise;
  patience.endWaits();
  await expect(running).resolves.toBe('done');
});

test('what is thrown and is no Error becomes one', async () => {
  const { clock } = pretendClock();
  const trial = {
    ...trialThatFails(0),
    attempt: () => Promise.reject('a string'),
    mayRetry: () => false,
  };
  await expect(
    new Patience(10, undefined, connection, noCounts(), clock).run('find', trial),
  ).rejects.toThrow('a string');
});
