import type { Document } from 'mongodb';

/** Someone who asks for a lock. Owners may be alike; ids never are. */
export interface Asker {
  readonly id: string;
  readonly owner: string;
  /** Milliseconds for which the lock is granted. */
  readonly lease: number;
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
 * Granted when the lock is free or its lease is over, and nobody alive stands before the asker in
 * line. Each grant has a token one higher than the one before: the document is never deleted, so
 * tokens never begin again. Refused, the document changes only by the line.
 */
export function grantOrRefuse({ id, owner, lease }: Asker, inLine: InLine): Document[] {
  const isMe = { $eq: ['$$w.id', id] };
  const isAlive = { $or: [isMe, { $gt: ['$$w.until', '$$NOW'] }] };
  const isFree = { $or: [{ $ne: ['$locked', true] }, { $lte: ['$expiresAt', '$$NOW'] }] };
  const isFirst = { $eq: [{ $ifNull: [{ $arrayElemAt: ['$waiting.id', 0] }, id] }, id] };

  const granted = {
    locked: true,
    owner: { $literal: owner },
    grant: id,
    token: { $add: [{ $ifNull: ['$token', 0n] }, 1n] },
    timestamp: '$$NOW',
    expiresAt: { $add: ['$$NOW', lease] },
    waiting: { $filter: { input: '$waiting', as: 'w', cond: { $ne: ['$$w.id', id] } } },
  };
  const until = { $add: ['$$NOW', patienceOfLine] };
  const asWaiter = { id, owner: { $literal: owner }, since: '$$NOW', until };
  const joined = { waiting: { $concatArrays: ['$waiting', [asWaiter]] } };
  const isDue = inLine === 'stay' ? isMe : { $and: [isMe, { $lte: ['$$w.until', '$$NOW'] }] };
  const renewed = { $cond: [isDue, { $mergeObjects: ['$$w', { until }] }, '$$w'] };
  const stayed = { waiting: { $map: { input: '$waiting', as: 'w', in: renewed } } };
  const refused =
    inLine === 'leave' ? {} : { $cond: [{ $in: [id, '$waiting.id'] }, stayed, joined] };

  const waiting = {
    $filter: { input: { $ifNull: ['$waiting', []] }, as: 'w', cond: isAlive },
  };
  const outcome = { $cond: [{ $and: [isFree, isFirst] }, granted, refused] };
  return [{ $set: { waiting } }, { $replaceWith: { $mergeObjects: ['$$ROOT', outcome] } }];
}
