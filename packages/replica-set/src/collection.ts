/** One collection: its documents and its indexes, within the file of a member. */
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument } from './bson-document.ts';
import { type CollectionOptions, readOptions } from './collection-options.ts';
import type { DatabaseFile } from './database-file.ts';
import { type DocumentRows, rowsOf } from './document-rows.ts';
import { duplicateKey } from './duplicate-key.ts';
import { IndexBuild } from './index-build.ts';
import { keysOf } from './index-keys.ts';
import { type IndexSpec, parseIndexSpec } from './index-spec.ts';
import { encodeKey } from './key-string.ts';
import { ServerError } from './server-error.ts';

export interface CollectionIndex {
  readonly id: number;
  spec: IndexSpec;
  /** True once a document had several keys in it: then it yields no order. */
  multikey: boolean;
  /** How often plans were carried out with it, and since when that is counted. */
  readonly accesses: { ops: number; readonly since: Date };
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
  #builds: readonly IndexBuild[] = [];
  #filling: { count: number; bytes: number } | undefined;

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
        accesses: { ops: 0, since: new Date() },
      }));
    const last = file
      .statement('select max(row) as row from documents where row > ? and row < ?')
      .get(this.rows.first, this.rows.end);
    this.#nextRecord = Number(last?.row ?? this.rows.first) - this.rows.first + 1;
  }

  /** Adds a document, at `record` when it returns to its old place; throws 11000 before anything is changed. */
  insert(bytes: Uint8Array, record: number = this.#nextRecord): number {
    const after = decodeDocument(bytes);
    const changes = this.#keyChanges(record, undefined, after);
    this.#file
      .statement('insert into documents (row, document) values (?, ?)')
      .run(this.rows.first + record, bytes);
    this.#applyKeys(record, changes);
    this.#noteInBuilds(record, undefined, after);
    this.#fill(1, bytes.length);
    this.#nextRecord = Math.max(this.#nextRecord, record + 1);
    return record;
  }

  replace(stored: StoredDocument, bytes: Uint8Array): void {
    const { record } = stored;
    const before = decodeDocument(stored.bytes);
    const after = decodeDocument(bytes);
    // An `_id` never changes; what has no other index has no keys to change.
    const changes = this.indexes.length === 1 ? [] : this.#keyChanges(record, before, after);
    this.#file
      .statement('update documents set document = ? where row = ?')
      .run(bytes, this.rows.first + record);
    this.#applyKeys(record, changes);
    this.#noteInBuilds(record, before, after);
    this.#fill(0, bytes.length - stored.bytes.length);
  }

  remove({ record, bytes }: StoredDocument): void {
    const before = decodeDocument(bytes);
    const changes = this.#keyChanges(record, before, undefined);
    this.#file.statement('delete from documents where row = ?').run(this.rows.first + record);
    this.#applyKeys(record, changes);
    this.#noteInBuilds(record, before, undefined);
    this.#fill(-1, -bytes.length);
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

  /** At most `count` of the records that have a key from the first of the bounds up to, and with, the second. */
  recordsBetween(indexId: number, [low, high]: readonly Buffer[], count: number): number[] {
    return this.#file
      .statement(
        'select distinct record from entries where "index" = ? and key >= ? and key <= ? limit ?',
      )
      .all(indexId, low ?? Buffer.alloc(0), high ?? Buffer.alloc(0), count)
      .map(({ record }) => Number(record));
  }

  /** How many documents there are, and their bytes: counted once, and kept from then on. */
  get filling(): { count: number; bytes: number } {
    if (this.#filling === undefined) {
      const row = this.#file
        .statement(
          'select count(*) as count, total(length(document)) as bytes from documents where row > ? and row < ?',
        )
        .get(this.rows.first, this.rows.end);
      this.#filling = { count: Number(row?.count ?? 0), bytes: Number(row?.bytes ?? 0) };
    }
    return this.#filling;
  }

  oldest(): StoredDocument | undefined {
    const row = this.#file
      .statement(
        'select row, document from documents where row > ? and row < ? order by row limit 1',
      )
      .get(this.rows.first, this.rows.end);
    if (row === undefined) return undefined;
    return { record: Number(row.row) - this.rows.first, bytes: row.document as Uint8Array };
  }

  #fill(count: number, bytes: number): void {
    if (this.#filling === undefined) return;
    this.#filling.count += count;
    this.#filling.bytes += bytes;
  }

  /** Begins to build an index beside the writes that go on; `addIndex` adopts it when it is done. */
  beginIndex(bytes: Uint8Array, mostKeys?: number): IndexBuild {
    // The number is used up for good, so that no other index finds what is left of a build.
    const { lastInsertRowid } = this.#file
      .statement('insert into indexes (collection, spec) values (?, ?)')
      .run(this.id, bytes);
    this.#file.statement('delete from indexes where id = ?').run(lastInsertRowid);
    const spec = parseIndexSpec(bytes);
    const build = new IndexBuild(this.#file, this, Number(lastInsertRowid), spec, mostKeys);
    this.#builds = [...this.#builds, build];
    return build;
  }

  get builds(): readonly IndexBuild[] {
    return this.#builds;
  }

  abandonIndex(build: IndexBuild): void {
    this.#builds = this.#builds.filter((each) => each !== build);
  }

  /**
   * Adds an index: one whose build is done, or else one built at once, under `id`
   * when it returns to its old place. Throws what forbids it.
   */
  addIndex(bytes: Uint8Array, id?: number): CollectionIndex {
    const spec = parseIndexSpec(bytes);
    if (this.indexes.some((index) => index.spec.name === spec.name)) {
      throw new ServerError(86, `an index named ${spec.name} is there already`);
    }
    let build = this.#builds.find(
      (each) => each.done && Buffer.compare(each.spec.bytes, bytes) === 0,
    );
    if (build === undefined) {
      if (id !== undefined) this.#file.statement('delete from entries where "index" = ?').run(id);
      build =
        id === undefined ? this.beginIndex(bytes) : new IndexBuild(this.#file, this, id, spec);
      try {
        build.step(Number.POSITIVE_INFINITY);
      } finally {
        this.abandonIndex(build);
      }
    } else this.abandonIndex(build);
    const { multikey } = build;
    this.#file
      .statement('insert into indexes (id, collection, spec, multikey) values (?, ?, ?, ?)')
      .run(build.id, this.id, bytes, multikey ? 1 : 0);
    const accesses = { ops: 0, since: new Date() };
    const index: CollectionIndex = { id: build.id, spec, multikey, accesses };
    this.indexes.push(index);
    return index;
  }

  /** Takes an index away; its keys are left to be swept. */
  dropIndex(name: string): CollectionIndex {
    const at = this.indexes.findIndex(({ spec }) => spec.name === name);
    const [index] = at < 0 ? [] : this.indexes.splice(at, 1);
    if (index === undefined) throw new ServerError(27, `index not found with name [${name}]`);
    this.#file.statement('delete from indexes where id = ?').run(index.id);
    return index;
  }

  /** Gives an index another specification on the same keys; returns the one before. */
  changeIndex(name: string, bytes: Uint8Array): Uint8Array {
    const index = this.indexes.find(({ spec }) => spec.name === name);
    if (index === undefined) throw new ServerError(27, `index not found with name [${name}]`);
    const before = index.spec.bytes;
    this.#file.statement('update indexes set spec = ? where id = ?').run(bytes, index.id);
    index.spec = parseIndexSpec(bytes);
    return before;
  }

  #idIndex(): CollectionIndex {
    const [index] = this.indexes;
    if (index === undefined) throw new ServerError(1, `${this.namespace} has no _id index`);
    return index;
  }

  #noteInBuilds(
    record: number,
    before: BsonDocument | undefined,
    after: BsonDocument | undefined,
  ): void {
    for (const build of this.#builds) build.note(record, before, after);
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
        if (taken) throw duplicateKey(this.namespace, index.spec, after, key);
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
