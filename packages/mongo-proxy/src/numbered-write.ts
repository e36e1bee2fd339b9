import type { ClientSession, ServerSession } from 'mongodb';
import { OutcomeUnknownError } from './outcome-unknown-error.ts';
import type { FailedAttempt, Trial } from './patience.ts';
import { PatienceExhaustedError } from './patience-exhausted-error.ts';
import {
  didNothing,
  isHistoryLost,
  isInterruption,
  isRefusal,
  isTransient,
  isWriteConcernTimeout,
} from './transient-error.ts';

/** What the driver's method has to be called with, over the caller's own options. */
export interface NumberedOptions {
  readonly session: ClientSession;
  readonly willRetryWrite?: true;
}

/**
 * One write that a server applies at most once, however often it is sent.
 *
 * Servers remember the answer to each pair of session id and transaction number
 * (retryable-writes.md). The first attempt is left to the driver, which takes a new number. Once a
 * command with that number has left, every later attempt sends the very same number: it is pinned
 * on the server session, because the driver would otherwise take the next one, and the option
 * `willRetryWrite` makes the driver send it even in the moment in which a member's kind is unknown.
 *
 * What was sent is read from the server session, which the driver touches for each command it
 * sends: `lastUse` always, `txnNumber` when the command was numbered. A command that left without
 * a number is repeated only if its server refused it.
 */
export class NumberedWrite<T> implements Trial<T> {
  readonly #operation: string;
  readonly #patience: number;
  readonly #session: ClientSession;
  readonly #send: (options: NumberedOptions) => Promise<T>;
  /** The number under which this write has been sent. */
  #number: number | undefined;
  #sentWithoutNumber = false;
  #mayBeApplied = false;

  constructor(
    operation: string,
    patience: number,
    session: ClientSession,
    send: (options: NumberedOptions) => Promise<T>,
  ) {
    this.#operation = operation;
    this.#patience = patience;
    this.#session = session;
    this.#send = send;
  }

  attempt(): Promise<T> {
    const { serverSession } = this.#session;
    return this.#number === undefined
      ? this.#sendFirst(serverSession)
      : this.#sendAgain(serverSession, this.#number);
  }

  mayRetry(error: Error): boolean {
    if (this.#sentWithoutNumber) return isRefusal(error) || didNothing(error);
    if (this.#number !== undefined && !didNothing(error)) this.#mayBeApplied = true;
    return isTransient(error) && !isWriteConcernTimeout(error);
  }

  verdict(error: Error, attempts: readonly FailedAttempt[]): Error {
    if (isWriteConcernTimeout(error)) return this.#unknown('write-concern-timeout', attempts);
    if (!this.#mayBeApplied) return error;
    if (isHistoryLost(error)) return this.#unknown('history-lost', attempts);
    return isInterruption(error) ? this.#unknown('interrupted', attempts) : error;
  }

  exhausted(attempts: readonly FailedAttempt[]): Error {
    return this.#mayBeApplied
      ? this.#unknown('patience-exhausted', attempts)
      : new PatienceExhaustedError(this.#operation, this.#patience, attempts);
  }

  #unknown(code: OutcomeUnknownError['code'], attempts: readonly FailedAttempt[]): Error {
    return new OutcomeUnknownError(this.#operation, code, attempts);
  }

  async #sendFirst(serverSession: ServerSession): Promise<T> {
    const { txnNumber, lastUse } = serverSession;
    serverSession.lastUse = Number.NaN;
    try {
      return await this.#send({ session: this.#session });
    } finally {
      const sent = !Number.isNaN(serverSession.lastUse);
      if (!sent) serverSession.lastUse = lastUse;
      const numbered = serverSession.txnNumber !== txnNumber;
      if (numbered) this.#number = serverSession.txnNumber;
      this.#sentWithoutNumber = sent && !numbered;
    }
  }

  async #sendAgain(serverSession: ServerSession, number: number): Promise<T> {
    const pin = { configurable: true, enumerable: true };
    Object.defineProperty(serverSession, 'txnNumber', { ...pin, get: () => number, set: () => {} });
    try {
      return await this.#send({ session: this.#session, willRetryWrite: true });
    } finally {
      // Plain data again, or the session's next write would be taken for a repetition of this one.
      Object.defineProperty(serverSession, 'txnNumber', { ...pin, value: number, writable: true });
    }
  }
}
