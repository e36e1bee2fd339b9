/** Where a part of the soak plays: three members as processes with data on disk, and clients of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { Dice } from './dice.ts';
import { freePorts } from './free-ports.ts';
import { Tally } from './tally.ts';

const members = 3;

export interface StageOptions {
  readonly seed: string;
  readonly minutes: number;
  readonly electionTimeoutMS: number;
  /** Ends the part before its time. */
  readonly signal: AbortSignal;
}

export class Stage {
  readonly set: ReplicaSet;
  readonly tally: Tally = new Tally();
  readonly signal: AbortSignal;
  readonly #seed: string;
  readonly #length: number;
  readonly #began = performance.now();
  readonly #clients: MongoClient[] = [];
  readonly #folder: string;

  private constructor(set: ReplicaSet, folder: string, options: StageOptions) {
    this.set = set;
    this.signal = options.signal;
    this.#seed = options.seed;
    this.#length = options.minutes * 60_000;
    this.#folder = folder;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'mongo-proxy-soak-'));
    try {
      const set = await ReplicaSet.start({
        members,
        processes: true,
        dataDir: folder,
        electionTimeoutMS: options.electionTimeoutMS,
        logBytes: 512 * 1024 * 1024,
        port: await freePorts(members),
      });
      return new Stage(set, folder, options);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Milliseconds since the part began. */
  get elapsed(): number {
    return performance.now() - this.#began;
  }

  /** Whether that much of the part's time has passed, or the soak was interrupted. */
  isOver(share = 1): boolean {
    return this.signal.aborted || this.elapsed >= share * this.#length;
  }

  /** Dice of their own for each purpose, so that one does not disturb the others' numbers. */
  dice(purpose: string): Dice {
    return new Dice(`${this.#seed} ${purpose}`);
  }

  /** A connected bare client with the package's safe options. */
  async client(options: MongoClientOptions = {}): Promise<MongoClient> {
    const client = new MongoClient(this.set.uri, { ...safeClientOptions, ...options });
    this.#clients.push(client);
    return client.connect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close(true)));
    await this.set.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
