/** Sort specifications: `{ a: 1, 'b.c': -1 }`. */
import type { BsonDocument } from './bson-document.ts';
import { isNumber, toDouble } from './bson-order.ts';
import { splitPath } from './field-path.ts';
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
