/**
 * What documents are sorted by. An array counts as its least element, or its greatest
 * when descending; of fields in the documents of one array, which belong together, the
 * least combination counts: MongoDB manual, "Comparison/Sort Order", "Arrays".
 */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { compareValues, type StringOrder } from '../bson-order.ts';
import { combinationsOf } from '../index-keys.ts';
import { ServerError } from '../server-error.ts';
import type { SortKey } from '../sort.ts';

/** The values, one a key, that a document sorts by, strings by `order`; throws 2 when two of them lie in arrays beside each other, 16746 where a number may mean two things. */
export function sortKeyOf(
  keys: readonly SortKey[],
  document: BsonDocument,
  order?: StringOrder,
): BsonValue[] {
  const simple = simpleKey(keys, document);
  if (simple !== undefined) return simple;
  const rows = combinationsIn(
    keys.map(({ path }) => path),
    document,
  );
  return rows.reduce((least, row) => (compareSortKeys(keys, row, least, order) < 0 ? row : least));
}

/** Negative, zero or positive as a document with the first key stands before, with or after the other. */
export function compareSortKeys(
  keys: readonly SortKey[],
  a: readonly BsonValue[],
  b: readonly BsonValue[],
  order?: StringOrder,
): number {
  for (const [index, { direction }] of keys.entries()) {
    const difference = compareValues(a[index], b[index], order);
    if (difference !== 0) return difference * direction;
  }
  return 0;
}

/** The key of a document that has no array on any of the paths. */
function simpleKey(keys: readonly SortKey[], document: BsonDocument): BsonValue[] | undefined {
  const values: BsonValue[] = [];
  for (const { path } of keys) {
    let value: BsonValue = document;
    for (const name of path) {
      if (!isDocument(value)) {
        value = null;
        break;
      }
      value = value.has(name) ? value.get(name) : null;
      if (Array.isArray(value)) return undefined;
    }
    values.push(value);
  }
  return values;
}

function combinationsIn(
  paths: readonly (readonly string[])[],
  document: BsonDocument,
): BsonValue[][] {
  try {
    return combinationsOf(paths, document);
  } catch (error) {
    const parallel = error instanceof ServerError && error.code === 171;
    throw parallel ? new ServerError(2, 'cannot sort with keys that are parallel arrays') : error;
  }
}
