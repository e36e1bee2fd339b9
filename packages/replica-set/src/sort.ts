/** Sort specifications: `{ a: 1, 'b.c': -1 }`. */
import type { BsonDocument, BsonValue } from './bson-document.ts';
import { compareValues, isNumber, type StringOrder, toDouble } from './bson-order.ts';
import { splitPath, valuesAtPath } from './field-path.ts';
import { ServerError } from './server-error.ts';

export interface SortKey {
  readonly path: readonly string[];
  readonly direction: 1 | -1;
}

export function compileSort(spec: BsonDocument): SortKey[] {
  return [...spec].map(([name, value]) => {
    const direction = isNumber(value) ? toDouble(value) : 0;
    if (direction !== 1 && direction !== -1) {
      throw new ServerError(
        2,
        `$sort key ordering must be 1 (for ascending) or -1 (for descending), at '${name}'`,
      );
    }
    return { path: splitPath(name), direction };
  });
}

/** Negative, zero or positive as `a` comes before, with or after `b`; strings by `order`. */
export function compareBySort(
  keys: readonly SortKey[],
  a: BsonDocument,
  b: BsonDocument,
  order?: StringOrder,
): number {
  for (const { path, direction } of keys) {
    const left = sortValue(a, path, direction, order);
    const difference = compareValues(left, sortValue(b, path, direction, order), order);
    if (difference !== 0) return difference * direction;
  }
  return 0;
}

/** What a document sorts by: of an array its least element, or its greatest when descending; null when missing. */
function sortValue(
  document: BsonDocument,
  path: readonly string[],
  direction: 1 | -1,
  order: StringOrder | undefined,
): BsonValue {
  const values = valuesAtPath(document, path).flatMap(({ value, missing }) => {
    if (missing) return [null];
    if (Array.isArray(value)) return value.length === 0 ? [undefined] : value;
    return [value];
  });
  if (values.length <= 1) return values.length === 0 ? null : values[0];
  return values.reduce((best, value) =>
    compareValues(value, best, order) * direction < 0 ? value : best,
  );
}
