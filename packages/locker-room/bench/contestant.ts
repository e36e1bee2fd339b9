/** What is compared: a client and the server it talks to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReplicaSet } from '@holdfast/replica-set';
import type { LockClientName } from './lock-client.ts';
import {
  MissingProgramError,
  type Server,
  startEtcd,
  startPostgres,
  startRedis,
} from './server.ts';

export interface Contestant {
  readonly name: string;
  readonly client: LockClientName;
  readonly url: string;
  /** Name of the one that does two writes on the same set; of ours only. */
  readonly bare?: string;
}

/** Where everybody's data are: in memory, or on the disk before an answer is given. */
export type Keeping = 'memory' | 'disk';

/** Servers that are running, and who competes on them. */
export interface Ring extends AsyncDisposable {
  readonly contestants: readonly Contestant[];
  /** What this machine lacks, a sentence each. */
  readonly leftOut: readonly string[];
}

/** A set of this repository's members, each in a process of its own. */
export interface StartedSet extends AsyncDisposable {
  readonly url: string;
  readonly primaryProcessId: number;
}

export async function startSet(keeping: Keeping, members: number): Promise<StartedSet> {
  const dataDir =
    keeping === 'disk' ? mkdtempSync(join(tmpdir(), 'locker-room-bench-')) : undefined;
  const set = await ReplicaSet.start({ members, processes: true, ...(dataDir && { dataDir }) });
  return {
    url: set.uri,
    primaryProcessId: set.primary.processId,
    async [Symbol.asyncDispose]() {
      await set.stop();
      if (dataDir !== undefined) rmSync(dataDir, { recursive: true });
    },
  };
}

/** Starts the servers of all, or of the locker room alone. */
export async function startRing(
  keeping: Keeping,
  { withPeers }: { readonly withPeers: boolean },
): Promise<Ring> {
  const servers = new AsyncDisposableStack();
  const contestants: Contestant[] = [];
  const leftOut: string[] = [];
  try {
    for (const members of keeping === 'memory' ? [1] : [1, 3]) {
      const { url } = servers.use(await startSet(keeping, members));
      const set = members === 1 ? 'one member' : 'three members';
      const bare = `two majority writes, ${set}`;
      contestants.push({ name: `locker-room, ${set}`, client: 'locker-room', url, bare });
      contestants.push({ name: bare, client: 'two majority writes', url });
    }
    for (const { what, start, clients } of withPeers ? peers[keeping] : []) {
      try {
        const { url } = servers.use(await start(keeping === 'disk'));
        for (const client of clients) contestants.push({ name: `${client}, ${what}`, client, url });
      } catch (error) {
        if (!(error instanceof MissingProgramError)) throw error;
        leftOut.push(`left out: ${clients.join(', ')} (${error.message}: ${error.install})`);
      }
    }
  } catch (error) {
    await servers.disposeAsync();
    throw error;
  }
  return { contestants, leftOut, [Symbol.asyncDispose]: () => servers.disposeAsync() };
}

interface PeerServer {
  readonly what: string;
  readonly start: (durable: boolean) => Promise<Server>;
  readonly clients: readonly LockClientName[];
}

const peers: Readonly<Record<Keeping, readonly PeerServer[]>> = {
  memory: peersWith('no persistence', 'fsync off', 'no fsync'),
  disk: peersWith('appendfsync always', 'fsync on', 'fsync'),
};

function peersWith(redis: string, postgres: string, etcd: string): PeerServer[] {
  return [
    { what: redis, start: startRedis, clients: ['redlock', 'redis-semaphore'] },
    { what: postgres, start: startPostgres, clients: ['pg advisory lock'] },
    { what: etcd, start: startEtcd, clients: ['etcd3'] },
  ];
}
