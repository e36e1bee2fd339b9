/** What a collection was made with, or changed to: read from its stored options. */
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, type BsonValue, isDocument, showValue } from './bson-document.ts';
import { isNumber, toDouble } from './bson-order.ts';
import { type Collator, collationArgument } from './collator.ts';
import { documentArgument } from './command.ts';
import type { ExpressionScope } from './expression.ts';
import { compileQuery, type Predicate } from './matcher.ts';
import { ServerError } from './server-error.ts';
import { explainFailure } from './validation-failure.ts';

export interface CollectionOptions {
  /** Set for a view: the collection, of the same database, that it shows through a pipeline. */
  readonly view: { readonly on: string; readonly pipeline: readonly BsonValue[] } | undefined;
  /** Set for a collection stored by its `_id`; the index on it has this description. */
  readonly clustered: BsonDocument | undefined;
  /** Change streams may show documents as they were before and after a change. */
  readonly keepsImages: boolean;
  readonly validator: Validator | undefined;
  /** Set for a collection that loses its oldest documents when it holds more than this. */
  readonly capped: { readonly bytes: number; readonly documents: number } | undefined;
  /** How strings compare where a command does not say; nothing is by their bytes. */
  readonly collator: Collator | undefined;
}

interface Validator {
  readonly specification: BsonDocument;
  readonly scope: ExpressionScope;
  readonly test: Predicate;
  /** `moderate` lets a document that does not pass already be updated. */
  readonly level: 'strict' | 'moderate';
}

/** What `create` takes. */
export const optionNames: readonly string[] = [
  'capped',
  'size',
  'max',
  'viewOn',
  'pipeline',
  'clusteredIndex',
  'changeStreamPreAndPostImages',
  'validator',
  'validationLevel',
  'validationAction',
  'collation',
];

/** The options among a command's arguments; throws before anything is made of them. */
export function pickOptions(command: BsonDocument): BsonDocument {
  requireObjects(command, ['validator', 'changeStreamPreAndPostImages']);
  const collation = command.get('collation');
  if (isDocument(collation) && collation.size === 0) {
    throw new ServerError(
      40414,
      "BSON field 'create.collation.locale' is missing but a required field",
    );
  }
  const options: BsonDocument = new Map();
  for (const name of optionNames) {
    const value = command.get(name);
    if (value !== undefined && value !== null) options.set(name, value);
  }
  const clustered = options.get('clusteredIndex');
  if (isDocument(clustered)) options.set('clusteredIndex', clusteredOf(clustered));
  if (options.get('capped') === false) options.delete('capped');
  const size = options.get('size');
  if (options.has('capped') && isNumber(size)) options.set('size', roundedSize(toDouble(size)));
  requireOptions(options);
  const { collator } = parseOptions(options);
  if (collator === undefined) options.delete('collation');
  else options.set('collation', collator.specification);
  return options;
}

/** The options that `collMod` changes, of a collection that has others; throws before anything is made of them. */
export function pickChanges(command: BsonDocument, { capped }: CollectionOptions): BsonDocument {
  requireObjects(command, ['validator', 'changeStreamPreAndPostImages']);
  const changes: BsonDocument = new Map();
  for (const name of changeable) {
    const value = command.get(name);
    if (value !== undefined && value !== null) changes.set(name, value);
  }
  for (const [name, option] of [
    ['cappedSize', 'size'],
    ['cappedMax', 'max'],
  ] as const) {
    const value = command.get(name);
    if (value === undefined) continue;
    if (capped === undefined) throw new ServerError(72, 'Collection must be capped.');
    if (!isNumber(value)) throw new ServerError(14, `'${name}' has to be a number`);
    changes.set(option, option === 'size' ? roundedSize(toDouble(value)) : value);
  }
  parseOptions(changes);
  return changes;
}

function requireObjects(command: BsonDocument, names: readonly string[]): void {
  for (const name of names) documentArgument(command, name);
}

const changeable = [
  'viewOn',
  'pipeline',
  'changeStreamPreAndPostImages',
  'validator',
  'validationLevel',
  'validationAction',
];

const smallestCap = 4096;
const largestCap = 2 ** 50;

/** As MongoDB rounds the size of a capped collection. */
function roundedSize(bytes: number): number {
  if (!(bytes > 0 && bytes <= largestCap)) {
    throw new ServerError(
      51024,
      `BSON field 'size' value must be > 0 and <= ${largestCap}, actual value '${bytes}'`,
    );
  }
  return Math.max(smallestCap, Math.ceil(bytes / 256) * 256);
}

function requireOptions(options: BsonDocument): void {
  const isCapped = options.get('capped') === true;
  if (isCapped && !options.has('size')) {
    throw new ServerError(72, "the 'size' field is required when 'capped' is true");
  }
  if (!isCapped && (options.has('size') || options.has('max'))) {
    throw new ServerError(
      72,
      "the 'capped' field needs to be true when either the 'size' or 'max' fields are present",
    );
  }
  if (isCapped && (options.has('viewOn') || options.has('clusteredIndex'))) {
    throw new ServerError(72, 'a view or a clustered collection cannot be capped');
  }
  if (options.has('viewOn') && options.has('validator')) {
    throw new ServerError(72, 'option not supported on a view: validator');
  }
}

export function readOptions(bytes: Uint8Array): CollectionOptions {
  return parseOptions(decodeDocument(bytes));
}

function parseOptions(options: BsonDocument): CollectionOptions {
  const on = options.get('viewOn');
  const pipeline = options.get('pipeline');
  const clustered = options.get('clusteredIndex');
  const images = options.get('changeStreamPreAndPostImages');
  const collator = collationArgument(options.get('collation'), undefined);
  if (on !== undefined && (typeof on !== 'string' || on === '')) {
    throw new ServerError(2, "'viewOn' has to name a collection");
  }
  if (pipeline !== undefined && on === undefined) {
    throw new ServerError(72, "'pipeline' requires 'viewOn' to also be specified");
  }
  return {
    view: on === undefined ? undefined : { on, pipeline: Array.isArray(pipeline) ? pipeline : [] },
    clustered: isDocument(clustered) ? clustered : undefined,
    keepsImages: isDocument(images) && images.get('enabled') === true,
    capped: cappedOf(options),
    validator: validatorOf(options, collator),
    collator,
  };
}

function cappedOf(options: BsonDocument): CollectionOptions['capped'] {
  if (options.get('capped') !== true) return undefined;
  const [bytes = 0, documents = 0] = ['size', 'max'].map((name) => {
    const value = options.get(name);
    return isNumber(value) ? toDouble(value) : 0;
  });
  return { bytes, documents: documents > 0 ? documents : Number.POSITIVE_INFINITY };
}

function clusteredOf(spec: BsonDocument): BsonDocument {
  const key = spec.get('key');
  const byId = isDocument(key) && key.size === 1 && Number(key.get('_id')) === 1;
  if (!byId || spec.get('unique') !== true) {
    throw new ServerError(
      197,
      `a clusteredIndex is { key: { _id: 1 }, unique: true }, not ${showValue(spec)}`,
    );
  }
  return new Map<string, BsonValue>([
    ['v', 2],
    ['key', key],
    ['name', spec.get('name') ?? '_id_'],
    ['unique', true],
  ]);
}

function validatorOf(options: BsonDocument, collator: Collator | undefined): Validator | undefined {
  const specification = options.get('validator');
  const level = options.get('validationLevel') ?? 'strict';
  const action = options.get('validationAction') ?? 'error';
  if (level !== 'strict' && level !== 'moderate' && level !== 'off') {
    throw new ServerError(2, `'validationLevel' is strict, moderate or off, not ${String(level)}`);
  }
  if (action !== 'error' && action !== 'warn') {
    throw new ServerError(2, `'validationAction' is error or warn, not ${String(action)}`);
  }
  if (!isDocument(specification) || specification.size === 0) return undefined;
  const scope: ExpressionScope = { now: new Date(0), collator };
  const test = compileQuery(specification, scope);
  return level === 'off' || action === 'warn' ? undefined : { specification, scope, test, level };
}

/** Throws 121 when the validator does not let the document become what it is after the change. */
export function validate(
  { validator }: CollectionOptions,
  after: BsonDocument,
  before?: BsonDocument,
): void {
  if (validator === undefined || validator.test(after)) return;
  const { level, specification, scope, test } = validator;
  if (level === 'moderate' && before !== undefined && !test(before)) return;
  throw new ServerError(121, 'Document failed validation', {
    errInfo: {
      failingDocumentId: after.get('_id'),
      details: explainFailure(specification, after, scope),
    },
  });
}
