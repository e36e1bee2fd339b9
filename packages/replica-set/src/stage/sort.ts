/** The `$sort` stage. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import type { SortKey } from '../sort.ts';
import { parseFieldPath } from './field-path.ts';
import { compareSortKeys, sortKeyOf } from './sort-key.ts';
import { sorted } from './sorter.ts';
import type { StageRun } from './stage.ts';

const mostKeys = 32;

/** The keys of a `$sort`, or of a `sortBy`. */
export function parseSortPattern(operand: BsonValue): readonly SortKey[] {
  if (!isDocument(operand)) {
    throw new ServerError(15973, 'the $sort key specification must be an object');
  }
  if (operand.size > mostKeys) throw new ServerError(13103, 'too many compound keys');
  return [...operand].map(([name, value]) => {
    if (isDocument(value)) throw metaRefused(value);
    const direction = isNumber(value) ? Math.trunc(toDouble(value)) : undefined;
    if (direction === undefined) {
      throw new ServerError(15974, `Illegal key in $sort specification: ${name}`);
    }
    if (direction !== 1 && direction !== -1) {
      throw new ServerError(
        15975,
        '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
      );
    }
    return { path: parseFieldPath(name), direction };
  });
}

/** No document has the metadata that `$meta` asks for: there is no text, geographic or Atlas search. */
function metaRefused(value: ReadonlyMap<string, BsonValue>): ServerError {
  const [[name, meta] = ['']] = value;
  if (name !== '$meta') {
    return new ServerError(17312, '$meta is the only expression supported by $sort right now');
  }
  if (value.size > 1) {
    return new ServerError(9, 'Cannot have additional keys in a $meta sort specification');
  }
  const known = ['textScore', 'randVal', 'geoNearDistance', 'searchScore', 'vectorSearchScore'];
  if (typeof meta !== 'string' || !known.includes(meta)) {
    return new ServerError(31138, `Illegal $meta sort: $meta: ${String(meta)}`);
  }
  return new ServerError(40218, `query requires ${meta} metadata, but it is not available`);
}

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

export function compileSortStage(operand: BsonValue): StageRun {
  const keys = parseSortPattern(operand);
  if (keys.length === 0) {
    throw new ServerError(15976, '$sort stage must have at least one sort key');
  }
  return sortStage(keys);
}
