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
import { createOperation, dropOperation, renameOperation } from '../catalog.ts';
import type { Collection } from '../collection.ts';
import { pickOptions } from '../collection-options.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
  refuseArguments,
} from '../command.ts';
import { ensureCollection, noWritesToViews } from '../document-write.ts';
import { describeIndex, parseIndexSpec } from '../index-spec.ts';
import { compileQuery } from '../matcher.ts';
import type { Readable } from '../query.ts';
import { ServerError } from '../server-error.ts';

const nothing = encodeDocument({});

const notThere = [
  'capped',
  'timeseries',
  'expireAfterSeconds',
  'encryptedFields',
  'index',
  'cappedSize',
  'cappedMax',
];

/** What a collection is made with, once for all. */
const fixed = new Set(['clusteredIndex', 'collation']);

const create: Command = {
  kind: 'write',
  run(context) {
    const { command, store } = context;
    refuseArguments(command, notThere);
    const options = encodeDocument(pickOptions(command));
    const namespace = namespaceOf(context);
    const known = store.collection(namespace);
    // The same again is no error.
    if (known !== undefined && Buffer.compare(known.options, options) === 0) return { ok: 1 };
    store.write(createOperation(namespace, options));
    return { ok: 1 };
  },
};

const collMod: Command = {
  kind: 'write',
  run(context) {
    const { command, store } = context;
    refuseArguments(command, notThere);
    const namespace = namespaceOf(context);
    const collection = existing(context, namespace);
    const changes = pickOptions(command);
    const isView = collection.settings.view !== undefined;
    for (const name of changes.keys()) {
      if (fixed.has(name) || isView !== (name === 'viewOn' || name === 'pipeline')) {
        throw new ServerError(72, `collMod cannot change '${name}' of ${namespace}`);
      }
    }
    const payload = encodeDocument(new Map([...decodeDocument(collection.options), ...changes]));
    store.write({ kind: 'collMod', namespace, payload });
    return { ok: 1 };
  },
};

const renameCollection: Command = {
  kind: 'write',
  run(context) {
    const { command, state, database } = context;
    const from = command.get('renameCollection');
    const to = command.get('to');
    if (database !== 'admin') {
      throw new ServerError(13, 'renameCollection may only be run against the admin database.');
    }
    if (typeof from !== 'string' || typeof to !== 'string' || !/^[^.]+\../.test(to)) {
      throw new ServerError(73, `Invalid namespace specified: ${String(from)} to ${String(to)}`);
    }
    if (from.split('.')[0] !== to.split('.')[0]) {
      throw new ServerError(238, 'renaming into another database is not there yet');
    }
    if (from === to) throw new ServerError(20, "Can't rename a collection to itself");
    if (existing(context, from).settings.view) throw noWritesToViews(from);
    const target = state.catalog.get(to);
    if (target !== undefined && !flagArgument(command, 'dropTarget')) {
      throw new ServerError(48, 'target namespace exists');
    }
    state.present.claimCollection(to);
    context.store.write(renameOperation(from, to, target));
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
    context.store.write(dropOperation(collection));
    return { nIndexesWas, ns: namespace, ok: 1 };
  },
};

const dropDatabase: Command = {
  kind: 'write',
  run({ state, store, database }) {
    const doomed = collectionsOf(state.catalog.collections(), database);
    for (const { namespace } of doomed) state.present.claimCollection(namespace);
    for (const collection of doomed) store.write(dropOperation(collection));
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
    const described = collectionsOf(state.catalog.collections(), database).map((collection) =>
      describeCollection(collection, collection.namespace.slice(database.length + 1)),
    );
    const passing = described.filter((each) => test(decodeDocument(encodeDocument(each))));
    return wholeCursor(
      `${database}.$cmd.listCollections`,
      flagArgument(command, 'nameOnly')
        ? passing.map(({ name, type }) => ({ name, type }))
        : passing,
    );
  },
};

function describeCollection(
  { options, settings, uuid }: Collection,
  name: string,
): EncodableDocument & { name: string; type: string } {
  const told = new RawDocument(options);
  if (settings.view !== undefined) {
    return { name, type: 'view', options: told, info: { readOnly: true } };
  }
  return {
    name,
    type: 'collection',
    options: told,
    info: { readOnly: false, uuid: new Binary(uuid, 4) },
    ...(!settings.clustered && { idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } }),
  };
}

const listIndexes: Command = {
  kind: 'read',
  run(context) {
    const namespace = namespaceOf(context);
    const { indexes, settings } = existing(context, namespace);
    if (settings.view !== undefined) throw noWritesToViews(namespace);
    const { clustered } = settings;
    const described = indexes.map(({ spec }) =>
      clustered !== undefined && spec.name === '_id_'
        ? { ...Object.fromEntries(clustered), clustered: true }
        : describeIndex(spec),
    );
    return wholeCursor(namespace, described);
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
  collMod,
  renameCollection,
  createIndexes,
  dropIndexes,
  drop,
  dropDatabase,
  listCollections,
  listIndexes,
  listDatabases,
};
