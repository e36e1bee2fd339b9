/** One collection: its documents and its indexes, within the file of a member. */
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, showValue } from './bson-document.ts';
import { type CollectionOptions, readOptions } from './collection-options.ts';
import type { DatabaseFile } from './database-file.ts';
import { type DocumentRows, rowsOf } from './document-rows.ts';
import { valueAt } from './field-path.ts';
import { type IndexSpec, keysOf, parseIndexSpec } from './index-spec.ts';
import { encodeKey } from './key-string.ts';
import { ServerError } from './server-error.ts';

export interface CollectionIndex {
  readonly id: number;
  readonly spec: IndexSpec;
  /** True once a document had several keys in it: then it yields no order. */
  multikey: boolean;
}

export interface StoredDocument {
  readonly record: number;
  readonly bytes: Uint8Array;
}

export class Collection {
  readonly id: number;
  readonly namespace: string;
  readonly uuid: Uint8Array;
  readonly options: Uint8Array;
  /** What `options` say. */
  readonly settings: CollectionOptions;
  readonly indexes: CollectionIndex[];
  /** Where its documents lie. */
  readonly rows: DocumentRows;
  readonly #file: DatabaseFile;
  #nextRecord: number;

  constructor(
    file: DatabaseFile,
    row: { id: number; namespace: string; uuid: Uint8Array; options: Uint8Array },
  ) {
    this.#file = file;
    this.id = row.id;
    this.namespace = row.namespace;
    this.uuid = row.uuid;
    this.options = row.options;
    this.settings = readOptions(row.options);
    this.rows = rowsOf(row.id);
    this.indexes = file
      .statement('select id, spec, multikey from indexes where collection = ? order by id')
      .all(row.id)
      .map(({ id, spec, multikey }) => ({
        id: Number(id),
        spec: parseIndexSpec(spec as Uint8Array),
        multikey: multikey === 1,
      }));
    const last = file
      .statement('select max(row) as row from documents where row > ? and row < ?')
      .get(this.rows.first, this.rows.end);
    this.#nextRecord = Number(last?.row ?? this.rows.first) - this.rows.first + 1;
  }

  /** Adds a document, at `record` when it returns to its old place; throws 11000 before anything is changed. */
  insert(bytes: Uint8Array, record: number = this.#nextRecord): number {
    const changes = this.#keyChanges(record, undefined, decodeDocument(bytes));
    this.#file
      .statement('insert into documents (row, document) values (?, ?)')
      .run(this.rows.first + record, bytes);
    this.#applyKeys(record, changes);
    this.#nextRecord = Math.max(this.#nextRecord, record + 1);
    return record;
  }

  replace({ record, bytes: before }: StoredDocument, bytes: Uint8Array): void {
    // An `_id` never changes; what has no other index has no keys to change.
    const changes =
      this.indexes.length === 1
        ? []
        : this.#keyChanges(record, decodeDocument(before), decodeDocument(bytes));
    this.#file
      .statement('update documents set document = ? where row = ?')
      .run(bytes, this.rows.first + record);
    this.#applyKeys(record, changes);
  }

  remove({ record, bytes }: StoredDocument): void {
    const changes = this.#keyChanges(record, decodeDocument(bytes), undefined);
    this.#file.statement('delete from documents where row = ?').run(this.rows.first + record);
    this.#applyKeys(record, changes);
  }

  get(record: number): StoredDocument | undefined {
    const row = this.#file
      .statement('select document from documents where row = ?')
      .get(this.rows.first + record);
    return row === undefined ? undefined : { record, bytes: row.document as Uint8Array };
  }

  /** How many documents there are. */
  count(): number {
    const row = this.#file
      .statement('select count(*) as count from documents where row > ? and row < ?')
      .get(this.rows.first, this.rows.end);
    return Number(row?.count ?? 0);
  }

  /** The document of this `_id`. */
  byId(document: BsonDocument): StoredDocument | undefined {
    const [record] = this.recordsOf(this.#idIndex(), encodeKey([document.get('_id')]));
    return record === undefined ? undefined : this.get(record);
  }

  /** The records with exactly this key. */
  recordsOf(index: CollectionIndex, key: Uint8Array): number[] {
    return this.#file
      .statement('select record from entries where "index" = ? and key = ?')
      .all(index.id, key)
      .map(({ record }) => Number(record));
  }

  /** Makes an index, under `id` when it returns to its old place; throws 11000 when the documents forbid it. */
  addIndex(bytes: Uint8Array, id?: number): CollectionIndex {
    const spec = parseIndexSpec(bytes);
    if (this.indexes.some((index) => index.spec.name === spec.name)) {
      throw new ServerError(86, `an index named ${spec.name} is there already`);
    }
    const { lastInsertRowid } = this.#file
      .statement('insert into indexes (id, collection, spec) values (?, ?, ?)')
      .run(id ?? null, this.id, bytes);
    const index: CollectionIndex = { id: Number(lastInsertRowid), spec, multikey: false };
    const rows = this.#file
      .statement('select row, document from documents where row > ? and row < ?')
      .iterate(this.rows.first, this.rows.end);
    for (const { row, document } of rows) {
      const after = decodeDocument(document as Uint8Array);
      const record = Number(row) - this.rows.first;
      this.#applyKeys(record, [this.#changesIn(index, record, undefined, after)]);
    }
    this.indexes.push(index);
    return index;
  }

  dropIndex(name: string): CollectionIndex {
    const at = this.indexes.findIndex(({ spec }) => spec.name === name);
    const [index] = at < 0 ? [] : this.indexes.splice(at, 1);
    if (index === undefined) throw new ServerError(27, `index not found with name [${name}]`);
    this.#file.statement('delete from entries where "index" = ?').run(index.id);
    this.#file.statement('delete from indexes where id = ?').run(index.id);
    return index;
  }

  #idIndex(): CollectionIndex {
    const [index] = this.indexes;
    if (index === undefined) throw new ServerError(1, `${this.namespace} has no _id index`);
    return index;
  }

  #keyChanges(
    record: number,
    before: BsonDocument | undefined,
    after: BsonDocument | undefined,
  ): KeyChanges[] {
    return this.indexes.map((index) => this.#changesIn(index, record, before, after));
  }

  /** What has to change in one index; throws when a unique key is taken by another document. */
  #changesIn(
    index: CollectionIndex,
    record: number,
    before: BsonDocument | undefined,
    after: BsonDocument | undefined,
  ): KeyChanges {
    const old = before === undefined ? [] : keysOf(index.spec, before).keys;
    const { keys, multikey } =
      after === undefined ? { keys: [], multikey: false } : keysOf(index.spec, after);
    const removed = old.filter((key) => !keys.some((other) => other.equals(key)));
    const added = keys.filter((key) => !old.some((other) => other.equals(key)));
    if (index.spec.unique && after !== undefined) {
      for (const key of added) {
        const taken = this.recordsOf(index, key).some((other) => other !== record);
        if (taken) throw duplicateKey(this.namespace, index.spec, after);
      }
    }
    return { index, removed, added, multikey };
  }

  #applyKeys(record: number, changes: readonly KeyChanges[]): void {
    for (const { index, removed, added, multikey } of changes) {
      for (const key of removed) {
        this.#file
          .statement('delete from entries where "index" = ? and key = ? and record = ?')
          .run(index.id, key, record);
      }
      for (const key of added) {
        this.#file
          .statement('insert into entries ("index", key, record) values (?, ?, ?)')
          .run(index.id, key, record);
      }
      if (multikey && !index.multikey) {
        index.multikey = true;
        this.#file.statement('update indexes set multikey = 1 where id = ?').run(index.id);
      }
    }
  }
}

interface KeyChanges {
  readonly index: CollectionIndex;
  readonly removed: readonly Buffer[];
  readonly added: readonly Buffer[];
  readonly multikey: boolean;
}

/** The error for a document whose unique key another one has. */
export function duplicateKey(
  namespace: string,
  spec: IndexSpec,
  document: BsonDocument,
): ServerError {
  const values = spec.fields.map(
    ({ name, path }) => [name, valueAt(document, path) ?? null] as const,
  );
  const shown = values.map(([name, value]) => `${name}: ${showValue(value)}`);
  return new ServerError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${spec.name} dup key: { ${shown.join(', ')} }`,
    {
      keyPattern: Object.fromEntries(spec.fields.map(({ name, direction }) => [name, direction])),
      keyValue: new Map(values),
    },
  );
}
