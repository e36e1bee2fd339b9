import type { ClientSession, Collection, Document, Filter, Long, MongoClient } from 'mongodb';
import {
  type Asker,
  grantIdle,
  grantOrRefuse,
  type InLine,
  idle,
  lineWithout,
  nextInLine,
  runningHolders,
} from './grant.ts';

/** How a lock stands, as seen by a majority of the members and by the server's clock. */
export interface LockStatus {
  /** Name of the lock. */
  readonly _id: string;
  /** Whether anybody holds it; false as soon as the lease is over, released or not. */
  readonly locked: boolean;
  /** Who holds it, of several the one who has held it longest; null when nobody does. */
  readonly owner: string | null;
  /** When it was granted to that owner; null without one. */
  readonly timestamp: Date | null;
  /** When that owner's lease ends unless renewed; null without one. */
  readonly expiresAt: Date | null;
  /** Token of the last grant; 0 before the first. */
  readonly token: bigint;
  /** Those in line, the first to be served first. */
  readonly waiting: readonly LockWaiter[];
  /** All who hold it, in the order of their grants; more than one only if they hold it together. */
  readonly holders: readonly LockHolder[];
}

/** One of those who stand in line for a lock. */
export interface LockWaiter {
  readonly owner: string;
  readonly since: Date;
  /** With how many at most he would hold it, himself counted: 1 alone, Infinity with all readers. */
  readonly permits: number;
}

/** One of those who hold a lock. */
export interface LockHolder {
  readonly owner: string;
  /** With how many at most he holds it, himself counted: 1 alone, Infinity with all readers. */
  readonly permits: number;
  readonly token: bigint;
  readonly timestamp: Date;
  /** When its lease ends unless renewed. */
  readonly expiresAt: Date;
}

/** What a grant says; `expiresAt` is the end of the lease by the server's clock. */
export interface Granted {
  readonly granted: true;
  readonly token: bigint;
  readonly expiresAt: Date;
}

/** What a refusal says. */
export interface Refused {
  readonly granted: false;
  /** Who has held it longest, and since when; null when it is free, but others are first in line. */
  readonly owner: string | null;
  readonly timestamp: Date | null;
  /** How many hold it. */
  readonly holders: number;
  /** How many stand in line, the asker not counted. */
  readonly waiting: number;
  /** How many stand before the asker in line; 0 when not in line. */
  readonly before: number;
}

interface Broken {
  readonly holders: readonly LockHolder[];
  /** Ids of those in line who are next. */
  readonly next: readonly string[];
}

/** How many breaks a lock's document remembers. */
const breaksKept = 10;

interface Waiter {
  id: string;
  owner: string;
  permits: number;
  since: Date;
  until: Date;
}

interface Holder {
  id: string;
  owner: string;
  permits: number;
  /** A `Long` as read; written as a bigint, which the driver makes the same of. */
  token: Long | bigint;
  timestamp: Date;
  expiresAt: Date;
}

interface LockDocument {
  _id: string;
  /** That of the last grant. */
  token: Long | bigint;
  holders: Holder[];
  waiting: Waiter[];
  /** How many fenced writes were begun; it only has to change. */
  writes?: number;
  breaks?: Document[];
}

const isInPatience = { $gt: ['$$w.until', '$$NOW'] };
const livingWaiters = { $filter: { input: '$waiting', as: 'w', cond: isInPatience } };

/**
 * The locks' documents, one a name, never deleted. Each method is one step, and one request but for `askFirst`.
 *
 * All times are the server's (`$$NOW`), all writes are acknowledged by a majority, and tokens are
 * 64-bit integers whatever the client's own options say.
 */
export class LockStore {
  readonly client: MongoClient;
  readonly #locks: Collection<LockDocument>;

  constructor(client: MongoClient, database: string, collection: string) {
    this.client = client;
    this.#locks = client.db(database).collection<LockDocument>(collection, {
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: 30_000 },
      // Not `useBigInt64`: with it driver 7.9 throws, past every handler, on the first error that
      // tells a member's `topologyVersion`, as each step-down does.
      useBigInt64: false,
      promoteLongs: false,
      promoteValues: true,
    });
  }

  /** As `ask`, by who does not stand in line: at a third of the cost where the lock is idle. */
  async askFirst(name: string, asker: Asker, inLine: InLine): Promise<Granted | Refused> {
    const lock = await this.#locks.findOneAndUpdate({ _id: name, ...idle }, grantIdle(asker), {
      projection: { _id: 0, 'holders.token': 1, 'holders.expiresAt': 1 },
      returnDocument: 'after',
    });
    const [own] = lock?.holders ?? [];
    if (own === undefined) return this.ask(name, asker, inLine);
    return { granted: true, token: toBigInt(own.token), expiresAt: own.expiresAt };
  }

  /** Asks for a lock. */
  async ask(name: string, asker: Asker, inLine: InLine): Promise<Granted | Refused> {
    const lock = await this.#locks.findOneAndUpdate({ _id: name }, grantOrRefuse(asker, inLine), {
      upsert: true,
      returnDocument: 'after',
    });
    if (lock === null) throw new Error(`lock "${name}": the server answered without its document`);
    const { holders, waiting } = lock;
    const own = holders.find(({ id }) => id === asker.id);
    if (own) return { granted: true, token: toBigInt(own.token), expiresAt: own.expiresAt };
    const { owner, timestamp } = holders[0] ?? { owner: null, timestamp: null };
    const place = waiting.findIndex(({ id }) => id === asker.id);
    const others = place === -1 ? waiting.length : waiting.length - 1;
    const line = { holders: holders.length, waiting: others, before: Math.max(0, place) };
    return { granted: false, owner, timestamp, ...line };
  }

  /** Leaves the line, and gives the lock back if it was granted after all. */
  async withdraw(name: string, id: string): Promise<void> {
    await this.#locks.updateOne({ _id: name, $or: [{ 'holders.id': id }, { 'waiting.id': id }] }, [
      { $set: { waiting: lineWithout(id), holders: holdersWithout('id', id) } },
    ]);
  }

  /** Lets the lease begin anew; the new end, or null when the lock is no longer the owner's. */
  async extend(name: string, owner: string, token: bigint, lease: number): Promise<Date | null> {
    const isOwn = { $eq: ['$$h.token', token] };
    const renewed = { $mergeObjects: ['$$h', { expiresAt: { $add: ['$$NOW', lease] } }] };
    const change = { $cond: [isOwn, renewed, '$$h'] };
    const lock = await this.#locks.findOneAndUpdate(
      heldBy(name, owner, token),
      [{ $set: { holders: { $map: { input: '$holders', as: 'h', in: change } } } }],
      { returnDocument: 'after' },
    );
    const own = lock?.holders.find((holder) => toBigInt(holder.token) === token);
    return own?.expiresAt ?? null;
  }

  /** Frees the lock; the ids of those in line who are next, or null when it was not the owner's. */
  async release(name: string, owner: string, token: bigint): Promise<readonly string[] | null> {
    const lock = await this.#locks.findOneAndUpdate(
      heldBy(name, owner, token),
      [{ $set: { holders: holdersWithout('token', token), waiting: livingWaiters } }],
      {
        projection: { _id: 0, 'holders.permits': 1, 'waiting.id': 1, 'waiting.permits': 1 },
        returnDocument: 'after',
      },
    );
    return lock === null ? null : nextInLine(lock.holders, lock.waiting);
  }

  /** Takes the lock from all who hold it, and notes in its document who did so; none when free. */
  async break(name: string, by: string): Promise<Broken> {
    const note = {
      ...{ at: '$$NOW', by: { $literal: by } },
      ...{ owner: '$$h.owner', token: '$$h.token' },
    };
    const notes = { $map: { input: '$holders', as: 'h', in: note } };
    const breaks = { $concatArrays: [{ $ifNull: ['$breaks', []] }, notes] };
    const lock = await this.#locks.findOneAndUpdate(
      { _id: name, 'holders.0': { $exists: true } },
      [{ $set: { breaks: { $slice: [breaks, -breaksKept] }, holders: [] } }],
      { returnDocument: 'before' },
    );
    if (lock === null) return { holders: [], next: [] };
    return { holders: lock.holders.map(holderOf), next: nextInLine([], lock.waiting) };
  }

  /**
   * Within a transaction: whether the lock is still the owner's. It is then for as long as the
   * transaction may be committed, for this changes the document.
   */
  async touch(
    name: string,
    owner: string,
    token: bigint,
    session: ClientSession,
  ): Promise<boolean> {
    const { matchedCount } = await this.#locks.updateOne(
      heldBy(name, owner, token),
      { $inc: { writes: 1 } },
      { session },
    );
    return matchedCount === 1;
  }

  /** The token granted last; 0 before the first grant. */
  async latestToken(name: string): Promise<bigint> {
    const lock = await this.#locks.findOne({ _id: name });
    return toBigInt(lock?.token ?? 0n);
  }

  async status(name: string): Promise<LockStatus> {
    const [status] = await this.#statuses({ _id: name });
    return status ?? statusOf({ _id: name, token: 0n, holders: [], waiting: [] });
  }

  /** Every lock that was ever asked for, by name. */
  list(): Promise<LockStatus[]> {
    return this.#statuses({});
  }

  /** The locks for which somebody stands in line, a thousand at most. */
  contended(): Promise<LockStatus[]> {
    return this.#statuses({ 'waiting.0': { $exists: true } }, 1_000);
  }

  async #statuses(filter: Document, limit = 2 ** 31 - 1): Promise<LockStatus[]> {
    const living = { waiting: livingWaiters, holders: runningHolders };
    const locks = await this.#locks
      .aggregate<LockDocument>([
        ...[{ $match: filter }, { $sort: { _id: 1 } }, { $limit: limit }],
        { $set: living },
      ])
      .toArray();
    return locks.map(statusOf);
  }
}

function heldBy(name: string, owner: string, token: bigint): Filter<LockDocument> {
  return { _id: name, holders: { $elemMatch: { owner, token } } };
}

function holdersWithout(field: 'id' | 'token', value: string | bigint): Document {
  return { $filter: { input: '$holders', as: 'h', cond: { $ne: [`$$h.${field}`, value] } } };
}

function statusOf({ _id, token, holders, waiting }: LockDocument): LockStatus {
  const { owner, timestamp, expiresAt } = holders[0] ?? {
    ...{ owner: null, timestamp: null, expiresAt: null },
  };
  return {
    ...{ _id, locked: holders.length > 0, owner, timestamp, expiresAt, token: toBigInt(token) },
    waiting: waiting.map((waiter) => ({
      ...{ owner: waiter.owner, since: waiter.since, permits: waiter.permits },
    })),
    holders: holders.map(holderOf),
  };
}

function holderOf({ owner, permits, token, timestamp, expiresAt }: Holder): LockHolder {
  return { owner, permits, token: toBigInt(token), timestamp, expiresAt };
}

function toBigInt(token: Long | bigint): bigint {
  return typeof token === 'bigint' ? token : token.toBigInt();
}
