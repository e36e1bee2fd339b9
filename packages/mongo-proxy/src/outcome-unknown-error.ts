import { MongoProxyError } from './mongo-proxy-error.ts';
import type { FailedAttempt } from './patience.ts';

/**
 * Why nobody can say whether a write was applied.
 *
 * - `write-concern-timeout`: applied on the primary, but `wtimeoutMS` ended before enough members
 *   had it; a fail-over may still undo it.
 * - `patience-exhausted`: sent at least once, and `patience` ended without an answer.
 * - `history-lost`: sent at least once, and the server no longer remembers the write's number.
 * - `not-repeatable`: sent once, and its answer lost; this kind of operation carries no number by
 *   which a server would know a repetition.
 * - `partly-applied`: a bulk write of several commands, of which the first were applied as
 *   `partialResult` tells; the next one was not, or its own outcome is unknown (see `cause`).
 * - `interrupted`: sent at least once, and then it could not be sent again (the client was closed,
 *   or the caller's signal aborted).
 */
export type OutcomeUnknownReason =
  | 'write-concern-timeout'
  | 'patience-exhausted'
  | 'history-lost'
  | 'not-repeatable'
  | 'partly-applied'
  | 'interrupted';

const sentences: Record<OutcomeUnknownReason, string> = {
  'write-concern-timeout': 'was applied, but not confirmed by enough members in time',
  'patience-exhausted': 'was sent, but nobody answered before patience ended',
  'history-lost': 'was sent, but the server no longer remembers whether it was applied',
  'not-repeatable': 'was sent once, and whether it was applied was not answered',
  'partly-applied': 'was applied in part, and then patience ended',
  interrupted: 'was sent, and then could not be sent again',
};

/**
 * A write that was applied once or not at all, and which of both cannot be known.
 *
 * Never retried blindly: read the documents concerned before you call the operation again.
 */
export class OutcomeUnknownError extends MongoProxyError {
  override readonly name = 'OutcomeUnknownError';
  readonly code: OutcomeUnknownReason;
  /** `partly-applied`: the driver's result of the commands that were answered. */
  readonly partialResult: unknown;

  constructor(
    operation: string,
    code: OutcomeUnknownReason,
    attempts: readonly FailedAttempt[],
    partialResult?: unknown,
  ) {
    super(
      `${operation} ${sentences[code]} (${attempts.at(-1)?.error.message}); ` +
        'read the documents concerned before calling it again',
      operation,
      attempts,
    );
    this.code = code;
    this.partialResult = partialResult;
  }
}
