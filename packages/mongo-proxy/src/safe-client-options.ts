import type { MongoClientOptions } from 'mongodb';

/**
 * Options for `MongoClient` under which an acknowledged write is never lost.
 *
 * Writes are answered when a majority of members has them in its journal, reads see only what a
 * majority has, and the driver numbers its writes, so that `mongoProxy` can send them again. All
 * of it is said outright because the server's implicit default falls back to one member in sets
 * with arbiters. Spread it to change one thing: `{ ...safeClientOptions, appName: 'desk' }`.
 *
 * `wtimeoutMS` is 30 s: longer than the 10 s after which a primary that lost its majority steps
 * down, which is an error that can be retried, while a write concern timeout never is.
 *
 * @example
 * const client = mongoProxy(new MongoClient(uri, safeClientOptions));
 */
export const safeClientOptions: MongoClientOptions = Object.freeze({
  retryReads: true,
  retryWrites: true,
  readConcern: Object.freeze({ level: 'majority' }),
  writeConcern: Object.freeze({ w: 'majority', journal: true, wtimeoutMS: 30_000 }),
});
