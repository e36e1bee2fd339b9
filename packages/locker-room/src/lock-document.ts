import type { Document, Long } from 'mongodb';

/** Somebody in line. */
interface Waiter {
  id: string;
  owner: string;
  permits: number;
  lease: number;
  since: Date;
  until: Date;
}

/** Somebody who holds the lock. */
export interface Holder {
  id: string;
  owner: string;
  permits: number;
  /** A `Long` as read; written as a bigint, which the driver makes the same of. */
  token: Long | bigint;
  timestamp: Date;
  expiresAt: Date;
}

/** A lock as it is stored. */
export interface LockDocument {
  _id: string;
  /** That of the last grant. */
  token: Long | bigint;
  holders: Holder[];
  waiting: Waiter[];
  /** Ids of those in line to whom the last write but renewals handed the lock on. */
  called: string;
  /** When somebody was called last. */
  calledAt?: Date;
  /** How many fenced writes were begun; it only has to change. */
  writes?: number;
  breaks?: Document[];
}

export function toBigInt(token: Long | bigint): bigint {
  if (typeof token === 'bigint') return token;
  // Its own `toBigInt` goes through text.
  return (BigInt(token.high) << 32n) | BigInt(token.getLowBitsUnsigned());
}
