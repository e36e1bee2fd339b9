import {
  BSON,
  type ClientBulkWriteOptions,
  type ClientBulkWriteResult,
  type Document,
  type MongoClient,
  MongoClientBulkWriteError,
} from 'mongodb';
import { manyWrite } from './many-write.ts';
import { MongoProxyError } from './mongo-proxy-error.ts';
import { OutcomeUnknownError } from './outcome-unknown-error.ts';
import type { Patience } from './patience.ts';
import { protectedWrite, type WriteOptions } from './protected-writes.ts';
import { writeParts } from './write-parts.ts';

type Model = Parameters<MongoClient['bulkWrite']>[0][number];

// Far below what a server takes in one command (100,000 and 48 MB), so that each part is one.
const mostModels = 10_000;
const mostBytes = 16_000_000;

const counts = [
  'insertedCount',
  'upsertedCount',
  'matchedCount',
  'modifiedCount',
  'deletedCount',
] as const;
const details = ['insertResults', 'updateResults', 'deleteResults'] as const;

type Total = { acknowledged: boolean } & Record<(typeof counts)[number], number> &
  Partial<Record<(typeof details)[number], Map<number, unknown>>>;

/**
 * A client's bulk write over many collections (MongoDB 8.0), cut into commands of one number each;
 * operations on many documents go in transactions.
 */
export async function clientBulkWrite(
  patience: Patience,
  client: MongoClient,
  models: readonly Model[],
  options: ClientBulkWriteOptions & WriteOptions,
): Promise<ClientBulkWriteResult> {
  const ordered = options.ordered !== false;
  const { signal: _, patience: __, ...driverOptions } = options;
  const total: Total = {
    acknowledged: true,
    ...(Object.fromEntries(counts.map((name) => [name, 0])) as Record<
      (typeof counts)[number],
      number
    >),
  };
  if (options.verboseResults) for (const name of details) total[name] = new Map();
  const errors = new MongoClientBulkWriteError({
    message: 'Mongo client bulk write encountered errors during execution.',
  });

  const add = (result: ClientBulkWriteResult | undefined, indexes: readonly number[]): void => {
    if (!result) return;
    for (const name of counts) total[name] += result[name];
    for (const name of details) {
      for (const [index, detail] of result[name] ?? []) {
        total[name]?.set(indexes[index] ?? index, detail);
      }
    }
  };
  /** Whether the caller's list may go on. */
  const send = async (indexes: readonly number[], isMany: boolean): Promise<boolean> => {
    const part = indexes.flatMap((index) => models[index] ?? []);
    try {
      const result = isMany
        ? await manyWrite(patience, 'bulkWrite', client, client, options, (session) =>
            client.bulkWrite(part, { ...driverOptions, session }),
          )
        : await protectedWrite(patience, 'bulkWrite', client, true, options, (numbered) =>
            client.bulkWrite(part, { ...driverOptions, ...numbered }),
          );
      add(result, indexes);
      return true;
    } catch (error) {
      if (!(error instanceof MongoClientBulkWriteError)) throw error;
      if (isMany && indexes.length > 1) {
        // A transaction is all or nothing: one by one, to find which of them fail.
        for (const index of indexes) if (!(await send([index], true)) && ordered) return false;
        return errors.writeErrors.size === 0;
      }
      if (!isMany) add(error.partialResult, indexes);
      if (error.cause) errors.cause ??= error.cause;
      errors.writeConcernErrors.push(...error.writeConcernErrors);
      for (const [index, each] of error.writeErrors) {
        errors.writeErrors.set(indexes[index] ?? index, each);
      }
      return false;
    }
  };

  const cut = writeParts(models, isMany, ordered).flatMap(({ indexes, isMany: many }) =>
    inSizes(models, indexes).map((each) => ({ indexes: each, many })),
  );
  try {
    for (const { indexes, many } of cut) {
      if (!(await send(indexes, many)) && (ordered || errors.cause !== undefined)) break;
    }
  } catch (error) {
    const isApplied = counts.some((name) => total[name] > 0);
    if (!isApplied || !(error instanceof MongoProxyError)) throw error;
    throw new OutcomeUnknownError('bulkWrite', 'partly-applied', error.attempts, total);
  }
  if (errors.writeErrors.size > 0 || errors.writeConcernErrors.length > 0 || errors.cause) {
    errors.partialResult = total as ClientBulkWriteResult;
    throw errors;
  }
  return total as ClientBulkWriteResult;
}

function isMany(model: Model): boolean {
  return model.name === 'updateMany' || model.name === 'deleteMany';
}

function inSizes(models: readonly Model[], indexes: readonly number[]): number[][] {
  const cuts: number[][] = [];
  let bytes = 0;
  for (const index of indexes) {
    const size = BSON.calculateObjectSize((models[index] ?? {}) as Document);
    const last = cuts.at(-1);
    if (last && last.length < mostModels && bytes + size <= mostBytes) {
      last.push(index);
      bytes += size;
    } else {
      cuts.push([index]);
      bytes = size;
    }
  }
  return cuts;
}
