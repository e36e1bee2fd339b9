/** The stages that tell of a collection instead of its documents: `$collStats`, `$indexStats`, `$planCacheStats`. */
import { decodeDocument } from '../bson-decoder.ts';
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { isNumber, toDouble, typeName } from '../bson-order.ts';
import type { Collection } from '../collection.ts';
import type { CommandContext } from '../command.ts';
import { describeIndex } from '../index-spec.ts';
import type { MemberState } from '../member-state.ts';
import { ServerError } from '../server-error.ts';
import { documentOperand, type SourceDefinition, wrongFieldType } from './stage.ts';

const notInside = ['facet', 'transaction'] as const;
const collStatsFields = new Set(['latencyStats', 'storageStats', 'count', 'queryExecStats']);

export const collStatsSource: SourceDefinition = {
  collectionless: false,
  notIn: notInside,
  source(operand) {
    const given = documentOperand(
      '$collStats',
      operand,
      5447000,
      `$collStats must take a nested object but found: ${typeName(operand)}`,
    );
    for (const [name, value] of given) {
      if (!collStatsFields.has(name)) {
        throw new ServerError(40415, `BSON field '$collStats.${name}' is an unknown field.`);
      }
      if (!isDocument(value)) throw wrongFieldType('$collStats', name, value, 'object');
    }
    return (context, namespace) => [collStats(context, namespace, given)];
  },
};

function collStats(
  { state, now }: CommandContext,
  namespace: string,
  given: BsonDocument,
): BsonDocument {
  const result: BsonDocument = new Map<string, BsonValue>([
    ['ns', namespace],
    ['host', hostOf(state)],
    ['localTime', now],
  ]);
  if (given.has('latencyStats')) result.set('latencyStats', noLatency());
  if (given.has('storageStats')) {
    const scale = scaleOf(given.get('storageStats'));
    result.set('storageStats', storageOf(state, collectionOf(state, namespace), scale));
  }
  if (given.has('count')) result.set('count', collectionOf(state, namespace).count());
  if (given.has('queryExecStats')) {
    collectionOf(state, namespace);
    result.set('queryExecStats', noScans());
  }
  return result;
}

function hostOf({ addresses, config }: MemberState): string {
  const { host, port } = addresses[config.index] ?? config;
  return `${host}:${port}`;
}

/** The collection itself; throws 26 when there is none and 166 for a view. */
function collectionOf(state: MemberState, namespace: string): Collection {
  const collection = state.catalog.get(namespace);
  if (collection === undefined) {
    throw new ServerError(26, `Unable to retrieve statistics of ${namespace}: it does not exist`);
  }
  if (collection.settings.view === undefined) return collection;
  throw new ServerError(166, `${namespace} is a view, not a collection`);
}

function scaleOf(options: BsonValue): number {
  const scale = isDocument(options) ? (options.get('scale') ?? 1) : 1;
  if (!isNumber(scale)) throw wrongFieldType('$collStats.storageStats', 'scale', scale, 'number');
  if (toDouble(scale) >= 1) return Math.trunc(toDouble(scale));
  throw new ServerError(51024, "BSON field 'scale' value must be >= 1");
}

/** Sizes in bytes, divided by `scale`. An index is said to take what its keys take. */
function storageOf({ file }: MemberState, collection: Collection, scale: number): BsonDocument {
  const count = collection.count();
  const { first, end } = collection.rows;
  const bytes = file
    .statement('select sum(length(document)) as bytes from documents where row > ? and row < ?')
    .get(first, end)?.bytes;
  const size = Number(bytes ?? 0);
  const indexSizes = collection.indexes.map(({ id, spec }) => {
    const row = file
      .statement('select sum(length(key)) as bytes from entries where "index" = ?')
      .get(id);
    return [spec.name, Math.floor(Number(row?.bytes ?? 0) / scale)] as const;
  });
  const totalIndexSize = indexSizes.reduce((total, [, each]) => total + each, 0);
  const storageSize = Math.floor(size / scale);
  return new Map<string, BsonValue>([
    ['size', storageSize],
    ['count', count],
    ...(count > 0 ? [['avgObjSize', Math.floor(size / count)] as const] : []),
    ['numOrphanDocs', 0],
    ['storageSize', storageSize],
    ['freeStorageSize', 0],
    ['capped', false],
    ['nindexes', indexSizes.length],
    ['indexBuilds', []],
    ['totalIndexSize', totalIndexSize],
    ['indexSizes', new Map(indexSizes)],
    ['totalSize', storageSize + totalIndexSize],
    ['scaleFactor', scale],
  ]);
}

/** Latencies are not measured. */
function noLatency(): BsonDocument {
  const none = () =>
    new Map<string, BsonValue>([
      ['latency', 0n],
      ['ops', 0n],
      ['queryableEncryptionLatencyMicros', 0n],
    ]);
  return new Map(['reads', 'writes', 'commands', 'transactions'].map((name) => [name, none()]));
}

function noScans(): BsonDocument {
  const none = new Map<string, BsonValue>([
    ['total', 0n],
    ['nonTailable', 0n],
  ]);
  return new Map([['collectionScans', none]]);
}

/** How often an index was used is not counted. */
export const indexStatsSource: SourceDefinition = {
  collectionless: false,
  notIn: notInside,
  source(operand) {
    requireEmpty('$indexStats', operand, 28803);
    return ({ state }, namespace) => {
      const collection = state.catalog.get(namespace);
      if (collection?.settings.view !== undefined) {
        throw new ServerError(166, `${namespace} is a view, not a collection`);
      }
      return (collection?.indexes ?? []).map(({ spec }) => {
        const described = describeIndex(spec);
        return decodeDocument(
          encodeDocument({
            name: spec.name,
            key: described.key,
            host: hostOf(state),
            accesses: { ops: 0n, since: state.startedAt },
            spec: described,
          }),
        );
      });
    };
  },
};

/** Plans are made anew for each query, so that there is none to tell of. */
export const planCacheStatsSource: SourceDefinition = {
  collectionless: false,
  notIn: notInside,
  source(operand) {
    requireEmpty('$planCacheStats', operand, 9);
    return ({ state }, namespace) => {
      if (state.catalog.get(namespace) !== undefined) return [];
      throw new ServerError(50933, `collection '${namespace}' does not exist`);
    };
  },
};

function requireEmpty(stage: string, operand: BsonValue, code: number): void {
  if (isDocument(operand) && operand.size === 0) return;
  throw new ServerError(code, `The ${stage} stage specification must be an empty object`);
}
