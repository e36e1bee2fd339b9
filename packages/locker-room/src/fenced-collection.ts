import {
  type BulkWriteOptions,
  type Collection,
  type DeleteResult,
  type Document,
  type Filter,
  type InsertManyResult,
  type InsertOneResult,
  MongoServerError,
  type OptionalUnlessRequiredId,
  type UpdateFilter,
  type UpdateResult,
  type WithId,
  type WithoutId,
} from 'mongodb';
import type { Lock } from './lock.ts';
import type { LockStore } from './lock-store.ts';

const majority = { writeConcern: { w: 'majority' } } as const;

/**
 * A collection as the holder of one lock may write it: late writes of earlier holders are refused.
 *
 * Every document written carries the token of its writer in the field `fence`, a 64-bit integer.
 * The promise, with no transaction and no trust in clocks:
 *
 * 1. Once a holder has read (`findOne`) or written a document through its own fenced collection, no
 *    holder with a lower token changes that document, however long it was paused. The server
 *    compares the tokens in the same step in which it writes.
 * 2. A write is refused when, before it was sent, the lease had ended for its holder, or the primary
 *    that was asked knew of a newer grant, or of the release, as confirmed by a majority.
 *
 * Not promised: a holder that is paused between that question and its write may still change a
 * document, or insert one, that no later holder has read or written yet. So read through `findOne`
 * what a decision rests on, and keep what must not be written late (a cursor, a counter) in a
 * document that every holder reads first. Deleting a document forgets its fence. Documents must be
 * guarded by one lock only: tokens of different locks do not compare. Each write costs one read of
 * the lock's document.
 *
 * Every method throws `LockLostError` when it is refused; the collection's own errors are passed on.
 */
export class FencedCollection<T extends Document = Document> {
  readonly #lock: Lock;
  readonly #store: LockStore;
  readonly #collection: Collection<T>;

  /** Made by `LockerRoom.fenced`. */
  constructor(lock: Lock, store: LockStore, collection: Collection<T>) {
    this.#lock = lock;
    this.#store = store;
    this.#collection = collection;
  }

  /**
   * Reads one document and closes it to all lower tokens; null when there is none.
   *
   * This writes the fence into the document.
   */
  async findOne(filter: Filter<T>): Promise<WithId<T> | null> {
    await this.#ask();
    const found = await this.#collection.findOneAndUpdate(
      this.#unfenced(filter),
      { $set: this.#fence() } as unknown as UpdateFilter<T>,
      { ...majority, returnDocument: 'after' },
    );
    if (found === null) await this.#ask();
    return found;
  }

  /** Inserts a copy of the document with the fence. */
  async insertOne(document: OptionalUnlessRequiredId<T>): Promise<InsertOneResult<T>> {
    await this.#ask();
    return this.#collection.insertOne({ ...document, ...this.#fence() }, majority);
  }

  /** Inserts copies of the documents with the fence; `ordered: false` goes on after a failure. */
  async insertMany(
    documents: readonly OptionalUnlessRequiredId<T>[],
    { ordered = true }: Pick<BulkWriteOptions, 'ordered'> = {},
  ): Promise<InsertManyResult<T>> {
    await this.#ask();
    const fenced = documents.map((document) => ({ ...document, ...this.#fence() }));
    return this.#collection.insertMany(fenced, { ...majority, ordered });
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
    { upsert = false }: { readonly upsert?: boolean } = {},
  ): Promise<UpdateResult<T>> {
    const fenced = Array.isArray(update)
      ? [...update, { $set: this.#fence() }]
      : ({ ...update, $set: { ...update.$set, ...this.#fence() } } as unknown as UpdateFilter<T>);
    return this.#write(filter, upsert, (unfenced) =>
      this.#collection.updateOne(unfenced, fenced, { ...majority, upsert }),
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
    { upsert = false }: { readonly upsert?: boolean } = {},
  ): Promise<UpdateResult<T>> {
    return this.#write(filter, upsert, (unfenced) =>
      this.#collection.replaceOne(
        unfenced,
        { ...replacement, ...this.#fence() },
        { ...majority, upsert },
      ),
    );
  }

  /** Deletes one document. */
  async deleteOne(filter: Filter<T>): Promise<DeleteResult> {
    await this.#ask();
    const result = await this.#collection.deleteOne(this.#unfenced(filter), majority);
    if (result.deletedCount === 0) await this.#ask();
    return result;
  }

  async #write(
    filter: Filter<T>,
    upsert: boolean,
    write: (unfenced: Filter<T>) => Promise<UpdateResult<T>>,
  ): Promise<UpdateResult<T>> {
    if (upsert && filter._id === undefined) {
      throw new TypeError('a fenced upsert needs the _id of the document in its filter');
    }
    await this.#ask();
    try {
      const result = await write(this.#unfenced(filter));
      // Nothing matched: there is no such document, or a later holder has fenced it off.
      if (result.matchedCount === 0 && result.upsertedCount === 0) await this.#ask();
      return result;
    } catch (error) {
      // An upsert of a document that a later holder has fenced off collides with it.
      if (error instanceof MongoServerError && error.code === 11000) await this.#ask();
      throw error;
    }
  }

  #fence(): { readonly fence: bigint } {
    return { fence: this.#lock.token };
  }

  #unfenced(filter: Filter<T>): Filter<T> {
    const open = { $or: [{ fence: { $exists: false } }, { fence: { $lte: this.#lock.token } }] };
    return { ...filter, $and: [...(filter.$and ?? []), open] } as Filter<T>;
  }

  /** Throws `LockLostError` when the lock is not held any more, by the clock or by the database. */
  async #ask(): Promise<void> {
    this.#lock.assertHeld();
    const { token, locked } = await this.#store.latest(this.#lock.name);
    if (token !== this.#lock.token || !locked) throw this.#lock.lose('superseded');
    this.#lock.assertHeld();
  }
}
