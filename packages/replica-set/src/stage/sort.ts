/** The `$sort` stage. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { ServerError } from '../server-error.ts';
import { compileSort, type SortKey } from '../sort.ts';
import { compareSortKeys, sortKeyOf } from './sort-key.ts';
import { sorted } from './sorter.ts';
import type { StageRun } from './stage.ts';

/** `$sort`; `most` of what it gives will be asked for. */
export function sortStage(keys: readonly SortKey[], most?: number): StageRun {
  return function* (documents, { collator, allowDiskUse }) {
    yield* sorted(documents, {
      keyOf: (document) => sortKeyOf(keys, document, collator),
      compare: (a, b) => compareSortKeys(keys, a, b, collator),
      ...(most !== undefined && { most }),
      sizeOf: allowDiskUse === false ? (document) => encodeDocument(document).length : undefined,
    });
  };
}

/** The keys of `$sort`, of which there is one at least. */
export function sortOperand(operand: BsonValue): readonly SortKey[] {
  if (!isDocument(operand)) {
    throw new ServerError(15973, 'the $sort key specification must be an object');
  }
  const keys = compileSort(operand);
  if (keys.length > 0) return keys;
  throw new ServerError(15976, '$sort stage must have at least one sort key');
}
