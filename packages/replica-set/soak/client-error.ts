/** What an error tells a client of its operation. */
import { MongoError, MongoServerError } from 'mongodb';

/**
 * - `failed`: the server did nothing, and never will
 * - `unknown`: done, not done, or to be done yet
 * - `wrong`: an error that no fault explains
 */
export type Verdict = 'failed' | 'unknown' | 'wrong';

/** An error of an operation of several steps, which tells by itself what the last step's error does not. */
export class JudgedError extends Error {
  override readonly name = 'JudgedError';
  readonly verdict: Verdict;

  constructor(verdict: Verdict, cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.verdict = verdict;
  }
}

/** Said before anything is done, or when all that was done has been taken back: not primary, disk full. */
const nothingDone: ReadonlySet<unknown> = new Set([10107, 13435, 13436, 14031]);

/** Stopped on the way: time limits, write concerns, shutdowns, elections. */
const interrupted: ReadonlySet<unknown> = new Set([
  50, 64, 89, 91, 100, 189, 202, 262, 11600, 11602,
]);

/** Of a transaction: write conflict, no such transaction, snapshot gone. */
const ofTransactions: ReadonlySet<unknown> = new Set([112, 239, 246, 251]);

/** Names of the driver's errors that come before anything was sent. */
const unsent: ReadonlySet<string> = new Set([
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
]);

/** Judges an error of an operation that was sent at most once and consists of one statement. */
export function verdictOn(error: unknown): Verdict {
  if (error instanceof JudgedError) {
    return verdictOn(error.cause) === 'wrong' ? 'wrong' : error.verdict;
  }
  // The driver passes on some errors of sockets as they are.
  if (!(error instanceof MongoError)) return isSocketError(error) ? 'unknown' : 'wrong';
  if (!(error instanceof MongoServerError)) return unsent.has(error.name) ? 'failed' : 'unknown';
  if (nothingDone.has(error.code)) return isConcernOnly(error) ? 'unknown' : 'failed';
  if (interrupted.has(error.code) || isConcernOnly(error)) return 'unknown';
  if (ofTransactions.has(error.code)) return 'unknown';
  return 'wrong';
}

/** The write was done; its write concern was not met, or not in time. */
function isConcernOnly(error: MongoServerError): boolean {
  return error.name === 'MongoWriteConcernError';
}

function isSocketError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
