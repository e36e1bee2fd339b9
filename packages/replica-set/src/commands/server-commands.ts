/** What clients and tools ask about the server, and the sessions they open and close. */
import { hostname } from 'node:os';
import type { EncodableDocument } from '../bson-document.ts';
import { arrayArgument, type Command, sessionKey } from '../command.ts';
import { ServerError } from '../server-error.ts';

const version = '8.0.0';

const ping: Command = { kind: 'any', open: true, run: () => ({ ok: 1 }) };

const buildInfo: Command = {
  kind: 'any',
  open: true,
  run: () => ({
    version,
    versionArray: [8, 0, 0, 0],
    gitVersion: 'holdfast-replica-set',
    modules: ['holdfast'],
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16 * 1024 * 1024,
    storageEngines: ['sqlite'],
    ok: 1,
  }),
};

const hostInfo: Command = {
  kind: 'any',
  run: () => ({ system: { hostname: hostname() }, os: { type: process.platform }, ok: 1 }),
};

const serverStatus: Command = {
  kind: 'any',
  run({ state, now }) {
    return {
      host: hostname(),
      version,
      process: 'holdfast',
      pid: BigInt(process.pid),
      uptime: (now.getTime() - state.startedAt.getTime()) / 1000,
      localTime: now,
      storageEngine: { name: 'sqlite', persistent: true },
      repl: { setName: state.config.setName, primary: state.replica.isPrimary },
      ok: 1,
    };
  },
};

/** MongoDB's server parameters that say something true of this server; none can be set. */
const parameters: EncodableDocument = {
  acceptApiVersion2: false,
  authenticationMechanisms: ['SCRAM-SHA-256'],
  enableTestCommands: true,
  featureCompatibilityVersion: { version: '8.0' },
  requireApiVersion: false,
};

const getParameter: Command = {
  kind: 'any',
  run({ command }) {
    if (command.get('getParameter') === '*') return { ...parameters, ok: 1 };
    const asked = Object.entries(parameters).filter(([name]) => command.has(name));
    if (asked.length === 0) throw new ServerError(72, 'no option found to get');
    return { ...Object.fromEntries(asked), ok: 1 };
  },
};

/** Nothing is kept of what this server has said. */
const getLog: Command = {
  kind: 'any',
  run({ command }) {
    const name = command.get('getLog');
    if (name === '*') return { names: ['global', 'startupWarnings'], ok: 1 };
    if (name === 'global' || name === 'startupWarnings') {
      return { totalLinesWritten: 0, log: [], ok: 1 };
    }
    throw new ServerError(96, `No log named '${String(name)}'`);
  },
};

const getCmdLineOpts: Command = {
  kind: 'any',
  run: () => ({ argv: ['holdfast'], parsed: {}, ok: 1 }),
};

/** Sessions need no room of their own: what must outlive a connection lies in the log. But their cursors end with them. */
const endSessions: Command = {
  kind: 'any',
  run({ state, command }) {
    for (const lsid of arrayArgument(command, 'endSessions')) {
      const session = sessionKey(lsid);
      if (session === undefined) continue;
      state.cursors.killOfSession(session);
      state.localSessions.end(session);
    }
    return { ok: 1 };
  },
};

const refreshSessions: Command = { kind: 'any', run: () => ({ ok: 1 }) };

export const serverCommands: Readonly<Record<string, Command>> = {
  ping,
  buildInfo,
  hostInfo,
  serverStatus,
  getParameter,
  getLog,
  getCmdLineOpts,
  endSessions,
  refreshSessions,
  buildinfo: buildInfo,
};
