/** The soak's own errands between the faults, when elections may still be under way. */
import { setTimeout as pause } from 'node:timers/promises';
import { MongoServerError } from 'mongodb';
import { verdictOn } from './client-error.ts';

const patience = 30_000;

/** Of an errand that was done before, though its reply was lost: namespace exists, duplicate key. */
const doneBefore: ReadonlySet<unknown> = new Set([48, 11000]);

/** Repeats an errand that can be done twice until it succeeds; gives up after 30 s. */
export async function insist(errand: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + patience;
  for (;;) {
    try {
      await errand();
      return;
    } catch (error) {
      if (error instanceof MongoServerError && doneBefore.has(error.code)) return;
      if (verdictOn(error) === 'wrong' || performance.now() > until) throw error;
      await pause(50);
    }
  }
}
