import type { Document } from 'mongodb';

/** Someone who asks for a lock. Owners may be alike; ids never are. */
export interface Asker {
  readonly id: string;
  readonly owner: string;
  /** Milliseconds for which the lock is granted. */
  readonly lease: number;
  /** How many may hold the lock together, of those who ask so; undefined to hold it alone. */
  readonly permits?: number | undefined;
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
 * Granted alone when nobody holds the lock, or all leases are over, and nobody alive stands before
 * the asker in line. Granted together with others when nobody holds it alone, nobody before the
 * asker in line wants to, and a permit is left for the asker and each who stands before. Each grant
 * has a token one higher than the one before: the document is never deleted, so tokens never begin
 * again. Refused, the document changes only by the line.
 */
export function grantOrRefuse(asker: Asker, inLine: InLine): Document[] {
  const { id, owner, permits } = asker;
  const isMe = { $eq: ['$$w.id', id] };
  const isAlive = { $or: [isMe, { $gt: ['$$w.until', '$$NOW'] }] };
  const isRunning = { $gt: ['$$s.expiresAt', '$$NOW'] };
  const living = {
    waiting: { $filter: { input: { $ifNull: ['$waiting', []] }, as: 'w', cond: isAlive } },
    shared: { $filter: { input: { $ifNull: ['$shared', []] }, as: 's', cond: isRunning } },
  };

  const until = { $add: ['$$NOW', patienceOfLine] };
  const asWaiter = {
    ...{ id, owner: { $literal: owner }, since: '$$NOW', until },
    ...(permits !== undefined && { permits }),
  };
  const joined = { waiting: { $concatArrays: ['$waiting', [asWaiter]] } };
  const isDue = inLine === 'stay' ? isMe : { $and: [isMe, { $lte: ['$$w.until', '$$NOW'] }] };
  const renewed = { $cond: [isDue, { $mergeObjects: ['$$w', { until }] }, '$$w'] };
  const stayed = { waiting: { $map: { input: '$waiting', as: 'w', in: renewed } } };
  const refused =
    inLine === 'leave' ? {} : { $cond: [{ $in: [id, '$waiting.id'] }, stayed, joined] };

  const [may, granted] = permits === undefined ? alone(asker) : together(asker, permits);
  const isFree = { $or: [{ $ne: ['$locked', true] }, { $lte: ['$expiresAt', '$$NOW'] }] };
  const outcome = { $cond: [{ $and: [isFree, may] }, granted, refused] };
  return [{ $set: living }, { $replaceWith: { $mergeObjects: ['$$ROOT', outcome] } }];
}

type Expression = Readonly<Record<string, unknown>>;

/** What has to be so besides that nobody holds the lock alone, and what a grant changes. */
type Terms = readonly [may: Expression, granted: Expression];

const nextToken = { $add: [{ $ifNull: ['$token', 0n] }, 1n] };

function alone(asker: Asker): Terms {
  const { id } = asker;
  const isFirst = { $eq: [{ $ifNull: [{ $arrayElemAt: ['$waiting.id', 0] }, id] }, id] };
  const isUnshared = { $eq: [{ $size: '$shared' }, 0] };
  return [{ $and: [isFirst, isUnshared] }, { ...heldBy(asker), waiting: lineWithout(id) }];
}

/** The fields of a lock that the asker holds alone from now on. */
function heldBy({ id, owner, lease }: Asker): Expression {
  return {
    locked: true,
    owner: { $literal: owner },
    grant: id,
    token: nextToken,
    timestamp: '$$NOW',
    expiresAt: { $add: ['$$NOW', lease] },
  };
}

/** The lock that nobody holds, not even by a lease that is over, and for which nobody waits. */
export const idle = { locked: false, waiting: [], shared: [] } as const;

/** The update that grants an idle lock: what `grantOrRefuse` would do, in fewer words. */
export function grantIdle(asker: Asker): Document[] {
  return [{ $set: heldBy(asker) }];
}

function together({ id, owner, lease }: Asker, permits: number): Terms {
  const place = { $indexOfArray: ['$waiting.id', id] };
  const isBefore = {
    $or: [{ $eq: [place, -1] }, { $lt: [{ $indexOfArray: ['$waiting.id', '$$w.id'] }, place] }],
  };
  const before = { $filter: { input: '$waiting', as: 'w', cond: isBefore } };
  const wantsAlone = { $eq: [{ $type: '$$w.permits' }, 'missing'] };
  const passed = { $filter: { input: before, as: 'w', cond: wantsAlone } };
  const taken = { $add: [{ $size: '$shared' }, { $size: before }] };
  const hasPermit = permits === Infinity ? true : { $lt: [taken, permits] };
  const expiresAt = { $add: ['$$NOW', lease] };
  const asHolder = {
    id,
    owner: { $literal: owner },
    token: nextToken,
    timestamp: '$$NOW',
    expiresAt,
  };
  const granted = {
    // What the end of a lease has left.
    ...free,
    token: nextToken,
    shared: { $concatArrays: ['$shared', [asHolder]] },
    waiting: lineWithout(id),
  };
  return [{ $and: [{ $eq: [{ $size: passed }, 0] }, hasPermit] }, granted];
}

/** The fields of a lock that nobody holds alone. */
export const free = {
  locked: false,
  owner: null,
  grant: null,
  timestamp: null,
  expiresAt: null,
} as const;

/** The line when somebody has left it. */
export function lineWithout(id: string): Expression {
  return { $filter: { input: '$waiting', as: 'w', cond: { $ne: ['$$w.id', id] } } };
}
