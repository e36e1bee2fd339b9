import { LockerRoomError } from './locker-room-error.ts';

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

  constructor(lock: string, timeout: number, holder: string | null, since: Date | null) {
    const reason =
      holder === null || since === null
        ? 'the database gave no answer in time, or others were first in line'
        : `held by ${holder} since ${since.toISOString()}`;
    super(lock, `not granted within ${timeout} ms: ${reason}`);
    this.timeout = timeout;
    this.holder = holder;
    this.since = since;
  }
}
