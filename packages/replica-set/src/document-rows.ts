/**
 * The rows that a collection's documents take in the one table of all documents.
 *
 * One number leads to a document, so that SQLite keeps documents of up to a
 * page whole in the table's own leaves. There is room for 2^32 documents in the
 * life of a collection, and for 2^21 collections in that of a file.
 */
export interface DocumentRows {
  /** The record of a document is counted from here, beginning with 1. */
  readonly first: number;
  readonly end: number;
}

export const rowsPerCollection: number = 2 ** 32;

export function rowsOf(collectionId: number): DocumentRows {
  const first = collectionId * rowsPerCollection;
  return { first, end: first + rowsPerCollection };
}
