import {
  type ClientSession,
  type Collection,
  type MongoClient,
  type TransactionOptions,
  WriteConcern,
} from 'mongodb';
import { noteWrite, type ReplyTimes, startObservedSession } from './own-writes.ts';
import type { Patience } from './patience.ts';
import { advance, protectedWrite, type WriteOptions } from './protected-writes.ts';
import { TransactionTrial } from './transaction-trial.ts';
import { isNoTransactionMatter } from './transient-error.ts';

/**
 * A write of many documents, in a transaction of its own, so that it can be repeated.
 *
 * A server takes no number with such a write, only with a transaction around it. A write that fails
 * so changes nothing, where it would have left the documents before the failing one changed. Where
 * a transaction cannot be had (a standalone server, capped and time-series collections, more than
 * a transaction may hold or last), it is sent once.
 */
export async function manyWrite<T>(
  patience: Patience,
  operation: string,
  client: MongoClient,
  owner: Pick<Collection, 'writeConcern'>,
  options: WriteOptions,
  send: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const once = () =>
    protectedWrite(patience, operation, client, false, options, ({ session }) => send(session));
  if (!client.options.retryWrites) return once();
  try {
    return await inTransaction();
  } catch (error) {
    if (error instanceof Error && isNoTransactionMatter(error)) return once();
    throw error;
  }

  async function inTransaction(): Promise<T> {
    let session: ClientSession | undefined;
    let times: ReplyTimes = {};
    const turns = {
      async next() {
        if (session) forget(session);
        session = startObservedSession(client, (told) => {
          times = told;
        });
        // Not by its method, which only listens: the transaction begins no earlier than the caller.
        const since = options.session?.operationTime;
        if (since) session.operationTime = since;
        return session;
      },
      commit: (committing: ClientSession) => committing.commitTransaction(),
    };
    const transaction: TransactionOptions = { readConcern: { level: 'local' } };
    const writeConcern = WriteConcern.fromOptions(options) ?? owner.writeConcern;
    if (writeConcern) transaction.writeConcern = writeConcern;
    const trial = new TransactionTrial(operation, patience, turns, transaction, send, false);
    try {
      const result = await patience.run(operation, trial, options);
      noteWrite(client, times);
      if (options.session) advance(options.session, times);
      void session?.endSession();
      session = undefined;
      return result;
    } finally {
      if (session) forget(session);
    }
  }
}

/** Ends a session in which something may still be at work; aborts its transaction by the way. */
function forget(session: ClientSession): void {
  session.serverSession.isDirty = true;
  session.endSession().catch(() => {});
}
