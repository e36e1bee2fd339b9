import { MongoError, MongoNetworkError } from 'mongodb';
import type { Patience } from './patience.ts';
import { hasLabel, isTransient } from './transient-error.ts';

const label = 'TransientTransactionError';

/**
 * One operation inside a transaction, which is repeated as a whole.
 *
 * The driver forgets the label by which `withTransaction` knows that it may, when the connection
 * had been called stale before its error arrived: it is put back. An answer that will never come
 * is such an error too.
 */
export async function transactionStep<T>(patience: Patience, step: () => Promise<T>): Promise<T> {
  try {
    return await patience.connection.guard(step());
  } catch (error) {
    if (!(error instanceof Error) || !isTransient(error) || hasLabel(error, label)) throw error;
    const labelled =
      error instanceof MongoError ? error : new MongoNetworkError(error.message, { cause: error });
    labelled.addErrorLabel(label);
    throw labelled;
  }
}
