import { MongoProxyError } from './mongo-proxy-error.ts';
import type { FailedAttempt } from './patience.ts';

/**
 * The deployment did not recover within `patience`, and nothing was changed by this operation.
 *
 * It is safe to call the operation again. A write that may have been applied ends in
 * `OutcomeUnknownError` instead.
 */
export class PatienceExhaustedError extends MongoProxyError {
  override readonly name = 'PatienceExhaustedError';
  readonly code = 'patience-exhausted';
  /** The patience that was given, in milliseconds. */
  readonly patience: number;

  constructor(operation: string, patience: number, attempts: readonly FailedAttempt[]) {
    super(
      `${operation} failed ${attempts.length} times in ${patience} ms without having any effect; ` +
        `the last time: ${attempts.at(-1)?.error.message}`,
      operation,
      attempts,
    );
    this.patience = patience;
  }
}
