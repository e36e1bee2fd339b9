/** The keys that an index holds for a document: several when a field is, or lies in, an array. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import type { IndexSpec } from './index-spec.ts';
import { encodeKey } from './key-string.ts';
import { ServerError } from './server-error.ts';

export interface IndexKeys {
  readonly keys: readonly Buffer[];
  /** True when an array was met. */
  readonly multikey: boolean;
}

const none: IndexKeys = { keys: [], multikey: false };

/**
 * The keys of a document, each once.
 *
 * Fields of the same array go through its elements together; of two arrays
 * beside each other there are no keys (171). Throws 16746 where a number in a
 * path may mean an element or a field of one.
 */
export function keysOf(spec: IndexSpec, document: BsonDocument): IndexKeys {
  if (spec.partial?.test(document) === false) return none;
  const columns = columnsOf(spec, document);
  if (spec.sparse && columns.every(({ found, array }) => !found && array === undefined))
    return none;
  if (columns.every(({ array }) => array === undefined)) {
    return { keys: [keyOf(spec, columns)], multikey: false };
  }
  const rows = rowsOf(columns);
  const present = spec.sparse ? rows.filter((row) => row.some(({ found }) => found)) : rows;
  const keys = new Map<string, Buffer>();
  for (const row of present) {
    const key = keyOf(spec, row);
    keys.set(key.toString('latin1'), key);
  }
  return { keys: [...keys.values()], multikey: true };
}

/** The values of the fields that one of a document's keys holds. */
export function valuesOfKey(spec: IndexSpec, document: BsonDocument, key: Buffer): BsonValue[] {
  const row = rowsOf(columnsOf(spec, document)).find((each) => keyOf(spec, each).equals(key));
  return (row ?? []).map(({ value }) => value);
}

/** The combinations of values that paths have in a document, as an index on them would hold them; throws the same. */
export function combinationsOf(
  paths: readonly (readonly string[])[],
  document: BsonDocument,
): BsonValue[][] {
  const columns = paths.map((path) => walk(document, path, 0));
  return rowsOf(columns).map((row) => row.map(({ value }) => value));
}

function columnsOf({ fields }: IndexSpec, document: BsonDocument): Column[] {
  return fields.map(({ path }) => walk(document, path, 0));
}

function rowsOf(columns: readonly Column[]): Column[][] {
  const rows: Column[][] = [];
  expand(columns, rows);
  return rows;
}

function keyOf({ fields }: IndexSpec, row: readonly Column[]): Buffer {
  return encodeKey(
    row.map(({ value }) => value),
    fields.map(({ direction }) => direction),
  );
}

/** How far the way to a field has come: to a value, or to an array that it has to go through. */
interface Column {
  readonly value: BsonValue;
  /** False where the field is missing; then it counts as null. */
  readonly found: boolean;
  readonly array: BsonValue[] | undefined;
  readonly path: readonly string[];
  /** What of the path is still before it. */
  readonly at: number;
}

const arrayIndex = /^(0|[1-9]\d*)$/;

function walk(start: BsonValue, path: readonly string[], from: number): Column {
  let value = start;
  for (let at = from; ; at++) {
    if (Array.isArray(value)) {
      const name = path[at];
      const element = name !== undefined && arrayIndex.test(name) ? Number(name) : value.length;
      if (name === undefined || element >= value.length) {
        return { value, found: true, array: value, path, at };
      }
      if (value.some((item) => isDocument(item) && item.has(name))) throw ambiguous(name);
      value = value[element];
    } else if (at === path.length) {
      return { value, found: true, array: undefined, path, at };
    } else {
      const name = path[at] ?? '';
      if (!isDocument(value) || !value.has(name)) return missing(path);
      value = value.get(name);
    }
  }
}

function missing(path: readonly string[]): Column {
  return { value: null, found: false, array: undefined, path, at: path.length };
}

/** Puts into `rows` one row for each element of the array that columns have come to. */
function expand(columns: readonly Column[], rows: Column[][]): void {
  const spread = columns.filter(({ array }) => array !== undefined);
  const array = spread[0]?.array;
  if (array === undefined) {
    rows.push([...columns]);
    return;
  }
  if (spread.some((column) => column.array !== array)) {
    const names = spread.map(({ path, at }) => path.slice(0, at).join('.'));
    throw new ServerError(171, `cannot index parallel arrays [${names.at(-1)}] [${names[0]}]`);
  }
  if (array.length === 0) {
    rows.push(
      columns.map((column) => {
        if (column.array === undefined) return column;
        const isEnd = column.at === column.path.length;
        return isEnd ? { ...column, value: undefined, array: undefined } : missing(column.path);
      }),
    );
    return;
  }
  for (const item of array) {
    const next = columns.map((column): Column => {
      const { path, at } = column;
      if (column.array === undefined) return column;
      // An array within an array is a value as a whole.
      if (at === path.length) return { ...column, value: item, array: undefined };
      return isDocument(item) ? walk(item, path, at) : missing(path);
    });
    expand(next, rows);
  }
}

function ambiguous(name: string): ServerError {
  return new ServerError(
    16746,
    `Ambiguous field name found in array (do not use numeric field names in embedded elements in an array), field: '${name}'`,
  );
}
