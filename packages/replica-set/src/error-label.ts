/** The labels by which drivers know what to do about an error: drivers' specifications "Transactions" and "Retryable Writes". */
import type { BsonDocument } from './bson-document.ts';
import { isRetryableCode } from './server-error.ts';

/** WriteConflict, LockTimeout, and what has become of a snapshot. */
const transientCodes: ReadonlySet<number> = new Set([24, 112, 239, 246]);
const noSuchTransaction = 251;

/** The labels for the code of an error, and for that of a write concern's error; 0 for none. */
export function errorLabelsOf(command: BsonDocument, code: number, concernCode: number): string[] {
  const [name = ''] = command.keys();
  const ends = name === 'commitTransaction' || name === 'abortTransaction';
  const inTransaction = command.get('autocommit') === false;
  const isTransient =
    transientCodes.has(code) ||
    // After a commit it is safe to begin anew only when nothing of it can come back.
    (code === noSuchTransaction && (!ends || concernCode === 0)) ||
    (!ends && isRetryableCode(code));
  const numbered = command.has('txnNumber') && (!inTransaction || ends);
  const retryable = isRetryableCode(code) || isRetryableCode(concernCode);
  return [
    ...(inTransaction && isTransient ? ['TransientTransactionError'] : []),
    ...(numbered && retryable ? ['RetryableWriteError'] : []),
  ];
}
