/** What there is and how much of it: statistics of collections and databases. */

import { decodeDocument } from '../bson-decoder.ts';
import type { EncodableDocument } from '../bson-document.ts';
import type { Collection } from '../collection.ts';
import {
  type Command,
  type CommandContext,
  flagArgument,
  namespaceOf,
  numberArgument,
  requireFields,
} from '../command.ts';
import { noWritesToViews } from '../document-write.ts';
import { footprintOf, storageStats } from '../footprint.ts';
import { keysOf } from '../index-keys.ts';
import { ServerError } from '../server-error.ts';
import { collectionsOf } from './known-collection.ts';

const collStats: Command = {
  kind: 'read',
  run(context) {
    requireFields(context, ['scale']);
    const namespace = namespaceOf(context);
    const scale = scaleOf(context);
    const collection = storedCollection(context, namespace);
    return { ns: namespace, ...storageStats(context.state.file, collection, scale), ok: 1 };
  },
};

/** The collection of a name, which may be none; throws 166 for a view. */
function storedCollection({ state }: CommandContext, namespace: string): Collection | undefined {
  const collection = state.catalog.get(namespace);
  if (collection?.settings.view === undefined) return collection;
  throw noWritesToViews(namespace);
}

function scaleOf({ command }: CommandContext): number {
  const scale = numberArgument(command, 'scale') ?? 1;
  if (scale >= 1) return Math.trunc(scale);
  throw new ServerError(51024, `BSON field 'scale' value must be >= 1, actual value '${scale}'`);
}

const dbStats: Command = {
  kind: 'read',
  run(context) {
    requireFields(context, ['scale', 'freeStorage']);
    const { state, database } = context;
    const scale = scaleOf(context);
    const all = collectionsOf(state.catalog.collections(), database);
    const stored = all.filter(({ settings }) => settings.view === undefined);
    const total = { objects: 0, data: 0, storage: 0, indexes: 0, indexBytes: 0 };
    for (const collection of stored) {
      const { count, size, storage, indexes } = footprintOf(state.file, collection);
      total.objects += count;
      total.data += size;
      total.storage += storage;
      total.indexes += indexes.length;
      total.indexBytes += indexes.reduce((sum, each) => sum + each.size, 0);
    }
    return {
      db: database,
      collections: BigInt(stored.length),
      views: BigInt(all.length - stored.length),
      objects: BigInt(total.objects),
      avgObjSize: total.objects === 0 ? 0 : total.data / total.objects,
      dataSize: total.data / scale,
      storageSize: total.storage / scale,
      indexes: BigInt(total.indexes),
      indexSize: total.indexBytes / scale,
      totalSize: (total.storage + total.indexBytes) / scale,
      scaleFactor: BigInt(scale),
      ok: 1,
    };
  },
};

/** Of a whole collection; a part of one is refused. */
const dataSize: Command = {
  kind: 'read',
  run(context) {
    const { command, state } = context;
    const namespace = command.get('dataSize');
    if (typeof namespace !== 'string' || !/^[^.]+\../.test(namespace)) {
      throw new ServerError(73, `Invalid namespace specified '${String(namespace)}'`);
    }
    for (const name of ['keyPattern', 'min', 'max']) {
      if (command.has(name)) throw new ServerError(238, `'${name}' of dataSize is not there yet`);
    }
    const collection = state.catalog.get(namespace);
    const found = collection && footprintOf(state.file, collection);
    return {
      estimate: false,
      size: BigInt(found?.size ?? 0),
      numObjects: BigInt(found?.count ?? 0),
      millis: 0n,
      ok: 1,
    };
  },
};

/** Compares every document with the keys that the indexes hold for it. */
const validate: Command = {
  kind: 'read',
  run(context) {
    requireFields(context, [
      'full',
      'background',
      'repair',
      'metadata',
      'checkBSONConformance',
      'fixMultikey',
    ]);
    if (flagArgument(context.command, 'repair')) {
      throw new ServerError(238, "'repair' of validate is not there yet");
    }
    const namespace = namespaceOf(context);
    const collection = storedCollection(context, namespace);
    if (collection === undefined) {
      throw new ServerError(26, `Collection '${namespace}' does not exist to validate.`);
    }
    const { errors, records, keys } = compareKeys(context, collection);
    const valid = errors.length === 0;
    return {
      ns: namespace,
      nInvalidDocuments: 0,
      nNonCompliantDocuments: 0,
      nrecords: records,
      nIndexes: collection.indexes.length,
      keysPerIndex: Object.fromEntries(keys),
      indexDetails: Object.fromEntries(
        collection.indexes.map(({ spec }) => [spec.name, { valid, spec: spec.key }]),
      ),
      valid,
      repaired: false,
      warnings: [],
      errors,
      extraIndexEntries: [],
      missingIndexEntries: [],
      corruptRecords: [],
      ok: 1,
    };
  },
};

interface Comparison {
  readonly errors: string[];
  readonly records: number;
  readonly keys: readonly (readonly [string, number])[];
}

function compareKeys({ state: { file } }: CommandContext, collection: Collection): Comparison {
  const errors: string[] = [];
  const { rows, indexes } = collection;
  const wanted = indexes.map(() => 0);
  let records = 0;
  const documents = file
    .statement('select row, document from documents where row > ? and row < ?')
    .iterate(rows.first, rows.end);
  const known = file.statement(
    'select 1 from entries where "index" = ? and key = ? and record = ?',
  );
  for (const { row, document } of documents) {
    records += 1;
    const record = Number(row) - rows.first;
    const decoded = decodeDocument(document as Uint8Array);
    for (const [at, { id, spec }] of indexes.entries()) {
      for (const key of keysOf(spec, decoded).keys) {
        wanted[at] = (wanted[at] ?? 0) + 1;
        if (known.get(id, key, record) === undefined) {
          errors.push(`record ${record} lacks a key in index ${spec.name}`);
        }
      }
    }
  }
  const keys = footprintOf(file, collection).indexes.map(({ name, entries }, at) => {
    if (entries !== wanted[at]) {
      errors.push(`index ${name} holds ${entries} keys where the documents have ${wanted[at]}`);
    }
    return [name, entries] as const;
  });
  return { errors, records, keys };
}

/** How often, and how long in all, commands were at work on each collection. */
const top: Command = {
  kind: 'read',
  run({ state, database }) {
    requireAdmin(database, 'top');
    const totals: EncodableDocument = Object.fromEntries(
      [...state.running.usage].map(([namespace, uses]) => {
        const sum = (names: readonly string[]) => {
          let time = 0;
          let count = 0;
          for (const [name, use] of uses) {
            if (names.length > 0 && !names.includes(name)) continue;
            time += use.microseconds;
            count += use.count;
          }
          return { time: BigInt(Math.round(time)), count: BigInt(count) };
        };
        return [
          namespace,
          {
            total: sum([]),
            readLock: sum(['find', 'getMore', 'aggregate', 'count', 'distinct']),
            writeLock: sum(['insert', 'update', 'delete', 'findAndModify', 'createIndexes']),
            queries: sum(['find']),
            getmore: sum(['getMore']),
            insert: sum(['insert']),
            update: sum(['update', 'findAndModify']),
            remove: sum(['delete']),
            commands: sum(['aggregate', 'count', 'distinct', 'findAndModify']),
          },
        ];
      }),
    );
    return { totals: { note: 'all times in microseconds', ...totals }, ok: 1 };
  },
};

function requireAdmin(database: string, name: string): void {
  if (database === 'admin') return;
  throw new ServerError(13, `${name} may only be run against the admin database.`);
}

export const statisticsCommands: Readonly<Record<string, Command>> = {
  collStats,
  collstats: collStats,
  dbStats,
  dbstats: dbStats,
  dataSize,
  datasize: dataSize,
  validate,
  top,
};
