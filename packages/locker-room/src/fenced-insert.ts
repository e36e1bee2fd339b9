import {
  type BulkWriteResult,
  type Document,
  type InsertManyResult,
  MongoBulkWriteError,
  type WriteError,
} from 'mongodb';

// The driver exports this class as a type only.
type ResultClass = new (gathered: Document, ordered: boolean) => BulkWriteResult;

/**
 * Inserts all documents that can be inserted, by an `insert` that inserts all that it is given or
 * none; reports the others as the driver's `insertMany` does.
 *
 * Tried as a whole first. What the server refuses is left out of the next try, and when `ordered`
 * all that follows it too.
 *
 * @throws {MongoBulkWriteError} when documents were left out; its counts are those of the documents
 */
export async function insertWhatCan<D extends Document, R extends InsertManyResult>(
  documents: readonly D[],
  ordered: boolean,
  insert: (documents: D[]) => Promise<R>,
): Promise<R> {
  const refused = new Map<number, WriteError>();
  let left = documents.map((_, index) => index);
  let failure: MongoBulkWriteError | undefined;
  while (failure === undefined || left.length > 0) {
    try {
      const result = await insert(left.flatMap((index) => documents[index] ?? []));
      if (failure === undefined) return result;
      break;
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError) || !error.result.hasWriteErrors()) throw error;
      failure ??= error;
      for (const writeError of error.result.getWriteErrors()) {
        const index = left[writeError.index] ?? writeError.index;
        writeError.err.index = index;
        refused.set(index, writeError);
      }
      const end = ordered ? Math.min(...refused.keys()) : documents.length;
      left = left.filter((index) => index < end && !refused.has(index));
    }
  }
  throw partly(failure, documents, left.length, refused, ordered);
}

/** The driver's error, made to tell of all tries. */
function partly(
  error: MongoBulkWriteError,
  documents: readonly Document[],
  inserted: number,
  refused: ReadonlyMap<number, WriteError>,
  ordered: boolean,
): MongoBulkWriteError {
  const byIndex = [...refused.values()].sort((a, b) => a.index - b.index);
  const writeErrors = ordered ? byIndex.slice(0, 1) : byIndex;
  const Result = error.result.constructor as ResultClass;
  error.writeErrors = writeErrors;
  error.result = new Result(
    {
      ok: 1,
      writeErrors,
      writeConcernErrors: [],
      insertedIds: documents.map(({ _id }, index) => ({ index, _id })),
      upserted: [],
      nInserted: inserted,
      nUpserted: 0,
      nMatched: 0,
      nModified: 0,
      nRemoved: 0,
    },
    ordered,
  );
  return error;
}
