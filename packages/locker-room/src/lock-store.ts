import type { CallOptions } from '@holdfast/mongo-proxy';
import {
  type ChangeStream,
  type ClientSession,
  type Collection,
  type Document,
  type Filter,
  type MongoClient,
  MongoServerError,
  type RunCommandOptions,
} from 'mongodb';
import { answerTo, type Granted, grantedTo, type Refused } from './answer.ts';
import { type Call, type CallEvent, callsOf, callsTo } from './call.ts';
import { ForeignDocumentError } from './foreign-document-error.ts';
import {
  type Asker,
  grantIdle,
  grantOrRefuse,
  type InLine,
  idle,
  renewedFor,
  runningHolders,
} from './grant.ts';
import { handOn } from './hand-on.ts';
import type { HolderKey, Renewals } from './heartbeat.ts';
import { type LockDocument, toBigInt } from './lock-document.ts';
import { holderOf, type LockHolder, type LockStatus, statusOf } from './lock-status.ts';

/** How many breaks a lock's document remembers. */
const breaksKept = 10;
/** How many locks are remembered as wanted. */
const mostWanted = 1_000;
/** The server's code for a request that it gave up because of its `maxTimeMS`. */
const maxTimeExpired = 50;

const isInPatience = { $gt: ['$$w.until', '$$NOW'] };
const livingWaiters = { $filter: { input: '$waiting', as: 'w', cond: isInPatience } };

/**
 * The locks' documents, one a name, never deleted. Each method is one request, by `_id` where it is
 * about one lock: no other index is needed.
 *
 * All times are the server's (`$$NOW`), all writes are acknowledged by a majority, and tokens are
 * 64-bit integers whatever the client's own options say.
 */
export class LockStore {
  readonly client: MongoClient;
  readonly #locks: Collection<LockDocument>;
  /** Locks that others wanted when they were last heard of. */
  readonly #wanted = new Set<string>();
  #looked: Promise<void> | undefined;

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

  /** Host and port of each server that is asked, as the client was told of them. */
  get servers(): string[] {
    return this.client.options.hosts.map(String);
  }

  /**
   * As `ask`, by who does not stand in line: at a fraction of the cost where the lock is idle, and so
   * not tried where it is not likely to be.
   *
   * @throws {ForeignDocumentError} when other documents lie in the collection; so do the others below
   */
  async askFirst(name: string, asker: Asker, inLine: InLine): Promise<Granted | Refused> {
    if (this.#wanted.has(name)) return this.ask(name, asker, inLine);
    await this.#firstLook();
    const lock = await this.#locks.findOneAndUpdate({ _id: name, ...idle }, grantIdle(asker), {
      returnDocument: 'after',
    });
    const [own] = lock?.holders ?? [];
    return own === undefined ? this.ask(name, asker, inLine) : grantedTo(own, 0);
  }

  /** Asks for a lock. */
  async ask(name: string, asker: Asker, inLine: InLine): Promise<Granted | Refused> {
    await this.#firstLook();
    const lock = await this.#locks.findOneAndUpdate({ _id: name }, grantOrRefuse(asker, inLine), {
      upsert: true,
      returnDocument: 'after',
    });
    if (lock === null) throw new Error(`lock "${name}": the server answered without its document`);
    const answer = answerTo(asker.id, lock);
    this.#note(name, !answer.granted || answer.waiting > 0);
    return answer;
  }

  #note(name: string, isWanted: boolean): void {
    if (!isWanted) this.#wanted.delete(name);
    else if (this.#wanted.size < mostWanted) this.#wanted.add(name);
  }

  /** Leaves the line, and gives the lock back if it was granted after all. */
  async withdraw(name: string, id: string): Promise<void> {
    const stays = { $and: [isInPatience, { $ne: ['$$w.id', id] }] };
    const line = { $filter: { input: '$waiting', as: 'w', cond: stays } };
    await this.#locks.updateOne({ _id: name, $or: [{ 'holders.id': id }, { 'waiting.id': id }] }, [
      { $set: { waiting: line, holders: holdersWithout('id', id) } },
      ...handOn(null),
    ]);
  }

  /**
   * Lets the lease begin anew, which never ends sooner by that; the new end, or null when the lock is
   * no longer the owner's.
   */
  async extend(name: string, owner: string, token: bigint, lease: number): Promise<Date | null> {
    const renewed = renewedFor('token', token, lease);
    const lock = await this.#locks.findOneAndUpdate(
      heldBy(name, owner, token),
      [{ $set: { holders: { $map: { input: '$holders', as: 'h', in: renewed } } } }],
      { returnDocument: 'after' },
    );
    const own = lock?.holders.find((holder) => toBigInt(holder.token) === token);
    return own?.expiresAt ?? null;
  }

  /**
   * Lets many leases begin anew, for `lease` milliseconds each, and each for itself; takes about
   * `timeout` milliseconds at most.
   */
  async renew(holders: readonly HolderKey[], lease: number, timeout: number): Promise<Renewals> {
    const updates = holders.map(({ name, id }) => {
      const renewed = renewedFor('id', id, lease);
      const change = { holders: { $map: { input: '$holders', as: 'h', in: renewed } } };
      return { q: { _id: name, 'holders.id': id }, u: [{ $set: change }] };
    });
    const command = {
      update: this.#locks.collectionName,
      updates,
      ordered: false,
      writeConcern: { w: 'majority', j: true, wtimeout: timeout },
      maxTimeMS: timeout,
    };
    const options: RunCommandOptions & CallOptions = { patience: timeout };
    const reply = await this.#locks.db.command(command, options).catch((error: unknown) => {
      if (error instanceof MongoServerError && error.code === maxTimeExpired) return undefined;
      throw error;
    });
    if (reply === undefined)
      return { lost: new Set(), failed: new Set(holders.map(({ id }) => id)) };
    const errors = (reply.writeErrors ?? []) as readonly { readonly index: number }[];
    const failed = new Set(errors.map(({ index }) => holders[index]?.id ?? ''));
    if (reply.n + failed.size === holders.length) return { lost: new Set(), failed };
    const lost = await this.#lostOf(holders.filter(({ id }) => !failed.has(id)));
    return { lost, failed };
  }

  async #lostOf(holders: readonly HolderKey[]): Promise<Set<string>> {
    const names = [...new Set(holders.map(({ name }) => name))];
    const projection = { _id: 0, 'holders.id': 1 } as const;
    const held = await this.#locks.find({ _id: { $in: names } }, { projection }).toArray();
    const ids = new Set(held.flatMap((lock) => lock.holders.map(({ id }) => id)));
    return new Set(holders.flatMap(({ id }) => (ids.has(id) ? [] : id)));
  }

  /**
   * Gives the lock back and hands it on; to whom, or null when it was not the owner's. Where nobody
   * is thought to wait, that is tried by a small request first.
   */
  async release(
    name: string,
    owner: string,
    token: bigint,
    isWanted: boolean,
  ): Promise<readonly Call[] | null> {
    if (!isWanted) {
      const { matchedCount } = await this.#locks.updateOne(
        { _id: name, holders: { $size: 1, $elemMatch: { owner, token } }, waiting: [] },
        { $set: { holders: [], called: '' } },
      );
      if (matchedCount === 1) return [];
    }
    const lock = await this.#locks.findOneAndUpdate(
      heldBy(name, owner, token),
      [
        { $set: { holders: holdersWithout('token', token), waiting: livingWaiters } },
        ...handOn(null),
      ],
      { returnDocument: 'after', projection: { token: 1, called: 1, calledAt: 1 } },
    );
    if (lock === null) return null;
    const calls = callsOf(lock);
    this.#note(name, calls.length > 0);
    return calls;
  }

  /**
   * Takes the lock from all who hold it, notes in its document who did so, and hands it on; from whom
   * it was taken.
   */
  async break(name: string, by: string): Promise<readonly LockHolder[]> {
    await this.#firstLook();
    const note = {
      ...{ at: '$$NOW', by: { $literal: by } },
      ...{ owner: '$$h.owner', token: '$$h.token' },
    };
    const notes = { $map: { input: '$holders', as: 'h', in: note } };
    const breaks = { $concatArrays: [{ $ifNull: ['$breaks', []] }, notes] };
    const lock = await this.#locks.findOneAndUpdate(
      { _id: name, 'holders.0': { $exists: true } },
      [
        {
          $set: {
            breaks: { $slice: [breaks, -breaksKept] },
            holders: [],
            waiting: livingWaiters,
          },
        },
        ...handOn(null),
      ],
      { returnDocument: 'before' },
    );
    return lock?.holders.map(holderOf) ?? [];
  }

  /** The grants to those who wait under ids that begin so, each when a majority has it. */
  calls(prefix: string): ChangeStream<Document, CallEvent> {
    return this.#locks.watch<Document, CallEvent>(callsTo(prefix), { maxAwaitTimeMS: 10_000 });
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
    return status ?? statusOf({ _id: name, token: 0n, holders: [], waiting: [], called: '' });
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
    await this.#firstLook();
    const living = { waiting: livingWaiters, holders: runningHolders };
    const locks = await this.#locks
      .aggregate<LockDocument>([
        ...[{ $match: filter }, { $sort: { _id: 1 } }, { $limit: limit }],
        { $set: living },
      ])
      .toArray();
    return locks.map(statusOf);
  }

  /** Looks once for documents that are not locks; what has more than a thousand locks is for locks. */
  #firstLook(): Promise<void> {
    this.#looked ??= this.#lookForOthers().catch((error: unknown) => {
      this.#looked = undefined;
      throw error;
    });
    return this.#looked;
  }

  async #lookForOthers(): Promise<void> {
    const isOther = { token: { $not: { $type: 'long' } } };
    const [other] = await this.#locks
      .aggregate<LockDocument>([{ $limit: 1_000 }, { $match: isOther }, { $limit: 1 }])
      .toArray();
    if (other !== undefined) throw new ForeignDocumentError(this.#locks.namespace, other._id);
  }
}

function heldBy(name: string, owner: string, token: bigint): Filter<LockDocument> {
  return { _id: name, holders: { $elemMatch: { owner, token } } };
}

/** Those who hold the lock besides one. */
function holdersWithout(field: 'id' | 'token', value: string | bigint): Document {
  return { $filter: { input: runningHolders, as: 'h', cond: { $ne: [`$$h.${field}`, value] } } };
}
