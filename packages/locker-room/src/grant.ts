import type { Document } from 'mongodb';

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
 * There is one rule for locks, readers, writers and semaphores: a lock is never held by more than
 * each of its holders allows, and nobody passes one who is before him in line. So it is granted when
 * all who hold it, all alive who stand before the asker, and the asker himself together are no more
 * than the lowest number of permits that one of them asks for.
 *
 * Each grant has a token one higher than the one before: the document is never deleted, so tokens
 * never begin again. Whether granted or refused, those whose lease is over hold the lock no longer.
 */
export function grantOrRefuse(asker: Asker, inLine: InLine): Document[] {
  const { id, owner, permits } = asker;
  const isMe = { $eq: ['$$w.id', id] };
  const isAlive = { $or: [isMe, { $gt: ['$$w.until', '$$NOW'] }] };
  const living = {
    waiting: { $filter: { input: { $ifNull: ['$waiting', []] }, as: 'w', cond: isAlive } },
    holders: runningHolders,
  };

  const place = { $indexOfArray: [{ $concatArrays: ['$waiting.id', [id]] }, id] };
  const before = { $slice: ['$waiting.permits', place] };
  const limit = { $min: { $concatArrays: [[permits], '$holders.permits', before] } };
  const mayHold = { $lt: [{ $add: [{ $size: '$holders' }, place] }, limit] };

  const granted = {
    token: nextToken,
    holders: { $concatArrays: ['$holders', [asHolder(asker)]] },
    waiting: lineWithout(id),
  };

  const until = { $add: ['$$NOW', patienceOfLine] };
  const asWaiter = { id, owner: { $literal: owner }, permits, since: '$$NOW', until };
  const joined = { waiting: { $concatArrays: ['$waiting', [asWaiter]] } };
  const isDue = inLine === 'stay' ? isMe : { $and: [isMe, { $lte: ['$$w.until', '$$NOW'] }] };
  const renewed = { $cond: [isDue, { $mergeObjects: ['$$w', { until }] }, '$$w'] };
  const stayed = { waiting: { $map: { input: '$waiting', as: 'w', in: renewed } } };
  const refused =
    inLine === 'leave' ? {} : { $cond: [{ $in: [id, '$waiting.id'] }, stayed, joined] };

  const outcome = { $cond: [mayHold, granted, refused] };
  return [{ $set: living }, { $replaceWith: { $mergeObjects: ['$$ROOT', outcome] } }];
}

const nextToken = { $add: [{ $ifNull: ['$token', 0n] }, 1n] };

function asHolder({ id, owner, lease, permits }: Asker): Document {
  const expiresAt = { $add: ['$$NOW', lease] };
  return {
    ...{ id, owner: { $literal: owner }, permits },
    ...{ token: nextToken, timestamp: '$$NOW', expiresAt },
  };
}

/** A lock that nobody holds, not even by a lease that is over, and for which nobody waits. */
export const idle = { holders: [], waiting: [] } as const;

/** The update that grants an idle lock: what `grantOrRefuse` does to it, in a few words. */
export function grantIdle(asker: Asker): Document[] {
  return [{ $set: { token: nextToken, holders: [asHolder(asker)] } }];
}

/** Those who hold the lock and whose lease is not over. */
export const runningHolders = {
  $filter: {
    input: { $ifNull: ['$holders', []] },
    as: 'h',
    cond: { $gt: ['$$h.expiresAt', '$$NOW'] },
  },
} as const;

/** The line when somebody has left it. */
export function lineWithout(id: string): Document {
  return { $filter: { input: '$waiting', as: 'w', cond: { $ne: ['$$w.id', id] } } };
}

/** The same rule once more, for whom to wake: the ids of those in line who would be granted it now. */
export function nextInLine(
  holders: readonly Pick<Asker, 'permits'>[],
  waiting: readonly Pick<Asker, 'id' | 'permits'>[],
): string[] {
  let limit = Math.min(...holders.map(({ permits }) => permits));
  const next: string[] = [];
  for (const { id, permits } of waiting) {
    limit = Math.min(limit, permits);
    if (holders.length + next.length >= limit) break;
    next.push(id);
  }
  return next;
}
