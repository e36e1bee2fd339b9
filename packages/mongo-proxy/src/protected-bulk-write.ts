import {
  type AnyBulkWriteOperation,
  type BulkOperationBase,
  type BulkWriteOptions,
  type BulkWriteResult,
  type Collection,
  MongoBulkWriteError,
  MongoNotConnectedError,
  type WriteError,
} from 'mongodb';
import type { Patience } from './patience.ts';
import { protectedRead } from './protected-reads.ts';
import { isProtectable, protectedWrite } from './protected-writes.ts';

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
 * the results are put together as the driver does. With a many-document operation in it, it is the
 * driver's own bulk write.
 */
export async function protectedBulkWrite(
  patience: Patience,
  operation: string,
  collection: Collection,
  operations: Operations,
  options: BulkWriteOptions,
): Promise<BulkWriteResult> {
  if (!Array.isArray(operations) || operations.some(isMany) || !isProtectable(collection, options))
    return collection.bulkWrite(operations, options);

  const ordered = options.ordered !== false;
  const build = (part: Operations): BulkOperationBase => {
    const bulk = ordered
      ? collection.initializeOrderedBulkOp(options)
      : collection.initializeUnorderedBulkOp(options);
    for (const each of part) bulk.raw(each);
    return bulk;
  };
  const run = (part: Operations, built?: BulkOperationBase): Promise<BulkWriteResult> => {
    let ready = built;
    return protectedWrite(patience, operation, collection, options.session, (numbered) => {
      const bulk = ready ?? build(part);
      ready = undefined; // a bulk can be executed only once
      return bulk.execute({ ...options, ...numbered });
    });
  };

  const whole = await connected(patience, operation, () => build(operations));
  const { batches } = whole;
  if (batches.length <= 1) return run(operations, whole);

  const parts: Part[] = [];
  let failure: MongoBulkWriteError | undefined;
  for (const { originalIndexes } of batches) {
    try {
      const result = await run(originalIndexes.flatMap((index) => operations[index] ?? []));
      parts.push({ result, originalIndexes });
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error;
      parts.push({ result: error.result, originalIndexes });
      failure ??= error;
      if (ordered || !error.result.hasWriteErrors()) break;
    }
  }
  const result = together(parts, ordered);
  if (failure === undefined) return result;
  failure.result = result;
  failure.writeErrors = result.getWriteErrors();
  throw failure;
}

function isMany(operation: unknown): boolean {
  if (typeof operation !== 'object' || operation === null) return false;
  return 'updateMany' in operation || 'deleteMany' in operation;
}

/** Bulk operations can be built on a connected client only; other methods connect by themselves. */
async function connected<T>(patience: Patience, operation: string, build: () => T): Promise<T> {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof MongoNotConnectedError) || patience.connection.isClosed()) throw error;
    await protectedRead(patience, operation, () => patience.connection.connect());
    return build();
  }
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
  const Result = parts[0]?.result.constructor as ResultClass;
  return new Result(total, ordered);
}
