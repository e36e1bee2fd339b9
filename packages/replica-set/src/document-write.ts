/** The single changes that all write commands are made of. */
import { BSONRegExp, ObjectId, Timestamp } from 'bson';
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { typeName } from './bson-order.ts';
import { createOperation } from './catalog.ts';
import { requireCollectionName, requireDatabaseName } from './collection-name.ts';
import { type CollectionOptions, validate } from './collection-options.ts';
import { type CommandContext, flagArgument } from './command.ts';
import type { Match } from './match.ts';
import type { StatementRecord } from './operation.ts';
import type { Readable } from './query.ts';
import { ServerError } from './server-error.ts';
import type { Update } from './update.ts';
import { seedOf } from './updating/upsert-seed.ts';

const maxDocumentBytes = 16 * 1024 * 1024;
/** A stored document is less deep than a message, so that there is room for a command around it. */
const maxStoredDepth = 180;
/** A level takes seven bytes at least. */
const bytesOfTooDeep = maxStoredDepth * 7;
const noOptions = encodeDocument({});

/** The collection, made when it is not there yet. */
export function ensureCollection({ store, state }: CommandContext, namespace: string): Readable {
  const known = store.collection(namespace);
  if (known?.settings.view !== undefined) throw noWritesToViews(namespace);
  if (known !== undefined) return known;
  const database = namespace.slice(0, namespace.indexOf('.'));
  requireCollectionName(database, namespace);
  requireDatabaseName(database, state.catalog.collections());
  store.write(createOperation(namespace, noOptions));
  const made = store.collection(namespace);
  if (made === undefined) throw new ServerError(1, `${namespace} was not made`);
  return made;
}

/** The collection whose documents are to be changed, if it is there; throws 166 for a view. */
export function writableCollection(
  { store }: CommandContext,
  namespace: string,
): Readable | undefined {
  const collection = store.collection(namespace);
  if (collection?.settings.view !== undefined) throw noWritesToViews(namespace);
  return collection;
}

export function noWritesToViews(namespace: string): ServerError {
  return new ServerError(166, `Namespace ${namespace} is a view, not a collection`);
}

/** Inserts a document, its `_id` first and made when missing. */
export function insertDocument(
  context: CommandContext,
  namespace: string,
  bytes: Uint8Array,
  record: StatementRecord | undefined,
): void {
  const given = decodeDocument(bytes);
  const document = prepared(given, context.now);
  const payload = document === given ? bytes : encodeDocument(document);
  checkId(document.get('_id'));
  checkSize(
    payload,
    `object to insert too large. size in bytes: ${payload.length}, max size: ${maxDocumentBytes}`,
  );
  checkDepth(payload, document);
  const { settings } = ensureCollection(context, namespace);
  if (!bypassesValidation(context)) validate(settings, document);
  if (settings.capped !== undefined && context.transaction !== undefined) {
    throw new ServerError(
      263,
      `Collection '${namespace}' is a capped collection. Writes in transactions are not allowed on capped collections.`,
    );
  }
  context.store.write({ kind: 'insert', namespace, payload }, record);
  if (settings.capped !== undefined) dropOldest(context, namespace, settings.capped);
}

/** Deletes the oldest documents of a capped collection until the rest has room. */
function dropOldest(
  { state, store }: CommandContext,
  namespace: string,
  capped: NonNullable<CollectionOptions['capped']>,
): void {
  for (;;) {
    const collection = state.catalog.get(namespace);
    const { count, bytes } = collection?.filling ?? { count: 0, bytes: 0 };
    // The last one stays, as big as it may be.
    if (count <= 1 || (count <= capped.documents && bytes <= capped.bytes)) return;
    const oldest = collection?.oldest();
    if (oldest === undefined) return;
    const payload = encodeDocument({ _id: decodeDocument(oldest.bytes).get('_id') });
    store.write({ kind: 'delete', namespace, payload }, undefined, oldest);
  }
}

/** The document with its `_id` in front, and the time where it has an empty timestamp. */
function prepared(given: BsonDocument, now: Date): BsonDocument {
  const ordered = given.keys().next().value === '_id' ? given : withIdFirst(given);
  return stamped(ordered, now);
}

/** An empty timestamp at the top of a document means the time of the write. */
function stamped(document: BsonDocument, now: Date): BsonDocument {
  let result = document;
  let increment = 0;
  for (const [name, value] of document) {
    if (!(value instanceof Timestamp) || name === '_id' || !value.isZero()) continue;
    if (result === document) result = new Map(document);
    increment += 1;
    result.set(name, new Timestamp({ t: Math.floor(now.getTime() / 1000), i: increment }));
  }
  return result;
}

function withIdFirst(document: BsonDocument): BsonDocument {
  const id = document.has('_id') ? document.get('_id') : new ObjectId();
  return new Map<string, BsonValue>([
    ['_id', id],
    ...[...document].filter(([name]) => name !== '_id'),
  ]);
}

function checkId(id: BsonValue): void {
  if (Array.isArray(id) || id instanceof BSONRegExp || id === undefined) {
    throw new ServerError(53, `The '_id' value cannot be of type ${typeName(id)}`);
  }
  const dollar = isDocument(id) && [...id.keys()].find((name) => /^\$(?!ref$|id$|db$)/.test(name));
  if (typeof dollar === 'string') {
    throw new ServerError(
      52,
      `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`,
    );
  }
}

function bypassesValidation({ command }: CommandContext): boolean {
  return flagArgument(command, 'bypassDocumentValidation');
}

function checkSize(payload: Uint8Array, message: string): void {
  if (payload.length > maxDocumentBytes) throw new ServerError(10334, message);
}

function checkDepth(payload: Uint8Array, document: BsonDocument): void {
  if (payload.length < bytesOfTooDeep || !isDeeper(document, maxStoredDepth)) return;
  throw new ServerError(
    15,
    `cannot store a document that exceeds ${maxStoredDepth} levels of nesting`,
  );
}

function isDeeper(value: BsonValue, levels: number): boolean {
  const inner = isDocument(value) ? value.values() : Array.isArray(value) ? value : undefined;
  if (inner === undefined) return false;
  if (levels === 0) return true;
  for (const each of inner) if (isDeeper(each, levels - 1)) return true;
  return false;
}

/** Writes the successor of a document; false when there is nothing to write. */
export function updateDocument(
  context: CommandContext,
  namespace: string,
  { stored, document }: Match,
  update: Update,
  recordFor: (
    modified: boolean,
    after: BsonDocument,
    payload: Uint8Array,
  ) => StatementRecord | undefined,
): boolean {
  const applied = update.apply(document, false);
  const after = update.kind === 'replace' ? stamped(applied, context.now) : applied;
  const payload = encodeDocument(after);
  const { store } = context;
  const settings = store.collection(namespace)?.settings;
  // What has an _id and nothing else is taken for the same, unless it has to be validated.
  const rewrites = update.rewrites && (after.size > 1 || settings?.validator !== undefined);
  const modified = rewrites === true || Buffer.compare(payload, stored.bytes) !== 0;
  const record = recordFor(modified, after, payload);
  if (modified) {
    checkSize(payload, `Resulting document after update is larger than ${maxDocumentBytes}`);
    checkDepth(payload, after);
    if (settings && !bypassesValidation(context)) validate(settings, after, document);
    store.write({ kind: update.kind, namespace, payload }, record, stored);
  } else if (record !== undefined) {
    // Nothing to change, and yet a repeat has to be known for one.
    store.write({ kind: 'noop', namespace, payload: noOptions }, record);
  }
  return modified;
}

/** Inserts what an upsert makes of its query and update; returns the new document. */
export function upsertDocument(
  context: CommandContext,
  namespace: string,
  query: BsonDocument,
  update: Update,
  recordFor: (inserted: BsonDocument, payload: Uint8Array) => StatementRecord | undefined,
): BsonDocument {
  const inserted = withIdFirst(update.apply(seedOf(query, update.kind === 'replace'), true));
  const payload = encodeDocument(inserted);
  insertDocument(context, namespace, payload, recordFor(inserted, payload));
  return inserted;
}

export function deleteDocument(
  { store }: CommandContext,
  namespace: string,
  { stored, document }: Match,
  record: StatementRecord | undefined,
): void {
  const payload = encodeDocument({ _id: document.get('_id') });
  store.write({ kind: 'delete', namespace, payload }, record, stored);
}
