/** Collections, databases and indexes: made, listed and dropped. */
import { Binary } from 'bson';
import { decodeDocument } from '../bson-decoder.ts';
import {
  type BsonDocument,
  type EncodableDocument,
  isDocument,
  RawDocument,
} from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { createOperation } from '../catalog.ts';
import type { Collection } from '../collection.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
  refuseArguments,
} from '../command.ts';
import { ensureCollection } from '../document-write.ts';
import { describeIndex, parseIndexSpec } from '../index-spec.ts';
import { compileQuery } from '../matcher.ts';
import type { Readable } from '../query.ts';
import { ServerError } from '../server-error.ts';

const nothing = encodeDocument({});

const create: Command = {
  kind: 'write',
  run(context) {
    refuseArguments(context.command, [
      'capped',
      'timeseries',
      'clusteredIndex',
      'viewOn',
      'validator',
      'collation',
      'expireAfterSeconds',
      'changeStreamPreAndPostImages',
      'encryptedFields',
    ]);
    context.store.write(createOperation(namespaceOf(context), nothing));
    return { ok: 1 };
  },
};

const createIndexes: Command = {
  kind: 'write',
  run(context) {
    const { store, command } = context;
    const namespace = namespaceOf(context);
    const before = store.collection(namespace);
    const specs = arrayArgument(command, 'indexes').map((spec) => {
      if (!isDocument(spec)) throw new ServerError(14, 'an index is specified by an object');
      const bytes = encodeDocument(spec);
      return { bytes, spec: parseIndexSpec(bytes) };
    });
    const collection = ensureCollection(context, namespace);
    const numIndexesBefore = before === undefined ? 1 : collection.indexes.length;
    for (const { bytes, spec } of specs) {
      if (isThere(collection, spec)) continue;
      store.write({ kind: 'createIndex', namespace, payload: bytes });
    }
    return {
      numIndexesBefore,
      numIndexesAfter: collection.indexes.length,
      createdCollectionAutomatically: before === undefined,
      ok: 1,
    };
  },
};

/** True for the same index again; throws for another one of the same name or on the same keys. */
function isThere({ indexes }: Readable, wanted: ReturnType<typeof parseIndexSpec>): boolean {
  const keyOf = ({ fields }: typeof wanted) =>
    fields.map(({ name, direction }) => `${name}:${direction}`).join();
  for (const { spec } of indexes) {
    if (spec.name !== wanted.name && keyOf(spec) !== keyOf(wanted)) continue;
    const same =
      keyOf(spec) === keyOf(wanted) &&
      spec.unique === wanted.unique &&
      spec.sparse === wanted.sparse;
    if (same && (spec.name === wanted.name || spec.name === '_id_')) return true;
    if (spec.name === wanted.name) {
      throw new ServerError(
        86,
        `An existing index has the same name as the requested index: ${wanted.name}`,
      );
    }
    throw new ServerError(85, `Index already exists with a different name: ${spec.name}`);
  }
  return false;
}

const dropIndexes: Command = {
  kind: 'write',
  run(context) {
    const { command } = context;
    const namespace = namespaceOf(context);
    const collection = existing(context, namespace);
    const nIndexesWas = collection.indexes.length;
    const given = command.get('index');
    const names =
      given === '*'
        ? collection.indexes.slice(1).map(({ spec }) => spec.name)
        : (Array.isArray(given) ? given : [given]).map((each) => indexName(collection, each));
    for (const name of names) {
      if (name === '_id_') throw new ServerError(72, 'cannot drop _id index');
      if (!collection.indexes.some(({ spec }) => spec.name === name)) {
        throw new ServerError(27, `index not found with name [${name}]`);
      }
      context.store.write({ kind: 'dropIndex', namespace, payload: encodeDocument({ name }) });
    }
    return { nIndexesWas, ok: 1 };
  },
};

function indexName(collection: Collection, given: unknown): string {
  if (typeof given === 'string') return given;
  if (!(given instanceof Map))
    throw new ServerError(14, 'an index is named by a string or by its keys');
  const wanted = [...(given as BsonDocument)].map(([name, way]) => `${name}:${Number(way)}`).join();
  const found = collection.indexes.find(
    ({ spec }) =>
      spec.fields.map(({ name, direction }) => `${name}:${direction}`).join() === wanted,
  );
  if (found === undefined) throw new ServerError(27, `can't find index with key: ${wanted}`);
  return found.spec.name;
}

const drop: Command = {
  kind: 'write',
  run(context) {
    const namespace = namespaceOf(context);
    const collection = context.state.catalog.get(namespace);
    if (collection === undefined) return { ok: 1 };
    const nIndexesWas = collection.indexes.length;
    context.store.write({ kind: 'drop', namespace, payload: nothing });
    return { nIndexesWas, ns: namespace, ok: 1 };
  },
};

const dropDatabase: Command = {
  kind: 'write',
  run({ state, store, database }) {
    const doomed = collectionsOf(state.catalog.collections(), database);
    for (const { namespace } of doomed) state.present.claimCollection(namespace);
    for (const { namespace } of doomed) store.write({ kind: 'drop', namespace, payload: nothing });
    if (doomed.length > 0) {
      const namespace = `${database}.$cmd`;
      store.write({ kind: 'dropDatabase', namespace, payload: nothing });
    }
    return doomed.length > 0 ? { dropped: database, ok: 1 } : { ok: 1 };
  },
};

function collectionsOf(collections: Iterable<Collection>, database: string): Collection[] {
  return [...collections].filter(({ namespace }) => namespace.startsWith(`${database}.`));
}

function existing({ state }: CommandContext, namespace: string): Collection {
  const collection = state.catalog.get(namespace);
  if (collection === undefined) throw new ServerError(26, `ns does not exist: ${namespace}`);
  return collection;
}

function wholeCursor(
  namespace: string,
  documents: readonly EncodableDocument[],
): EncodableDocument {
  return { cursor: { firstBatch: documents, id: 0n, ns: namespace }, ok: 1 };
}

const listCollections: Command = {
  kind: 'read',
  run({ state, database, command, now }) {
    const test = compileQuery(documentArgument(command, 'filter'), { now });
    const described = collectionsOf(state.catalog.collections(), database).map((collection) => ({
      name: collection.namespace.slice(database.length + 1),
      type: 'collection',
      options: new RawDocument(collection.options),
      info: { readOnly: false, uuid: new Binary(collection.uuid, 4) },
      idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
    }));
    const passing = described.filter((each) => test(decodeDocument(encodeDocument(each))));
    return wholeCursor(
      `${database}.$cmd.listCollections`,
      flagArgument(command, 'nameOnly')
        ? passing.map(({ name, type }) => ({ name, type }))
        : passing,
    );
  },
};

const listIndexes: Command = {
  kind: 'read',
  run(context) {
    const namespace = namespaceOf(context);
    const { indexes } = existing(context, namespace);
    return wholeCursor(
      namespace,
      indexes.map(({ spec }) => describeIndex(spec)),
    );
  },
};

const listDatabases: Command = {
  kind: 'read',
  run({ state, command, now }) {
    const test = compileQuery(documentArgument(command, 'filter'), { now });
    const names = new Set(
      [...state.catalog.collections()].map(({ namespace }) => namespace.split('.')[0] ?? ''),
    );
    const databases = [...names]
      .sort()
      .map((name) => ({ name, sizeOnDisk: 0n, empty: false }))
      .filter((each) => test(decodeDocument(encodeDocument(each))));
    return flagArgument(command, 'nameOnly')
      ? { databases: databases.map(({ name }) => ({ name })), ok: 1 }
      : { databases, totalSize: 0n, totalSizeMb: 0n, ok: 1 };
  },
};

export const catalogCommands: Readonly<Record<string, Command>> = {
  create,
  createIndexes,
  dropIndexes,
  drop,
  dropDatabase,
  listCollections,
  listIndexes,
  listDatabases,
};
