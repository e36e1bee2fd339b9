import type { FailedAttempt } from './patience.ts';

/**
 * Base of the errors this package adds to the driver's own.
 *
 * Errors of the driver that no retry can mend (a duplicate key, a wrong argument) are not wrapped:
 * they reach the caller as the driver threw them. `cause` is the last error of the driver.
 */
export class MongoProxyError extends Error {
  override readonly name: string = 'MongoProxyError';
  /** The method that was called, as `insertOne`. */
  readonly operation: string;
  /** Every failed attempt, oldest first. The driver may have sent an attempt's command twice. */
  readonly attempts: readonly FailedAttempt[];

  constructor(message: string, operation: string, attempts: readonly FailedAttempt[]) {
    super(message, { cause: attempts.at(-1)?.error });
    this.operation = operation;
    this.attempts = attempts;
  }
}
