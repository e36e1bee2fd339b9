/** The peers' servers, as Debian has them: found, started on a free port, and stopped by process id. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';

/** A server with an empty store of its own; disposed, it has ended and its files are gone. */
export interface Server extends AsyncDisposable {
  readonly url: string;
}

/** A program that is not on this machine; `install` says how to get it. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError';
  readonly install: string;

  constructor(program: string, debianPackage: string) {
    super(`${program} was not found`);
    this.install = `apt-get install ${debianPackage}`;
  }
}

/** Redis without persistence, or with each command on the disk before its answer. */
export async function startRedis(durable: boolean): Promise<Server> {
  const program = find('redis-server', 'redis-server');
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const kept = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
  const place = ['--bind', '127.0.0.1', '--port', `${port}`, '--save', ''];
  return start(
    program,
    (folder) => [...place, ...kept, '--dir', folder],
    url,
    async () => {
      const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
      redis.on('error', () => {});
      await redis.connect();
      redis.disconnect();
    },
  );
}

/** PostgreSQL with its `fsync` on or off. */
export async function startPostgres(durable: boolean): Promise<Server> {
  const program = find('postgres', 'postgresql');
  const initdb = find('initdb', 'postgresql');
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const user = postgresUser();
  const args = (folder: string): string[] => {
    const data = join(folder, 'data');
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
    const options = ['--auth=trust', '--username=postgres', '--no-sync', '--pgdata', data];
    execFileSync(initdb, options, { ...user, cwd: folder, stdio: 'ignore' });
    const fsync = durable ? 'on' : 'off';
    return [
      ...['-D', data, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1'],
      ...['-c', `unix_socket_directories=${folder}`, '-c', `fsync=${fsync}`],
    ];
  };
  const connect = async (): Promise<void> => {
    const client = new Client(url);
    await client.connect();
    await client.end();
  };
  return start(program, args, url, connect, user);
}

/** etcd with its log synced before each answer, or never. */
export async function startEtcd(durable: boolean): Promise<Server> {
  const program = find('etcd', 'etcd-server');
  const [url, peer] = [
    `http://127.0.0.1:${await freePort()}`,
    `http://127.0.0.1:${await freePort()}`,
  ];
  const args = (folder: string): string[] => [
    ...['--data-dir', folder, '--listen-client-urls', url, '--advertise-client-urls', url],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `default=${peer}`],
    ...(durable ? [] : ['--unsafe-no-fsync']),
  ];
  return start(program, args, url, async () => {
    const answer = await fetch(`${url}/health`);
    if (!answer.ok) throw new Error(`etcd answered ${answer.status}`);
  });
}

type User = { readonly uid: number; readonly gid: number } | { readonly uid?: never };

/** PostgreSQL refuses to run as root. */
function postgresUser(): User {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function start(
  program: string,
  argsIn: (folder: string) => string[],
  url: string,
  connect: () => Promise<void>,
  user: User = {},
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'locker-room-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    }
    remove();
  };
  const kill = (): void => {
    child?.kill('SIGKILL');
    remove();
  };
  process.on('exit', kill);
  try {
    child = spawn(program, argsIn(folder), { ...user, cwd: folder, stdio: 'ignore' });
    await untilItAnswers(child, connect);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: stop };
}

async function untilItAnswers(child: ChildProcess, connect: () => Promise<void>): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      const hasEnded = child.exitCode !== null;
      if (hasEnded || performance.now() > giveUpAt) {
        throw new Error(`${child.spawnfile} does not answer`, { cause: error });
      }
    }
    await sleep(50);
  }
}

/** Debian keeps PostgreSQL's programs out of the PATH. */
function find(program: string, debianPackage: string): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (found === undefined) throw new MissingProgramError(program, debianPackage);
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : Number.NaN;
}
