import type { Document } from 'mongodb';
import { handOn } from './hand-on.ts';

/** Someone who asks for a lock. Owners may be alike; ids never are. */
export interface Asker {
  readonly id: string;
  readonly owner: string;
  /** Milliseconds for which the lock is granted. */
  readonly lease: number;
  /** With how many at most, the asker counted, the lock is held: 1 is to hold it alone. */
  readonly permits: number;
  /** Whether its owner may take the lock again while it is held. */
  readonly isReentrant?: boolean;
}

/**
 * What becomes of an asker who is not granted the lock.
 *
 * - `leave`: nothing.
 * - `stand`: stands in line, at its end if not there yet; is alive again if its time was up.
 * - `stay`: as `stand`, and is counted as alive from now on again in any case.
 */
export type InLine = 'leave' | 'stand' | 'stay';

/** Milliseconds after which someone in line who has not asked again is taken for gone. */
export const patienceOfLine = 5_000;

/**
 * The update that grants a lock or refuses it, in one step, by the server's clock.
 *
 * The asker is put at the end of the line unless he stands in it, and then the lock is handed on, to
 * whoever may have it by now: to those before him too. One to whom it was handed on already has it
 * for his full lease. Whether granted or refused, those whose lease is over hold the lock no longer.
 */
export function grantOrRefuse({ id, owner, lease, permits }: Asker, inLine: InLine): Document[] {
  const isMe = { $eq: ['$$w.id', id] };
  const isAlive = { $or: [isMe, { $gt: ['$$w.until', '$$NOW'] }] };
  const line = { $filter: { input: { $ifNull: ['$waiting', []] }, as: 'w', cond: isAlive } };
  const until = { $add: ['$$NOW', patienceOfLine] };
  const isDue = inLine === 'stay' ? isMe : { $and: [isMe, { $lte: ['$$w.until', '$$NOW'] }] };
  const stayed = { $cond: [isDue, { $mergeObjects: ['$$w', { until }] }, '$$w'] };
  const who = { id, owner: { $literal: owner }, permits, lease, since: '$$NOW', until };
  const isThere = { $in: [id, { $concatArrays: ['$waiting.id', '$holders.id'] }] };

  return [
    {
      $set: {
        token: { $ifNull: ['$token', 0n] },
        waiting: { $map: { input: line, as: 'w', in: stayed } },
        holders: { $map: { input: runningHolders, as: 'h', in: renewedFor('id', id, lease) } },
      },
    },
    { $set: { waiting: { $cond: [isThere, '$waiting', { $concatArrays: ['$waiting', [who]] }] } } },
    ...handOn(id),
    ...(inLine === 'leave' ? [{ $set: { waiting: lineWithout(id) } }] : []),
  ];
}

/** A lock that nobody holds, not even by a lease that is over, and for which nobody waits. */
export const idle = { holders: [], waiting: [] } as const;

/** The update that grants an idle lock: what `grantOrRefuse` does to it, in a few words. */
export function grantIdle({ id, owner, lease, permits }: Asker): Document[] {
  const token = { $add: ['$token', 1] };
  const expiresAt = { $add: ['$$NOW', lease] };
  const who = { id, owner: { $literal: owner }, permits };
  return [{ $set: { token, holders: [{ ...who, token, timestamp: '$$NOW', expiresAt }] } }];
}

/** Those who hold the lock and whose lease is not over. */
export const runningHolders = {
  $filter: {
    input: { $ifNull: ['$holders', []] },
    as: 'h',
    cond: { $gt: ['$$h.expiresAt', '$$NOW'] },
  },
} as const;

/** A holder `$$h`, whose lease begins anew if it is the one meant; it never ends sooner by that. */
export function renewedFor(field: 'id' | 'token', value: string | bigint, lease: number): Document {
  const expiresAt = { $max: ['$$h.expiresAt', { $add: ['$$NOW', lease] }] };
  return {
    $cond: [{ $eq: [`$$h.${field}`, value] }, { $mergeObjects: ['$$h', { expiresAt }] }, '$$h'],
  };
}

/** The line when somebody has left it. */
function lineWithout(id: string): Document {
  return { $filter: { input: '$waiting', as: 'w', cond: { $ne: ['$$w.id', id] } } };
}
