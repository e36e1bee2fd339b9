/** What clients and tools ask about the server. */
import { hostname } from 'node:os';
import type { EncodableDocument } from '../bson-document.ts';
import { type Command, numberArgument } from '../command.ts';
import { ServerError } from '../server-error.ts';
import { serverVersion } from '../server-version.ts';

const ping: Command = { kind: 'any', open: true, run: () => ({ ok: 1 }) };

const buildInfo: Command = {
  kind: 'any',
  open: true,
  run: () => ({
    version: serverVersion,
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
      version: serverVersion,
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
  run({ command, state }) {
    const known: EncodableDocument = {
      ...parameters,
      transactionLifetimeLimitSeconds: state.sessions.lifetimeSeconds,
    };
    if (command.get('getParameter') === '*') return { ...known, ok: 1 };
    const asked = Object.entries(known).filter(([name]) => command.has(name));
    if (asked.length === 0) throw new ServerError(72, 'no option found to get');
    return { ...Object.fromEntries(asked), ok: 1 };
  },
};

const setParameter: Command = {
  kind: 'any',
  run({ command, state }) {
    const seconds = numberArgument(command, 'transactionLifetimeLimitSeconds');
    if (seconds === undefined) throw new ServerError(72, 'no option found to set');
    if (!(seconds >= 1)) {
      throw new ServerError(
        2,
        'transactionLifetimeLimitSeconds must be greater than or equal to 1',
      );
    }
    const was = state.sessions.lifetimeSeconds;
    state.sessions.lifetimeSeconds = seconds;
    return { was, ok: 1 };
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

export const serverCommands: Readonly<Record<string, Command>> = {
  ping,
  buildInfo,
  hostInfo,
  serverStatus,
  getParameter,
  setParameter,
  getLog,
  getCmdLineOpts,
  buildinfo: buildInfo,
};
