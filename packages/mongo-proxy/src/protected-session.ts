import {
  type ClientSession,
  type MongoClient,
  MongoInvalidArgumentError,
  type TransactionOptions,
  type WithTransactionCallback,
} from 'mongodb';
import { OutcomeUnknownError } from './outcome-unknown-error.ts';
import { noteWrite } from './own-writes.ts';
import type { CallOptions, Patience, Trial } from './patience.ts';
import { sessionOfTransaction } from './transaction-session.ts';
import { TransactionTrial } from './transaction-trial.ts';
import { hasLabel, isNotCommitted, isTransient, isWriteConcernTimeout } from './transient-error.ts';

/** Lets a session's transactions ride out fail-overs; returns the same session. */
export function protectSession(
  patience: Patience,
  client: MongoClient,
  session: ClientSession,
): ClientSession {
  const driver = Object.getPrototypeOf(session) as ClientSession;
  const commit = async (): Promise<void> => {
    await driver.commitTransaction.call(sessionOfTransaction(session));
    noteWrite(client, session);
  };
  const abort = (options?: { timeoutMS?: number }): Promise<void> =>
    driver.abortTransaction.call(sessionOfTransaction(session), options);

  const abortIfActive = async (): Promise<void> => {
    // As in the driver, no failure of an abort matters: what is not committed is undone. One that
    // nobody answered has not ended the transaction for the driver: the next member is asked.
    while (session.inTransaction()) await patience.connection.guard(abort()).catch(() => {});
  };
  const methods = {
    async withTransaction<T>(
      fn: WithTransactionCallback<T>,
      options: TransactionOptions & CallOptions = {},
    ): Promise<T> {
      const { patience: own, signal, ...transaction } = options;
      const turns = {
        next: async () => {
          await abortIfActive();
          return session;
        },
        commit,
      };
      const body = async (): Promise<T> => {
        const running: unknown = fn(session);
        if (!isPromiseLike<T>(running)) {
          throw new MongoInvalidArgumentError(
            'Function provided to `withTransaction` must return a Promise',
          );
        }
        return running;
      };
      const trial = new TransactionTrial(
        'withTransaction',
        patience,
        turns,
        transaction,
        body,
        true,
      );
      try {
        return await patience.run('withTransaction', trial, { patience: own, signal });
      } finally {
        await abortIfActive();
      }
    },
    commitTransaction: (options?: CallOptions): Promise<void> =>
      patience.run('commitTransaction', commitTrial(patience, commit), options),
    abortTransaction: (options?: { timeoutMS?: number }): Promise<void> =>
      patience.connection.guard(abort(options)),
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(session, name, { value, writable: true, configurable: true });
  }
  return session;
}

/** A commit may be repeated until it is answered: its transaction's number tells it apart. */
function commitTrial(patience: Patience, commit: () => Promise<void>): Trial<void> {
  let mayBeApplied = false;
  const unknown = (...args: [OutcomeUnknownError['code'], OutcomeUnknownError['attempts']]) => {
    patience.counts.outcomeUnknown += 1;
    return new OutcomeUnknownError('commitTransaction', ...args);
  };
  return {
    attempt: commit,
    mayRetry(error) {
      if (isNotCommitted(error)) {
        mayBeApplied = false;
        return false;
      }
      const isUnknown = hasLabel(error, 'UnknownTransactionCommitResult') || isTransient(error);
      mayBeApplied ||= isUnknown;
      return isUnknown && !isWriteConcernTimeout(error);
    },
    verdict(error, attempts) {
      if (isWriteConcernTimeout(error)) return unknown('write-concern-timeout', attempts);
      return mayBeApplied ? unknown('interrupted', attempts) : error;
    },
    exhausted: (attempts) => unknown('patience-exhausted', attempts),
    aborted: (_, attempts) => unknown('interrupted', attempts),
  };
}

function isPromiseLike<T>(value: unknown): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
