import { assertLease } from './lease.ts';
import { assertName, assertOwner } from './lock-name.ts';

/** How a lock is asked for. */
export interface LockOptions {
  /**
   * Who asks: for people to read, to take a lock again, and to tell a deadlock by. The default names
   * host, process and locker room.
   */
  readonly owner?: string;
  /** Milliseconds to wait at most; 0 asks once; the default waits for as long as it takes. */
  readonly timeout?: number;
  /**
   * Milliseconds after which the lock of a holder that vanished is granted to the next; from 100 to
   * a day, default 30,000. While the holder lives, its lease is renewed by itself.
   */
  readonly lease?: number;
  /**
   * Whether the owner, who has to be named then, may take the lock again while he holds it: at once,
   * with the same token and lease, and to be released as often. Only a lock that was taken so can be
   * taken again, and only through the same locker room.
   */
  readonly reentrant?: boolean;
  /** Ends the wait with the signal's reason; a lock that was granted is not touched by it. */
  readonly signal?: AbortSignal;
}

/** What `tryLock` may be told: it does not wait. */
export type TryLockOptions = Pick<LockOptions, 'owner' | 'lease' | 'reentrant'>;

/** Milliseconds that a timer can count: some 24 days. */
const longestTimer = 2_147_483_647;

/**
 * Returns when a lock can be asked for so.
 *
 * @throws {TypeError} otherwise, with the rule
 */
export function assertOptions(name: string, options: LockOptions): void {
  const { owner, lease, timeout = Infinity, reentrant = false } = options;
  assertName(name);
  if (owner !== undefined) assertOwner(owner);
  if (reentrant && owner === undefined) {
    throw new TypeError('a reentrant lock needs an owner: the one who may take it again');
  }
  if (lease !== undefined) assertLease(lease);
  const isTime = typeof timeout === 'number' && timeout >= 0;
  if (!isTime || (timeout > longestTimer && timeout !== Infinity)) {
    throw new TypeError(
      `timeout must be 0 to ${longestTimer} ms or Infinity, not ${String(timeout)}`,
    );
  }
}

/**
 * Returns when a semaphore can have so many permits.
 *
 * @throws {TypeError} otherwise, with the rule
 */
export function assertPermits(permits: number): void {
  if (Number.isSafeInteger(permits) && permits >= 1) return;
  throw new TypeError(`permits must be a whole number from 1, not ${String(permits)}`);
}
