/** `find`, `aggregate`, `count`, `distinct`, and the cursors behind them. */
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
  RawDocument,
} from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { typeName } from '../bson-order.ts';
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
  numberArgument,
  refuseArguments,
  sessionKey,
} from '../command.ts';
import { withCollation } from '../command-collation.ts';
import { type Batch, firstBatchSize, type OpenCursor, takeBatch } from '../cursor-store.ts';
import { distinctValues } from '../distinct.ts';
import { splitPath } from '../field-path.ts';
import { compileQuery } from '../matcher.ts';
import { compileOutput, hasOutput } from '../output-stage.ts';
import { compilePipeline, type Stage } from '../pipeline.ts';
import { countMatches, type Selection } from '../query.ts';
import { ServerError } from '../server-error.ts';
import { ValueSet } from '../value-set.ts';
import { selectFrom } from '../view.ts';
import { moreOfChangeStream, openChangeStream } from './change-stream-commands.ts';
import { shownBy } from './found-document.ts';

function wholeArgument(command: BsonDocument, name: string): number | undefined {
  const value = numberArgument(command, name);
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
  throw new ServerError(51024, `BSON field '${name}' value must be >= 0, actual value '${value}'`);
}

function cursorReply(
  { state, command, transaction }: CommandContext,
  namespace: string,
  documents: Iterator<RawDocument>,
  {
    batchSize = firstBatchSize,
    single = false,
  }: { batchSize?: number | undefined; single?: boolean },
): EncodableDocument {
  const batch = takeBatch(documents, batchSize);
  const isOver = batch.done || single;
  const session = sessionKey(command.get('lsid'));
  const id = isOver ? 0n : state.cursors.open(namespace, documents, session, transaction).id;
  return { cursor: { firstBatch: batch.documents, id, ns: namespace }, ok: 1 };
}

const find: Command = {
  kind: 'read',
  run(given) {
    const { command } = given;
    refuseArguments(command, ['tailable', 'awaitData']);
    const namespace = namespaceOf(given);
    const context = withCollation(given, namespace);
    const selection: Selection = {
      filter: documentArgument(command, 'filter'),
      sort: naturalDropped(documentArgument(command, 'sort')),
      skip: wholeArgument(command, 'skip') ?? 0,
      limit: wholeArgument(command, 'limit') ?? 0,
      hint: command.get('hint'),
      ...boundsOf(command),
    };
    const show = shownBy(context, namespace, selection);
    const documents = mapped(selectFrom(context, namespace, selection), show);
    return cursorReply(context, namespace, documents, {
      batchSize: wholeArgument(command, 'batchSize'),
      single: flagArgument(command, 'singleBatch'),
    });
  },
};

function boundsOf(command: BsonDocument): Pick<Selection, 'min' | 'max'> {
  const [min, max] = ['min', 'max'].map((name) => documentArgument(command, name));
  return { ...(min?.size && { min }), ...(max?.size && { max }) };
}

/** `{ $natural: 1 }` is the order in which documents come anyway. */
function naturalDropped(sort: BsonDocument): BsonDocument {
  const natural = sort.get('$natural');
  if (natural === undefined) return sort;
  if (Number(natural) !== 1 || sort.size > 1) {
    throw new ServerError(238, 'a sort by $natural is there forward and alone only');
  }
  return new Map();
}

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
  writes: (command) => hasOutput(arrayArgument(command, 'pipeline')),
  run(given) {
    const { command, database } = given;
    refuseArguments(command, ['explain']);
    const context = withCollation(given, `${database}.${String(command.get('aggregate'))}`);
    const stages = arrayArgument(command, 'pipeline');
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
  // A leading $match is a query like any other and may use an index.
  const leading = isDocument(first) && first.size === 1 ? first.get('$match') : undefined;
  const filter = isDocument(leading) ? leading : new Map<string, BsonValue>();
  const rest = leading === undefined ? stages : others;
  const pipeline = compilePipeline(rest);
  const counted = countingGroup(rest);
  const collection = store.collection(namespace);
  if (counted !== undefined && collection !== undefined && !collection.settings.view) {
    const n = countMatches(state, collection, filter, context);
    const group: BsonDocument = new Map(counted).set('n', n);
    return { namespace, documents: n === 0 ? [] : [group] };
  }
  const matches = selectFrom(context, namespace, { filter, hint: command.get('hint') });
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
  run(given) {
    const { command, state } = given;
    const namespace = namespaceOf(given);
    const context = withCollation(given, namespace);
    const filter = documentArgument(command, 'query');
    const limit = Math.abs(numberArgument(command, 'limit') ?? 0);
    const skip = wholeArgument(command, 'skip') ?? 0;
    const collection = state.catalog.get(namespace);
    if (collection === undefined) {
      compileQuery(filter, context);
      return { n: 0, ok: 1 };
    }
    if (limit === 0 && skip === 0 && !collection.settings.view)
      return { n: countMatches(state, collection, filter, context), ok: 1 };
    let n = 0;
    for (const _ of selectFrom(context, namespace, {
      filter,
      skip,
      limit,
      hint: command.get('hint'),
    }))
      n += 1;
    return { n, ok: 1 };
  },
};

const distinct: Command = {
  kind: 'read',
  run(given) {
    const { command } = given;
    const namespace = namespaceOf(given);
    const context = withCollation(given, namespace);
    const key = command.get('key');
    if (typeof key !== 'string') {
      throw new ServerError(
        14,
        `BSON field 'key' is the wrong type '${typeName(key)}', expected type 'string'`,
      );
    }
    const path = splitPath(key);
    const seen = new ValueSet([], context.collator);
    const values: BsonValue[] = [];
    const filter = documentArgument(command, 'query');
    const matches = selectFrom(context, namespace, { filter, hint: command.get('hint') });
    for (const { document } of matches) {
      for (const value of distinctValues(document, path)) if (seen.add(value)) values.push(value);
    }
    return { values, ok: 1 };
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
