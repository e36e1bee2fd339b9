/** The stages that tell of a collection instead of its documents: `$collStats`, `$indexStats`, `$planCacheStats`. */
import { decodeDocument } from '../bson-decoder.ts';
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { isNumber, toDouble, typeName } from '../bson-order.ts';
import type { Collection } from '../collection.ts';
import type { CommandContext } from '../command.ts';
import { storageStats } from '../footprint.ts';
import { describeIndex } from '../index-spec.ts';
import type { MemberState } from '../member-state.ts';
import { ServerError } from '../server-error.ts';
import { addressOf } from './sources.ts';
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
    ['host', addressOf(state)],
    ['localTime', now],
  ]);
  if (given.has('latencyStats')) result.set('latencyStats', latencyOf(state, namespace));
  if (given.has('storageStats')) {
    const scale = scaleOf(given.get('storageStats'));
    const stats = storageStats(state.file, collectionOf(state, namespace), scale);
    result.set('storageStats', decodeDocument(encodeDocument(stats)));
  }
  if (given.has('count')) result.set('count', collectionOf(state, namespace).count());
  if (given.has('queryExecStats')) {
    collectionOf(state, namespace);
    result.set('queryExecStats', noScans());
  }
  return result;
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

const commandKinds: ReadonlyMap<string, string> = new Map([
  ['find', 'reads'],
  ['getMore', 'reads'],
  ['aggregate', 'reads'],
  ['count', 'reads'],
  ['distinct', 'reads'],
  ['insert', 'writes'],
  ['update', 'writes'],
  ['delete', 'writes'],
  ['findAndModify', 'writes'],
]);

/** In microseconds. */
function latencyOf({ running }: MemberState, namespace: string): BsonDocument {
  const kinds = new Map(
    ['reads', 'writes', 'commands', 'transactions'].map((kind) => [kind, { latency: 0, ops: 0 }]),
  );
  for (const [name, { count, microseconds }] of running.usage.get(namespace) ?? []) {
    const kind = kinds.get(commandKinds.get(name) ?? 'commands');
    if (kind === undefined) continue;
    kind.latency += microseconds;
    kind.ops += count;
  }
  return new Map(
    [...kinds].map(([kind, { latency, ops }]) => [
      kind,
      new Map<string, BsonValue>([
        ['latency', BigInt(Math.round(latency))],
        ['ops', BigInt(ops)],
        ['queryableEncryptionLatencyMicros', 0n],
      ]),
    ]),
  );
}

/** Scans of whole collections are not counted. */
function noScans(): BsonDocument {
  const none = new Map<string, BsonValue>([
    ['total', 0n],
    ['nonTailable', 0n],
  ]);
  return new Map([['collectionScans', none]]);
}

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
      return (collection?.indexes ?? []).map(({ spec, accesses }) => {
        const described = describeIndex(spec);
        return decodeDocument(
          encodeDocument({
            name: spec.name,
            key: described.key,
            host: addressOf(state),
            accesses: { ops: BigInt(accesses.ops), since: accesses.since },
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
