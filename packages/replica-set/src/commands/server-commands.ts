/** What clients and tools ask about the server. */

import { createHash } from 'node:crypto';
import { arch, cpus, hostname, release, totalmem, type } from 'node:os';
import { isDocument } from '../bson-document.ts';
import { type Command, numberArgument } from '../command.ts';
import { readPlan } from '../plan-reader.ts';
import { planQuery } from '../planner.ts';
import { ServerError } from '../server-error.ts';
import { serverVersion } from '../server-version.ts';
import { collectionsOf } from './known-collection.ts';

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
  run({ now }) {
    const [cpu] = cpus();
    return {
      system: {
        currentTime: now,
        hostname: hostname(),
        cpuAddrSize: 64,
        memSizeMB: BigInt(Math.floor(totalmem() / 1048576)),
        numCores: cpus().length,
        cpuArch: arch(),
        numaEnabled: false,
      },
      os: { type: type(), name: process.platform, version: release() },
      extra: { cpuString: cpu?.model ?? '', kernelVersion: release() },
      ok: 1,
    };
  },
};

const serverStatus: Command = {
  kind: 'any',
  run(context) {
    const { state, now } = context;
    const uptime = (now.getTime() - state.startedAt.getTime()) / 1000;
    const memory = process.memoryUsage();
    const { counts } = state.running;
    const ran = (...names: readonly string[]) =>
      BigInt(names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0));
    const all = BigInt([...counts.values()].reduce((sum, count) => sum + count, 0));
    const named = ['insert', 'find', 'update', 'delete', 'getMore'];
    const { ttl, clients } = state;
    return {
      host: hostname(),
      version: serverVersion,
      process: 'holdfast',
      pid: BigInt(process.pid),
      uptime,
      uptimeMillis: BigInt(Math.round(uptime * 1000)),
      uptimeEstimate: BigInt(Math.round(uptime)),
      localTime: now,
      asserts: { regular: 0, warning: 0, msg: 0, user: 0, tripwire: 0, rollovers: 0 },
      connections: {
        current: clients.size,
        available: 1_000_000 - clients.size,
        totalCreated: BigInt(state.connectionsMade),
        active: state.running.all().length,
      },
      mem: {
        bits: 64,
        resident: Math.floor(memory.rss / 1048576),
        virtual: Math.floor(memory.rss / 1048576),
        supported: true,
      },
      metrics: {
        cursor: { open: { total: BigInt(state.cursors.size) } },
        ttl: { deletedDocuments: BigInt(ttl.deletedDocuments), passes: BigInt(ttl.passes) },
        commands: Object.fromEntries(
          [...counts].map(([name, total]) => [name, { total: BigInt(total) }]),
        ),
      },
      opcounters: {
        insert: ran('insert'),
        query: ran('find'),
        update: ran('update'),
        delete: ran('delete'),
        getmore: ran('getMore'),
        command: all - ran(...named),
      },
      repl: {
        setName: state.config.setName,
        isWritablePrimary: state.replica.isPrimary,
        secondary: !state.replica.isPrimary,
      },
      storageEngine: { name: 'sqlite', supportsCommittedReads: true, persistent: true },
      transactions: { currentOpen: BigInt(state.sessions.openTransactions) },
      ok: 1,
    };
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

/** Slow commands are not profiled: the level is 0 and stays so. */
const profile: Command = {
  kind: 'any',
  run({ command }) {
    const level = numberArgument(command, 'profile');
    if (level === 1 || level === 2) {
      throw new ServerError(238, 'profiling is not supported: the level can only be 0');
    }
    return { was: 0, slowms: 100, sampleRate: 1.0, ok: 1 };
  },
};

/** The user that the set was started with, to those who ask for it or for all. */
const usersInfo: Command = {
  kind: 'any',
  run({ command, state, database }) {
    const name = state.credential?.name;
    const asked = command.get('usersInfo');
    const wanted = isDocument(asked) ? asked.get('user') : asked;
    const isAsked = typeof wanted === 'string' ? wanted === name : database === 'admin';
    const roles = [{ role: 'root', db: 'admin' }];
    const users =
      name === undefined || !isAsked
        ? []
        : [{ _id: `admin.${name}`, user: name, db: 'admin', roles, mechanisms: ['SCRAM-SHA-256'] }];
    return { users, ok: 1 };
  },
};

/** There are no roles but MongoDB's own. */
const rolesInfo: Command = { kind: 'any', run: () => ({ roles: [], ok: 1 }) };

const features: Command = {
  kind: 'any',
  open: true,
  run: () => ({ js: false, oidMachine: 0, ok: 1 }),
};

/** Nobody can stop the clients' writes. */
const getClusterParameter: Command = {
  kind: 'any',
  run({ command }) {
    const name = command.get('getClusterParameter');
    if (name === '*') return { clusterParameters: [], ok: 1 };
    throw new ServerError(72, `there is no cluster parameter '${String(name)}'`);
  },
};

const dbHash: Command = {
  kind: 'read',
  run(context) {
    const { state, database } = context;
    const whole = createHash('md5');
    const hashes = collectionsOf(state.catalog.collections(), database)
      .filter(({ settings }) => settings.view === undefined)
      .sort((a, b) => (a.namespace < b.namespace ? -1 : 1))
      .map((collection) => {
        const hash = createHash('md5');
        for (const { bytes } of readPlan(
          state.file,
          collection,
          planQuery(collection, new Map(), [], '_id_'),
        )) {
          hash.update(bytes);
        }
        const name = collection.namespace.slice(database.length + 1);
        const digest = hash.digest('hex');
        whole.update(name).update(digest);
        return [name, digest] as const;
      });
    return {
      host: hostname(),
      collections: Object.fromEntries(hashes),
      md5: whole.digest('hex'),
      timeMillis: 0,
      ok: 1,
    };
  },
};

export const serverCommands: Readonly<Record<string, Command>> = {
  ping,
  buildInfo,
  hostInfo,
  serverStatus,
  getLog,
  getCmdLineOpts,
  buildinfo: buildInfo,
  profile,
  usersInfo,
  rolesInfo,
  features,
  getClusterParameter,
  dbHash,
  dbhash: dbHash,
};
