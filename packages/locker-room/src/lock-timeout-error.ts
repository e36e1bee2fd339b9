import { LockerRoomError } from './locker-room-error.ts';

/** What the last answer told of a lock that was not granted. */
export interface LastAnswer {
  readonly owner: string | null;
  readonly timestamp: Date | null;
  /** How many stand before the asker in line. */
  readonly before: number;
}

/** The lock was not granted within the time the caller was ready to wait; nothing is held. */
export class LockTimeoutError extends LockerRoomError {
  override readonly name = 'LockTimeoutError';
  readonly code = 'lock-timeout';
  /** Milliseconds waited. */
  readonly timeout: number;
  /** Who held the lock when it was last asked for; null when nobody did or no answer came. */
  readonly holder: string | null;
  /** When that holder was granted it, by the server's clock. */
  readonly since: Date | null;
  /** How many stood before the caller in line, the holder not counted. */
  readonly before: number;

  /** `servers` are those that were asked, told of when none of them answered. */
  constructor(
    lock: string,
    timeout: number,
    last: LastAnswer | undefined,
    servers: readonly string[],
  ) {
    super(lock, `not granted within ${timeout} ms: ${reason(last, servers)}`);
    this.timeout = timeout;
    this.holder = last?.owner ?? null;
    this.since = last?.timestamp ?? null;
    this.before = last?.before ?? 0;
  }
}

function reason(last: LastAnswer | undefined, servers: readonly string[]): string {
  if (last === undefined) return `no answer came from ${servers.join(', ')}`;
  const { owner, timestamp, before } = last;
  const line = before === 0 ? '' : `, and ${before} first in line`;
  if (owner === null || timestamp === null) return `it was free${line || ', for others in line'}`;
  return `held by ${owner} since ${timestamp.toISOString()}${line}`;
}
