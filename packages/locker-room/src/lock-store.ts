import type { ClientSession, Collection, Document, Long, MongoClient } from 'mongodb';
import { type Asker, grantOrRefuse, type InLine } from './grant.ts';

/** How a lock stands, as seen by a majority of the members and by the server's clock. */
export interface LockStatus {
  /** Name of the lock. */
  readonly _id: string;
  /** False as soon as the lease is over, released or not. */
  readonly locked: boolean;
  /** Who holds it; null when nobody does. */
  readonly owner: string | null;
  /** When it was granted; null when nobody holds it. */
  readonly timestamp: Date | null;
  /** When its lease ends unless renewed; null when nobody holds it. */
  readonly expiresAt: Date | null;
  /** Token of the last grant; 0 before the first. */
  readonly token: bigint;
  /** Those in line, the first to be served first. */
  readonly waiting: readonly { readonly owner: string; readonly since: Date }[];
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
  /** The holder and since when; null when the lock is free, but others are first in line. */
  readonly owner: string | null;
  readonly timestamp: Date | null;
  /** How many stand before the asker in line; 0 when not in line. */
  readonly before: number;
}

/** A lock that was taken from its holder. */
export interface Broken {
  readonly owner: string;
  readonly token: bigint;
  readonly timestamp: Date | null;
  /** Id of the first in line. */
  readonly next: string | undefined;
}

/** How many breaks a lock's document remembers. */
const breaksKept = 10;

interface Waiter {
  id: string;
  owner: string;
  since: Date;
  until: Date;
}

interface LockDocument {
  _id: string;
  locked: boolean;
  owner: string | null;
  /** Id of the asker to whom it was granted last. */
  grant: string | null;
  /** A `Long` as read; written as a bigint, which the driver makes the same of. */
  token: Long | bigint;
  timestamp: Date | null;
  expiresAt: Date | null;
  waiting: Waiter[];
  /** How many fenced writes were begun; it only has to change. */
  writes?: number;
}

const free = { locked: false, owner: null, grant: null, timestamp: null, expiresAt: null } as const;
const isInPatience = { $gt: ['$$w.until', '$$NOW'] };

/**
 * The locks' documents, one a name, never deleted. Each method is one request.
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

  /** Asks for a lock. */
  async ask(name: string, asker: Asker, inLine: InLine): Promise<Granted | Refused> {
    const lock = await this.#locks.findOneAndUpdate({ _id: name }, grantOrRefuse(asker, inLine), {
      upsert: true,
      returnDocument: 'after',
    });
    if (lock === null) throw new Error(`lock "${name}": the server answered without its document`);
    const { owner, timestamp, expiresAt, waiting } = lock;
    const token = toBigInt(lock.token);
    if (lock.grant === asker.id && expiresAt !== null) return { granted: true, token, expiresAt };
    const before = waiting.findIndex(({ id }) => id === asker.id);
    return { granted: false, owner, timestamp, before: Math.max(0, before) };
  }

  /** Leaves the line, and gives the lock back if it was granted after all. */
  async withdraw(name: string, id: string): Promise<void> {
    const others = { $filter: { input: '$waiting', as: 'w', cond: { $ne: ['$$w.id', id] } } };
    const freed = { $cond: [{ $eq: ['$grant', id] }, free, {}] };
    await this.#locks.updateOne({ _id: name, $or: [{ grant: id }, { 'waiting.id': id }] }, [
      { $replaceWith: { $mergeObjects: ['$$ROOT', freed, { waiting: others }] } },
    ]);
  }

  /** Lets the lease begin anew; the new end, or null when the lock is no longer the owner's. */
  async extend(name: string, owner: string, token: bigint, lease: number): Promise<Date | null> {
    const lock = await this.#locks.findOneAndUpdate(
      { _id: name, owner, token, locked: true },
      [{ $set: { expiresAt: { $add: ['$$NOW', lease] } } }],
      { returnDocument: 'after' },
    );
    return lock?.expiresAt ?? null;
  }

  /** Frees the lock; who is first in line and alive, or `not-owner` when it was not the owner's. */
  async release(
    name: string,
    owner: string,
    token: bigint,
  ): Promise<'not-owner' | { readonly next: string | undefined }> {
    const alive = { $filter: { input: '$waiting', as: 'w', cond: isInPatience } };
    const lock = await this.#locks.findOneAndUpdate(
      { _id: name, owner, token, locked: true },
      [{ $replaceWith: { $mergeObjects: ['$$ROOT', free, { waiting: alive }] } }],
      { returnDocument: 'after' },
    );
    return lock === null ? 'not-owner' : { next: lock.waiting[0]?.id };
  }

  /** Takes the lock from whoever holds it, and notes in its document who did so; null when free. */
  async break(name: string, by: string): Promise<Broken | null> {
    const note = { at: '$$NOW', by: { $literal: by }, owner: '$owner', token: '$token' };
    const breaks = { $concatArrays: [{ $ifNull: ['$breaks', []] }, [note]] };
    const lock = await this.#locks.findOneAndUpdate(
      { _id: name, locked: true },
      [{ $set: { breaks: { $slice: [breaks, -breaksKept] } } }, { $set: free }],
      { returnDocument: 'before' },
    );
    if (lock === null) return null;
    const { owner, token, timestamp, waiting } = lock;
    return { owner: owner ?? '', token: toBigInt(token), timestamp, next: waiting[0]?.id };
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
    const mine = { _id: name, owner, token, locked: true };
    const { matchedCount } = await this.#locks.updateOne(
      mine,
      { $inc: { writes: 1 } },
      { session },
    );
    return matchedCount === 1;
  }

  /** The token granted last, and whether it has not been given back; an ended lease still counts. */
  async latest(name: string): Promise<{ readonly token: bigint; readonly locked: boolean }> {
    const lock = await this.#locks.findOne({ _id: name });
    return { token: toBigInt(lock?.token ?? 0n), locked: lock?.locked ?? false };
  }

  async status(name: string): Promise<LockStatus> {
    const [status] = await this.#statuses({ _id: name });
    return (
      status ?? {
        _id: name,
        locked: false,
        owner: null,
        timestamp: null,
        expiresAt: null,
        token: 0n,
        waiting: [],
      }
    );
  }

  /** Every lock that was ever asked for, by name. */
  list(): Promise<LockStatus[]> {
    return this.#statuses({});
  }

  async #statuses(filter: Document): Promise<LockStatus[]> {
    const isLocked = { $and: [{ $eq: ['$locked', true] }, { $gt: ['$expiresAt', '$$NOW'] }] };
    const locks = await this.#locks
      .aggregate<LockDocument>([
        { $match: filter },
        {
          $set: {
            locked: isLocked,
            waiting: { $filter: { input: '$waiting', as: 'w', cond: isInPatience } },
          },
        },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    return locks.map(({ _id, locked, owner, timestamp, expiresAt, token, waiting }) => ({
      _id,
      locked,
      owner: locked ? owner : null,
      timestamp: locked ? timestamp : null,
      expiresAt: locked ? expiresAt : null,
      token: toBigInt(token),
      waiting: waiting.map((waiter) => ({ owner: waiter.owner, since: waiter.since })),
    }));
  }
}

function toBigInt(token: Long | bigint): bigint {
  return typeof token === 'bigint' ? token : token.toBigInt();
}
