/** Where the soak plays: three members as processes with data on disk, Redis, and a client of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { MissingProgramError, type Server, startRedis } from '../bench/server.ts';
import { freePorts } from './free-ports.ts';
import { insist } from './insist.ts';

const members = 3;
/** Seconds after which a server ends the transaction of a holder that was killed within a fenced write. */
const transactionLifetimeLimitSeconds = 2;

export class Stage implements AsyncDisposable {
  readonly set: ReplicaSet;
  /** Nothing where there is no redis-server. */
  readonly redis: Server | undefined;
  readonly client: MongoClient;
  readonly folder: string;
  /** Whether history and data are to be left for people to look at. */
  isKept = false;

  private constructor(set: ReplicaSet, redis: Server | undefined, folder: string) {
    this.set = set;
    this.redis = redis;
    this.folder = folder;
    this.client = mongoProxy(new MongoClient(set.uri, safeClientOptions));
  }

  static async open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'locker-room-soak-'));
    const stack = new AsyncDisposableStack();
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    try {
      const port = await freePorts(members);
      const set = await ReplicaSet.start({
        ...{ members, processes: true, dataDir: folder, electionTimeoutMS: 500, port },
        logBytes: 512 * 1024 * 1024,
      });
      stack.use(set);
      const redis = await redisIfAny();
      if (redis !== undefined) stack.use(redis);
      const stage = new Stage(set, redis, folder);
      await stage.client.connect();
      await stage.#limitTransactions(set.members.map(({ index }) => index));
      stack.move();
      return stage;
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  }

  /** Starts members that were killed. */
  async restart(...members: readonly number[]): Promise<void> {
    await Promise.all(members.map((index) => this.set.restart(index)));
    await this.#limitTransactions(members);
  }

  /** Tells members how long a transaction may last; one that was started again has forgotten. */
  async #limitTransactions(members: readonly number[]): Promise<void> {
    const started = this.set.members.filter(({ index }) => members.includes(index));
    await Promise.all(
      started.map(async ({ host, port }) => {
        const member = new MongoClient(`mongodb://${host}:${port}/?directConnection=true`);
        const command = { setParameter: 1, transactionLifetimeLimitSeconds };
        await insist(() => member.db('admin').command(command));
        await member.close();
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.redis?.[Symbol.asyncDispose]();
    await this.set.stop();
    if (!this.isKept) await rm(this.folder, { recursive: true, force: true });
  }
}

async function redisIfAny(): Promise<Server | undefined> {
  try {
    return await startRedis(false);
  } catch (error) {
    if (error instanceof MissingProgramError) return undefined;
    throw error;
  }
}
