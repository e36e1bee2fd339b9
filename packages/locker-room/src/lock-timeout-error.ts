import type { Refused } from './answer.ts';
import { tellDeadlock, type Wait } from './deadlock.ts';
import { LockerRoomError } from './locker-room-error.ts';

/** The lock was not granted within the time the caller was ready to wait; nothing is held. */
export class LockTimeoutError extends LockerRoomError {
  override readonly name = 'LockTimeoutError';
  readonly code = 'lock-timeout';
  /** Milliseconds waited. */
  readonly timeout: number;
  /**
   * Who held the lock when it was last asked for, of several the one who had held it longest; null
   * when nobody did or no answer came.
   */
  readonly holder: string | null;
  /** When that holder was granted it, by the server's clock. */
  readonly since: Date | null;
  /** How many stood in line, the caller not counted. */
  readonly waiting: number;
  /** How many of them stood before the caller. */
  readonly before: number;
  /**
   * Those who wait for each other in a ring, the caller first: each for a lock that the next one
   * holds, the last for one of the caller's. Undefined when no such ring was seen.
   */
  readonly deadlock: readonly Wait[] | undefined;

  /** `silent` are the servers of which none answered lately. */
  constructor(
    lock: string,
    timeout: number,
    last: Refused | undefined,
    silent: readonly string[],
    deadlock?: readonly Wait[],
  ) {
    const ring = deadlock === undefined ? '' : `; ${tellDeadlock(deadlock)}`;
    super(lock, `not granted within ${timeout} ms: ${reason(last, silent)}${ring}`);
    this.timeout = timeout;
    this.holder = last?.owner ?? null;
    this.since = last?.timestamp ?? null;
    this.waiting = last?.waiting ?? 0;
    this.before = last?.before ?? 0;
    this.deadlock = deadlock;
  }
}

function reason(last: Refused | undefined, silent: readonly string[]): string {
  const silence = `no answer came from ${silent.join(', ')}`;
  if (last === undefined) return silence;
  const { owner, timestamp, holders, waiting, before } = last;
  const line = waiting === 0 ? '' : `; ${waiting} more in line, ${before} of them before`;
  const others = holders > 1 ? ` and ${holders - 1} more` : '';
  const held =
    timestamp === null
      ? 'it was free'
      : `held by ${owner}${others} since ${timestamp.toISOString()}`;
  return `${held}${line}${silent.length === 0 ? '' : `; lately ${silence}`}`;
}
