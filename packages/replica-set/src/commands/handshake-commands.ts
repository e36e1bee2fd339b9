/** How a client comes to know a member, and shows who it is. */
import { Binary, ObjectId } from 'bson';
import { type BsonDocument, type EncodableDocument, isDocument } from '../bson-document.ts';
import { timestampOf } from '../cluster-time.ts';
import type { Command, CommandContext } from '../command.ts';
import { hostOf } from '../member-config.ts';
import { type MemberSettings, settingsOf } from '../member-settings.ts';
import type { MemberState } from '../member-state.ts';
import { sharedCompressors } from '../message-compression.ts';
import { authenticationFailed, Scram } from '../scram.ts';
import { ServerError } from '../server-error.ts';
import { configVersion } from './set-status.ts';

const maxWireVersion = 25;

const hello: Command = {
  kind: 'any',
  open: true,
  async run(context) {
    const { state, command } = context;
    await awaitChange(state, command);
    return { ...describe(context), ...speculate(context) };
  },
};

/** The first step of a login that a client sent along, to save a round trip; nothing when it fails. */
function speculate(context: CommandContext): EncodableDocument {
  const attempt = context.command.get('speculativeAuthenticate');
  if (!isDocument(attempt) || !attempt.has('saslStart')) return {};
  try {
    return { speculativeAuthenticate: { ...startConversation(context, attempt), ok: undefined } };
  } catch (error) {
    if (error instanceof ServerError) return {};
    throw error;
  }
}

/** A client that names the topology it knows waits until there is another one. */
async function awaitChange(state: MemberState, command: BsonDocument): Promise<void> {
  const known = command.get('topologyVersion');
  const limit = Number(command.get('maxAwaitTimeMS') ?? 0);
  if (!isDocument(known) || !(limit > 0)) return;
  const processId = known.get('processId');
  if (!(processId instanceof ObjectId) || !processId.equals(state.processId)) return;
  const counter = Number(known.get('counter'));
  await state.replica.standing.changed.until(
    () => state.replica.standing.stopped || state.replica.standing.topology !== counter,
    limit,
  );
}

function describe({ state, command, session, name }: CommandContext): EncodableDocument {
  const { replica, config, addresses } = state;
  const primary = addresses.find(({ index }) => index === replica.standing.leader);
  const writable = replica.isPrimary;
  const { end } = replica;
  const self = hostOf(addresses.find(({ index }) => index === config.index) ?? config);
  const { settings } = replica.standing;
  const passives = hostsWhere(state, ({ hidden, priority }) => !hidden && priority === 0);
  const compression = command.get('compression');
  const shared = Array.isArray(compression) ? sharedCompressors(compression) : [];
  const mechanisms = config.user !== undefined && command.has('saslSupportedMechs');
  return {
    ...(name === 'hello' ? { isWritablePrimary: writable } : { ismaster: writable }),
    helloOk: true,
    topologyVersion: { processId: state.processId, counter: BigInt(replica.standing.topology) },
    ...(addresses.length === 0
      ? { secondary: false, isreplicaset: true, info: 'Does not have a valid replica set config' }
      : {
          hosts: hostsWhere(state, ({ hidden, priority }) => !hidden && priority > 0),
          ...(passives.length > 0 && { passives }),
          setName: config.setName,
          setVersion: configVersion,
          secondary: !writable && !replica.standing.recovering,
          ...(primary && { primary: hostOf(primary) }),
          ...(settings.priority === 0 && { passive: true }),
          ...(settings.hidden && { hidden: true }),
          ...(Object.keys(settings.tags).length > 0 && { tags: settings.tags }),
          me: self,
        }),
    ...(writable && { electionId: electionId(replica.standing.term) }),
    lastWrite: {
      opTime: { ts: timestampOf(end), t: BigInt(end.term) },
      lastWriteDate: new Date(end.seconds * 1000),
    },
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: state.faults.now(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: session.id,
    minWireVersion: 0,
    maxWireVersion,
    readOnly: false,
    ...(shared.length > 0 && { compression: shared }),
    ...(mechanisms && { saslSupportedMechs: ['SCRAM-SHA-256'] }),
    ok: 1,
  };
}

function hostsWhere(
  { addresses }: MemberState,
  isMeant: (settings: MemberSettings) => boolean,
): string[] {
  return addresses.filter(({ options }) => isMeant(settingsOf(options))).map(hostOf);
}

/** Rises with the term, as MongoDB's does. */
function electionId(term: number): ObjectId {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(0x7fffffff, 0);
  bytes.writeBigUInt64BE(BigInt(term), 4);
  return new ObjectId(bytes);
}

/** Tells the salt and the server's nonce; a name that is not known is refused here already. */
function startConversation(
  { state, session }: CommandContext,
  command: BsonDocument,
): EncodableDocument {
  session.scram = undefined;
  session.user = undefined;
  const mechanism = command.get('mechanism');
  if (mechanism !== 'SCRAM-SHA-256') {
    throw new ServerError(334, `Unsupported mechanism '${String(mechanism)}': use SCRAM-SHA-256`);
  }
  if (state.credential === undefined) throw authenticationFailed();
  session.scram = new Scram(state.credential, textOf(command));
  const options = command.get('options');
  session.skipsEmptyExchange = isDocument(options) && options.get('skipEmptyExchange') === true;
  return conversation(session.scram.serverFirst, false);
}

/** The login of MONGODB-X509, which takes a certificate and so TLS. */
const authenticate: Command = {
  kind: 'any',
  open: true,
  run({ command }) {
    const mechanism = String(command.get('mechanism'));
    throw new ServerError(334, `Unsupported mechanism '${mechanism}': use SCRAM-SHA-256`);
  },
};

const saslStart: Command = {
  kind: 'any',
  open: true,
  run: (context) => startConversation(context, context.command),
};

/** Checks the proof, once: after a wrong one the conversation begins anew. */
const saslContinue: Command = {
  kind: 'any',
  open: true,
  run({ state, command, session }) {
    const { scram } = session;
    if (scram === undefined || Number(command.get('conversationId')) !== conversationId) {
      throw new ServerError(17, 'No SASL session state found');
    }
    session.scram = undefined;
    // A client that did not ask to skip it sends an empty message after the proof.
    if (session.user !== undefined) return conversation('', true);
    const proof = scram.finish(textOf(command));
    session.user = state.credential?.name;
    if (!session.skipsEmptyExchange) session.scram = scram;
    return conversation(proof, session.skipsEmptyExchange);
  },
};

const conversationId = 1;

function textOf(command: BsonDocument): string {
  const payload = command.get('payload');
  return payload instanceof Binary
    ? Buffer.from(payload.buffer.subarray(0, payload.position)).toString('utf8')
    : '';
}

function conversation(payload: string, done: boolean): EncodableDocument {
  return { conversationId, done, payload: new Binary(Buffer.from(payload)), ok: 1 };
}

const logout: Command = {
  kind: 'any',
  open: true,
  run({ session }) {
    session.user = undefined;
    session.scram = undefined;
    return { ok: 1 };
  },
};

const connectionStatus: Command = {
  kind: 'any',
  open: true,
  run({ session }) {
    const users = session.user === undefined ? [] : [{ user: session.user, db: 'admin' }];
    const roles = users.length > 0 ? [{ role: 'root', db: 'admin' }] : [];
    return { authInfo: { authenticatedUsers: users, authenticatedUserRoles: roles }, ok: 1 };
  },
};

const whatsmyuri: Command = {
  kind: 'any',
  open: true,
  run: ({ session }) => ({ you: session.address, ok: 1 }),
};

export const handshakeCommands: Readonly<Record<string, Command>> = {
  hello,
  authenticate,
  saslStart,
  saslContinue,
  logout,
  connectionStatus,
  whatsmyuri,
  isMaster: hello,
  ismaster: hello,
};
