/** The ends of transactions, and the sessions that clients open and close. */
import { Binary, UUID } from 'bson';
import { type EncodableDocument, isDocument } from '../bson-document.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  numberArgument,
  sessionKey,
} from '../command.ts';
import { awaitWriteConcern } from '../concern.ts';
import type { LogEnd } from '../operation.ts';
import { ServerError } from '../server-error.ts';
import { sessionMinutes } from '../sessions.ts';
import type { TransactionName } from '../transaction.ts';
import { commitStatement } from '../transaction-entry.ts';

const commitTransaction: Command = {
  kind: 'write',
  async run(context) {
    const { state } = context;
    const { sessions, replica, log } = state;
    const name = nameOf(context);
    const found = sessions.find(name);
    if (found === undefined || (found !== 'committed' && found.state === 'aborted')) {
      // What this says must not be taken back later, when the client has begun anew.
      const error = await awaitWriteConcern(context, replica.end);
      const { code, message } = sessions.noSuchTransaction(name.number, found);
      throw new ServerError(code, message, error && { writeConcernError: error });
    }
    let end: LogEnd = replica.end;
    if (found === 'committed') {
      const record = log.resultOf(name.session, name.number, commitStatement);
      end = { ...end, position: record?.position ?? end.position };
    } else {
      if (!found.isOver) sessions.commit(found);
      end = found.end ?? replica.end;
    }
    const { term } = replica.standing;
    if (found !== 'committed' && found.speculative) {
      const point = { position: found.snapshot, term: log.termAt(found.snapshot) };
      const limit = numberArgument(context.command, 'maxTimeMS') || Number.POSITIVE_INFINITY;
      if (!(await replica.settled(point, limit))) {
        throw new ServerError(50, 'operation exceeded time limit');
      }
    }
    return concluded(await awaitWriteConcern(context, { ...end, term }));
  },
};

const abortTransaction: Command = {
  kind: 'write',
  async run(context) {
    const { sessions, replica } = context.state;
    sessions.abort(sessions.open(nameOf(context)));
    return concluded(await awaitWriteConcern(context, replica.end));
  },
};

function concluded(writeConcernError: EncodableDocument | undefined): EncodableDocument {
  return { ok: 1, ...(writeConcernError && { writeConcernError }) };
}

function nameOf({ command, name }: CommandContext): TransactionName {
  const lsid = command.get('lsid');
  const id = isDocument(lsid) ? lsid.get('id') : undefined;
  if (!(id instanceof Binary) || command.get('autocommit') !== false) {
    throw new ServerError(125, `${name} must be run within a transaction`);
  }
  return {
    session: id.buffer.subarray(0, id.position),
    number: Number(command.get('txnNumber')),
  };
}

const startSession: Command = {
  kind: 'any',
  run: () => ({
    id: { id: new Binary(new UUID().buffer, 4) },
    timeoutMinutes: sessionMinutes,
    ok: 1,
  }),
};

const refreshSessions: Command = {
  kind: 'any',
  run: (context) => forEachSession(context, (key) => context.state.sessions.touch(key)),
};

const endSessions: Command = {
  kind: 'any',
  run: (context) =>
    forEachSession(context, (key) => context.state.sessions.kill(key, { forget: true })),
};

/** Without names: all there are. */
const killSessions: Command = {
  kind: 'any',
  run(context) {
    if (arrayArgument(context.command, context.name).length === 0) return killAll(context);
    return forEachSession(context, (key) => context.state.sessions.kill(key));
  },
};

/** There is one user at most, so that naming users changes nothing. */
const killAllSessions: Command = { kind: 'any', run: killAll };

const killAllSessionsByPattern: Command = {
  kind: 'any',
  run(context) {
    const patterns = arrayArgument(context.command, context.name);
    const keys = patterns.map((pattern) =>
      sessionKey(isDocument(pattern) ? pattern.get('lsid') : undefined),
    );
    if (keys.length === 0 || keys.includes(undefined)) return killAll(context);
    for (const key of keys) if (key !== undefined) context.state.sessions.kill(key);
    return { ok: 1 };
  },
};

function killAll({ state }: CommandContext): EncodableDocument {
  for (const key of state.sessions.keys()) state.sessions.kill(key);
  return { ok: 1 };
}

function forEachSession(
  { command, name }: CommandContext,
  act: (key: string) => void,
): EncodableDocument {
  for (const lsid of arrayArgument(command, name)) {
    const key = sessionKey(lsid);
    if (key !== undefined) act(key);
  }
  return { ok: 1 };
}

export const sessionCommands: Readonly<Record<string, Command>> = {
  commitTransaction,
  abortTransaction,
  startSession,
  refreshSessions,
  endSessions,
  killSessions,
  killAllSessions,
  killAllSessionsByPattern,
};
