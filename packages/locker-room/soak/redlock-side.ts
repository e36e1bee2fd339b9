/** Locks of redlock on one Redis server, and data written plainly: redlock has no token to fence with. */
import { setTimeout as pause } from 'node:timers/promises';
import { ExecutionError, Redlock } from '@sesamecare-oss/redlock';
import { Redis } from 'ioredis';
import type { MongoClient } from 'mongodb';
import { now } from './clock.ts';
import {
  type Ask,
  type Books,
  type Count,
  countersName,
  type Held,
  historyName,
  type Line,
  type Side,
} from './side.ts';

/** Milliseconds between two tries, and by how much they vary. */
const retryDelay = 50;
const retryJitter = 25;

export interface RedlockSideOptions {
  readonly client: MongoClient;
  readonly database: string;
  /** Of the Redis server. */
  readonly url: string;
}

export class RedlockSide implements Side {
  readonly name = 'redlock';
  readonly #redis: Redis;
  readonly #redlock: Redlock;
  readonly #books: Books;
  readonly #prefix: string;

  constructor({ client, database, url }: RedlockSideOptions) {
    this.#redis = new Redis(url);
    // With more retries an extension that failed is tried again after the lock is gone, and the
    // signal aborts later still; who waits tries again in `hold`.
    this.#redlock = new Redlock([this.#redis], { retryCount: 0 });
    this.#books = {
      counters: client.db(database).collection<Count>(countersName),
      history: client.db(database).collection<Line>(historyName),
    };
    this.#prefix = database;
  }

  async hold(
    { name, lease, timeout = Infinity }: Ask,
    work: (held: Held) => Promise<void>,
  ): Promise<'released' | 'late' | undefined> {
    const until = now() + timeout;
    // As often as it lets one: at the latest it allows is 100 ms before the end.
    const automaticExtensionThreshold = Math.floor(Math.min(lease / 2, lease - 100));
    for (;;) {
      let granted = false;
      try {
        await this.#redlock.using(
          [`${this.#prefix}:${name}`],
          lease,
          { automaticExtensionThreshold },
          async (signal) => {
            granted = true;
            await work({ token: undefined, signal, books: this.#books });
          },
        );
        return 'released';
      } catch (error) {
        if (!(error instanceof ExecutionError)) throw error;
        if (granted) return 'late';
      }
      if (now() >= until) return undefined;
      await pause(retryDelay + (Math.random() * 2 - 1) * retryJitter);
    }
  }

  async close(): Promise<void> {
    await this.#redis.quit();
  }
}
