import type { Clock } from '../src/patience.ts';

/** What a promise comes to: the error it is rejected with, or undefined. */
export const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Waits of no length, on a clock that stands still. */
export const atOnce: Clock = { now: () => 0, random: () => 0, sleep: () => Promise.resolve() };
