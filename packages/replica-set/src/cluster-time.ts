import { Timestamp } from 'bson';
import type { LogTime } from './operation.ts';

/** A time of the log as clients know it. */
export function timestampOf({ seconds, increment }: LogTime): Timestamp {
  return new Timestamp({ t: seconds, i: increment });
}

/** The time of the log that a client's timestamp names. */
export function timeOf(timestamp: Timestamp): LogTime {
  return { seconds: timestamp.high >>> 0, increment: timestamp.low >>> 0 };
}
