/** What an index is: its specification read, checked and told again. */
import { decodeDocument } from './bson-decoder.ts';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
  showValue,
} from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { equalValues, isNumber, toDouble, typeName } from './bson-order.ts';
import { Collator, collationArgument } from './collator.ts';
import { compileQuery, type Predicate } from './matcher.ts';
import { requirePartialFilter } from './partial-filter.ts';
import { ServerError } from './server-error.ts';

export interface IndexField {
  readonly name: string;
  readonly path: readonly string[];
  readonly direction: 1 | -1;
}

export interface IndexSpec {
  readonly name: string;
  readonly fields: readonly IndexField[];
  /** As it was given. */
  readonly key: BsonDocument;
  readonly unique: boolean;
  /** Documents that have none of the fields are left out. */
  readonly sparse: boolean;
  /** Documents that do not pass it are left out. */
  readonly partial: { readonly filter: BsonDocument; readonly test: Predicate } | undefined;
  /** Kept, but used by no query. */
  readonly hidden: boolean;
  /** Documents are deleted so long after the date in the field. */
  readonly expireAfterSeconds: number | undefined;
  /** How strings compare in it, if not by their bytes. Its keys hold them by their bytes all the same. */
  readonly collator: Collator | undefined;
  readonly bytes: Uint8Array;
}

export const idIndexSpec: Uint8Array = encodeDocument({ v: 2, key: { _id: 1 }, name: '_id_' });

const knownOptions = new Set([
  'v',
  'key',
  'name',
  'ns',
  'background',
  'unique',
  'sparse',
  'hidden',
  'partialFilterExpression',
  'expireAfterSeconds',
  'prepareUnique',
  'collation',
  'storageEngine',
  'clustered',
  // Ignored since long ago.
  'dropDups',
]);

/** MongoDB's options that belong to kinds of indexes which are not there. */
const absentOptions = new Set([
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'bucketSize',
  'wildcardProjection',
  'columnstoreProjection',
]);

const idOptions = new Set(['v', 'key', 'name', 'ns', 'collation', 'background']);

const mostFields = 32;
const mostSeconds = 2 ** 31 - 1;

/** Reads a stored specification, which was checked when it came. */
export function parseIndexSpec(bytes: Uint8Array): IndexSpec {
  const spec = decodeDocument(bytes);
  const key = documentIn(spec, 'key') ?? new Map();
  const fields = [...key].map(([name, value]): IndexField => {
    return { name, path: name.split('.'), direction: numberOf(value) < 0 ? -1 : 1 };
  });
  const filter = documentIn(spec, 'partialFilterExpression');
  const seconds = spec.get('expireAfterSeconds');
  return {
    name: String(spec.get('name')),
    fields,
    key,
    unique: isSet(spec.get('unique')) || isIdKey(key),
    sparse: isSet(spec.get('sparse')),
    partial: filter && { filter, test: compileQuery(filter, { now: new Date(0) }) },
    hidden: isSet(spec.get('hidden')),
    expireAfterSeconds: isNumber(seconds) ? toDouble(seconds) : undefined,
    collator: collationArgument(spec.get('collation'), undefined),
    bytes,
  };
}

/**
 * Reads what `createIndexes` was given, for a collection whose strings compare by `inherited`.
 *
 * Throws 9 and 14 for what is malformed, 67 for a key or a combination that
 * cannot be had, 197 for options that are none, and 238 for what is not supported.
 */
export function checkIndexSpec(
  given: BsonDocument,
  inherited?: Collator,
  ignoresUnknown = false,
): IndexSpec {
  const spec: BsonDocument = ignoresUnknown
    ? new Map([...given].filter(([name]) => knownOptions.has(name) || absentOptions.has(name)))
    : given;
  const refuse = (code: number, reason: string) =>
    new ServerError(code, `Error in specification ${showValue(spec)} :: caused by :: ${reason}`);
  const key = spec.get('key');
  for (const required of ['key', 'name']) {
    if (spec.has(required)) continue;
    throw refuse(9, `The '${required}' field is a required property of an index specification`);
  }
  if (!isDocument(key)) {
    throw refuse(14, `The field 'key' must be an object, but got ${typeName(key)}`);
  }
  const name = spec.get('name');
  if (typeof name !== 'string') {
    throw refuse(14, `The field 'name' must be a string, but got ${typeName(name)}`);
  }
  if (name === '') throw refuse(67, 'index name cannot be empty');
  if (name.includes('\0')) throw refuse(67, 'index name cannot contain NUL bytes');
  if (name === '*') throw refuse(2, `The index name '*' is not valid.`);
  checkKey(key, refuse);
  for (const option of spec.keys()) {
    if (absentOptions.has(option)) throw notThere(`the index option '${option}'`);
    if (!knownOptions.has(option)) {
      throw refuse(197, `The field '${option}' is not valid for an index specification.`);
    }
    if (isIdKey(key) && !idOptions.has(option) && !spec.has('clustered')) {
      if (option === 'hidden' && isSet(spec.get(option))) throw refuse(2, "can't hide _id index");
      throw refuse(197, `The field '${option}' is not valid for an _id index specification.`);
    }
  }
  checkOptions(spec, key, refuse);
  return parseIndexSpec(encodeDocument(withCollation(spec, key, inherited)));
}

/** The specification with its collation spelled out, or without one when strings compare by their bytes. */
function withCollation(
  spec: BsonDocument,
  key: BsonDocument,
  inherited: Collator | undefined,
): BsonDocument {
  const given = spec.get('collation');
  if (isDocument(given) && given.size === 0) {
    throw new ServerError(2, "The field 'collation' cannot be an empty object.");
  }
  const collator = collationArgument(given, inherited);
  if (isIdKey(key) && !Collator.same(collator, inherited)) {
    throw new ServerError(2, 'The _id index must have the same collation as the collection.');
  }
  const result: BsonDocument = new Map(
    [...spec].filter(([name]) => name !== 'collation' && name !== 'dropDups'),
  );
  if (collator === undefined || isIdKey(key)) return result;
  if (isSet(spec.get('unique'))) {
    throw notThere('a unique index with a collation (it can be had with { locale: "simple" })');
  }
  return result.set('collation', collator.specification);
}

type Refuse = (code: number, reason: string) => ServerError;

function checkKey(key: BsonDocument, refuse: Refuse): void {
  if (key.size === 0) throw refuse(67, 'Index keys cannot be empty.');
  if (key.size > mostFields) throw refuse(13103, 'too many compound keys');
  for (const [name, value] of key) {
    if (name === '') throw refuse(67, 'Index keys cannot be an empty field.');
    if (typeof value === 'string') {
      if (value === '') throw refuse(67, 'Values in the index key pattern cannot be empty strings');
      if (indexKinds.has(value)) throw notThere(`the index type '${value}' of '${name}'`);
      throw refuse(67, `Unknown index plugin '${value}'`);
    }
    if (!isNumber(value)) {
      throw refuse(
        67,
        `Values in v:2 index key pattern cannot be of type ${typeName(value)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
      );
    }
    const number = toDouble(value);
    if (Number.isNaN(number)) throw refuse(67, 'Values in the index key pattern cannot be NaN.');
    if (number === 0) throw refuse(67, 'Values in the index key pattern cannot be 0.');
    const parts = name.split('.');
    if (parts.includes('$**')) throw notThere('a wildcard index');
    if (parts.includes('')) throw refuse(67, 'Index keys cannot contain an empty field.');
    // References keep their names.
    const isReference = (part: string, at: number) => at > 0 && /^\$(ref|id|db)$/.test(part);
    if (parts.some((part, at) => part.startsWith('$') && !isReference(part, at))) {
      throw refuse(67, "Index key contains an illegal field name: field name starts with '$'.");
    }
  }
}

/** MongoDB's kinds of indexes beyond the ordered one. */
const indexKinds = new Set(['text', '2d', '2dsphere', 'geoHaystack', 'hashed', 'columnstore']);

function notThere(what: string): ServerError {
  return new ServerError(238, `${what} is not supported`);
}

function checkOptions(spec: BsonDocument, key: BsonDocument, refuse: Refuse): void {
  for (const name of ['unique', 'sparse', 'hidden', 'prepareUnique', 'background']) {
    const value = spec.get(name);
    if (value === undefined || typeof value === 'boolean' || isNumber(value)) continue;
    if (name === 'background') continue;
    throw refuse(
      14,
      `The field '${name}' has value ${showValue(value)}, which is not convertible to bool`,
    );
  }
  if (isSet(spec.get('prepareUnique'))) throw notThere("the index option 'prepareUnique'");
  const version = spec.get('v');
  if (version !== undefined && !isNumber(version)) {
    throw refuse(14, `The field 'v' must be a number, but got ${typeName(version)}`);
  }
  if (isNumber(version) && ![1, 2].includes(toDouble(version))) {
    throw refuse(
      67,
      `Invalid index specification; cannot create an index with v=${showValue(version)}`,
    );
  }
  const filter = spec.get('partialFilterExpression');
  if (filter !== undefined) {
    if (!isDocument(filter)) {
      throw refuse(
        14,
        `The field 'partialFilterExpression' must be an object, but got ${typeName(filter)}`,
      );
    }
    if (isSet(spec.get('sparse'))) {
      throw refuse(67, 'cannot mix "partialFilterExpression" and "sparse" options');
    }
    requirePartialFilter(filter);
  }
  if (spec.has('expireAfterSeconds')) checkExpiry(spec.get('expireAfterSeconds'), key, refuse);
}

function checkExpiry(seconds: BsonValue, key: BsonDocument, refuse: Refuse): void {
  if (!isNumber(seconds)) {
    throw refuse(
      14,
      `The field 'expireAfterSeconds' must be a number, but got ${typeName(seconds)}`,
    );
  }
  if (key.size > 1) {
    throw refuse(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL.');
  }
  requireExpiry(toDouble(seconds));
}

/** Refuses (67) a time after which nothing can expire. */
function requireExpiry(seconds: number): void {
  if (seconds < 0) {
    throw new ServerError(67, "TTL index 'expireAfterSeconds' option cannot be less than 0");
  }
  if (!(seconds <= mostSeconds)) {
    throw new ServerError(
      67,
      `TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different number than ${seconds}`,
    );
  }
}

function documentIn(spec: BsonDocument, name: string): BsonDocument | undefined {
  const value = spec.get(name);
  return isDocument(value) ? value : undefined;
}

function numberOf(value: BsonValue): number {
  return isNumber(value) ? toDouble(value) : 1;
}

function isSet(value: BsonValue): boolean {
  return value === true || (isNumber(value) && toDouble(value) !== 0);
}

function isIdKey(key: BsonDocument): boolean {
  return key.size === 1 && numberOf(key.get('_id') ?? 0) === 1;
}

/** The index as `listIndexes` tells it. */
export function describeIndex({ key, name, bytes }: IndexSpec): EncodableDocument {
  const given = decodeDocument(bytes);
  const rest = [...given].filter(([option]) => !['v', 'key', 'name', 'ns'].includes(option));
  const v = given.get('v');
  return { v: isNumber(v) ? toDouble(v) : 2, key, name, ...Object.fromEntries(rest) };
}

/** How much two specifications have in common. */
export type Likeness =
  /** The same in all that counts, be the name another. */
  | 'same'
  /** The same keys of the same documents, with other options. */
  | 'equivalent'
  | 'different';

/** Compares what indexes hold: their keys, and which documents they leave out. */
export function compareIndexes(a: IndexSpec, b: IndexSpec): Likeness {
  const isSame =
    equalValues(a.key, b.key) &&
    a.unique === b.unique &&
    a.sparse === b.sparse &&
    equalValues(a.partial?.filter, b.partial?.filter) &&
    Collator.same(a.collator, b.collator);
  if (!isSame) return 'different';
  return a.expireAfterSeconds === b.expireAfterSeconds ? 'same' : 'equivalent';
}
