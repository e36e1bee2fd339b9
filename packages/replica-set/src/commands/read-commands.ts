/** `find`, `count`, `distinct`, and the cursors behind them and `aggregate`. */
import type { BsonDocument, BsonValue, EncodableDocument, RawDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { ChangeStream } from '../change-stream.ts';
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
import { countMatches, type Selection } from '../query.ts';
import { ServerError } from '../server-error.ts';
import { ValueSet } from '../value-set.ts';
import { selectFrom } from '../view.ts';
import { moreOfChangeStream } from './change-stream-commands.ts';
import { shownBy } from './found-document.ts';

/** A whole number from 0 on; throws 51024 for another one. */
export function wholeArgument(command: BsonDocument, name: string): number | undefined {
  const value = numberArgument(command, name);
  if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
  throw new ServerError(51024, `BSON field '${name}' value must be >= 0, actual value '${value}'`);
}

/** The first batch, and a cursor for what does not fit into it. */
export function cursorReply(
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

/** The items, changed as they are taken. */
export function* mapped<T, U>(items: Iterable<T>, change: (item: T) => U): IterableIterator<U> {
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
  count,
  distinct,
};
