/** How a client comes to know a member, and shows who it is. */
import { Binary, ObjectId } from 'bson';
import type { BsonDocument, EncodableDocument } from '../bson-document.ts';
import { isDocument } from '../bson-document.ts';
import { timestampOf } from '../cluster-time.ts';
import type { Command, CommandContext } from '../command.ts';
import { hostOf } from '../member-config.ts';
import type { MemberState } from '../member-state.ts';
import { authenticationFailed, Scram } from '../scram.ts';
import { ServerError } from '../server-error.ts';

const maxWireVersion = 25;

const hello: Command = {
  kind: 'any',
  open: true,
  async run(context) {
    const { state, command, session } = context;
    const client = command.get('client');
    const application = isDocument(client) ? client.get('application') : undefined;
    if (isDocument(application)) session.appName = String(application.get('name'));
    await awaitChange(state, command);
    return describe(context);
  },
};

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
  const mechanisms = config.user !== undefined && command.has('saslSupportedMechs');
  return {
    ...(name === 'hello' ? { isWritablePrimary: writable } : { ismaster: writable }),
    helloOk: true,
    topologyVersion: { processId: state.processId, counter: BigInt(replica.standing.topology) },
    hosts: addresses.map(hostOf),
    setName: config.setName,
    setVersion: 1,
    secondary: !writable,
    ...(primary && { primary: hostOf(primary) }),
    me: self,
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
    ...(mechanisms && { saslSupportedMechs: ['SCRAM-SHA-256'] }),
    ok: 1,
  };
}

/** Rises with the term, as MongoDB's does. */
function electionId(term: number): ObjectId {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(0x7fffffff, 0);
  bytes.writeBigUInt64BE(BigInt(term), 4);
  return new ObjectId(bytes);
}

const saslStart: Command = {
  kind: 'any',
  open: true,
  run({ state, command, session }) {
    const mechanism = command.get('mechanism');
    if (mechanism !== 'SCRAM-SHA-256') {
      throw new ServerError(334, `Unsupported mechanism '${String(mechanism)}': use SCRAM-SHA-256`);
    }
    if (state.credential === undefined) throw authenticationFailed();
    session.scram = new Scram(state.credential, textOf(command));
    return conversation(session.scram.serverFirst, false);
  },
};

const saslContinue: Command = {
  kind: 'any',
  open: true,
  run({ state, command, session }) {
    const { scram } = session;
    if (scram === undefined) throw authenticationFailed();
    if (session.user !== undefined) return conversation('', true);
    session.scram = undefined;
    const proof = scram.finish(textOf(command));
    session.user = state.credential?.name;
    session.scram = scram;
    return conversation(proof, command.get('skipEmptyExchange') !== false);
  },
};

function textOf(command: BsonDocument): string {
  const payload = command.get('payload');
  return payload instanceof Binary
    ? Buffer.from(payload.buffer.subarray(0, payload.position)).toString('utf8')
    : '';
}

function conversation(payload: string, done: boolean): EncodableDocument {
  return { conversationId: 1, done, payload: new Binary(Buffer.from(payload)), ok: 1 };
}

const logout: Command = {
  kind: 'any',
  run({ session }) {
    session.user = undefined;
    session.scram = undefined;
    return { ok: 1 };
  },
};

const connectionStatus: Command = {
  kind: 'any',
  run({ session }) {
    const users = session.user === undefined ? [] : [{ user: session.user, db: 'admin' }];
    return { authInfo: { authenticatedUsers: users, authenticatedUserRoles: [] }, ok: 1 };
  },
};

export const handshakeCommands: Readonly<Record<string, Command>> = {
  hello,
  saslStart,
  saslContinue,
  logout,
  connectionStatus,
  isMaster: hello,
  ismaster: hello,
};
