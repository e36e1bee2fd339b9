import { beforeEach, expect, test } from 'vitest';
import { timeIsUp, Waits } from '../src/waits.ts';
import { type PretendClock, pretendClock } from './pretend-clock.ts';

let clock: PretendClock;
let waits: Waits;

beforeEach(() => {
  clock = pretendClock();
  waits = new Waits(clock);
});

const never = new Promise<never>(() => {});

test('a wait gives what comes, be it good or bad', async () => {
  using wait = waits.begin(100);
  expect(await wait.for(Promise.resolve(1))).toBe(1);
  await expect(wait.for(Promise.reject(new Error('bad')))).rejects.toThrow('bad');
});

test('a wait is over when its time is up, and stays so', async () => {
  using wait = waits.begin(100);
  const waiting = wait.for(never);
  waiting.catch(() => {});
  await clock.advance(99);
  expect(() => wait.throwIfOver()).not.toThrow();
  await clock.advance(1);
  await expect(waiting).rejects.toBe(timeIsUp);
  await expect(wait.for(Promise.resolve(1))).rejects.toBe(timeIsUp);
  expect(() => wait.throwIfOver()).toThrow();
});

test('what fails after the end of its wait bothers nobody', async () => {
  using wait = waits.begin(100);
  const late = Promise.withResolvers<never>();
  const waiting = wait.for(late.promise);
  waiting.catch(() => {});
  await clock.advance(100);
  late.reject(new Error('late'));
  await expect(waiting).rejects.toBe(timeIsUp);
});

test('a signal ends a wait with its reason, before and after it has begun', async () => {
  const controller = new AbortController();
  using early = waits.begin(Infinity, controller.signal);
  const waiting = early.for(never);
  controller.abort('enough');
  await expect(waiting).rejects.toBe('enough');
  using late = waits.begin(Infinity, controller.signal);
  await expect(late.for(Promise.resolve(1))).rejects.toBe('enough');
});

test('closing ends all waits, those that begin later too', async () => {
  using one = waits.begin(Infinity);
  const closed = new Error('closed');
  const waiting = one.for(never);
  waiting.catch(() => {});
  expect(() => waits.throwIfClosed()).not.toThrow();
  waits.close(closed);
  await expect(waiting).rejects.toBe(closed);
  using other = waits.begin(Infinity);
  expect(() => other.throwIfOver()).toThrow(closed);
  expect(() => waits.throwIfClosed()).toThrow(closed);
});

test('a wait that is disposed keeps neither a timer nor an ear', async () => {
  const controller = new AbortController();
  {
    using _wait = waits.begin(100, controller.signal);
  }
  const other = waits.begin(50);
  other[Symbol.dispose]();
  await clock.advance(1_000);
  controller.abort();
  waits.close(new Error('closed'));
  expect(() => other.throwIfOver()).not.toThrow();
});
