import { type AggregateOptions, type Collection, type Document, WriteConcern } from 'mongodb';
import { writesOut } from './command-class.ts';
import { facade } from './facade.ts';
import { freshCursor } from './fresh-cursor.ts';
import { FreshRead, type ReadOptions, readOnce } from './fresh-read.ts';
import { type Freshness, type FreshOptions, planRead, type ReadPlan } from './freshness.ts';
import { notesItsWrites, noteWrite, startObservedSession } from './own-writes.ts';
import type { WriteOptions } from './protected-writes.ts';

/** Where each method takes its options. */
const reads = {
  findOne: 1,
  countDocuments: 1,
  estimatedDocumentCount: 0,
  distinct: 2,
} as const;
const writes = {
  insertOne: 1,
  insertMany: 1,
  updateOne: 2,
  updateMany: 2,
  replaceOne: 2,
  deleteOne: 1,
  deleteMany: 1,
  findOneAndUpdate: 2,
  findOneAndReplace: 2,
  findOneAndDelete: 1,
  bulkWrite: 1,
} as const;

const originals = new WeakMap<object, unknown>();

/**
 * Gives the collection back as one whose reads are as fresh as asked for.
 *
 * - `'latest'`: what any majority write acknowledged before the read began has left. The primary
 *   answers, once a majority has confirmed that it still is the primary (read concern
 *   `linearizable`). The promise holds for one document found by a unique key; of several, each is
 *   the latest by itself. Fails after 10 s, or `maxTimeMS`, when no majority confirms.
 * - `'own-writes'`: at least what this client's writes acknowledged before the read have left, on
 *   whichever member (read concern `majority`, in a causal session). A member that lags waits until
 *   it has them; give `maxTimeMS` where a member may be cut off. Mode `primaryPreferred`.
 * - `{ maxStalenessSeconds }`: from a member that is, by its last heartbeats, at most so many
 *   seconds behind the primary: an estimate, and no promise. Mode `secondaryPreferred`.
 * - `'any'`: whatever the nearest member has (mode `nearest`, read concern `local`); it may be old,
 *   and a fail-over may take it back.
 *
 * `options.readPreference` takes another mode, `options.tags` only members with these tags. Where
 * nothing is said above the read concern is the collection's own: `majority` under
 * `safeClientOptions`. `explainRead` tells which member answered.
 *
 * Fresh are `find`, `findOne`, `aggregate`, `countDocuments`, `estimatedDocumentCount` and
 * `distinct`; all else is the collection's own, `$out` and `$merge` too. A read takes the session
 * it is given, or one of its own until it ends. It cannot be in a transaction, which has a time of
 * its own, nor be given a `readPreference` or `readConcern`.
 *
 * This client's writes are, of a `mongoProxy`, all its writes; of a bare client only those that go
 * through a fresh collection. What was written in a session or a transaction of yours is seen by
 * the reads that are given the session.
 *
 * @throws {TypeError} for a mix that cannot be served, as `tags` with `primary`, saying why
 * @throws {RangeError} when `maxStalenessSeconds` is less than 90, less than 10 more than the
 *   seconds between heartbeats, or not a whole number
 * @throws {TypeError} (reads) in a transaction, for a `readPreference` or `readConcern`, and of
 *   `'own-writes'` in a session without causal consistency
 * @example
 * const mine = fresh(accounts, 'own-writes', { readPreference: 'secondary' });
 * await mine.updateOne({ _id: 'ada' }, { $inc: { n: 1 } });
 * await mine.findOne({ _id: 'ada' }); // with the 1
 */
export function fresh<T extends Document>(
  collection: Collection<T>,
  freshness: Freshness,
  options: FreshOptions = {},
): Collection<T> {
  const original = (originals.get(collection) ?? collection) as Collection<T>;
  const { heartbeatFrequencyMS } = original.db.client.options;
  const plan = planRead(freshness, options, heartbeatFrequencyMS);
  const replaced = freshMethods(original as unknown as Collection, plan);
  const shown = facade(original, (key) =>
    Object.hasOwn(replaced, key) ? replaced[key as string] : undefined,
  );
  originals.set(shown, original);
  return shown;
}

function freshMethods(collection: Collection, plan: ReadPlan): Record<string, unknown> {
  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    Reflect.apply(Reflect.get(collection, name) as CallableFunction, collection, args);

  const read =
    (name: string, at: number) =>
    (...args: unknown[]) =>
      readOnce(collection, plan, (args[at] ?? {}) as ReadOptions, (options) =>
        call(name, [...[args[0], args[1]].slice(0, at), options]),
      );

  const write =
    (name: string, at: number) =>
    async (...args: unknown[]) => {
      const { client } = collection.db;
      const options = (args[at] ?? {}) as WriteOptions;
      if (notesItsWrites(client) || !isAcknowledged(collection, options)) return call(name, args);
      if (options.session !== undefined) {
        return call(name, args).finally(() => noteWrite(client, options.session ?? {}));
      }
      const session = startObservedSession(client, (times) => noteWrite(client, times));
      try {
        return await call(name, [...[args[0], args[1]].slice(0, at), { ...options, session }]);
      } finally {
        await session.endSession();
      }
    };

  return {
    ...methods(reads, read),
    ...methods(writes, write),
    readPreference: plan.readPreference,
    readConcern: plan.readConcern ?? collection.readConcern,
    find: (filter: Document = {}, options: ReadOptions = {}) => {
      const reading = new FreshRead(collection, plan, options);
      return freshCursor(collection.find(filter, reading.options), reading);
    },
    aggregate: (pipeline: Document[] = [], options: AggregateOptions = {}) => {
      if (writesOut(pipeline)) return collection.aggregate(pipeline, options);
      const reading = new FreshRead(collection, plan, options);
      return freshCursor(collection.aggregate(pipeline, reading.options), reading);
    },
  };
}

function methods(
  places: Readonly<Record<string, number>>,
  make: (name: string, at: number) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(places).map(([name, at]) => [name, make(name, at)]));
}

function isAcknowledged(collection: Collection, options: WriteOptions): boolean {
  return (WriteConcern.fromOptions(options) ?? collection.writeConcern)?.w !== 0;
}
