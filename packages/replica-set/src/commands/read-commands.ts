/** `find`, `count`, `distinct`, and the cursors behind them and `aggregate`. */
import type { BsonValue } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { CappedTail } from '../capped-tail.ts';
import { ChangeStream } from '../change-stream.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  flagArgument,
  namespaceOf,
  numberArgument,
  requireFields,
  requireFlags,
  sessionKey,
  textArgument,
  wholeArgument,
} from '../command.ts';
import { withCollation } from '../command-collation.ts';
import type { OpenCursor } from '../cursor-store.ts';
import { distinctValues } from '../distinct.ts';
import { countByKeys, guardOf } from '../query.ts';
import { ServerError } from '../server-error.ts';
import { ValueSet } from '../value-set.ts';
import { selectFrom } from '../view.ts';
import { moreOfChangeStream } from './change-stream-commands.ts';
import { cursorReply, mapped } from './cursor-reply.ts';
import { shownBy } from './found-document.ts';
import { forEachInSlices } from './read-in-slices.ts';
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

const findFlags = [
  'singleBatch',
  'returnKey',
  'showRecordId',
  'tailable',
  'oplogReplay',
  'noCursorTimeout',
  'awaitData',
  'allowPartialResults',
  'allowDiskUse',
];

const find: Command = {
  kind: 'read',
  run(given) {
    const { command } = given;
    requireFields(given, findFields);
    requireFlags(command, findFlags);
    const namespace = namespaceOf(given);
    const context = withCollation(given, namespace);
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
      guard: () =>
        guardOf(context.state, context.store.collection(namespace), selection, context.collator),
    });
  },
};

const getMore: Command = {
  kind: 'any',
  async run(context) {
    const { state, command, database, operation } = context;
    requireFields(context, ['collection', 'batchSize']);
    const id = requireLong('getMore.getMore', command.get('getMore'));
    const name = textArgument(command, 'collection');
    if (name === '') throw new ServerError(73, 'Collection names cannot be empty');
    const batchSize = wholeArgument(command, 'batchSize') || Number.POSITIVE_INFINITY;
    const cursor = state.cursors.get(id);
    const namespace = `${database}.${name}`;
    if (cursor.namespace !== namespace) {
      throw new ServerError(13, `cursor ${cursor.id} belongs to ${cursor.namespace}`);
    }
    refuseOtherSession(context, cursor);
    refuseOtherTransaction(context, cursor);
    refuseTimeLimit(context, cursor);
    if (cursor.source instanceof ChangeStream) {
      return moreOfChangeStream(context, cursor, cursor.source, batchSize);
    }
    if (cursor.source instanceof CappedTail) {
      return moreOfTail(context, cursor, cursor.source, batchSize);
    }
    try {
      state.failPoints.meetGetMore();
      cursor.guard?.();
    } catch (error) {
      state.cursors.kill(cursor.id);
      throw error;
    }
    const batch = await state.cursors.read(cursor, cursor.source, batchSize, operation);
    return {
      cursor: { nextBatch: batch.documents, id: batch.done ? 0n : cursor.id, ns: namespace },
      ok: 1,
    };
  },
};

function requireLong(name: string, id: BsonValue): bigint {
  if (typeof id === 'bigint') return id;
  throw new ServerError(
    14,
    `BSON field '${name}' is the wrong type '${typeName(id)}', expected type 'long'`,
  );
}

function refuseOtherSession({ command }: CommandContext, { id, session: own }: OpenCursor): void {
  const session = sessionKey(command.get('lsid'));
  if (own === session) return;
  const where = `Cannot run getMore on cursor ${id}, which was`;
  if (own === undefined) {
    throw new ServerError(50736, `${where} not created in a session, in a session`);
  }
  if (session === undefined) {
    throw new ServerError(50737, `${where} created in a session, without an lsid`);
  }
  throw new ServerError(50738, `${where} created in a session, in a different session`);
}

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

/** Only what waits for documents may be told how long. */
function refuseTimeLimit({ command }: CommandContext, { source, awaitsData }: OpenCursor): void {
  if (!numberArgument(command, 'maxTimeMS')) return;
  if (source instanceof ChangeStream || awaitsData === true) return;
  throw new ServerError(2, 'cannot set maxTimeMS on getMore command for a non-awaitData cursor');
}

const killCursors: Command = {
  kind: 'any',
  run(given) {
    const { state, command } = given;
    requireFields(given, ['cursors']);
    const name = command.get('killCursors');
    if (typeof name !== 'string') {
      throw new ServerError(73, `collection name has invalid type ${typeName(name)}`);
    }
    const ids = arrayArgument(command, 'cursors')
      .filter((id) => id !== null)
      .map((id) => requireLong('killCursors.cursors', id));
    const { killed = [], missed = [] } = Object.groupBy(ids, (id) =>
      state.cursors.kill(id) ? 'killed' : 'missed',
    );
    return {
      cursorsKilled: killed,
      cursorsNotFound: missed,
      cursorsAlive: [],
      cursorsUnknown: [],
      ok: 1,
    };
  },
};

const count: Command = {
  kind: 'read',
  async run(given) {
    const { command, state, store } = given;
    requireFields(given, ['query', 'limit', 'skip', 'hint', 'collation', 'fields']);
    const namespace = namespaceOf(given);
    const context = withCollation(given, namespace);
    const selection = countSelection(command);
    const collection = store.collection(namespace);
    const known = collection && countByKeys(state, collection, selection, context);
    if (known !== undefined) return { n: known, ok: 1 };
    let n = 0;
    await forEachInSlices(context, selectFrom(context, namespace, selection), () => {
      n += 1;
    });
    return { n, ok: 1 };
  },
};

const distinct: Command = {
  kind: 'read',
  async run(given) {
    const { command } = given;
    requireFields(given, ['key', 'query', 'hint', 'collation']);
    const namespace = namespaceOf(given);
    const context = withCollation(given, namespace);
    const { path, selection } = distinctSelection(command);
    const seen = new ValueSet([], context.collator);
    const values: BsonValue[] = [];
    await forEachInSlices(context, selectFrom(context, namespace, selection), ({ document }) => {
      for (const value of distinctValues(document, path)) if (seen.add(value)) values.push(value);
    });
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
