import type { Document, Long, ResumeToken } from 'mongodb';

/** Somebody who waited has been granted a lock by a write of somebody else. */
export interface Call {
  readonly id: string;
  readonly token: bigint;
  /** When, by the server's clock. */
  readonly timestamp: Date;
}

/** What a change stream tells of a write that called somebody. */
export interface CallEvent {
  readonly _id: ResumeToken;
  /** Ids, each after a space. */
  readonly called: string;
  /** That of the last of them; the others have those before. */
  readonly token: Long | bigint;
  readonly calledAt?: Date;
}

/**
 * The stages of a change stream that lets through, of all changes, those that call somebody whose id
 * begins with `prefix`.
 *
 * A server tells of an update by the fields that changed, or by the whole document.
 */
export function callsTo(prefix: string): Document[] {
  const isToThem = { $regex: ` ${prefix}` };
  const told = (field: string): Document => ({
    $ifNull: [`$updateDescription.updatedFields.${field}`, `$fullDocument.${field}`],
  });
  return [
    {
      $match: {
        $or: [
          { 'updateDescription.updatedFields.called': isToThem },
          { 'fullDocument.called': isToThem },
        ],
      },
    },
    { $project: { called: told('called'), calledAt: told('calledAt'), token: told('token') } },
  ];
}

/** Who was called, and with which token each. */
export function callsOf({ called, token, calledAt }: Omit<CallEvent, '_id'>): Call[] {
  if (calledAt === undefined) return [];
  const ids = called.split(' ').slice(1);
  const first = BigInt(String(token)) - BigInt(ids.length - 1);
  return ids.map((id, place) => ({ id, token: first + BigInt(place), timestamp: calledAt }));
}
