import type { Document } from 'mongodb';

type Expression = Readonly<Record<string, unknown>>;

/**
 * Milliseconds for which the lock is handed on to somebody in line, if his lease is not shorter: he
 * may be gone without a word. He counts them from his last question, which was before.
 */
export const firstLease = 5_000;

/** The lowest number of permits so far, that of the one who is looked at included. */
const limit = { $min: ['$$value.limit', '$$this.permits'] };

/** How many from the front of the line may hold the lock besides those who do. */
const newcomers: Expression = {
  $let: {
    vars: {
      counted: {
        $reduce: {
          // There is never room for more than the first of them allows.
          input: {
            $slice: [
              '$waiting',
              { $min: [{ $size: '$waiting' }, { $arrayElemAt: ['$waiting.permits', 0] }] },
            ],
          },
          initialValue: { holders: { $size: '$holders' }, limit: { $min: '$holders.permits' } },
          in: {
            holders: {
              $add: ['$$value.holders', { $cond: [{ $lt: ['$$value.holders', limit] }, 1, 0] }],
            },
            limit,
          },
        },
      },
    },
    in: { $subtract: ['$$counted.holders', { $size: '$holders' }] },
  },
};

/**
 * The stages that end each write after which there may be room for those in line: they let them in.
 *
 * There is one rule for locks, readers, writers and semaphores: a lock is never held by more than
 * each of its holders allows, and nobody passes one who is before him in line. So from the front of
 * the line one after the other is granted the lock for as long as all who hold it are no more than
 * the lowest number of permits that one of them asks for. The stages expect that all in `waiting`
 * are alive and that no lease in `holders` is over.
 *
 * Each grant has a token one higher than the one before: the document is never deleted, so tokens
 * never begin again. Whoever is granted the lock by a write of somebody else is named in `called`
 * for the change stream to see (when, in `calledAt`); the `asker` of this write has its answer.
 */
export function handOn(asker: string | null): Document[] {
  const front = { $slice: ['$waiting', '$called'] };
  const lease = {
    $cond: [{ $eq: ['$$this.id', asker] }, '$$this.lease', { $min: ['$$this.lease', firstLease] }],
  };
  const holder = {
    id: '$$this.id',
    owner: '$$this.owner',
    permits: '$$this.permits',
    token: { $add: ['$token', { $size: '$$value' }, 1] },
    timestamp: '$$NOW',
    expiresAt: { $add: ['$$NOW', lease] },
  };
  const granted = {
    $reduce: { input: front, initialValue: [], in: { $concatArrays: ['$$value', [holder]] } },
  };
  const others = { $filter: { input: front, as: 'w', cond: { $ne: ['$$w.id', asker] } } };
  const named = { $concat: ['$$value', ' ', '$$this.id'] };
  return [
    { $set: { called: newcomers } },
    {
      $set: {
        token: { $add: ['$token', '$called'] },
        holders: { $concatArrays: ['$holders', granted] },
        waiting: { $slice: ['$waiting', '$called', { $add: [{ $size: '$waiting' }, 1] }] },
        called: { $reduce: { input: others, initialValue: '', in: named } },
        calledAt: { $cond: [{ $eq: ['$called', 0] }, '$calledAt', '$$NOW'] },
      },
    },
  ];
}
