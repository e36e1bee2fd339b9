import type { AbstractCursor } from 'mongodb';
import type { Whereabouts } from './attempt-watch.ts';
import { CursorCutError } from './cursor-cut-error.ts';
import {
  type CursorInside,
  hook,
  inherited,
  insideOf,
  isOver,
  more,
  open,
} from './cursor-inside.ts';
import type { Obstacle } from './obstacle.ts';
import type { CallOptions, Patience, Trial } from './patience.ts';
import { PatienceExhaustedError } from './patience-exhausted-error.ts';
import { codeOf, isTransient } from './transient-error.ts';

/**
 * Lets a fresh cursor repeat its first request, in whatever way it is read; returns the same
 * cursor, whose clones are protected likewise.
 *
 * Nothing later is repeated: a server cannot say how far a lost batch had moved its cursor. In a
 * transaction everything is left to the driver.
 */
export function protectFirstBatch<C extends AbstractCursor>(
  patience: Patience,
  operation: string,
  cursor: C,
  call: CallOptions = {},
): C {
  const inside = insideOf<CursorInside>(cursor);
  const obstacle: Obstacle = { code: 'no-total-order', detail: 'nothing tells what follows' };
  let delivered = 0;
  hook(inside, {
    _initialize: async (session) => {
      if (session.inTransaction()) return inherited(inside)._initialize.call(inside, session);
      const opening = await patience.run(
        operation,
        readTrial(operation, () => open(inside, session, {}), inside),
        call,
      );
      delivered = opening.response.batchSize;
      return opening;
    },
    getMore: async () => {
      try {
        const batch = await patience.connection.guard(more(inside), { where: whereAsks(inside) });
        delivered += batch.batchSize;
        return batch;
      } catch (thrown) {
        throw cutOf(operation, delivered, obstacle, asError(thrown), inside);
      }
    },
    clone: () => protectFirstBatch(patience, operation, inherited(inside).clone.call(inside), call),
  });
  return cursor;
}

type Asking = Pick<CursorInside, 'cursorOptions'>;

/** A read, which may be repeated for as long as that may help. */
export function readTrial<T>(
  operation: string,
  attempt: () => Promise<T>,
  cursor?: Asking,
): Trial<T> {
  return {
    attempt,
    where: whereAsks(cursor),
    mayRetry: isTransient,
    verdict: (error) => error,
    exhausted: (attempts, patience) => new PatienceExhaustedError(operation, patience, attempts),
  };
}

/** Where a cursor asks for its batches. */
export function whereAsks(cursor: Asking | undefined): Whereabouts {
  const mode = cursor?.cursorOptions.readPreference?.mode ?? 'primary';
  return mode === 'primary' ? 'primary' : 'elsewhere';
}

/** The error of a batch that will not come: the driver's own unless another server might help. */
export function cutOf(
  operation: string,
  delivered: number,
  obstacle: Obstacle,
  error: Error,
  cursor: CursorInside,
): Error {
  const isOwn = isOver(cursor) || !isCut(error) || cursor.cursorSession?.inTransaction() === true;
  if (isOwn) return error;
  return new CursorCutError(operation, delivered, obstacle, [{ error, elapsed: 0 }]);
}

const cursorNotFound = 43;
const snapshotGone = [239, 246];

/** Whether the server, the connection or the cursor there is lost, and another one may do. */
export function isCut(error: Error): boolean {
  return isTransient(error) || codeOf(error) === cursorNotFound || isSnapshotGone(error);
}

/** SnapshotTooOld, SnapshotUnavailable. */
export function isSnapshotGone(error: Error): boolean {
  return snapshotGone.includes(codeOf(error));
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
