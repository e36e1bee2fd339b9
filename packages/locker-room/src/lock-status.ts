import { type Holder, type LockDocument, toBigInt } from './lock-document.ts';

/** How a lock stands, as seen by a majority of the members and by the server's clock. */
export interface LockStatus {
  /** Name of the lock. */
  readonly _id: string;
  /** Whether anybody holds it; false as soon as the lease is over, released or not. */
  readonly locked: boolean;
  /** Who holds it, of several the one who has held it longest; null when nobody does. */
  readonly owner: string | null;
  /** When it was granted to that owner; null without one. */
  readonly timestamp: Date | null;
  /** When that owner's lease ends unless renewed; null without one. */
  readonly expiresAt: Date | null;
  /** Token of the last grant; 0 before the first. */
  readonly token: bigint;
  /** Those in line, the first to be served first. */
  readonly waiting: readonly LockWaiter[];
  /** All who hold it, in the order of their grants; more than one only if they hold it together. */
  readonly holders: readonly LockHolder[];
}

/** One of those who stand in line for a lock. */
export interface LockWaiter {
  readonly owner: string;
  readonly since: Date;
  /** With how many at most he would hold it, himself counted: 1 alone, Infinity with all readers. */
  readonly permits: number;
}

/** One of those who hold a lock. */
export interface LockHolder {
  readonly owner: string;
  /** With how many at most he holds it, himself counted: 1 alone, Infinity with all readers. */
  readonly permits: number;
  readonly token: bigint;
  readonly timestamp: Date;
  /** When its lease ends unless renewed. */
  readonly expiresAt: Date;
}

/** How a lock stands by its document, in which nobody is dead and no lease is over. */
export function statusOf({ _id, token, holders, waiting }: LockDocument): LockStatus {
  const { owner, timestamp, expiresAt } = holders[0] ?? {
    ...{ owner: null, timestamp: null, expiresAt: null },
  };
  return {
    ...{ _id, locked: holders.length > 0, owner, timestamp, expiresAt, token: toBigInt(token) },
    waiting: waiting.map((waiter) => ({
      ...{ owner: waiter.owner, since: waiter.since, permits: waiter.permits },
    })),
    holders: holders.map(holderOf),
  };
}

export function holderOf({ owner, permits, token, timestamp, expiresAt }: Holder): LockHolder {
  return { owner, permits, token: toBigInt(token), timestamp, expiresAt };
}
