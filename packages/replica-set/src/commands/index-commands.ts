/** Indexes: made, listed, changed and dropped. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { equalValues, isNumber, toDouble } from '../bson-order.ts';
import type { Collection } from '../collection.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  flagArgument,
  namespaceOf,
  requireBooleans,
  requireFields,
} from '../command.ts';
import { ensureCollection, noWritesToViews } from '../document-write.ts';
import { whenFree } from '../hold.ts';
import type { IndexBuild } from '../index-build.ts';
import { buildIndex, indexBuildAborted } from '../index-builder.ts';
import { checkIndexSpec, compareIndexes, describeIndex, type IndexSpec } from '../index-spec.ts';
import type { Readable } from '../query.ts';
import { ServerError } from '../server-error.ts';
import { wholeCursor } from './cursor-reply.ts';
import { existingCollection } from './known-collection.ts';

const mostIndexes = 64;

const createIndexes: Command = {
  kind: 'write',
  async run(context) {
    const { store } = context;
    requireFields(context, ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions', 'v']);
    const namespace = namespaceOf(context);
    const before = store.collection(namespace);
    if (before?.settings.view !== undefined) throw noWritesToViews(namespace);
    requireBooleans(context.command, 'createIndexes', ['ignoreUnknownIndexOptions']);
    const ignoresUnknown = context.command.get('ignoreUnknownIndexOptions') === true;
    const specs = arrayArgument(context.command, 'indexes').map((spec) => {
      if (isDocument(spec)) {
        return checkIndexSpec(spec, before?.settings.collator, ignoresUnknown);
      }
      throw new ServerError(14, 'an index is specified by an object');
    });
    if (specs.length === 0) throw new ServerError(2, 'Must specify at least one index to create');
    refuseTwins(specs);
    const collection = ensureCollection(context, namespace);
    const numIndexesBefore = before === undefined ? 1 : collection.indexes.length;
    for (const spec of specs) {
      if (await isThere(context, namespace, spec)) continue;
      if (context.transaction !== undefined) {
        store.write({ kind: 'createIndex', namespace, payload: spec.bytes });
      } else await create(context, namespace, spec);
    }
    const numIndexesAfter = (store.collection(namespace) ?? collection).indexes.length;
    return {
      numIndexesBefore,
      numIndexesAfter,
      createdCollectionAutomatically: before === undefined,
      ...(numIndexesAfter === numIndexesBefore
        ? { note: 'all indexes already exist' }
        : { commitQuorum: 'votingMembers' }),
      ok: 1,
    };
  },
};

/** Throws 68 for an index that is asked for twice. */
function refuseTwins(specs: readonly IndexSpec[]): void {
  for (const [at, spec] of specs.entries()) {
    const isTwin = specs.slice(0, at).some(({ bytes }) => Buffer.compare(bytes, spec.bytes) === 0);
    if (isTwin) throw new ServerError(68, `Identical index already exists: ${spec.name}`);
  }
}

/** True for the same index again, once it is built; throws for another one of the same name or on the same keys. */
async function isThere(
  { state, store, transaction }: CommandContext,
  namespace: string,
  wanted: IndexSpec,
): Promise<boolean> {
  const same = ({ spec }: { readonly spec: IndexSpec }) => isSame(spec, wanted);
  const collection = store.collection(namespace);
  if (collection?.settings.capped !== undefined && wanted.expireAfterSeconds !== undefined) {
    throw new ServerError(67, 'Cannot create TTL index on a capped collection');
  }
  if (collection?.indexes.some(same)) return true;
  if ((collection?.indexes.length ?? 0) >= mostIndexes) {
    throw new ServerError(67, `add index fails, too many indexes for ${namespace}`);
  }
  if (transaction !== undefined) return false;
  const build = state.catalog.get(namespace)?.builds.find(same);
  if (build === undefined) return false;
  await state.replica.standing.changed.until(
    () => state.catalog.get(namespace)?.builds.includes(build) !== true,
  );
  if (store.collection(namespace)?.indexes.some(same)) return true;
  throw indexBuildAborted(build);
}

function isSame(spec: IndexSpec, wanted: IndexSpec): boolean {
  const likeness = compareIndexes(spec, wanted);
  const sameName = spec.name === wanted.name;
  if (likeness === 'different' && !sameName) return false;
  if (likeness === 'same' && (sameName || spec.name === '_id_')) return true;
  const both = `Requested index: ${showSpec(wanted)}, existing index: ${showSpec(spec)}`;
  if (likeness === 'different') {
    throw new ServerError(
      86,
      `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${both}`,
    );
  }
  if (likeness === 'same') {
    throw new ServerError(85, `Index already exists with a different name: ${spec.name}`);
  }
  const name = sameName ? 'the same name but different options' : 'a different name and options';
  throw new ServerError(85, `An equivalent index already exists with ${name}. ${both}`);
}

function showSpec(spec: IndexSpec): string {
  return showValue(new Map(Object.entries(describeIndex(spec))) as BsonDocument);
}

async function create(context: CommandContext, namespace: string, spec: IndexSpec): Promise<void> {
  const { state, store } = context;
  const { catalog, replica } = state;
  const { term } = replica.standing;
  const goOn = () => {
    replica.requirePrimary();
    context.operation?.requireGoingOn();
    if (replica.standing.term === term) return;
    throw new ServerError(11602, 'operation was interrupted: the primary stepped down');
  };
  const adopt = (build: IndexBuild) =>
    whenFree(context, () => {
      // While a transaction that uses the collection came to its end, much may have happened.
      goOn();
      if (!build.step(0) || catalog.get(namespace)?.builds.includes(build) !== true) {
        throw indexBuildAborted(build);
      }
      store.write({ kind: 'createIndex', namespace, payload: spec.bytes });
    });
  // What an open transaction has read and written may decide whether the index can be.
  await whenFree(context, () => state.present.claimCollection(namespace));
  await buildIndex(state, { namespace, bytes: spec.bytes }, goOn, adopt);
  replica.standing.changed.notify();
}

const dropIndexes: Command = {
  kind: 'write',
  run(context) {
    const { command, store } = context;
    requireFields(context, ['index']);
    const namespace = namespaceOf(context);
    const collection = existingCollection(context, namespace);
    if (collection.settings.view !== undefined) throw noWritesToViews(namespace);
    const nIndexesWas = collection.indexes.length;
    const given = command.get('index');
    if (given === undefined) {
      throw new ServerError(
        40414,
        "BSON field 'dropIndexes.index' is missing but a required field",
      );
    }
    if (given === '*') {
      for (const build of collection.builds) build.fail(indexBuildAborted(build));
      for (const { spec } of collection.indexes.slice(1)) {
        store.write({ kind: 'dropIndex', namespace, payload: encodeDocument({ name: spec.name }) });
      }
      return { nIndexesWas, msg: `non-_id indexes dropped for collection`, ok: 1 };
    }
    if (Array.isArray(given) && !given.every((each) => typeof each === 'string')) {
      throw new ServerError(
        14,
        "BSON field 'dropIndexes.index' is the wrong type 'array', expected type '[string]'",
      );
    }
    const names = (Array.isArray(given) ? given : [given]).map((each) =>
      nameOfIndex(collection, each),
    );
    for (const name of names) {
      const build = collection.builds.find(({ spec }) => spec.name === name);
      if (build !== undefined) build.fail(indexBuildAborted(build));
      else store.write({ kind: 'dropIndex', namespace, payload: encodeDocument({ name }) });
    }
    return { nIndexesWas, ok: 1 };
  },
};

/** The name of an index that can be dropped, given by its name or its keys. */
function nameOfIndex({ indexes, builds }: Collection, given: BsonValue): string {
  if (typeof given === 'string') {
    if (given === '_id_') throw new ServerError(72, 'cannot drop _id index');
    if ([...indexes, ...builds].some(({ spec }) => spec.name === given)) return given;
    throw new ServerError(27, `index not found with name [${given}]`);
  }
  if (!isDocument(given)) {
    throw new ServerError(14, 'an index is named by a string or by its keys');
  }
  const { name } = byKey([...indexes, ...builds], given);
  if (name === '_id_') throw new ServerError(72, 'cannot drop _id index');
  return name;
}

function byKey(indexes: readonly { readonly spec: IndexSpec }[], key: BsonDocument): IndexSpec {
  const [found, other] = indexes.filter(({ spec }) => equalValues(spec.key, key));
  if (found === undefined) {
    throw new ServerError(27, `can't find index with key: ${showValue(key)}`);
  }
  if (other === undefined) return found.spec;
  throw new ServerError(
    181,
    `${indexes.length} indexes found for key: ${showValue(key)}, identify by name instead`,
  );
}

const listIndexes: Command = {
  kind: 'read',
  run(context) {
    const namespace = namespaceOf(context);
    const collection = context.store.collection(namespace);
    if (collection === undefined) throw new ServerError(26, `ns does not exist: ${namespace}`);
    const { indexes, settings } = collection as Readable;
    if (settings.view !== undefined) throw noWritesToViews(namespace);
    const { clustered } = settings;
    const described = indexes.map(({ spec }) =>
      clustered !== undefined && spec.name === '_id_'
        ? { ...Object.fromEntries(clustered), clustered: true }
        : describeIndex(spec),
    );
    return wholeCursor(context, namespace, described);
  },
};

/** What `collMod` was told of an index: the fields of its reply, once it is changed. */
export function modifyIndex(
  { store }: CommandContext,
  collection: Collection,
  told: BsonDocument,
): Record<string, BsonValue> {
  const { namespace } = collection;
  for (const name of told.keys()) {
    if (['name', 'keyPattern', 'expireAfterSeconds', 'hidden'].includes(name)) continue;
    if (name === 'unique' || name === 'prepareUnique') {
      throw new ServerError(238, `changing '${name}' of an index is not supported`);
    }
    throw new ServerError(40415, `BSON field 'collMod.index.${name}' is an unknown field.`);
  }
  const spec = indexToModify(collection, told);
  const after = new Map(Object.entries(describeIndex(spec))) as BsonDocument;
  const reply: Record<string, BsonValue> = {};
  const seconds = told.get('expireAfterSeconds');
  if (seconds !== undefined) {
    if (!isNumber(seconds)) {
      throw new ServerError(14, "'collMod.index.expireAfterSeconds' has to be a number");
    }
    if (spec.fields.length > 1 || spec.name === '_id_') {
      throw new ServerError(72, 'TTL indexes are single-field indexes, and not on _id');
    }
    const number = toDouble(seconds);
    if (number < 0 || number > 2 ** 31 - 1) {
      throw new ServerError(
        72,
        `TTL index 'expireAfterSeconds' must be within 0 to ${2 ** 31 - 1}`,
      );
    }
    if (spec.expireAfterSeconds !== number) {
      if (spec.expireAfterSeconds !== undefined) {
        reply.expireAfterSeconds_old = BigInt(Math.trunc(spec.expireAfterSeconds));
      }
      reply.expireAfterSeconds_new = BigInt(Math.trunc(number));
      after.set('expireAfterSeconds', seconds);
    }
  }
  const hidden = told.get('hidden');
  if (hidden !== undefined) {
    if (spec.name === '_id_') throw new ServerError(2, "can't hide _id index");
    const wanted = flagArgument(told, 'hidden');
    if (wanted !== spec.hidden) {
      reply.hidden_old = spec.hidden;
      reply.hidden_new = wanted;
      if (wanted) after.set('hidden', true);
      else after.delete('hidden');
    }
  }
  if (Object.keys(reply).length > 0) {
    const payload = encodeDocument({ name: spec.name, spec: after });
    store.write({ kind: 'modifyIndex', namespace, payload });
  }
  return reply;
}

function indexToModify({ indexes, namespace }: Collection, told: BsonDocument): IndexSpec {
  const name = told.get('name');
  const key = told.get('keyPattern');
  if ((name === undefined) === (key === undefined)) {
    throw new ServerError(72, 'Must specify either index name or key pattern');
  }
  if (!told.has('expireAfterSeconds') && !told.has('hidden')) {
    throw new ServerError(72, 'no expireAfterSeconds, hidden, unique, or prepareUnique field');
  }
  if (isDocument(key)) {
    try {
      return byKey(indexes, key);
    } catch (error) {
      if (!(error instanceof ServerError) || error.code !== 27) throw error;
    }
  }
  const found = indexes.find(({ spec }) => spec.name === name)?.spec;
  if (found !== undefined) return found;
  throw new ServerError(27, `cannot find index ${showValue(name ?? key)} for ns ${namespace}`);
}

export const indexCommands: Readonly<Record<string, Command>> = {
  createIndexes,
  dropIndexes,
  deleteIndexes: dropIndexes,
  listIndexes,
};
