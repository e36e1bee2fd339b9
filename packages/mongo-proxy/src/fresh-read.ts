import type {
  ClientSession,
  Collection,
  OperationOptions,
  ReadConcernLike,
  ReadPreferenceLike,
} from 'mongodb';
import { observeContacts } from './answering-member.ts';
import type { ReadPlan } from './freshness.ts';
import { ownWritesOf, startObservedSession } from './own-writes.ts';
import { type ReadRecord, recordRead } from './read-explanation.ts';

/** The part of a read's options that a freshness looks at. */
export interface ReadOptions extends Omit<OperationOptions, 'readPreference'> {
  readonly readPreference?: ReadPreferenceLike;
  readonly readConcern?: ReadConcernLike;
  readonly maxTimeMS?: number;
}

/**
 * One read as fresh as its plan says: the options it is sent with, and what becomes known of it.
 *
 * It runs in the caller's session, or in one of its own until `end`.
 */
export class FreshRead {
  readonly record: ReadRecord;
  readonly #collection: Collection;
  readonly #plan: ReadPlan;
  readonly #given: ReadOptions;
  #own: ClientSession | undefined;

  /** @throws {TypeError} for options that contradict the plan, and in a transaction */
  constructor(collection: Collection, plan: ReadPlan, given: ReadOptions) {
    refuseContradictions(plan, given);
    this.#collection = collection;
    this.#plan = plan;
    this.#given = given;
    const { readPreference, readConcern = collection.readConcern } = plan;
    this.record = { readPreference, readConcern, isAnswered: false };
  }

  /** What the driver's method is given, its own session apart. */
  get options(): ReadOptions {
    const { readPreference, readConcern } = this.#plan;
    const maxTimeMS = this.#given.maxTimeMS ?? this.#plan.maxTimeMS;
    return {
      ...this.#given,
      ...(maxTimeMS !== undefined && { maxTimeMS }),
      ...(readConcern !== undefined && { readConcern }),
      readPreference,
    };
  }

  /** The caller's, or one of its own: a new one after `end`. */
  get session(): ClientSession {
    if (this.#given.session !== undefined) return this.#given.session;
    this.#own ??= startObservedSession(this.#collection.db.client, ({ operationTime }) => {
      if (!this.record.isAnswered) this.record.operationTime = operationTime;
    });
    return this.#own;
  }

  /** Asks the server by `run`, in the read's session. */
  async ask<T>(run: () => Promise<T>): Promise<T> {
    const { record } = this;
    const { client } = this.#collection.db;
    if (this.#plan.awaitsOwnWrites) ownWritesOf(client).bringTo(this.session);
    const result = await observeContacts(
      client,
      (contact) => {
        if (!record.isAnswered) record.contact = contact;
      },
      run,
    );
    const { session } = this.#given;
    if (session !== undefined) record.operationTime = session.operationTime;
    record.isAnswered = true;
    return result;
  }

  /** Gives its own session back; one of the caller's goes on. */
  async end(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    await own?.endSession();
  }

  /** The same read once more, from the beginning. */
  again(): FreshRead {
    return new FreshRead(this.#collection, this.#plan, this.#given);
  }
}

/** Runs a read that answers at once. */
export function readOnce<T>(
  collection: Collection,
  plan: ReadPlan,
  given: ReadOptions,
  send: (options: ReadOptions) => Promise<T>,
): Promise<T> {
  let read: FreshRead;
  try {
    read = new FreshRead(collection, plan, given);
  } catch (error) {
    return Promise.reject(error); // as the driver's methods do
  }
  const reading = run();
  recordRead(reading, read.record);
  return reading;

  async function run(): Promise<T> {
    try {
      return await read.ask(() => send({ ...read.options, session: read.session }));
    } finally {
      await read.end();
    }
  }
}

function refuseContradictions(plan: ReadPlan, given: ReadOptions): void {
  for (const name of ['readPreference', 'readConcern'] as const) {
    if (given[name] === undefined) continue;
    throw new TypeError(
      `${name} cannot be given to a read of a fresh collection: fresh(...) has decided it`,
    );
  }
  const { session } = given;
  if (session?.inTransaction() === true) {
    throw new TypeError(
      'a read in a transaction is as fresh as its transaction: use the collection that fresh(...) was given',
    );
  }
  if (session?.snapshotEnabled === true) {
    throw new TypeError(
      'a snapshot session reads its one moment: use the collection that fresh(...) was given',
    );
  }
  if (plan.awaitsOwnWrites && session?.supports.causalConsistency === false) {
    throw new TypeError(
      "'own-writes' needs a session with causalConsistency: give one, or none at all",
    );
  }
}
