/** Lock services as their users have them: the client's defaults, a lease of 30 s, no end to waiting. */
import { setTimeout as sleep } from 'node:timers/promises';

/** One client of a lock service. */
export interface LockClient {
  /** Waits for the lock; resolves to what gives it back. */
  lock(name: string): Promise<() => Promise<unknown>>;
  close(): Promise<unknown>;
}

export type LockClientName = keyof typeof connections;

/** A client for `url`; a process loads only what it connects by. */
export function connect(name: LockClientName, url: string): Promise<LockClient> {
  return connections[name](url);
}

const lease = 30_000;

const connections = {
  async 'locker-room'(uri: string): Promise<LockClient> {
    const { LockerRoom } = await import('../src/index.ts');
    const lockers = new LockerRoom({ uri });
    return {
      async lock(name) {
        const lock = await lockers.lock(name);
        return () => lock.release();
      },
      close: () => lockers.close(),
    };
  },

  /** No lock at all: what two writes cost that a majority has to have. */
  async 'two majority writes'(uri: string): Promise<LockClient> {
    const { MongoClient } = await import('mongodb');
    const { safeClientOptions } = await import('@holdfast/mongo-proxy');
    const client = new MongoClient(uri, safeClientOptions);
    const things = client.db('bench').collection<{ _id: string; n: number }>('things');
    const write = (_id: string) => things.updateOne({ _id }, { $inc: { n: 1 } }, { upsert: true });
    return {
      async lock(name) {
        await write(name);
        return () => write(name);
      },
      close: () => client.close(),
    };
  },

  async redlock(url: string): Promise<LockClient> {
    const { Redlock } = await import('@sesamecare-oss/redlock');
    const { Redis } = await import('ioredis');
    const redis = new Redis(url);
    const redlock = new Redlock([redis], { retryCount: -1 });
    return {
      async lock(name) {
        const lock = await redlock.acquire([name], lease);
        return () => lock.release();
      },
      close: () => redis.quit(),
    };
  },

  async 'redis-semaphore'(url: string): Promise<LockClient> {
    const { Mutex } = await import('redis-semaphore');
    const { Redis } = await import('ioredis');
    const redis = new Redis(url);
    return {
      async lock(name) {
        const mutex = new Mutex(redis, name, { lockTimeout: lease, acquireTimeout: 600_000 });
        await mutex.acquire();
        return () => mutex.release();
      },
      close: () => redis.quit(),
    };
  },

  /** A lock is its connection's, so each takes one out of the pool. */
  async 'pg advisory lock'(connectionString: string): Promise<LockClient> {
    const { Pool } = await import('pg');
    const pool = new Pool({ connectionString, max: 16 });
    return {
      async lock(name) {
        const client = await pool.connect();
        await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
        return async () => {
          await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]);
          client.release();
        };
      },
      close: () => pool.end(),
    };
  },

  /** It does not wait by itself, so it asks again every 20 ms. */
  async etcd3(url: string): Promise<LockClient> {
    const { Etcd3, EtcdLockFailedError } = await import('etcd3');
    const etcd = new Etcd3({ hosts: url });
    return {
      async lock(name) {
        for (;;) {
          try {
            const lock = await etcd
              .lock(name)
              .ttl(lease / 1000)
              .acquire();
            return () => lock.release();
          } catch (error) {
            if (!(error instanceof EtcdLockFailedError)) throw error;
            await sleep(20);
          }
        }
      },
      close: async () => etcd.close(),
    };
  },
};
