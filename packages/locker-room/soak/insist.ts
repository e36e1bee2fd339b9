import { setTimeout as pause } from 'node:timers/promises';
import { MongoServerError } from 'mongodb';

const patience = 30_000;

/** Of an errand that was done before, though its reply was lost: namespace exists, duplicate key. */
const doneBefore: ReadonlySet<unknown> = new Set([48, 11000]);

/** Repeats an errand of the soak's own that may be done twice until it succeeds; gives up after 30 s. */
export async function insist<T>(errand: () => Promise<T>): Promise<T | undefined> {
  const until = performance.now() + patience;
  for (;;) {
    try {
      return await errand();
    } catch (error) {
      if (error instanceof MongoServerError && doneBefore.has(error.code)) return undefined;
      if (performance.now() > until) throw error;
      await pause(50);
    }
  }
}
