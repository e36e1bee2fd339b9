/** `find`, `aggregate`, `count`, `distinct`, and the cursors behind them. */
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
  RawDocument,
} from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { CappedTail } from '../capped-tail.ts';
import { ChangeStream } from '../change-stream.ts';
import { changeStreamOf } from '../change-stream-spec.ts';
import { needsNoCollection, readCollectionless } from '../collectionless.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
  refuseArguments,
  requireFields,
  wholeArgument,
} from '../command.ts';
import { type Batch, firstBatchSize, type OpenCursor, takeBatch } from '../cursor-store.ts';
import { valuesAtPath } from '../field-path.ts';
import { encodeKey } from '../key-string.ts';
import { compileOutput, hasOutput } from '../output-stage.ts';
import { compilePipeline, type Stage } from '../pipeline.ts';
import { headOf } from '../pipeline-head.ts';
import { countMatches } from '../query.ts';
import { ServerError } from '../server-error.ts';
import { selectFrom } from '../view.ts';
import { moreOfChangeStream, openChangeStream } from './change-stream-commands.ts';
import { cursorReply } from './cursor-reply.ts';
import { explainAggregate } from './explain-command.ts';
import { shownBy } from './found-document.ts';
import { countSelection, distinctSelection, findSelection } from './selections.ts';
import { moreOfTail, openTailable } from './tailable-commands.ts';

const findFields = [
  'filter',
  'sort',
  'projection',
  'hint',
  'skip',
  'limit',
  'batchSize',
  'singleBatch',
  'max',
  'min',
  'returnKey',
  'showRecordId',
  'tailable',
  'oplogReplay',
  'noCursorTimeout',
  'awaitData',
  'allowPartialResults',
  'allowDiskUse',
  'collation',
  'let',
];

const find: Command = {
  kind: 'read',
  run(context) {
    const { command } = context;
    requireFields(context, findFields);
    refuseArguments(command, ['collation']);
    const namespace = namespaceOf(context);
    if (flagArgument(command, 'tailable')) return openTailable(context, namespace);
    if (flagArgument(command, 'awaitData')) {
      throw new ServerError(9, 'Cannot set awaitData without tailable');
    }
    const selection = findSelection(command);
    const show = shownBy(context, namespace, selection);
    const documents = mapped(selectFrom(context, namespace, selection), show);
    return cursorReply(context, namespace, documents, {
      batchSize: wholeArgument(command, 'batchSize'),
      single: flagArgument(command, 'singleBatch'),
    });
  },
};

function* mapped<T, U>(items: Iterable<T>, change: (item: T) => U): IterableIterator<U> {
  for (const item of items) yield change(item);
}

const getMore: Command = {
  kind: 'any',
  run(context) {
    const { state, command, database } = context;
    const cursor = state.cursors.get(BigInt(command.get('getMore') as bigint));
    const namespace = `${database}.${String(command.get('collection'))}`;
    if (cursor.namespace !== namespace) {
      throw new ServerError(13, `cursor ${cursor.id} belongs to ${cursor.namespace}`);
    }
    refuseOtherTransaction(context, cursor);
    const batchSize = wholeArgument(command, 'batchSize') || Number.POSITIVE_INFINITY;
    if (cursor.source instanceof ChangeStream) {
      return moreOfChangeStream(context, cursor, cursor.source, batchSize);
    }
    if (cursor.source instanceof CappedTail) {
      return moreOfTail(context, cursor, cursor.source, batchSize);
    }
    let batch: Batch;
    try {
      state.failPoints.meetGetMore();
      batch = takeBatch(cursor.source, batchSize);
    } catch (error) {
      // What has failed in the middle would seem to be at its end.
      state.cursors.kill(cursor.id);
      throw error;
    }
    if (batch.done) state.cursors.kill(cursor.id);
    return {
      cursor: { nextBatch: batch.documents, id: batch.done ? 0n : cursor.id, ns: namespace },
      ok: 1,
    };
  },
};

function refuseOtherTransaction(
  { transaction }: CommandContext,
  { id, transaction: own }: OpenCursor,
): void {
  if (own === transaction) return;
  const where = `Cannot run getMore on cursor ${id}, which was`;
  if (own === undefined) {
    throw new ServerError(50739, `${where} not created in a transaction, in a transaction`);
  }
  if (transaction === undefined) {
    throw new ServerError(50740, `${where} created in a transaction, without a txnNumber`);
  }
  throw new ServerError(50741, `${where} created in a transaction, in a different transaction`);
}

const killCursors: Command = {
  kind: 'any',
  run({ state, command }) {
    const ids = arrayArgument(command, 'cursors').map((id) => BigInt(id as bigint));
    const killed = ids.filter((id) => state.cursors.kill(id));
    return {
      cursorsKilled: killed,
      cursorsNotFound: ids.filter((id) => !killed.includes(id)),
      cursorsAlive: [],
      cursorsUnknown: [],
      ok: 1,
    };
  },
};

const aggregate: Command = {
  kind: 'read',
  writes: (command) =>
    hasOutput(arrayArgument(command, 'pipeline')) && !flagArgument(command, 'explain'),
  run(context) {
    const { command } = context;
    refuseArguments(command, ['collation']);
    const stages = arrayArgument(command, 'pipeline');
    if (flagArgument(command, 'explain')) return explainAggregate(context, 'queryPlanner');
    const watched = changeStreamOf(stages);
    if (watched !== undefined) {
      if (context.transaction !== undefined) {
        throw new ServerError(263, '$changeStream cannot run in a multi-document transaction.');
      }
      const batchSize = wholeArgument(documentArgument(command, 'cursor'), 'batchSize');
      return openChangeStream(context, watched, stages.slice(1), batchSize ?? firstBatchSize);
    }
    if (hasOutput(stages)) {
      if (context.transaction !== undefined) {
        throw new ServerError(263, '$out and $merge cannot run in a multi-document transaction.');
      }
      return aggregateInto(context, stages);
    }
    const options = documentArgument(command, 'cursor');
    const batchSize = wholeArgument(options, 'batchSize');
    const { namespace, documents } = pipelineOf(context, stages);
    const encoded = mapped(documents, (document) => new RawDocument(encodeDocument(document)));
    return cursorReply(context, namespace, encoded, { batchSize });
  },
};

/** Runs a pipeline whose last stage writes what comes out of the others. */
async function aggregateInto(
  context: CommandContext,
  stages: readonly BsonValue[],
): Promise<EncodableDocument> {
  const output = compileOutput(stages, context.database);
  const { namespace, documents } = pipelineOf(context, stages.slice(0, -1));
  await output(context, [...documents]);
  return { cursor: { firstBatch: [], id: 0n, ns: namespace }, ok: 1 };
}

/** What comes out of a pipeline, over a collection, a view or nothing. */
function pipelineOf(
  context: CommandContext,
  stages: readonly BsonValue[],
): { namespace: string; documents: Iterable<BsonDocument> } {
  const { command, database, state, store } = context;
  const target = command.get('aggregate');
  const [first, ...others] = stages;
  if (typeof target !== 'string') {
    const namespace = `${database}.$cmd.aggregate`;
    const pipeline = compilePipeline(others);
    const source = readCollectionless(first, context);
    return { namespace, documents: runPipeline(pipeline, source, context) };
  }
  if (needsNoCollection(first)) {
    throw new ServerError(73, `a pipeline over no collection is asked for by { aggregate: 1 }`);
  }
  const namespace = `${database}.${target}`;
  // As a whole first: what is wrong with a stage is told by the stage.
  compilePipeline(stages);
  const { selection: head, rest } = headOf(stages);
  const selection = { ...head, hint: command.get('hint') };
  const pipeline = compilePipeline(rest);
  const counted = countingGroup(rest);
  const collection = store.collection(namespace);
  if (counted !== undefined && collection !== undefined && !collection.settings.view) {
    const n = countMatches(state, collection, selection, context);
    const group: BsonDocument = new Map(counted).set('n', n);
    return { namespace, documents: n === 0 ? [] : [group] };
  }
  const matches = selectFrom(context, namespace, selection);
  const source = mapped(matches, ({ document }) => document);
  return { namespace, documents: runPipeline(pipeline, source, context) };
}

function runPipeline(
  pipeline: readonly Stage[],
  source: Iterable<BsonDocument>,
  context: CommandContext,
): Iterable<BsonDocument> {
  return pipeline.reduce((documents, stage) => stage(documents, context), source);
}

/** The `_id` of `{ $group: { _id: 1, n: { $sum: 1 } } }` alone, which is how drivers count documents. */
function countingGroup(stages: readonly BsonValue[]): [string, BsonValue][] | undefined {
  const [stage] = stages;
  const group = isDocument(stage) && stages.length === 1 ? stage.get('$group') : undefined;
  if (!isDocument(group) || group.size !== 2) return undefined;
  const id = group.get('_id');
  const n = group.get('n');
  const isConstant = id === null || typeof id === 'number';
  const isCount = isDocument(n) && n.size === 1 && n.get('$sum') === 1;
  return isConstant && isCount ? [['_id', id]] : undefined;
}

const count: Command = {
  kind: 'read',
  run(context) {
    const { command, state, store } = context;
    requireFields(context, ['query', 'limit', 'skip', 'hint', 'collation', 'fields']);
    refuseArguments(command, ['collation']);
    const namespace = namespaceOf(context);
    const selection = countSelection(command);
    const collection = store.collection(namespace);
    if (collection === undefined) return { n: 0, ok: 1 };
    if (!collection.settings.view) {
      return { n: countMatches(state, collection, selection, context), ok: 1 };
    }
    let n = 0;
    for (const _ of selectFrom(context, namespace, selection)) n += 1;
    return { n, ok: 1 };
  },
};

const distinct: Command = {
  kind: 'read',
  run(context) {
    const { command } = context;
    requireFields(context, ['key', 'query', 'hint', 'collation']);
    refuseArguments(command, ['collation']);
    const { path, selection } = distinctSelection(command);
    const values = new Map<string, BsonValue>();
    for (const { document } of selectFrom(context, namespaceOf(context), selection)) {
      for (const { value, missing } of valuesAtPath(document, path)) {
        if (missing) continue;
        for (const item of Array.isArray(value) ? value : [value]) {
          const key = encodeKey([item]).toString('latin1');
          if (!values.has(key)) values.set(key, item);
        }
      }
    }
    return { values: [...values.values()], ok: 1 };
  },
};

export const readCommands: Readonly<Record<string, Command>> = {
  find,
  getMore,
  killCursors,
  aggregate,
  count,
  distinct,
};
