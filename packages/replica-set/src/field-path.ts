/** Dotted paths through documents and arrays. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { ServerError } from './server-error.ts';

export function splitPath(path: string): string[] {
  const parts = path.split('.');
  if (parts.some((part) => part === '')) {
    throw new ServerError(56, `the path '${path}' has an empty field name`);
  }
  return parts;
}

const arrayIndex = /^(0|[1-9]\d*)$/;

/**
 * Every value that a query's path meets: at each array the path goes on into
 * its documents, and into the element a number names. A value that is not
 * there counts as `missing` once, for each way on which the path ends early.
 */
export function valuesAtPath(document: BsonDocument, path: readonly string[]): PathValue[] {
  const found: PathValue[] = [];
  walk(document, path, 0, found);
  return found;
}

export interface PathValue {
  readonly value: BsonValue;
  readonly missing: boolean;
}

const absent: PathValue = { value: undefined, missing: true };

function walk(value: BsonValue, path: readonly string[], at: number, found: PathValue[]): void {
  const name = path[at];
  if (name === undefined) {
    found.push({ value, missing: false });
    return;
  }
  if (isDocument(value)) {
    if (value.has(name)) walk(value.get(name), path, at + 1, found);
    else found.push(absent);
    return;
  }
  if (!Array.isArray(value)) {
    found.push(absent);
    return;
  }
  if (arrayIndex.test(name) && Number(name) < value.length) {
    walk(value[Number(name)], path, at + 1, found);
  }
  for (const item of value) if (isDocument(item)) walk(item, path, at, found);
}

/** The value a path names without spreading over arrays, as updates see it. */
export function valueAt(document: BsonDocument, path: readonly string[]): BsonValue {
  let value: BsonValue = document;
  for (const name of path) {
    if (isDocument(value)) value = value.get(name);
    else if (Array.isArray(value) && arrayIndex.test(name)) value = value[Number(name)];
    else return undefined;
  }
  return value;
}

/** Puts a value at a path, making the documents on the way; throws 28 where the way is blocked. */
export function setPath(document: BsonDocument, path: readonly string[], value: BsonValue): void {
  let holder: BsonDocument | BsonValue[] = document;
  for (let at = 0; ; at++) {
    const name = path[at] ?? '';
    const last = at === path.length - 1;
    const child = childOf(holder, name);
    const next: BsonValue = last ? value : child === undefined ? new Map() : child;
    if (!last && !isDocument(next) && !Array.isArray(next)) {
      throw new ServerError(
        28,
        `Cannot create field '${path[at + 1]}' in element {${name}: ...}: it is no document`,
      );
    }
    putChild(holder, name, next, path);
    if (last) return;
    holder = next as BsonDocument | BsonValue[];
  }
}

/** Takes away what a path names; in an array the place becomes null, as MongoDB's `$unset` does. */
export function unsetPath(document: BsonDocument, path: readonly string[]): void {
  const holder = path.length === 1 ? document : valueAt(document, path.slice(0, -1));
  const name = path.at(-1) ?? '';
  if (isDocument(holder)) holder.delete(name);
  else if (Array.isArray(holder) && arrayIndex.test(name) && Number(name) < holder.length) {
    holder[Number(name)] = null;
  }
}

function childOf(holder: BsonDocument | BsonValue[], name: string): BsonValue {
  return isDocument(holder) ? holder.get(name) : holder[Number(name)];
}

const longestPadding = 1_500_000;

function putChild(
  holder: BsonDocument | BsonValue[],
  name: string,
  value: BsonValue,
  path: readonly string[],
): void {
  if (isDocument(holder)) {
    holder.set(name, value);
    return;
  }
  if (!arrayIndex.test(name)) {
    throw new ServerError(
      28,
      `Cannot create field '${name}' in the array at '${path.join('.')}': not a number`,
    );
  }
  const index = Number(name);
  if (index > longestPadding) throw new ServerError(28, `array index ${name} is too large`);
  while (holder.length < index) holder.push(null);
  holder[index] = value;
}
