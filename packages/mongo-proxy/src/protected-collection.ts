import type {
  Abortable,
  AggregateOptions,
  AnyBulkWriteOperation,
  BulkWriteOptions,
  Collection,
  Db,
  Document,
  FindOptions,
  OperationOptions,
} from 'mongodb';
import { protectChangeStream } from './change-stream.ts';
import { protectAggregationCursor } from './durable-aggregation.ts';
import { protectFindCursor } from './durable-find.ts';
import { facade } from './facade.ts';
import type { Patience } from './patience.ts';
import { protectedBulkWrite } from './protected-bulk-write.ts';
import { protectedRead } from './protected-reads.ts';
import { isProtectable, protectedWrite, type WriteOptions } from './protected-writes.ts';

/** Where each method takes its options. */
const singleWrites = {
  insertOne: 1,
  updateOne: 2,
  replaceOne: 2,
  deleteOne: 1,
  findOneAndUpdate: 2,
  findOneAndReplace: 2,
  findOneAndDelete: 1,
} as const;
const reads = {
  findOne: 1,
  countDocuments: 1,
  estimatedDocumentCount: 0,
  distinct: 2,
} as const;

/** The collection with its protected methods; `db` is what its property `db` shows. */
export function protectCollection(patience: Patience, db: Db, collection: Collection): Collection {
  const call = (name: keyof Collection, args: readonly unknown[]): Promise<unknown> =>
    Reflect.apply(Reflect.get(collection, name) as CallableFunction, collection, args);

  const write =
    (name: keyof typeof singleWrites) =>
    (...args: unknown[]): Promise<unknown> => {
      const at = singleWrites[name];
      const options = (args[at] ?? {}) as WriteOptions;
      if (!isProtectable(collection, options)) return call(name, args);
      const before = [args[0], args[1]].slice(0, at);
      return protectedWrite(patience, name, collection, options.session, (numbered) =>
        call(name, [...before, { ...options, ...numbered }]),
      );
    };

  const read =
    (name: keyof typeof reads) =>
    (...args: unknown[]): Promise<unknown> =>
      inTransaction(args[reads[name]])
        ? call(name, args)
        : protectedRead(patience, name, () => call(name, args));

  const bulkWrite = (operations: AnyBulkWriteOperation[], options: BulkWriteOptions = {}) =>
    protectedBulkWrite(patience, 'bulkWrite', collection, operations, options);

  // The driver's insertMany checks its arguments, calls bulkWrite and shortens its result.
  const inserting: Collection = Object.create(collection, {
    bulkWrite: {
      value: (operations: AnyBulkWriteOperation[], options: BulkWriteOptions) =>
        protectedBulkWrite(patience, 'insertMany', collection, operations, options),
    },
  });

  const shown: Collection = facade(collection, {
    ...mapKeys(singleWrites, write),
    ...mapKeys(reads, read),
    bulkWrite,
    insertMany: (...args: Parameters<Collection['insertMany']>) => inserting.insertMany(...args),
    find: (filter: Document = {}, options: FindOptions & Abortable = {}) => {
      const { durable, ...others } = options;
      return protectFindCursor(patience, collection.find(filter, others), { durable });
    },
    aggregate: (pipeline: Document[] = [], options: AggregateOptions = {}) => {
      const { durable, ...others } = options;
      return protectAggregationCursor(patience, collection.aggregate(pipeline, others), {
        durable,
      });
    },
    watch: (...args: Parameters<Collection['watch']>) =>
      protectChangeStream(patience, collection.watch(...args)),
    rename: async (...args: Parameters<Collection['rename']>) =>
      protectCollection(patience, db, await collection.rename(...args)),
    db,
  });
  return shown;
}

function mapKeys<K extends string>(
  keys: Readonly<Record<K, unknown>>,
  make: (key: K) => unknown,
): Record<string, unknown> {
  return Object.fromEntries((Object.keys(keys) as K[]).map((key) => [key, make(key)]));
}

function inTransaction(options: unknown): boolean {
  return (options as OperationOptions | undefined)?.session?.inTransaction() === true;
}
