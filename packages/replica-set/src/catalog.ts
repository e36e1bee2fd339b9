/** The collections of a member, and the one way in which operations change them. */
import { Binary, UUID } from 'bson';
import { decodeDocument } from './bson-decoder.ts';
import { isDocument, RawDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { Collection, type StoredDocument } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';
import { idIndexSpec } from './index-spec.ts';
import type { Operation } from './operation.ts';
import { ServerError } from './server-error.ts';
import { sweepFile } from './sweeping.ts';
import { packUndos, unpackOperations, unpackUndos } from './transaction-entry.ts';

export class Catalog {
  readonly #file: DatabaseFile;
  #collections = new Map<string, Collection>();

  constructor(file: DatabaseFile) {
    this.#file = file;
    this.reload();
  }

  /** Reads the collections again from the file, after writes were undone behind our back. */
  reload(): void {
    const rows = this.#file
      .statement('select id, namespace, uuid, options from collections where dropped_at is null')
      .all();
    this.#collections = new Map(
      rows.map((row) => {
        const collection = new Collection(this.#file, {
          id: Number(row.id),
          namespace: String(row.namespace),
          uuid: row.uuid as Uint8Array,
          options: row.options as Uint8Array,
        });
        return [collection.namespace, collection];
      }),
    );
  }

  get(namespace: string): Collection | undefined {
    return this.#collections.get(namespace);
  }

  *collections(): IterableIterator<Collection> {
    yield* this.#collections.values();
  }

  /**
   * Carries an operation out and returns what `undo` needs to take it back.
   *
   * `found` spares the search for a document that the caller has just read.
   */
  apply(operation: Operation, position: number, found?: StoredDocument): Uint8Array {
    switch (operation.kind) {
      case 'insert': {
        const record = this.#existing(operation).insert(operation.payload);
        return encodeDocument({ record });
      }
      case 'update':
      case 'pipeline':
      case 'replace': {
        const collection = this.#existing(operation);
        const stored = found ?? this.#find(collection, operation);
        collection.replace(stored, operation.payload);
        return undoOf(stored, collection);
      }
      case 'delete': {
        const collection = this.#existing(operation);
        const stored = found ?? this.#find(collection, operation);
        collection.remove(stored);
        return undoOf(stored, collection);
      }
      case 'create':
        this.#create(operation);
        return nothing;
      case 'drop':
        this.#drop(this.#existing(operation), position);
        return nothing;
      case 'collMod': {
        const collection = this.#existing(operation);
        this.#change(collection, { options: operation.payload });
        return collection.options;
      }
      case 'rename': {
        const collection = this.#existing(operation);
        const target = targetOf(operation);
        const dropped = this.#collections.get(target);
        if (dropped !== undefined) this.#drop(dropped, position);
        this.#change(collection, { namespace: target });
        return nothing;
      }
      case 'createIndex':
        this.#existing(operation).addIndex(operation.payload);
        return nothing;
      case 'dropIndex': {
        const name = String(decodeDocument(operation.payload).get('name'));
        const { id, spec } = this.#existing(operation).dropIndex(name);
        return encodeDocument({ id, spec: new RawDocument(spec.bytes) });
      }
      case 'modifyIndex': {
        const how = decodeDocument(operation.payload);
        const bytes = encoded(how.get('spec'));
        const before = this.#existing(operation).changeIndex(String(how.get('name')), bytes);
        return encodeDocument({ spec: new RawDocument(before) });
      }
      case 'transaction':
        return packUndos(
          unpackOperations(operation.payload).map((each) => {
            const { kind, namespace } = each;
            return { kind, namespace, undo: this.apply(each, position) };
          }),
        );
      case 'dropDatabase':
      case 'noop':
        return nothing;
    }
  }

  /** Takes back an operation that was the last one applied. */
  undo(operation: Operation, position: number, undo: Uint8Array): void {
    if (operation.kind === 'transaction') {
      const undos = unpackUndos(undo);
      const parts = unpackOperations(operation.payload);
      for (const [at, part] of [...parts.entries()].reverse()) {
        this.undo(part, position, undos[at]?.undo ?? nothing);
      }
      return;
    }
    const how = decodeDocument(undo);
    const record = Number(how.get('record') ?? 0);
    switch (operation.kind) {
      case 'insert': {
        const collection = this.#existing(operation);
        collection.remove(this.#stored(collection, record));
        return;
      }
      case 'update':
      case 'pipeline':
      case 'replace': {
        const collection = this.#existing(operation);
        collection.replace(this.#stored(collection, record), encoded(how.get('document')));
        return;
      }
      case 'delete':
        this.#existing(operation).insert(encoded(how.get('document')), record);
        return;
      case 'create':
        this.#erase(this.#existing(operation).id);
        this.#collections.delete(operation.namespace);
        return;
      case 'drop':
        this.#takeBack(position, operation.namespace);
        return;
      case 'collMod':
        this.#change(this.#existing(operation), { options: undo });
        return;
      case 'rename': {
        const target = targetOf(operation);
        const collection = this.#existing({ ...operation, namespace: target });
        this.#change(collection, { namespace: operation.namespace });
        this.#takeBack(position, target);
        return;
      }
      case 'createIndex': {
        const { name } = Object.fromEntries(decodeDocument(operation.payload));
        this.#existing(operation).dropIndex(String(name));
        return;
      }
      case 'dropIndex':
        this.#existing(operation).addIndex(encoded(how.get('spec')), Number(how.get('id')));
        return;
      case 'modifyIndex': {
        const name = String(decodeDocument(operation.payload).get('name'));
        this.#existing(operation).changeIndex(name, encoded(how.get('spec')));
        return;
      }
      case 'dropDatabase':
      case 'noop':
    }
  }

  /** Gives up for good what was dropped up to `position`, which can no longer be rolled back; `sweep` erases it. */
  purge(position: number): void {
    const rows = this.#file
      .statement('select id from collections where dropped_at <= ?')
      .all(position);
    if (rows.length === 0) return;
    this.#file.writeAtomically(() => {
      for (const { id } of rows) this.#erase(Number(id));
    });
  }

  /** Erases some of what belongs to no collection and no index; true when there may be more. */
  sweep(count: number): boolean {
    const building = [...this.#collections.values()].flatMap(({ builds }) =>
      builds.map(({ id }) => id),
    );
    return sweepFile(this.#file, new Set(building), count);
  }

  #existing({ namespace }: Operation): Collection {
    const collection = this.#collections.get(namespace);
    if (collection === undefined) throw new ServerError(26, `ns does not exist: ${namespace}`);
    return collection;
  }

  #find(collection: Collection, operation: Operation): StoredDocument {
    const stored = collection.byId(decodeDocument(operation.payload));
    if (stored === undefined) {
      throw new ServerError(
        1,
        `the log changes a document that ${operation.namespace} does not hold`,
      );
    }
    return stored;
  }

  #stored(collection: Collection, record: number): StoredDocument {
    const stored = collection.get(record);
    if (stored === undefined) {
      throw new ServerError(1, `${collection.namespace} lost record ${record}`);
    }
    return stored;
  }

  #create({ namespace, payload }: Operation): void {
    if (this.#collections.has(namespace)) {
      throw new ServerError(48, `Collection ${namespace} already exists.`);
    }
    const spec = decodeDocument(payload);
    const uuid = (spec.get('uuid') as Binary).buffer;
    const options = encoded(spec.get('options'));
    const { lastInsertRowid } = this.#file
      .statement('insert into collections (namespace, uuid, options) values (?, ?, ?)')
      .run(namespace, uuid, options);
    const collection = new Collection(this.#file, {
      id: Number(lastInsertRowid),
      namespace,
      uuid,
      options,
    });
    collection.addIndex(idIndexSpec);
    this.#collections.set(namespace, collection);
  }

  /** Gives a collection another name, or other options. */
  #change(
    { id, namespace, uuid, options }: Collection,
    to: { readonly namespace?: string; readonly options?: Uint8Array },
  ): void {
    const row = { id, namespace, uuid, options, ...to };
    this.#file
      .statement('update collections set namespace = ?, options = ? where id = ?')
      .run(row.namespace, row.options, id);
    this.#collections.delete(namespace);
    this.#collections.set(row.namespace, new Collection(this.#file, row));
  }

  /** Brings back what was dropped at a position. */
  #takeBack(position: number, namespace: string): void {
    this.#file
      .statement('update collections set dropped_at = null where dropped_at = ? and namespace = ?')
      .run(position, namespace);
    this.reload();
  }

  #drop({ id, namespace }: Collection, position: number): void {
    this.#file.statement('update collections set dropped_at = ? where id = ?').run(position, id);
    this.#collections.delete(namespace);
  }

  /** Leaves the documents and keys to be swept. */
  #erase(id: number): void {
    this.#file.statement('delete from indexes where collection = ?').run(id);
    this.#file.statement('delete from collections where id = ?').run(id);
  }
}

const nothing = encodeDocument({});

/** `images` tells change streams that they may show the document. */
function undoOf({ record, bytes }: StoredDocument, { settings }: Collection): Uint8Array {
  const images = settings.keepsImages ? { images: true } : {};
  return encodeDocument({ record, document: new RawDocument(bytes), ...images });
}

/** The namespace that a `rename` leads to. */
function targetOf({ payload }: Operation): string {
  return String(decodeDocument(payload).get('to'));
}

function encoded(value: unknown): Uint8Array {
  return value instanceof Map && isDocument(value) ? encodeDocument(value) : encodeDocument({});
}

/** The operation that makes a collection, with a name of its own. */
export function createOperation(namespace: string, options: Uint8Array): Operation {
  const uuid = new UUID();
  const payload = encodeDocument({
    uuid: new Binary(uuid.buffer, 4),
    options: new RawDocument(options),
  });
  return { kind: 'create', namespace, payload };
}

/** The operation that drops a collection; it tells which it was. */
export function dropOperation({ namespace, uuid }: Collection): Operation {
  return { kind: 'drop', namespace, payload: encodeDocument({ uuid: new Binary(uuid, 4) }) };
}

/** The operation that gives a collection another name, in place of `target` if there is one. */
export function renameOperation(
  namespace: string,
  to: string,
  target: Collection | undefined,
): Operation {
  const dropped = target && { dropped: new Binary(target.uuid, 4) };
  return { kind: 'rename', namespace, payload: encodeDocument({ to, ...dropped }) };
}
