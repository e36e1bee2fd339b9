import {
  type AnyBulkWriteOperation,
  type BulkOperationBase,
  type BulkWriteOptions,
  type BulkWriteResult,
  type Collection,
  MongoBulkWriteError,
  type MongoClient,
  MongoNotConnectedError,
  type WriteError,
} from 'mongodb';
import { manyWrite } from './many-write.ts';
import { MongoProxyError } from './mongo-proxy-error.ts';
import type { NumberedOptions } from './numbered-write.ts';
import { OutcomeUnknownError } from './outcome-unknown-error.ts';
import type { Patience } from './patience.ts';
import { protectedRead } from './protected-reads.ts';
import { protectedWrite, type WriteOptions } from './protected-writes.ts';
import { type WritePart, writeParts } from './write-parts.ts';

type Operations = readonly AnyBulkWriteOperation[];

/** What the driver gathers while a bulk write runs; indexes count the caller's operations. */
interface Gathered {
  ok: number;
  writeErrors: WriteError[];
  writeConcernErrors: unknown[];
  insertedIds: { index: number; _id: unknown }[];
  upserted: { index: number; _id: unknown }[];
  nInserted: number;
  nUpserted: number;
  nMatched: number;
  nModified: number;
  nRemoved: number;
}

/** The result of one command, and which of the caller's operations it held. */
interface Part {
  readonly result: BulkWriteResult;
  readonly originalIndexes: readonly number[];
}

// The driver exports this class as a type only.
type ResultClass = new (gathered: Gathered, ordered: boolean) => BulkWriteResult;

/**
 * A bulk write that sends each of its commands until it is answered.
 *
 * One transaction number covers one command, and a server remembers only the last number of a
 * session, so a bulk of several commands cannot be repeated as a whole. It is cut where the driver
 * would cut it (at a change of kind and at the size limits), each part is a write of its own, and
 * the results are put together as the driver does. Operations on many documents go in a
 * transaction, together where they follow each other.
 */
export class ProtectedBulkWrite {
  readonly #patience: Patience;
  readonly #operation: string;
  readonly #client: MongoClient;
  readonly #collection: Collection;
  readonly #operations: Operations;
  readonly #options: BulkWriteOptions & WriteOptions;
  readonly #ordered: boolean;
  readonly #parts: Part[] = [];
  #failure: MongoBulkWriteError | undefined;

  constructor(
    patience: Patience,
    operation: string,
    client: MongoClient,
    collection: Collection,
    operations: Operations,
    options: BulkWriteOptions & WriteOptions,
  ) {
    this.#patience = patience;
    this.#operation = operation;
    this.#client = client;
    this.#collection = collection;
    this.#operations = operations;
    this.#options = options;
    this.#ordered = options.ordered !== false;
  }

  async run(): Promise<BulkWriteResult> {
    const whole = await this.#connected(() => this.#build(this.#operations));
    const cuts = writeParts(this.#operations, isMany, this.#ordered);
    if (whole.batches.length <= 1 && !cuts[0]?.isMany && cuts.length <= 1) {
      return this.#sendNumbered(this.#operations, whole);
    }
    try {
      for (const part of cuts) {
        if (part.isMany) await this.#addMany(part);
        else await this.#addSingle(part);
        if (this.#isStopped()) break;
      }
    } catch (error) {
      if (!(error instanceof MongoProxyError) || this.#parts.length === 0) throw error;
      const applied = together(this.#parts, this.#ordered);
      throw new OutcomeUnknownError(this.#operation, 'partly-applied', error.attempts, applied);
    }
    const result = together(this.#parts, this.#ordered);
    if (this.#failure === undefined) return result;
    this.#failure.result = result;
    this.#failure.writeErrors = result.getWriteErrors();
    throw this.#failure;
  }

  async #addSingle({ indexes }: WritePart): Promise<void> {
    const { batches } = this.#build(this.#pick(indexes));
    for (const { originalIndexes } of batches) {
      const originals = originalIndexes.map((index) => indexes[index] ?? index);
      await this.#add(originals, () => this.#sendNumbered(this.#pick(originals)));
      if (this.#isStopped()) return;
    }
  }

  /** Together if all of them succeed; else one by one, for a transaction is all or nothing. */
  async #addMany({ indexes }: WritePart): Promise<void> {
    if (indexes.length > 1) {
      try {
        const result = await this.#sendMany(indexes);
        this.#parts.push({ result, originalIndexes: indexes });
        return;
      } catch (error) {
        if (!(error instanceof MongoBulkWriteError)) throw error;
      }
    }
    for (const index of indexes) {
      await this.#add([index], () => this.#sendMany([index]));
      if (this.#isStopped()) return;
    }
  }

  async #add(
    originalIndexes: readonly number[],
    send: () => Promise<BulkWriteResult>,
  ): Promise<void> {
    try {
      this.#parts.push({ result: await send(), originalIndexes });
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      this.#parts.push({ result: error.result, originalIndexes });
      this.#failure ??= error;
    }
  }

  #isStopped(): boolean {
    return this.#failure !== undefined && (this.#ordered || !this.#failure.result.hasWriteErrors());
  }

  #pick(indexes: readonly number[]): Operations {
    return indexes.flatMap((index) => this.#operations[index] ?? []);
  }

  #sendNumbered(operations: Operations, built?: BulkOperationBase): Promise<BulkWriteResult> {
    let ready = built;
    const send = (numbered: NumberedOptions): Promise<BulkWriteResult> => {
      const bulk = ready ?? this.#build(operations);
      ready = undefined; // a bulk can be executed only once
      return bulk.execute({ ...this.#options, ...numbered });
    };
    return protectedWrite(this.#patience, this.#operation, this.#client, true, this.#options, send);
  }

  #sendMany(indexes: readonly number[]): Promise<BulkWriteResult> {
    const { signal: _, patience: __, ...options } = this.#options;
    return manyWrite(
      this.#patience,
      this.#operation,
      this.#client,
      this.#collection,
      this.#options,
      (session) => this.#build(this.#pick(indexes)).execute({ ...options, session }),
    );
  }

  #build(operations: Operations): BulkOperationBase {
    const bulk = this.#ordered
      ? this.#collection.initializeOrderedBulkOp(this.#options)
      : this.#collection.initializeUnorderedBulkOp(this.#options);
    for (const each of operations) bulk.raw(each);
    return bulk;
  }

  /** Bulk operations can be built on a connected client only; other methods connect by themselves. */
  async #connected(build: () => BulkOperationBase): Promise<BulkOperationBase> {
    const { connection } = this.#patience;
    try {
      return build();
    } catch (error) {
      if (!(error instanceof MongoNotConnectedError) || connection.isClosed()) throw error;
      const connect = () => connection.connect();
      await protectedRead(this.#patience, this.#operation, connect, this.#options);
      return build();
    }
  }
}

function isMany(operation: unknown): boolean {
  if (typeof operation !== 'object' || operation === null) return false;
  return 'updateMany' in operation || 'deleteMany' in operation;
}

function together(parts: readonly Part[], ordered: boolean): BulkWriteResult {
  const counts = { nInserted: 0, nUpserted: 0, nMatched: 0, nModified: 0, nRemoved: 0 };
  const total: Gathered = {
    ...{ ok: 1, writeErrors: [], writeConcernErrors: [], insertedIds: [], upserted: [] },
    ...counts,
  };
  for (const { result, originalIndexes } of parts) {
    const part = result.getRawResponse() as Gathered;
    const original = (index: number): number => originalIndexes[index] ?? index;
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) total[name] += part[name];
    for (const each of part.insertedIds)
      total.insertedIds.push({ ...each, index: original(each.index) });
    for (const each of part.upserted) total.upserted.push({ ...each, index: original(each.index) });
    for (const error of part.writeErrors) {
      error.err.index = original(error.err.index);
      total.writeErrors.push(error);
    }
    total.writeConcernErrors.push(...part.writeConcernErrors);
  }
  const byIndex = (a: { index: number }, b: { index: number }) => a.index - b.index;
  total.insertedIds.sort(byIndex);
  total.upserted.sort(byIndex);
  total.writeErrors.sort((a, b) => byIndex(a.err, b.err));
  const Result = parts[0]?.result.constructor as ResultClass;
  return new Result(total, ordered);
}
