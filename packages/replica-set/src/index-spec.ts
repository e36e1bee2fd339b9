/** What an index is, and the keys it holds for a document. */
import { decodeDocument } from './bson-decoder.ts';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
  showValue,
} from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { isNumber, toDouble } from './bson-order.ts';
import { splitPath, valuesAtPath } from './field-path.ts';
import { encodeKey } from './key-string.ts';
import { compileQuery, type Predicate } from './matcher.ts';
import { ServerError } from './server-error.ts';

interface IndexField {
  readonly name: string;
  readonly path: readonly string[];
  readonly direction: 1 | -1;
}

export interface IndexSpec {
  readonly name: string;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  /** Documents that do not pass it are left out. */
  readonly partial: Predicate | undefined;
  readonly bytes: Uint8Array;
}

const knownOptions = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'background',
  'ns',
]);

export const idIndexSpec: Uint8Array = encodeDocument({ v: 2, key: { _id: 1 }, name: '_id_' });

/** Reads what `createIndexes` was given; refuses by name (67) what is not there yet. */
export function parseIndexSpec(bytes: Uint8Array): IndexSpec {
  const spec = decodeDocument(bytes);
  for (const option of spec.keys()) {
    if (!knownOptions.has(option)) {
      throw new ServerError(67, `the index option '${option}' is not there yet`);
    }
  }
  const key = spec.get('key');
  if (!isDocument(key) || key.size === 0) {
    throw new ServerError(67, 'Index keys cannot be empty.');
  }
  const fields = [...key].map(([name, value]) => parseField(name, value));
  const partial = spec.get('partialFilterExpression');
  return {
    name: typeof spec.get('name') === 'string' ? String(spec.get('name')) : defaultName(fields),
    fields,
    unique: spec.get('unique') === true || (fields.length === 1 && fields[0]?.name === '_id'),
    sparse: spec.get('sparse') === true,
    partial: isDocument(partial) ? compileQuery(partial, { now: new Date(0) }) : undefined,
    bytes,
  };
}

function parseField(name: string, value: BsonValue): IndexField {
  const number = isNumber(value) ? toDouble(value) : 0;
  if (number === 0) {
    throw new ServerError(67, `the index type ${showValue(value)} of '${name}' is not there yet`);
  }
  if (name.includes('$**')) throw new ServerError(67, 'wildcard indexes are not there yet');
  return { name, path: splitPath(name), direction: number < 0 ? -1 : 1 };
}

function defaultName(fields: readonly IndexField[]): string {
  return fields.map(({ name, direction }) => `${name}_${direction}`).join('_');
}

export interface IndexKeys {
  readonly keys: readonly Buffer[];
  readonly multikey: boolean;
}

const none: IndexKeys = { keys: [], multikey: false };

/** The keys of a document: several when a field is an array. */
export function keysOf(spec: IndexSpec, document: BsonDocument): IndexKeys {
  if (spec.partial?.(document) === false) return none;
  const directions = spec.fields.map(({ direction }) => direction);
  const columns = spec.fields.map(({ path }) => columnOf(document, path));
  if (spec.sparse && columns.every(({ missing }) => missing)) return none;
  const spread = columns.filter(({ multikey }) => multikey);
  if (spread.length > 1) {
    throw new ServerError(171, `cannot index parallel arrays in index ${spec.name}`);
  }
  const most = Math.max(...columns.map(({ values }) => values.length));
  const keys = new Map<string, Buffer>();
  for (let row = 0; row < most; row++) {
    const key = encodeKey(
      columns.map(({ values }) => values[values.length === 1 ? 0 : row]),
      directions,
    );
    keys.set(key.toString('latin1'), key);
  }
  return { keys: [...keys.values()], multikey: spread.length > 0 };
}

interface Column {
  readonly values: readonly BsonValue[];
  readonly multikey: boolean;
  readonly missing: boolean;
}

function columnOf(document: BsonDocument, path: readonly string[]): Column {
  const found = valuesAtPath(document, path);
  const values = found.flatMap(({ value, missing }) => {
    if (missing) return [null];
    if (Array.isArray(value)) return value.length === 0 ? [undefined] : value;
    return [value];
  });
  return {
    values: values.length === 0 ? [null] : values,
    multikey: found.length > 1 || found.some(({ value }) => Array.isArray(value)),
    missing: found.every(({ missing }) => missing),
  };
}

/** The index as `listIndexes` tells it. */
export function describeIndex(spec: IndexSpec): EncodableDocument {
  const given = decodeDocument(spec.bytes);
  const rest = [...given].filter(
    ([name]) => !['v', 'key', 'name', 'ns', 'background'].includes(name),
  );
  return { v: 2, key: given.get('key'), name: spec.name, ...Object.fromEntries(rest) };
}
