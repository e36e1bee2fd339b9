import type { ClientSession, TransactionOptions } from 'mongodb';
import { OutcomeUnknownError } from './outcome-unknown-error.ts';
import type { FailedAttempt, Patience, Trial } from './patience.ts';
import { PatienceExhaustedError } from './patience-exhausted-error.ts';
import {
  hasLabel,
  isHistoryLost,
  isInterruption,
  isNoTransactionMatter,
  isNotCommitted,
  isTransient,
  isWriteConcernTimeout,
} from './transient-error.ts';

/** The session a transaction runs in, and how to make it fit for another try. */
export interface Turns {
  /** A session without a transaction: for the first try, and after each that came to nothing. */
  next(): Promise<ClientSession>;
  /** The driver's own commit, not this package's. */
  commit(session: ClientSession): Promise<void>;
}

/**
 * A transaction that takes effect once: the body is run again as long as nothing can have been
 * committed, and from then on only the commit is repeated.
 *
 * The transaction's number marks it: a server keeps, in the same commit as the transaction's
 * writes, which number of a session was committed (`config.transactions`), and answers a repeated
 * commit from there, through fail-overs (transactions.md). It denies a transaction as not committed
 * only with the label `TransientTransactionError`, which a majority stands behind.
 */
export class TransactionTrial<T> implements Trial<T> {
  readonly isOpenEnded: boolean;
  readonly #operation: string;
  readonly #patience: Patience;
  readonly #turns: Turns;
  readonly #options: TransactionOptions | undefined;
  readonly #body: (session: ClientSession) => Promise<T>;
  #turn = 0;
  #committing: { session: ClientSession; result: T } | undefined;
  #mayBeApplied = false;

  constructor(
    operation: string,
    patience: Patience,
    turns: Turns,
    options: TransactionOptions | undefined,
    body: (session: ClientSession) => Promise<T>,
    isOpenEnded: boolean,
  ) {
    this.#operation = operation;
    this.#patience = patience;
    this.#turns = turns;
    this.#options = options;
    this.#body = body;
    this.isOpenEnded = isOpenEnded;
  }

  async attempt(): Promise<T> {
    if (this.#committing) return this.#commit(this.#committing);
    const turn = ++this.#turn;
    const session = await this.#turns.next();
    session.startTransaction(this.#options);
    const result = await this.#body(session);
    // The body may have ended the transaction itself; or this try has been given up meanwhile.
    if (!session.inTransaction() || turn !== this.#turn) return result;
    this.#committing = { session, result };
    return this.#commit(this.#committing);
  }

  mayRetry(error: Error): boolean {
    if (!this.#committing) {
      this.#turn += 1;
      if (isNoTransactionMatter(error)) return false;
      return hasLabel(error, 'TransientTransactionError') || isTransient(error);
    }
    if (isNotCommitted(error)) {
      this.#committing = undefined;
      this.#mayBeApplied = false;
      return true;
    }
    const isUnknown = hasLabel(error, 'UnknownTransactionCommitResult') || isTransient(error);
    this.#mayBeApplied ||= isUnknown;
    return isUnknown && !isWriteConcernTimeout(error);
  }

  verdict(error: Error, attempts: readonly FailedAttempt[]): Error {
    if (this.#committing && isWriteConcernTimeout(error))
      return this.#unknown('write-concern-timeout', attempts);
    if (!this.#mayBeApplied) return error;
    const isForgotten = isHistoryLost(error) || !isInterruption(error);
    return this.#unknown(isForgotten ? 'history-lost' : 'interrupted', attempts);
  }

  exhausted(attempts: readonly FailedAttempt[], patience: number): Error {
    return this.#mayBeApplied
      ? this.#unknown('patience-exhausted', attempts)
      : new PatienceExhaustedError(this.#operation, patience, attempts);
  }

  aborted(reason: unknown, attempts: readonly FailedAttempt[]): unknown {
    return this.#committing ? this.#unknown('interrupted', attempts) : reason;
  }

  async #commit({ session, result }: { session: ClientSession; result: T }): Promise<T> {
    await this.#patience.connection.guard(this.#turns.commit(session));
    return result;
  }

  #unknown(code: OutcomeUnknownError['code'], attempts: readonly FailedAttempt[]): Error {
    this.#patience.counts.outcomeUnknown += 1;
    return new OutcomeUnknownError(this.#operation, code, attempts);
  }
}
