import { setTimeout as sleep } from 'node:timers/promises';
import { ReplicaSetError } from '@holdfast/replica-set';
import type { MongoClient } from 'mongodb';
import { DeskError } from '../desk-error.ts';
import type { Log } from '../log.ts';
import type { DatabaseStatus } from '../status-report.ts';
import { type Claim, claimDirectory } from './claim.ts';
import { connect } from './connection.ts';
import { type DeskFile, randomPassword, readDeskFile, writeDeskFile } from './desk-file.ts';
import { type EmbeddedSet, embeddedUri, startEmbeddedSet } from './embedded-set.ts';

/** Milliseconds to wait for a desk that is just starting. */
const joinPatience = 20_000;
const firstAnswer = 3_000;
const watchEvery = 500;

/**
 * The database of a data directory, run by this process or by another desk of the same user.
 *
 * One process at a time runs it, the one that holds the directory's claim. The others join it as
 * clients; when it ends, however it ends, one of them starts the database again on the same files
 * at the same port, and every client goes on as after a fail-over.
 */
export class DeskDatabase {
  readonly client: MongoClient;
  readonly #directory: string;
  readonly #log: Log;
  readonly #database: string;
  readonly #lost = new AbortController();
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  #file: DeskFile;
  #tenure: Tenure | null;

  private constructor(place: Place, client: MongoClient, file: DeskFile, tenure: Tenure | null) {
    this.client = client;
    this.#directory = place.directory;
    this.#log = place.log;
    this.#database = place.database;
    this.#file = file;
    this.#tenure = tenure;
    this.#watching = tenure === null ? this.#watch() : Promise.resolve();
  }

  /**
   * Starts the database of a directory, or joins it where another process runs it.
   *
   * @throws {DeskError} `unreachable`, when another process has it and does not answer
   */
  static async open(place: Place): Promise<DeskDatabase> {
    const deadline = Date.now() + joinPatience;
    for (;;) {
      const claim = claimDirectory(place.directory);
      if (claim !== null) {
        const { tenure, file } = await begin(place, claim);
        try {
          const client = await connect(uriOf(file), firstAnswer, place.log);
          return new DeskDatabase(place, client, file, tenure);
        } catch (error) {
          await end(tenure);
          throw error;
        }
      }
      const file = readDeskFile(place.directory);
      const client = file === null ? null : await tryConnect(file, place.log);
      if (file !== null && client !== null) return new DeskDatabase(place, client, file, null);
      if (Date.now() > deadline) throw unanswered(place.directory);
      await sleep(watchEvery);
    }
  }

  /** Whether this process runs the database or has joined another that does. */
  get kind(): DatabaseStatus['kind'] {
    return this.#tenure === null ? 'joined' : 'own';
  }

  /** Aborts, with the reason, when the database is gone for good. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Closes the client, then the database if this process runs it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    await this.client.close();
    if (this.#tenure !== null) await end(this.#tenure);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && this.#tenure === null) {
      try {
        await sleep(watchEvery, undefined, { signal });
        await this.#takeOver();
      } catch (error) {
        if (signal.aborted) return;
        this.#lost.abort(error);
        return;
      }
    }
  }

  /** Starts the database anew if its process has ended. */
  async #takeOver(): Promise<void> {
    const claim = claimDirectory(this.#directory);
    if (claim === null) {
      if (readDeskFile(this.#directory)?.port !== this.#file.port) throw moved(this.#directory);
      return;
    }
    const place = { directory: this.#directory, log: this.#log, database: this.#database };
    const { tenure, file } = await begin(place, claim);
    this.#tenure = tenure;
    if (file.port !== this.#file.port) throw moved(this.#directory);
    this.#file = file;
    this.#log.warn('the desk that ran the database has ended; this one runs it now');
  }
}

/** Where a desk keeps its database. */
interface Place {
  readonly directory: string;
  readonly log: Log;
  /** The name of the database that the desk uses, for `holdfast status`. */
  readonly database: string;
}

/** What the process that runs the database holds. */
interface Tenure {
  readonly claim: Claim;
  readonly set: EmbeddedSet;
}

async function begin(
  { directory, database }: Place,
  claim: Claim,
): Promise<{ readonly tenure: Tenure; readonly file: DeskFile }> {
  try {
    const before = readDeskFile(directory);
    const { user, password } = before ?? { user: 'desk', password: randomPassword() };
    const set = await startAtPort(before?.port ?? 0, { directory, user, password });
    const file = { schema: 1, port: set.port, user, password, pid: process.pid, database } as const;
    writeDeskFile(directory, file);
    return { tenure: { claim, set }, file };
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** At the port of the last time, where joined desks look for it, or else at a free one. */
async function startAtPort(
  port: number,
  options: { readonly directory: string; readonly user: string; readonly password: string },
): Promise<EmbeddedSet> {
  try {
    return await startEmbeddedSet({ ...options, port });
  } catch (error) {
    if (!(error instanceof ReplicaSetError) || error.code !== 'port-in-use') throw error;
    return startEmbeddedSet({ ...options, port: 0 });
  }
}

async function end({ set, claim }: Tenure): Promise<void> {
  try {
    await set.stop();
  } finally {
    claim.release();
  }
}

/** The address of the database that a desk file names. */
function uriOf({ port, user, password }: DeskFile): string {
  return embeddedUri({ port, user, password });
}

async function tryConnect(file: DeskFile, log: Log): Promise<MongoClient | null> {
  try {
    return await connect(uriOf(file), firstAnswer, log);
  } catch (error) {
    if (error instanceof DeskError) return null;
    throw error;
  }
}

function unanswered(directory: string): DeskError {
  return new DeskError(
    'unreachable',
    `another desk uses ${directory}, and its database does not answer`,
    'Stop it, or use another directory with --data DIR.',
  );
}

function moved(directory: string): DeskError {
  return new DeskError(
    'unreachable',
    `the database of ${directory} has moved to another port`,
    'Run holdfast start again.',
  );
}
