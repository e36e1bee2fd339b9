import {
  MongoBulkWriteError,
  MongoClientBulkWriteError,
  MongoError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoUnexpectedServerResponseError,
  MongoWriteConcernError,
} from 'mongodb';
import { UnansweredError } from './unanswered-error.ts';

// The specification's list for retryable reads and writes (retryable-reads.md, "Retryable Error").
const transientCodes = new Set([
  6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);
const transientLabels = ['RetryableWriteError', 'RetryableError', 'PoolRequestedRetry'];

/**
 * Whether the same operation may succeed on a second try: elections, crashes, overload.
 *
 * Says nothing about whether the second try is safe.
 */
export function isTransient(thrown: Error): boolean {
  const error = unwrapped(thrown);
  if (isSocketError(error) || error instanceof UnansweredError) return true;
  if (!(error instanceof MongoError)) return false;
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    // What is left of a first connection that failed.
    error instanceof MongoTopologyClosedError ||
    // A member that left the set between its selection and the sending; or one that was marked
    // unknown in that moment, which the driver takes for one without retryable writes.
    error instanceof MongoServerClosedError ||
    error instanceof MongoUnexpectedServerResponseError ||
    transientLabels.some((label) => error.hasErrorLabel(label)) ||
    transientCodes.has(codeOf(error))
  );
}

/** Whether the write was applied but `wtimeoutMS` ended before enough members confirmed it. */
export function isWriteConcernTimeout(error: Error): boolean {
  return codeOf(error) === 64;
}

/** Whether the server says that this attempt, its repetition by the driver included, did nothing. */
export function didNothing(error: Error): boolean {
  const inner = unwrapped(error);
  return inner instanceof MongoError && inner.hasErrorLabel('NoWritesPerformed');
}

/** Whether a member refused the command as a whole because it is no primary. */
export function isRefusal(error: Error): boolean {
  if (error instanceof MongoWriteConcernError || error instanceof MongoBulkWriteError) return false;
  return error instanceof MongoServerError && [10107, 13435].includes(codeOf(error));
}

/** TransactionTooOld, IncompleteTransactionHistory: the write's number is no longer remembered. */
export function isHistoryLost(error: Error): boolean {
  return [217, 225].includes(codeOf(error));
}

/** Whether a server keeps no sessions, so that no write can be numbered: a standalone one. */
export function isWithoutNumbers(thrown: Error): boolean {
  const error = unwrapped(thrown);
  return codeOf(error) === 20 && error.message.startsWith('Transaction numbers');
}

/** Whether the server's state makes a transaction of this operation impossible, now and later. */
export function isNoTransactionMatter(thrown: Error): boolean {
  // InvalidOptions, TransactionTooLarge, OperationNotSupportedInTransaction,
  // TransactionExceededLifetimeLimitSeconds, TransactionTooLargeForCache
  const codes = [72, 257, 263, 290, 313];
  return codes.includes(codeOf(unwrapped(thrown))) || isWithoutNumbers(thrown);
}

/** NoSuchTransaction, and so told that nothing of it can have been committed. */
export function isNotCommitted(error: Error): boolean {
  return hasLabel(error, 'TransientTransactionError') && codeOf(error) === 251;
}

/** Whether the driver or the server put this label on the error. */
export function hasLabel(thrown: Error, label: string): boolean {
  const error = unwrapped(thrown);
  return error instanceof MongoError && error.hasErrorLabel(label);
}

/** Whether the driver itself ended the attempt, so that no server has judged the command. */
export function isInterruption(thrown: Error): boolean {
  const error = unwrapped(thrown);
  if (isSocketError(error) || error instanceof UnansweredError) return true;
  if (!(error instanceof MongoError) || error instanceof MongoInvalidArgumentError) return false;
  return !(error instanceof MongoServerError) || error.hasErrorLabel('HandshakeError');
}

/**
 * Whether a socket's own error came through: the driver passes on some as they are, `EPIPE` of a
 * connection that ended in the moment of writing among them.
 */
function isSocketError(error: Error): boolean {
  if (error instanceof MongoError) return false;
  // What a commit makes of such an error, of which it asks what only a MongoError can answer.
  if (error instanceof TypeError) return error.message.endsWith('hasErrorLabel is not a function');
  return 'code' in error && socketCodes.has(String(error.code));
}

const socketCodes = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTCONN',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
]);

/** A bulk write's error hides the one that stopped it. */
function unwrapped(error: Error): Error {
  if (error instanceof MongoClientBulkWriteError && error.cause instanceof MongoError)
    return error.cause;
  if (!(error instanceof MongoBulkWriteError)) return error;
  const hidden: unknown = error.errorResponse;
  return hidden instanceof Error ? hidden : error;
}

/** The server's code for the error; NaN for one that has none. */
export function codeOf(thrown: Error): number {
  const error = unwrapped(thrown);
  if (error instanceof MongoWriteConcernError) return Number(error.result.writeConcernError?.code);
  return error instanceof MongoError ? Number(error.code) : Number.NaN;
}
