import { Timestamp } from 'bson';
import type { LogTime } from './replica-log.ts';

/** A time of the log as clients know it. */
export function timestampOf({ seconds, increment }: LogTime): Timestamp {
  return new Timestamp({ t: seconds, i: increment });
}
