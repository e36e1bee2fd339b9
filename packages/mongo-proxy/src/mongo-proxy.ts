import type { Collection, Db, MongoClient } from 'mongodb';
import { protectChangeStream } from './change-stream.ts';
import { protectFirstBatch } from './cursor-hooks.ts';
import { facade } from './facade.ts';
import { type Clock, Patience, type RetryNotice, systemClock } from './patience.ts';
import { protectCollection } from './protected-collection.ts';

export interface MongoProxyOptions {
  /**
   * Milliseconds for which a failing operation is repeated; at most 25 minutes, because servers
   * forget after 30 which writes they have seen. Default 60,000.
   */
  readonly patience?: number;
  /** Called before each wait, for logs and figures; what it throws ends the operation. */
  readonly onRetry?: (notice: RetryNotice) => void;
}

const longestPatience = 25 * 60_000;
const proxies = new WeakSet<object>();

/**
 * Gives the client back as one whose operations ride out elections, step-downs and crashes.
 *
 * What comes back is the same client to `instanceof`, `util.inspect` and every method; databases
 * and collections taken from it are protected likewise. The client given is not changed, shares
 * its connections, and stays unprotected. A client that is already protected comes back as it is.
 *
 * - Writes of single documents (`insertOne`, `updateOne`, `replaceOne`, `deleteOne`,
 *   `findOneAnd…`, `insertMany`, `bulkWrite` of such) are sent until they are answered and are
 *   applied exactly once: each repetition carries the session id and transaction number of the
 *   first sending, by which the server knows it (retryable-writes.md).
 * - Reads (`findOne`, `find` and `aggregate` up to their first batch, `countDocuments`,
 *   `estimatedDocumentCount`, `distinct`) are repeated until they are answered.
 * - Everything else is the driver's own and fails as it does: `updateMany`, `deleteMany` and bulk
 *   writes with them, `w: 0`, transactions, `$out` and `$merge`, commands, later batches of
 *   cursors, and all writes of a client with `retryWrites: false`.
 *
 * Between attempts it waits a random part of 20 ms, doubled each time up to 2 s. The clock is read
 * between attempts, so the last one may end later by the driver's `serverSelectionTimeoutMS`.
 * Writes in a session of the caller's own run one after the other; while one runs, the session
 * must not be used past the proxy. Closing the client ends all waits.
 *
 * @throws {RangeError} when `patience` is negative, not a number, or above 25 minutes
 * @throws {PatienceExhaustedError} (operations) time ended, and the operation had no effect
 * @throws {OutcomeUnknownError} (writes) whether it was applied cannot be known
 * @example
 * const client = mongoProxy(new MongoClient(uri, safeClientOptions), { patience: 60_000 });
 * await client.db('bank').collection('accounts').updateOne({ _id: 'ada' }, { $inc: { balance: 5 } });
 */
export function mongoProxy<C extends MongoClient>(client: C, options: MongoProxyOptions = {}): C {
  return proxyWithClock(client, options, systemClock);
}

/** `mongoProxy` with the clock and the dice of a test. */
export function proxyWithClock<C extends MongoClient>(
  client: C,
  { patience = 60_000, onRetry }: MongoProxyOptions,
  clock: Clock,
): C {
  if (!(patience >= 0 && patience <= longestPatience)) {
    throw new RangeError(`patience must be 0 to ${longestPatience} milliseconds, not ${patience}`);
  }
  if (proxies.has(client)) return client;
  const connection = { connect: () => client.connect(), isClosed: () => hasBeenClosed(client) };
  const waiting = new Patience(patience, onRetry, connection, clock);

  const close = (force?: boolean): Promise<void> => {
    const closed = client.close(force);
    waiting.endWaits();
    return closed;
  };
  const proxy: C = facade(client, {
    db: (...args: Parameters<MongoClient['db']>) => protectDb(client.db(...args)),
    watch: (...args: Parameters<MongoClient['watch']>) =>
      protectChangeStream(waiting, client.watch(...args)),
    close,
    [Symbol.asyncDispose]: () => close(),
  });
  proxies.add(proxy);
  return proxy;

  function protectDb(db: Db): Db {
    const protect = (collection: Collection): Collection =>
      protectCollection(waiting, shown, collection);
    const shown = facade(db, {
      client: proxy,
      watch: (...args: Parameters<Db['watch']>) => protectChangeStream(waiting, db.watch(...args)),
      aggregate: (...args: Parameters<Db['aggregate']>) =>
        protectFirstBatch(waiting, 'aggregate', db.aggregate(...args)),
      collection: (...args: Parameters<Db['collection']>) => protect(db.collection(...args)),
      createCollection: async (...args: Parameters<Db['createCollection']>) =>
        protect(await db.createCollection(...args)),
      renameCollection: async (...args: Parameters<Db['renameCollection']>) =>
        protect(await db.renameCollection(...args)),
      collections: async (...args: Parameters<Db['collections']>) =>
        (await db.collections(...args)).map(protect),
    });
    return shown;
  }
}

/** Not in the driver's published types, and said nowhere else: a client may be reconnected. */
function hasBeenClosed(client: MongoClient): boolean {
  const { s } = client as unknown as { s?: { hasBeenClosed?: boolean } };
  return s?.hasBeenClosed === true;
}
