/** The values that `distinct` finds at a path. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';

/**
 * The values at a path, those of arrays one by one. A number in the path names an element of an
 * array and nothing else.
 */
export function distinctValues(document: BsonDocument, path: readonly string[]): BsonValue[] {
  const found: BsonValue[] = [];
  collect(document, path, 0, found);
  return found;
}

function collect(
  holder: BsonDocument | BsonValue[],
  path: readonly string[],
  at: number,
  found: BsonValue[],
): void {
  const name = path[at] ?? '';
  let value: BsonValue;
  if (isDocument(holder)) {
    if (!holder.has(name)) return;
    value = holder.get(name);
  } else {
    if (!isIndex(name) || Number(name) >= holder.length) return;
    value = holder[Number(name)];
  }
  const next = path[at + 1];
  if (next === undefined) {
    if (Array.isArray(value)) found.push(...value);
    else found.push(value);
  } else if (isDocument(value) || (Array.isArray(value) && isIndex(next))) {
    collect(value, path, at + 1, found);
  } else if (Array.isArray(value)) {
    for (const item of value) {
      if (isDocument(item) || Array.isArray(item)) collect(item, path, at + 1, found);
    }
  }
}

function isIndex(name: string): boolean {
  return /^(0|[1-9]\d*)$/.test(name);
}
