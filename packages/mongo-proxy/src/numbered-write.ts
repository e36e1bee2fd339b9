import type { ClientSession } from 'mongodb';
import { OutcomeUnknownError } from './outcome-unknown-error.ts';
import type { FailedAttempt, Patience, Trial } from './patience.ts';
import { PatienceExhaustedError } from './patience-exhausted-error.ts';
import {
  didNothing,
  isHistoryLost,
  isInterruption,
  isRefusal,
  isTransient,
  isWithoutNumbers,
  isWriteConcernTimeout,
} from './transient-error.ts';

/** What the driver's method has to be called with, over the caller's own options. */
export interface NumberedOptions {
  readonly session: ClientSession;
  readonly willRetryWrite?: true;
}

/**
 * One write command that is applied at most once, however often it is sent.
 *
 * Servers remember the answer to each pair of session id and transaction number
 * (retryable-writes.md). The write has the session to itself. Its first attempt takes a new number,
 * and every later one sends the very same: it is pinned on the server session, because the driver
 * would otherwise take the next one. The option `willRetryWrite` makes the driver send it even in
 * the moment in which a member's kind is unknown. What has left is read from the server session,
 * whose `lastUse` the driver sets for each command it sends, never guessed from an error's labels.
 *
 * A command that may carry no number is repeated only while it has not left, or when its server
 * refused it as a whole; whatever else fails leaves its outcome unknown.
 */
export class NumberedWrite<T> implements Trial<T> {
  readonly #session: ClientSession;
  readonly #operation: string;
  readonly #patience: Patience;
  readonly #send: (options: NumberedOptions) => Promise<T>;
  readonly #lastUse: number;
  #isNumbered: boolean;
  #number: number | undefined;
  #mayBeApplied = false;

  constructor(
    operation: string,
    patience: Patience,
    session: ClientSession,
    isNumbered: boolean,
    send: (options: NumberedOptions) => Promise<T>,
  ) {
    this.#session = session;
    this.#operation = operation;
    this.#patience = patience;
    this.#isNumbered = isNumbered;
    this.#send = send;
    this.#lastUse = session.serverSession.lastUse;
    if (isNumbered) session.serverSession.txnNumber += 1;
  }

  attempt(): Promise<T> {
    const session = this.#session;
    session.serverSession.lastUse = Number.NaN;
    return this.#send(this.#isNumbered ? { session, willRetryWrite: true } : { session });
  }

  mayRetry(error: Error): boolean {
    const wasSent = this.#wasSentSince();
    if (this.#isNumbered) {
      if (isWithoutNumbers(error)) {
        this.#isNumbered = false;
        return true;
      }
      this.#pin();
      if (wasSent && !didNothing(error)) this.#mayBeApplied = true;
      return isTransient(error) && !isWriteConcernTimeout(error);
    }
    if (wasSent && !isRefusal(error) && !didNothing(error)) this.#mayBeApplied = true;
    return isTransient(error) && !this.#mayBeApplied;
  }

  verdict(error: Error, attempts: readonly FailedAttempt[]): Error {
    if (isWriteConcernTimeout(error)) return this.#unknown('write-concern-timeout', attempts);
    if (!this.#mayBeApplied) return error;
    if (isHistoryLost(error)) return this.#unknown('history-lost', attempts);
    if (!this.#isNumbered && isTransient(error)) return this.#unknown('not-repeatable', attempts);
    return isInterruption(error) ? this.#unknown('interrupted', attempts) : error;
  }

  exhausted(attempts: readonly FailedAttempt[], patience: number): Error {
    return this.#mayEverBeApplied()
      ? this.#unknown('patience-exhausted', attempts)
      : new PatienceExhaustedError(this.#operation, patience, attempts);
  }

  aborted(reason: unknown, attempts: readonly FailedAttempt[]): unknown {
    return this.#mayEverBeApplied() ? this.#unknown('interrupted', attempts) : reason;
  }

  /** Gives the session back; from now on nothing of this write can be sent. */
  end(): void {
    if (this.#session.hasEnded) return;
    const { serverSession } = this.#session;
    if (Number.isNaN(serverSession.lastUse)) serverSession.lastUse = this.#lastUse;
    if (this.#number !== undefined) {
      // Plain data again, or the session's next write would be taken for a repetition of this one.
      const plain = { value: this.#number, writable: true, configurable: true, enumerable: true };
      Object.defineProperty(serverSession, 'txnNumber', plain);
      // An attempt that was given up may still be at work under it.
      serverSession.isDirty = true;
    }
    void this.#session.endSession();
  }

  /** Whether a command has left since the last time this was asked. */
  #wasSentSince(): boolean {
    const { serverSession } = this.#session;
    const wasSent = !Number.isNaN(serverSession.lastUse);
    serverSession.lastUse = Number.NaN;
    return wasSent;
  }

  /** An attempt given up before it was sent is still the driver's: ending the session stops it. */
  #mayEverBeApplied(): boolean {
    this.#mayBeApplied ||= !this.#session.hasEnded && this.#wasSentSince();
    this.end();
    return this.#mayBeApplied;
  }

  #pin(): void {
    if (this.#number !== undefined) return;
    const { serverSession } = this.#session;
    const number = serverSession.txnNumber;
    this.#number = number;
    Object.defineProperty(serverSession, 'txnNumber', {
      configurable: true,
      enumerable: true,
      get: () => number,
      set: () => {},
    });
  }

  #unknown(code: OutcomeUnknownError['code'], attempts: readonly FailedAttempt[]): Error {
    this.#patience.counts.outcomeUnknown += 1;
    return new OutcomeUnknownError(this.#operation, code, attempts);
  }
}
