/** Collections and databases: made, changed, listed and dropped. */
import { Binary } from 'bson';
import { decodeDocument } from '../bson-decoder.ts';
import { type EncodableDocument, isDocument, RawDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { createOperation, dropOperation, renameOperation } from '../catalog.ts';
import type { Collection } from '../collection.ts';
import { requireCollectionName, requireDatabaseName } from '../collection-name.ts';
import { optionNames, pickChanges, pickOptions } from '../collection-options.ts';
import {
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
  refuseArguments,
  requireFields,
} from '../command.ts';
import { noWritesToViews } from '../document-write.ts';
import { footprintOf } from '../footprint.ts';
import { compileQuery } from '../matcher.ts';
import { ServerError } from '../server-error.ts';
import { requireViewPipeline, requireViewSources } from '../view-definition.ts';
import { wholeCursor } from './cursor-reply.ts';
import { modifyIndex } from './index-commands.ts';
import { collectionsOf, existingCollection } from './known-collection.ts';

const nothing = encodeDocument({});

const createFields = [
  ...optionNames,
  'idIndex',
  'autoIndexId',
  'storageEngine',
  'indexOptionDefaults',
  'flags',
  'temp',
];

const create: Command = {
  kind: 'write',
  run(context) {
    const { command, store, database, state } = context;
    requireFields(context, [...createFields, ...createdNotYet]);
    refuseArguments(command, createdNotYet);
    const namespace = namespaceOf(context);
    requireCollectionName(database, namespace);
    requireDatabaseName(database, state.catalog.collections());
    const picked = pickOptions(command);
    if (picked.has('validator') && ownDatabases.includes(database)) {
      throw new ServerError(
        72,
        `Document validators are not allowed on collection ${namespace} in the ${database} database`,
      );
    }
    requireViewPipeline(picked, database);
    requireViewSources(state.catalog, namespace, picked);
    const options = encodeDocument(picked);
    const known = store.collection(namespace);
    // The same again is no error.
    if (known !== undefined && Buffer.compare(known.options, options) === 0) return { ok: 1 };
    store.write(createOperation(namespace, options));
    return { ok: 1 };
  },
};

const createdNotYet = ['timeseries', 'expireAfterSeconds', 'encryptedFields'];

const modifiable = [
  'index',
  'validator',
  'validationLevel',
  'validationAction',
  'viewOn',
  'pipeline',
  'changeStreamPreAndPostImages',
  'cappedSize',
  'cappedMax',
];
const modifiedNotYet = ['timeseries', 'expireAfterSeconds', 'dryRun'];

const collMod: Command = {
  kind: 'write',
  run(context) {
    const { command, store } = context;
    requireFields(context, [...modifiable, ...modifiedNotYet, 'recordPreImages']);
    refuseArguments(command, modifiedNotYet);
    const namespace = namespaceOf(context);
    const collection = existingCollection(context, namespace);
    const changes = pickChanges(command, collection.settings);
    const isView = collection.settings.view !== undefined;
    requireViewPipeline(changes, context.database);
    requireViewSources(context.state.catalog, namespace, changes, collection.settings.collator);
    for (const name of changes.keys()) {
      if (isView !== (name === 'viewOn' || name === 'pipeline')) {
        throw new ServerError(72, `collMod cannot change '${name}' of ${namespace}`);
      }
    }
    const index = command.get('index');
    const reply = isDocument(index) ? modifyIndex(context, collection, index) : {};
    // To change nothing at all is an event, too.
    if (changes.size === 0 && isDocument(index)) return { ...reply, ok: 1 };
    requireUnbuilt(collection);
    const payload = encodeDocument(new Map([...decodeDocument(collection.options), ...changes]));
    store.write({ kind: 'collMod', namespace, payload });
    return { ...reply, ok: 1 };
  },
};

/** Throws 12587 while indexes are being built: they would be lost. */
function requireUnbuilt({ builds, namespace }: Collection): void {
  if (builds.length === 0) return;
  throw new ServerError(
    12587,
    `cannot perform operation: an index build is currently running for collection '${namespace}'`,
  );
}

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
    requireCollectionName(to.split('.')[0] ?? '', to);
    requireDatabaseName(to.split('.')[0] ?? '', state.catalog.collections());
    if (from === to) throw new ServerError(20, "Can't rename a collection to itself");
    const collection = existingCollection(context, from);
    if (collection.settings.view) throw noWritesToViews(from);
    requireUnbuilt(collection);
    const target = state.catalog.get(to);
    if (target !== undefined && !flagArgument(command, 'dropTarget')) {
      throw new ServerError(48, 'target namespace exists');
    }
    state.present.claimCollection(to);
    context.store.write(renameOperation(from, to, target));
    return { ok: 1 };
  },
};

const drop: Command = {
  kind: 'write',
  run(context) {
    const namespace = namespaceOf(context);
    const collection = context.state.catalog.get(namespace);
    if (collection === undefined) return { ok: 1 };
    const nIndexesWas = collection.indexes.length;
    context.store.write(dropOperation(collection));
    return { ...(!collection.settings.view && { nIndexesWas }), ns: namespace, ok: 1 };
  },
};

const dropDatabase: Command = {
  kind: 'write',
  run({ state, store, database }) {
    if (['admin', 'config', 'local'].includes(database)) {
      throw new ServerError(20, `Dropping the '${database}' database is prohibited.`);
    }
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

const listCollections: Command = {
  kind: 'read',
  run(context) {
    const { state, database, command, now } = context;
    const test = compileQuery(documentArgument(command, 'filter'), { now });
    const described = collectionsOf(state.catalog.collections(), database).map((collection) =>
      describeCollection(collection, collection.namespace.slice(database.length + 1)),
    );
    const passing = described.filter((each) => test(decodeDocument(encodeDocument(each))));
    return wholeCursor(
      context,
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

/** The databases that every member of a replica set has. */
const ownDatabases: readonly string[] = ['admin', 'config', 'local'];

const listDatabases: Command = {
  kind: 'read',
  run({ state, command, now, database }) {
    if (database !== 'admin') {
      throw new ServerError(13, 'listDatabases may only be run against the admin database.');
    }
    const test = compileQuery(documentArgument(command, 'filter'), { now });
    const names = new Set([
      ...ownDatabases,
      ...Array.from(state.catalog.collections(), ({ namespace }) => namespace.split('.')[0] ?? ''),
    ]);
    const nameOnly = flagArgument(command, 'nameOnly');
    const databases = [...names]
      .sort()
      .map((name) => {
        if (nameOnly) return { name };
        const collections = collectionsOf(state.catalog.collections(), name);
        const sizeOnDisk = BigInt(sizeOf(state, collections));
        return { name, sizeOnDisk, empty: collections.length === 0 };
      })
      .filter((each) => test(decodeDocument(encodeDocument(each))));
    if (nameOnly) return { databases, ok: 1 };
    const total = databases.reduce((sum, { sizeOnDisk = 0n }) => sum + sizeOnDisk, 0n);
    return { databases, totalSize: total, totalSizeMb: total / 1048576n, ok: 1 };
  },
};

function sizeOf({ file }: CommandContext['state'], collections: readonly Collection[]): number {
  return collections.reduce((sum, collection) => {
    const { storage, indexes } = footprintOf(file, collection);
    return sum + storage + indexes.reduce((bytes, { size }) => bytes + size, 0);
  }, 0);
}

export const catalogCommands: Readonly<Record<string, Command>> = {
  create,
  collMod,
  renameCollection,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
};
