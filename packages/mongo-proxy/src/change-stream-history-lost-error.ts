import type { ResumeToken } from 'mongodb';
import { MongoProxyError } from './mongo-proxy-error.ts';
import type { FailedAttempt } from './patience.ts';

/**
 * The server no longer has the changes that follow the last one delivered.
 *
 * Some changes are missed for good: read the collection afresh, and open a new stream before you
 * do, without this token.
 */
export class ChangeStreamHistoryLostError extends MongoProxyError {
  override readonly name = 'ChangeStreamHistoryLostError';
  readonly code = 'history-lost';
  /** Where the stream could not go on from; undefined when it had been given none. */
  readonly resumeToken: ResumeToken;

  constructor(resumeToken: ResumeToken, attempts: readonly FailedAttempt[]) {
    super(
      'watch cannot go on where it stopped: the server no longer has the changes since then ' +
        `(${attempts.at(-1)?.error.message}); open a new stream without a resume token, then ` +
        'read the collection afresh',
      'watch',
      attempts,
    );
    this.resumeToken = resumeToken;
  }
}
