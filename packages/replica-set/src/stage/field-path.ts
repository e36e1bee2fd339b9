/** The paths that stages and expressions name fields by: MongoDB's rules for their parts. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { checkFieldName } from '../expression/field-access.ts';
import { ServerError } from '../server-error.ts';

const deepest = 200;

/** The parts of a path; throws the codes of MongoDB's `FieldPath` for one that is none. */
export function parseFieldPath(text: string): readonly string[] {
  if (text === '')
    throw new ServerError(40352, 'FieldPath cannot be constructed with empty string');
  if (text.endsWith('.')) throw new ServerError(40353, "FieldPath must not end with a '.'.");
  if (text.includes('\0')) {
    throw new ServerError(16411, 'FieldPath field names may not contain null bytes.');
  }
  const parts = text.split('.');
  if (parts.length > deepest) throw new ServerError(15, 'FieldPath is too long');
  for (const part of parts) checkFieldName(part);
  return parts;
}

/** The value that a path leads to through documents alone; arrays end it. Nothing when it is not there. */
export function nestedValue(document: BsonDocument, path: readonly string[]): BsonValue {
  let value: BsonValue = document;
  for (const name of path) {
    if (!isDocument(value)) return undefined;
    value = value.get(name);
  }
  return value;
}

/**
 * The document with a value at a path: what stands in the way and is no document
 * becomes one. Without a value the field is taken away. What is not on the way is shared.
 */
export function withNested(
  document: BsonDocument,
  path: readonly string[],
  value: BsonValue,
  at = 0,
): BsonDocument {
  const name = path[at] ?? '';
  const copy: BsonDocument = new Map(document);
  if (at < path.length - 1) {
    const below = document.get(name);
    copy.set(name, withNested(isDocument(below) ? below : new Map(), path, value, at + 1));
  } else if (value === undefined) copy.delete(name);
  else copy.set(name, value);
  return copy;
}

const position = /^(?:0|[1-9]\d*)$/;

/**
 * Every value that a join on a path meets: into the documents of arrays, into the
 * elements that numbers name, and, where it ends at an array, each of its elements.
 * What is not there is left out.
 */
export function joinedValues(document: BsonDocument, path: readonly string[]): BsonValue[] {
  const found: BsonValue[] = [];
  gather(document, path, 0, found);
  return found;
}

function gather(
  document: BsonDocument,
  path: readonly string[],
  at: number,
  found: BsonValue[],
): void {
  if (!document.has(path[at] ?? '')) return;
  let value = document.get(path[at] ?? '');
  let next = at + 1;
  while (next < path.length && Array.isArray(value) && position.test(path[next] ?? '')) {
    const index = Number(path[next]);
    if (index >= value.length) return;
    value = value[index];
    next += 1;
  }
  if (next === path.length) {
    if (Array.isArray(value)) found.push(...value);
    else found.push(value);
  } else if (isDocument(value)) gather(value, path, next, found);
  else if (Array.isArray(value)) {
    for (const item of value) if (isDocument(item)) gather(item, path, next, found);
  }
}
