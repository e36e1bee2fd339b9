/** Sort specifications: `{ a: 1, 'b.c': -1 }`. */
import { Decimal128 } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { type BsonNumber, isNumber, toDouble } from './bson-order.ts';
import { ServerError } from './server-error.ts';
import { parseFieldPath } from './stage/field-path.ts';

export interface SortKey {
  readonly path: readonly string[];
  readonly direction: 1 | -1;
}

const mostKeys = 32;

/**
 * The keys of a `sort`, a `$sort` or a `sortBy`.
 *
 * @throws {ServerError} 13103 for too many, 15974 and 15975 for what is no order, 17312, 9, 31138
 * and 40218 for a `$meta`, and the codes of paths
 */
export function compileSort(spec: BsonDocument): SortKey[] {
  if (spec.size > mostKeys) throw new ServerError(13103, 'too many compound keys');
  return Array.from(spec, ([name, value]) => {
    if (isDocument(value)) throw metaRefused(value);
    return { path: parseFieldPath(name), direction: directionOf(name, value) };
  });
}

/** A number counts as the int32 that it becomes: 1.5 as 1. */
function directionOf(name: string, value: BsonValue): 1 | -1 {
  if (!isNumber(value)) {
    throw new ServerError(15974, `Illegal key in $sort specification: ${name}`);
  }
  const direction = wholeOf(value);
  if (direction === 1 || direction === -1) return direction;
  throw new ServerError(
    15975,
    '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
  );
}

/** Doubles lose what is behind the point; decimals go to the nearest, in the middle to the even one. */
function wholeOf(value: BsonNumber): number {
  const number = toDouble(value);
  if (!(value instanceof Decimal128)) return Math.trunc(number);
  const nearest = Math.round(number);
  return Math.abs(number % 1) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
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
