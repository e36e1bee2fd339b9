import type {
  AggregationCursor,
  AnyBulkWriteOperation,
  BulkOperationBase,
  BulkWriteOptions,
  BulkWriteResult,
  Collection,
  Db,
  FindCursor,
  MongoClient,
} from 'mongodb';
import { protectBulkBuilder } from './bulk-builder.ts';
import { type CalledOptions, driverOptions, optionsOf, readCall, withOptions } from './call.ts';
import { identifiedOperation, isDropped, isRenamed } from './collection-identity.ts';
import { cursorMethod, watchMethod } from './cursor-methods.ts';
import { protectAggregationCursor } from './durable-aggregation.ts';
import type { CursorCall } from './durable-cursor.ts';
import { protectFindCursor } from './durable-find.ts';
import { facade } from './facade.ts';
import { manyWrite } from './many-write.ts';
import { collectionOperations, type Operation } from './operations.ts';
import type { Patience } from './patience.ts';
import { ProtectedBulkWrite } from './protected-bulk-write.ts';
import { isLeftAlone, protectedWrite, type WriteOptions } from './protected-writes.ts';
import { settledOperation } from './settled-operation.ts';
import { transactionStep } from './transaction-step.ts';

type Method = (...args: unknown[]) => unknown;

type CursorOptions = CalledOptions & CursorCall;

/** The signal stays: the driver's own cursors end by it. */
function cursorOptions(options: CursorOptions): object {
  const { patience: _, durable: __, ...rest } = options;
  return rest;
}

/** Gives collections of one client and database their protected methods. */
export class CollectionProtector {
  readonly #patience: Patience;
  readonly #client: MongoClient;
  readonly #db: Db;

  /** @param db - what a collection shows as its `db` */
  constructor(patience: Patience, client: MongoClient, db: Db) {
    this.#patience = patience;
    this.#client = client;
    this.#db = db;
  }

  protect(collection: Collection): Collection {
    return facade(collection, (key) => {
      if (key === 'db') return this.#db;
      const operation = collectionOperations.get(key as string);
      return operation && this.#method(collection, key as keyof Collection, operation);
    });
  }

  #method(
    collection: Collection,
    name: keyof Collection,
    { way, options: at, doneCode }: Operation,
  ): Method {
    const patience = this.#patience;
    const client = this.#client;
    const call = (args: readonly unknown[]): Promise<unknown> =>
      Reflect.apply(collection[name] as Method, collection, args) as Promise<unknown>;
    /** A write with these options, unless it is the driver's own affair. */
    const write =
      (send: (options: WriteOptions, args: unknown[]) => Promise<unknown>): Method =>
      (...args) => {
        const options = optionsOf(args, at) as WriteOptions;
        if (!isLeftAlone(collection, options)) return send(options, args);
        const plainly = () => call(withOptions(args, at, driverOptions(options)));
        return options.session?.inTransaction() ? transactionStep(patience, plainly) : plainly();
      };
    const once = (isNumbered: boolean): Method =>
      write((options, args) =>
        protectedWrite(patience, name, client, isNumbered, options, (numbered) =>
          call(withOptions(args, at, { ...driverOptions(options), ...numbered })),
        ),
      );
    switch (way) {
      case 'numbered':
        return once(true);
      case 'once':
        return once(false);
      case 'transaction':
        return write((options, args) =>
          manyWrite(patience, name, client, collection, options, (session) =>
            call(withOptions(args, at, { ...driverOptions(options), session })),
          ),
        );
      case 'parts':
        return this.#bulk(collection, name);
      case 'read':
        return (...args) => readCall(patience, collection, name, at, args, call);
      case 'settled':
        return write((options, args) =>
          settledOperation(
            patience,
            name,
            options,
            () => call(withOptions(args, at, driverOptions(options))),
            { doneCode, done: () => ({ ok: 1 }) },
          ),
        );
      case 'identified':
        return name === 'rename' ? this.#rename(collection) : this.#drop(collection);
      case 'find':
        return ((filter: unknown = {}, options: CursorOptions = {}) => {
          const cursor = call([filter, cursorOptions(options)]) as unknown as FindCursor;
          return protectFindCursor(patience, cursor, options);
        }) as Method;
      case 'aggregate':
        return ((pipeline: unknown = [], options: CursorOptions = {}) => {
          const cursor = call([pipeline, cursorOptions(options)]) as unknown as AggregationCursor;
          return protectAggregationCursor(patience, client, cursor, options);
        }) as Method;
      case 'watch':
        return watchMethod(patience, call) as Method;
      default:
        return cursorMethod(patience, name, at, call);
    }
  }

  #bulk(collection: Collection, name: keyof Collection): Method {
    const patience = this.#patience;
    const bulkWrite = (
      operation: string,
      operations: AnyBulkWriteOperation[],
      options: BulkWriteOptions & WriteOptions = {},
      plainly = () => collection.bulkWrite(operations, driverOptions(options)),
    ): Promise<BulkWriteResult> => {
      if (options.session?.inTransaction()) return transactionStep(patience, plainly);
      if (!Array.isArray(operations) || isLeftAlone(collection, options)) return plainly();
      const client = this.#client;
      return new ProtectedBulkWrite(
        patience,
        operation,
        client,
        collection,
        operations,
        options,
      ).run();
    };
    if (name === 'bulkWrite') {
      return ((operations: AnyBulkWriteOperation[], options?: BulkWriteOptions) =>
        bulkWrite(name, operations, options)) as Method;
    }
    if (name === 'insertMany') {
      // The driver's insertMany checks its arguments, calls bulkWrite and shortens its result.
      const inserting: Collection = Object.create(collection, {
        bulkWrite: {
          value: (operations: AnyBulkWriteOperation[], options: BulkWriteOptions) =>
            bulkWrite('insertMany', operations, options),
        },
      });
      return ((...args: Parameters<Collection['insertMany']>) =>
        inserting.insertMany(...args)) as Method;
    }
    const ordered = name === 'initializeOrderedBulkOp';
    return ((options: BulkWriteOptions = {}) => {
      const bulk: BulkOperationBase = ordered
        ? collection.initializeOrderedBulkOp(options)
        : collection.initializeUnorderedBulkOp(options);
      return protectBulkBuilder(bulk, (operations, executing, plainly) =>
        bulkWrite('bulkWrite', operations, { ...options, ...executing, ordered }, plainly),
      );
    }) as Method;
  }

  #drop(collection: Collection): Method {
    const name = collection.collectionName;
    return ((options: WriteOptions = {}) =>
      identifiedOperation(
        this.#patience,
        'drop',
        collection.db,
        options,
        (numbered) => collection.drop({ ...driverOptions(options), ...numbered }),
        isDropped(name),
        () => true,
      )) as Method;
  }

  #rename(collection: Collection): Method {
    const from = collection.collectionName;
    return (async (to: string, options: WriteOptions = {}) =>
      this.protect(
        await identifiedOperation(
          this.#patience,
          'rename',
          collection.db,
          options,
          (numbered) => collection.rename(to, { ...driverOptions(options), ...numbered }),
          isRenamed(from, to),
          () => collection.db.collection(to),
        ),
      )) as Method;
  }
}
