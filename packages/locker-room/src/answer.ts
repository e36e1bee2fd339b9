import { patienceOfLine } from './grant.ts';
import { type Holder, type LockDocument, toBigInt } from './lock-document.ts';

/** What a grant says; `expiresAt` is the end of the lease by the server's clock. */
export interface Granted {
  readonly granted: true;
  /** How many stand in line. */
  readonly waiting: number;
  readonly token: bigint;
  readonly expiresAt: Date;
}

/** What a refusal says. */
export interface Refused {
  readonly granted: false;
  /** Who has held it longest, and since when; null when it is free, but others are first in line. */
  readonly owner: string | null;
  readonly timestamp: Date | null;
  /** How many hold it. */
  readonly holders: number;
  /** How many stand in line, the asker not counted. */
  readonly waiting: number;
  /** How many stand before the asker in line; 0 when not in line. */
  readonly before: number;
  /** Token of the last grant. */
  readonly token: bigint;
  /** Milliseconds until time alone changes who comes next: a lease ends, or the one before is gone. */
  readonly soonest: number;
}

/** What an asker is told by the document that his question has left. */
export function answerTo(id: string, lock: LockDocument): Granted | Refused {
  const { holders, waiting } = lock;
  const own = holders.find((holder) => holder.id === id);
  if (own) return grantedTo(own, waiting.length);
  const { owner, timestamp } = holders[0] ?? { owner: null, timestamp: null };
  const place = waiting.findIndex((waiter) => waiter.id === id);
  const others = place === -1 ? waiting.length : waiting.length - 1;
  const line = { holders: holders.length, waiting: others, before: Math.max(0, place) };
  const told = { token: toBigInt(lock.token), soonest: soonest(lock, place) };
  return { granted: false, owner, timestamp, ...line, ...told };
}

export function grantedTo({ token, expiresAt }: Holder, waiting: number): Granted {
  return { granted: true, token: toBigInt(token), expiresAt, waiting };
}

/** Everybody in line watches the one before him, and the first one the holders. */
function soonest({ holders, waiting }: LockDocument, place: number): number {
  const me = waiting[place];
  if (me === undefined) return Infinity;
  const now = me.until.getTime() - patienceOfLine; // by the server's clock, if he was told to stay
  const ends =
    place === 0 ? holders.map(({ expiresAt }) => expiresAt) : [waiting[place - 1]?.until];
  return Math.min(...ends.map((end) => (end?.getTime() ?? Infinity) - now));
}
