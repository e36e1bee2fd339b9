/** One client's connection: requests in, replies out, one after the other. */
import type { Socket } from 'node:net';
import { Binary } from 'bson';
import { checkApiVersion } from './api-version.ts';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
} from './bson-document.ts';
import { timestampOf } from './cluster-time.ts';
import {
  type Command,
  type CommandContext,
  documentArgument,
  requireTimeLimit,
  sessionKey,
} from './command.ts';
import { commands } from './commands/command-table.ts';
import {
  allowsSecondary,
  awaitReadConcern,
  awaitReadTime,
  awaitWriteConcern,
  refuseReadConcern,
  refuseWriteConcern,
  requireReadPreference,
  requireWriteConcern,
} from './concern.ts';

import { errorLabelsOf } from './error-label.ts';
import { withVariables } from './expression.ts';
import { whenFree } from './hold.ts';
import type { MemberState } from './member-state.ts';
import { MessageSplitter } from './message-splitter.ts';
import { ServerError } from './server-error.ts';
import { noteClient, type Session } from './session.ts';
import { runAtSnapshot, wantsSnapshot } from './snapshot.ts';
import { isTransactional, runInTransaction } from './transaction-command.ts';
import { encodeReply, parseHead, parseRequest, type Request } from './wire-message.ts';

let nextConnection = 1;

/** Milliseconds of silence after which a message that was begun counts as given up. */
const unfinishedMilliseconds = 30_000;

/**
 * Serves a socket until it closes.
 *
 * One request is served at a time, and nothing more is read before the client
 * has taken its reply, so that a client can fill its own socket alone. What is
 * not the protocol closes the socket, and so does a message that was begun and
 * not ended for `unfinishedMS`, or that waits for more when all connections
 * together hold too much of such messages.
 */
export function serveConnection(
  socket: Socket,
  state: MemberState,
  { unfinishedMS = unfinishedMilliseconds }: { unfinishedMS?: number } = {},
): void {
  const session: Session = {
    id: nextConnection++,
    address: `${socket.remoteAddress}:${socket.remotePort}`,
    user: undefined,
    scram: undefined,
    skipsEmptyExchange: false,
    appName: '',
  };
  state.clients.add(session);
  state.connectionsMade += 1;
  const splitter = new MessageSplitter();
  const take = async (chunk: Buffer): Promise<void> => {
    const messages = splitter.push(chunk);
    if (messages.length > 0) {
      socket.setTimeout(0);
      socket.pause();
      for (const message of messages) await serve(socket, state, session, message);
      socket.resume();
    }
    if (splitter.unfinished && !socket.destroyed) {
      socket.setTimeout(unfinishedMS);
      state.heldBytes.hold(socket, splitter.heldBytes, () => socket.destroy());
    } else {
      state.heldBytes.release(socket);
    }
  };
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('close', () => {
    state.clients.delete(session);
    state.heldBytes.release(socket);
  });
  socket.on('timeout', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    take(chunk).catch(() => socket.destroy());
  });
}

async function serve(
  socket: Socket,
  state: MemberState,
  session: Session,
  message: Buffer,
): Promise<void> {
  if (socket.destroyed) return;
  const head = parseHead(message);
  let request: Request;
  try {
    request = parseRequest(head);
  } catch (error) {
    if (!(error instanceof ServerError) || fatalCodes.has(error.code)) throw error;
    if (!head.silent) await send(socket, encodeReply(head, errorReply(error)));
    return;
  }
  let { command } = request;
  for (;;) {
    const reply = await answer(state, session, { ...request, command });
    if (reply === 'cut') {
      socket.destroy();
      return;
    }
    if (request.silent) return;
    // A member that stops has no news to wait for.
    const lasts = reply.ok === 1 && !state.replica.standing.stopped;
    const more = request.exhaust && lasts && streams(command, reply);
    await send(socket, encodeReply(request, reply, more));
    if (!more || socket.destroyed) return;
    // A streamed hello goes on with what the last one told.
    const version = reply.topologyVersion as EncodableDocument;
    command = new Map(command);
    command.set('topologyVersion', new Map(Object.entries(version)) as BsonDocument);
  }
}

/** True for a hello that waits for news: one that does not would be answered without end. */
function streams(command: BsonDocument, reply: EncodableDocument): boolean {
  return 'topologyVersion' in reply && Number(command.get('maxAwaitTimeMS')) > 0;
}

/** MongoDB ends the connection after these. */
const fatalCodes: ReadonlySet<number> = new Set([17, 223, 252]);

/** Writes, and waits for a client that is slow to read. */
function send(socket: Socket, bytes: Buffer): Promise<void> | undefined {
  if (socket.destroyed || socket.write(bytes)) return undefined;
  return new Promise((resolve) => {
    const go = (): void => {
      socket.off('drain', go);
      socket.off('close', go);
      resolve();
    };
    socket.on('drain', go);
    socket.on('close', go);
  });
}

async function answer(
  state: MemberState,
  session: Session,
  request: Request,
): Promise<EncodableDocument | 'cut'> {
  const [name = ''] = request.command.keys();
  const command = commands.get(name);
  const database = String(request.command.get('$db'));
  const operation = state.running.begin(session, database, request.command);
  const context: CommandContext = {
    state,
    name,
    database,
    command: request.command,
    sequences: request.sequences,
    session,
    operation,
    store: state.present,
    now: state.faults.now(),
    clusterTime: timestampOf(state.replica.end),
  };
  try {
    if (command === undefined) throw new ServerError(59, `no such command: '${name}'`);
    checkApiVersion(name, request.command);
    requireLeave(command, context);
    noteClient(session, request.command);
    requireTimeLimit(request.command);
    requireReadPreference(request.command);
    const failure = state.failPoints.failureOf(name, session.appName);
    if (failure !== undefined) await fail(failure);
    const definitions = documentArgument(request.command, 'let');
    const scoped = definitions.size === 0 ? context : withVariables(context, definitions);
    const reply = await run(command, scoped);
    if (session.cut) return 'cut';
    if (command.kind === 'write' && state.failPoints.losesReply(session.appName)) return 'cut';
    const concern = failure?.get('writeConcernError');
    const labels = failure?.get('errorLabels') ?? labelsOf(concern, context);
    return {
      ...reply,
      ...(concern !== undefined && { writeConcernError: concern }),
      ...(concern !== undefined && labels !== undefined && { errorLabels: labels }),
      ...times(state),
    };
  } catch (error) {
    if (session.cut || error instanceof CutConnection) return 'cut';
    state.file.notice(error);
    const reply = errorReply(error, request.command);
    const topology = error instanceof InjectedError ? {} : topologyOf(reply, state);
    return { ...reply, ...topology, ...times(state) };
  } finally {
    state.running.end(operation);
  }
}

async function run(command: Command, context: CommandContext): Promise<EncodableDocument> {
  const { state } = context;
  const { replica } = state;
  const key = sessionKey(context.command.get('lsid'));
  if (key !== undefined) state.sessions.touch(key);
  if (isTransactional(context)) return runInTransaction(command, context);
  const writes = command.kind === 'write' || command.writes?.(context.command) === true;
  if (!writes) refuseWriteConcern(context);
  if (command.kind === 'any') return command.run(context);
  if (!writes) {
    if (replica.standing.recovering) {
      throw new ServerError(
        13436,
        'not primary or secondary; cannot currently read from this replSet member',
      );
    }
    if (!replica.isPrimary && !allowsSecondary(context.command)) {
      throw new ServerError(13435, 'not primary and secondaryOk=false');
    }
    if (wantsSnapshot(context)) return runAtSnapshot(command, context);
    await awaitReadTime(context);
    const reply = await command.run(context);
    await awaitReadConcern(context);
    return reply;
  }
  if (command.kind === 'read' && allowsSecondary(context.command) && !replica.isPrimary) {
    return replica.askPrimary(documentToSend(context));
  }
  replica.requirePrimary();
  refuseReadConcern(context);
  requireWriteConcern(context);
  let reply: EncodableDocument;
  try {
    reply = await whenFree(context, () => command.run(context));
  } catch (error) {
    // What the error tells of (a taken key, say) may itself still be on its way to the disk.
    await state.file.flushed();
    throw error;
  }
  const writeConcernError = await awaitWriteConcern(context, replica.end);
  return writeConcernError === undefined ? reply : { ...reply, writeConcernError };
}

/** The command as the primary is asked to run it for this member's client. */
function documentToSend({ command }: CommandContext): EncodableDocument {
  return Object.fromEntries([...command].filter(([name]) => name !== '$readPreference'));
}

/** Refuses what this client may not ask for; takes off what shows that it is a member. */
function requireLeave(
  command: Command,
  { state, session, name, command: document }: CommandContext,
): void {
  const { user, secret } = state.config;
  const member = document.get('secret') === secret;
  if (member) document.delete('secret');
  if (command.internal === true) {
    if (!member) throw new ServerError(59, `no such command: '${name}'`);
  } else if (user !== undefined && command.open !== true && session.user === undefined && !member) {
    throw new ServerError(13, `Command ${name} requires authentication`);
  }
}

class CutConnection extends Error {}

/** What `failCommand` answers: it says nothing of the member's state, whatever its code. */
class InjectedError extends ServerError {}

async function fail(failure: BsonDocument): Promise<void> {
  if (failure.get('blockConnection') === true) {
    await new Promise((resolve) => setTimeout(resolve, Number(failure.get('blockTimeMS') ?? 0)));
  }
  if (failure.get('closeConnection') === true) throw new CutConnection();
  const code = failure.get('errorCode');
  if (code === undefined) return;
  const labels = failure.get('errorLabels');
  throw new InjectedError(
    Number(code),
    "Failing command via 'failCommand' failpoint",
    labels === undefined ? {} : { errorLabels: labels },
  );
}

/** The labels that MongoDB gives a write concern's error of its own accord. */
function labelsOf(
  concern: BsonValue | undefined,
  { command }: CommandContext,
): string[] | undefined {
  if (!isDocument(concern)) return undefined;
  const labels = errorLabelsOf(command, 0, Number(concern.get('code')));
  return labels.length > 0 ? labels : undefined;
}

function errorReply(error: unknown, command: BsonDocument = new Map()): EncodableDocument {
  const known =
    error instanceof ServerError
      ? error
      : new ServerError(1, error instanceof Error ? error.message : String(error));
  const { writeConcernError } = known.fields as EncodableDocument;
  const concernCode = Number((writeConcernError as EncodableDocument | undefined)?.code ?? 0);
  const labels = errorLabelsOf(command, known.code, concernCode);
  return {
    ok: 0,
    errmsg: known.message,
    code: known.code,
    codeName: known.codeName,
    ...(labels.length > 0 && { errorLabels: labels }),
    ...(known.fields as EncodableDocument),
  };
}

/** The errors by which a client learns that a member is not what it took it for. */
const stateChanges: ReadonlySet<unknown> = new Set([91, 189, 10107, 11600, 11602, 13435, 13436]);

/** Tells with such an error which state it is of, so that a client does not forget a newer one over it. */
function topologyOf(
  { code }: EncodableDocument,
  { processId, replica }: MemberState,
): EncodableDocument {
  if (!stateChanges.has(code)) return {};
  return { topologyVersion: { processId, counter: BigInt(replica.standing.topology) } };
}

const noSignature = { hash: new Binary(new Uint8Array(20)), keyId: 0n };

function times({ replica }: MemberState): EncodableDocument {
  const time = timestampOf(replica.end);
  return { operationTime: time, $clusterTime: { clusterTime: time, signature: noSignature } };
}
