import type { ClientSession, Collection, Document, Filter, Long, MongoClient } from 'mongodb';
import {
  type Asker,
  free,
  grantIdle,
  grantOrRefuse,
  type InLine,
  idle,
  lineWithout,
} from './grant.ts';

/** How a lock stands, as seen by a majority of the members and by the server's clock. */
export interface LockStatus {
  /** Name of the lock. */
  readonly _id: string;
  /** Whether anybody holds it; false as soon as the lease is over, released or not. */
  readonly locked: boolean;
  /** Who holds it alone; null when nobody does. */
  readonly owner: string | null;
  /** When it was granted to its owner; null without one. */
  readonly timestamp: Date | null;
  /** When its owner's lease ends unless renewed; null without one. */
  readonly expiresAt: Date | null;
  /** Token of the last grant; 0 before the first. */
  readonly token: bigint;
  /** Those in line, the first to be served first. */
  readonly waiting: readonly { readonly owner: string; readonly since: Date }[];
  /** Those who hold it together: readers, or holders of a semaphore's permits. */
  readonly shared: readonly SharedHolder[];
}

/** One of those who hold a lock together. */
export interface SharedHolder {
  readonly owner: string;
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
  /** The holder and since when; null when the lock is free, but others are first in line. */
  readonly owner: string | null;
  readonly timestamp: Date | null;
  /** How many stand before the asker in line; 0 when not in line. */
  readonly before: number;
}

/** From whom a lock was taken. */
export interface BrokenHolder {
  readonly owner: string;
  readonly token: bigint;
  readonly timestamp: Date | null;
}

interface Broken {
  readonly holders: readonly BrokenHolder[];
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
  /** Of those who would hold it together with others: with how many at most. */
  permits?: number;
}

interface Sharer {
  id: string;
  owner: string;
  token: Long | bigint;
  timestamp: Date;
  expiresAt: Date;
}

interface LockDocument {
  _id: string;
  locked: boolean;
  owner: string | null;
  /** Id of the asker to whom it was granted, to hold it alone. */
  grant: string | null;
  /** A `Long` as read; written as a bigint, which the driver makes the same of. */
  token: Long | bigint;
  timestamp: Date | null;
  expiresAt: Date | null;
  waiting: Waiter[];
  shared?: Sharer[];
  /** How many fenced writes were begun; it only has to change. */
  writes?: number;
}

const nobody = { owner: null, timestamp: null } as const;
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

  /**
   * Asks for a lock for the first time: as `ask`, but where nobody else wants it, by a request that
   * costs the server and the client a third.
   */
  async askFirst(name: string, asker: Asker, inLine: InLine): Promise<Granted | Refused> {
    if (asker.permits !== undefined) return this.ask(name, asker, inLine);
    return (await this.take(name, asker)) ?? this.ask(name, asker, inLine);
  }

  /** Grants a lock that nobody holds or waits for, as `ask` would; else null, and changes nothing. */
  async take(name: string, asker: Asker): Promise<Granted | null> {
    const lock = await this.#locks.findOneAndUpdate({ _id: name, ...idle }, grantIdle(asker), {
      projection: { _id: 0, token: 1, expiresAt: 1 },
      returnDocument: 'after',
    });
    if (lock === null || lock.expiresAt === null) return null;
    return { granted: true, token: toBigInt(lock.token), expiresAt: lock.expiresAt };
  }

  /** Asks for a lock. */
  async ask(name: string, asker: Asker, inLine: InLine): Promise<Granted | Refused> {
    const lock = await this.#locks.findOneAndUpdate({ _id: name }, grantOrRefuse(asker, inLine), {
      upsert: true,
      returnDocument: 'after',
    });
    if (lock === null) throw new Error(`lock "${name}": the server answered without its document`);
    const { expiresAt, waiting, shared = [] } = lock;
    const token = toBigInt(lock.token);
    if (lock.grant === asker.id && expiresAt !== null) return { granted: true, token, expiresAt };
    const own = shared.find(({ id }) => id === asker.id);
    if (own) return { granted: true, token: toBigInt(own.token), expiresAt: own.expiresAt };
    const { owner, timestamp } = lock.owner === null ? (shared[0] ?? nobody) : lock;
    const before = waiting.findIndex(({ id }) => id === asker.id);
    return { granted: false, owner, timestamp, before: Math.max(0, before) };
  }

  /** Leaves the line, and gives the lock back if it was granted after all. */
  async withdraw(name: string, id: string): Promise<void> {
    const freed = { $cond: [{ $eq: ['$grant', id] }, free, {}] };
    const left = { waiting: lineWithout(id), shared: sharersWithout('id', id) };
    await this.#locks.updateOne(
      { _id: name, $or: [{ grant: id }, { 'waiting.id': id }, { 'shared.id': id }] },
      [{ $replaceWith: { $mergeObjects: ['$$ROOT', freed, left] } }],
    );
  }

  /** Lets the lease begin anew; the new end, or null when the lock is no longer the owner's. */
  async extend(
    name: string,
    owner: string,
    token: bigint,
    lease: number,
    isShared = false,
  ): Promise<Date | null> {
    const expiresAt = { $add: ['$$NOW', lease] };
    const isMine = { $eq: ['$$s.token', token] };
    const renewed = { $cond: [isMine, { $mergeObjects: ['$$s', { expiresAt }] }, '$$s'] };
    const change = isShared
      ? { shared: { $map: { input: '$shared', as: 's', in: renewed } } }
      : { expiresAt };
    const lock = await this.#locks.findOneAndUpdate(
      heldBy(name, owner, token, isShared),
      [{ $set: change }],
      { returnDocument: 'after' },
    );
    if (!isShared) return lock?.expiresAt ?? null;
    return lock?.shared?.find((each) => toBigInt(each.token) === token)?.expiresAt ?? null;
  }

  /** Frees the lock; who is first in line and alive, or `not-owner` when it was not the owner's. */
  async release(
    name: string,
    owner: string,
    token: bigint,
    isShared = false,
  ): Promise<'not-owner' | { readonly next: string | undefined }> {
    const alive = { $filter: { input: '$waiting', as: 'w', cond: isInPatience } };
    const freed = isShared ? { shared: sharersWithout('token', token) } : free;
    const lock = await this.#locks.findOneAndUpdate(
      heldBy(name, owner, token, isShared),
      [{ $replaceWith: { $mergeObjects: ['$$ROOT', freed, { waiting: alive }] } }],
      { returnDocument: 'after' },
    );
    return lock === null ? 'not-owner' : { next: lock.waiting[0]?.id };
  }

  /** Takes the lock from all who hold it, and notes in its document who did so; none when free. */
  async break(name: string, by: string): Promise<Broken> {
    const note = { at: '$$NOW', by: { $literal: by }, owner: '$owner', token: '$token' };
    const ofSharers = {
      $map: {
        input: { $ifNull: ['$shared', []] },
        as: 's',
        in: { at: '$$NOW', by: { $literal: by }, owner: '$$s.owner', token: '$$s.token' },
      },
    };
    const taken = { $cond: [{ $eq: ['$locked', true] }, [note], ofSharers] };
    const breaks = { $concatArrays: [{ $ifNull: ['$breaks', []] }, taken] };
    const lock = await this.#locks.findOneAndUpdate(
      { _id: name, $or: [{ locked: true }, { 'shared.0': { $exists: true } }] },
      [{ $set: { breaks: { $slice: [breaks, -breaksKept] } } }, { $set: { ...free, shared: [] } }],
      { returnDocument: 'before' },
    );
    if (lock === null) return { holders: [], next: undefined };
    const { owner, token, timestamp, waiting, shared = [] } = lock;
    const holders = lock.locked ? [{ owner: owner ?? '', token, timestamp }] : shared;
    return {
      holders: holders.map((each) => ({
        owner: each.owner,
        token: toBigInt(each.token),
        timestamp: each.timestamp,
      })),
      next: waiting[0]?.id,
    };
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
        shared: [],
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
            shared: {
              $filter: {
                input: { $ifNull: ['$shared', []] },
                as: 's',
                cond: { $gt: ['$$s.expiresAt', '$$NOW'] },
              },
            },
          },
        },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    return locks.map(
      ({ _id, locked, owner, timestamp, expiresAt, token, waiting, shared = [] }) => ({
        _id,
        locked: locked || shared.length > 0,
        owner: locked ? owner : null,
        timestamp: locked ? timestamp : null,
        expiresAt: locked ? expiresAt : null,
        token: toBigInt(token),
        waiting: waiting.map((waiter) => ({ owner: waiter.owner, since: waiter.since })),
        shared: shared.map((sharer) => ({
          owner: sharer.owner,
          token: toBigInt(sharer.token),
          timestamp: sharer.timestamp,
          expiresAt: sharer.expiresAt,
        })),
      }),
    );
  }
}

function heldBy(
  name: string,
  owner: string,
  token: bigint,
  isShared: boolean,
): Filter<LockDocument> {
  if (isShared) return { _id: name, shared: { $elemMatch: { owner, token } } };
  return { _id: name, owner, token, locked: true };
}

function sharersWithout(field: 'id' | 'token', value: string | bigint): Document {
  const others = { $ne: [`$$s.${field}`, value] };
  return { $filter: { input: { $ifNull: ['$shared', []] }, as: 's', cond: others } };
}

function toBigInt(token: Long | bigint): bigint {
  return typeof token === 'bigint' ? token : token.toBigInt();
}
