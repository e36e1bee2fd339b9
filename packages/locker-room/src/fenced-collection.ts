import type {
  BulkWriteOptions,
  ClientSession,
  Collection,
  DeleteResult,
  Document,
  Filter,
  InsertManyResult,
  InsertOneResult,
  OptionalUnlessRequiredId,
  UpdateFilter,
  UpdateResult,
  WithId,
  WithoutId,
} from 'mongodb';
import { insertWhatCan } from './fenced-insert.ts';
import { inHeldTransaction } from './held-transaction.ts';
import type { Lock } from './lock.ts';
import type { LockStore } from './lock-store.ts';

interface Upsert {
  readonly upsert?: boolean;
}

/**
 * A collection as the holder of one lock may write it: a write is carried out only while no newer
 * grant of the lock exists.
 *
 * Each write is one transaction that changes the lock's document, found by the holder's token, and
 * the data. A grant changes the lock's document too, and of two changes at the same time the server
 * commits one only. So the promise, which rests on no clock:
 *
 * 1. Once a newer grant, or the release, is on a majority of the members, no write of the holder
 *    before is carried out: not one that was sent before, nor one of a holder that was paused
 *    between two of its steps, and whether or not the newer holder has read or written the document.
 * 2. As a second line, every document that was written carries the token of its writer in the field
 *    `fence`, a 64-bit integer, and no holder with a lower token changes or deletes it, nor one that
 *    `findOne` has read. Deleting a document forgets its fence. Tokens of different locks do not
 *    compare: a document is guarded by one lock only.
 *
 * Writes under one lock take turns. A grant, a renewal and a release wait for a write that is under
 * way; if its holder is halted in the middle, until the server ends the transaction (60 s by
 * default), and the lock is granted then. A write is at most as large and as long as a transaction
 * may be.
 *
 * Every method throws `LockLostError` when it is refused, and has changed nothing then; the
 * collection's own errors are passed on. Where there are no transactions (a standalone server) each
 * throws a `LockerRoomError` that says so.
 */
export class FencedCollection<T extends Document = Document> {
  readonly #lock: Lock;
  readonly #store: LockStore;
  readonly #collection: Collection<T>;

  /**
   * Made by `LockerRoom.fenced`.
   *
   * @throws {TypeError} when the collection is of another client than the lock, and for a lock that
   *   others hold at the same time
   */
  constructor(lock: Lock, store: LockStore, collection: Collection<T>) {
    if (lock.isShared) {
      throw new TypeError(
        `the lock "${lock.name}" is shared: fenced writes need one that is held alone`,
      );
    }
    // A client protected by `mongoProxy` is another object than the one that it protects, and both
    // may be used together; their list of hosts is the same one.
    if (collection.db.client.options.hosts !== store.client.options.hosts) {
      throw new TypeError(
        `the collection "${collection.namespace}" must come from the client that holds the lock "${lock.name}": one transaction writes both`,
      );
    }
    this.#lock = lock;
    this.#store = store;
    this.#collection = collection;
  }

  /**
   * Reads one document and closes it to all lower tokens; null when there is none.
   *
   * This writes the fence into the document.
   */
  findOne(filter: Filter<T>): Promise<WithId<T> | null> {
    return this.findOneAndUpdate(filter, {}, { returnDocument: 'after' });
  }

  /** Inserts a copy of the document with the fence. */
  insertOne(document: OptionalUnlessRequiredId<T>): Promise<InsertOneResult<T>> {
    const fenced = this.#stamped(document);
    return this.#write((session) => this.#collection.insertOne(fenced, { session }));
  }

  /**
   * Inserts copies of the documents with the fence, in one transaction; `ordered: false` goes on
   * after a failure. After one, all that can be inserted is tried again, in a transaction each time.
   */
  insertMany(
    documents: readonly OptionalUnlessRequiredId<T>[],
    { ordered = true }: Pick<BulkWriteOptions, 'ordered'> = {},
  ): Promise<InsertManyResult<T>> {
    const fenced = documents.map((document) => this.#stamped(document));
    return insertWhatCan(fenced, ordered, (some) =>
      this.#write((session) => this.#collection.insertMany(some, { session, ordered })),
    );
  }

  /**
   * Updates one document, by operators or by a pipeline.
   *
   * @throws {TypeError} on `upsert` without `_id` in the filter: a document that is fenced off would
   *   be inserted a second time
   */
  async updateOne(
    filter: Filter<T>,
    update: UpdateFilter<T> | Document[],
    { upsert = false }: Upsert = {},
  ): Promise<UpdateResult<T>> {
    assertUpsert(filter, upsert);
    return this.#write((session) =>
      this.#collection.updateOne(this.#unfenced(filter), this.#fencing(update), {
        session,
        upsert,
      }),
    );
  }

  /** Updates all documents that match, or none when one of them fails. */
  updateMany(filter: Filter<T>, update: UpdateFilter<T> | Document[]): Promise<UpdateResult<T>> {
    return this.#write((session) =>
      this.#collection.updateMany(this.#unfenced(filter), this.#fencing(update), { session }),
    );
  }

  /**
   * Updates one document as `updateOne`, and resolves to it as it was, or is with `after`.
   *
   * @throws {TypeError} on `upsert` without `_id` in the filter, as `updateOne`
   */
  async findOneAndUpdate(
    filter: Filter<T>,
    update: UpdateFilter<T> | Document[],
    {
      upsert = false,
      returnDocument = 'before',
    }: Upsert & { readonly returnDocument?: 'before' | 'after' } = {},
  ): Promise<WithId<T> | null> {
    assertUpsert(filter, upsert);
    return this.#write((session) =>
      this.#collection.findOneAndUpdate(this.#unfenced(filter), this.#fencing(update), {
        session,
        upsert,
        returnDocument,
      }),
    );
  }

  /**
   * Replaces one document.
   *
   * @throws {TypeError} on `upsert` without `_id` in the filter, as `updateOne`
   */
  async replaceOne(
    filter: Filter<T>,
    replacement: WithoutId<T>,
    { upsert = false }: Upsert = {},
  ): Promise<UpdateResult<T>> {
    assertUpsert(filter, upsert);
    const fenced = { ...replacement, ...this.#fence() };
    return this.#write((session) =>
      this.#collection.replaceOne(this.#unfenced(filter), fenced, { session, upsert }),
    );
  }

  /** Deletes one document. */
  deleteOne(filter: Filter<T>): Promise<DeleteResult> {
    return this.#write((session) =>
      this.#collection.deleteOne(this.#unfenced(filter), { session }),
    );
  }

  /** Deletes all documents that match, or none when one of them fails. */
  deleteMany(filter: Filter<T>): Promise<DeleteResult> {
    return this.#write((session) =>
      this.#collection.deleteMany(this.#unfenced(filter), { session }),
    );
  }

  #write<R>(work: (session: ClientSession) => Promise<R>): Promise<R> {
    return inHeldTransaction(this.#lock, this.#store, work);
  }

  #fence(): { readonly fence: bigint } {
    return { fence: this.#lock.token };
  }

  #stamped(document: OptionalUnlessRequiredId<T>): OptionalUnlessRequiredId<T> {
    return { ...document, ...this.#fence() };
  }

  #fencing(update: UpdateFilter<T> | Document[]): UpdateFilter<T> {
    const fencing = Array.isArray(update)
      ? [...update, { $set: this.#fence() }]
      : { ...update, $set: { ...update.$set, ...this.#fence() } };
    return fencing as unknown as UpdateFilter<T>;
  }

  #unfenced(filter: Filter<T>): Filter<T> {
    const open = { $or: [{ fence: { $exists: false } }, { fence: { $lte: this.#lock.token } }] };
    return { ...filter, $and: [...(filter.$and ?? []), open] } as Filter<T>;
  }
}

function assertUpsert(filter: { readonly _id?: unknown }, upsert: boolean): void {
  if (!upsert || filter._id !== undefined) return;
  throw new TypeError('a fenced upsert needs the _id of the document in its filter');
}
