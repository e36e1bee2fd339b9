/**
 * The order of the server: what a change stream told of locks and data.
 *
 * One stream over the whole deployment tells of grants, of the ends of leases and of what was
 * written, each committed change once and in the order of the log, so that a grant and a write can
 * be compared although they lie in two collections. That it misses nothing is not taken on trust:
 * the judge compares it with the data that is there at the end, and each counter's `n` has to be
 * one more in each event.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ChangeStream, Document, MongoClient } from 'mongodb';
import { now } from './clock.ts';
import { changeOf, follow, type LockChange, stateOf } from './lock-change.ts';
import {
  countersName,
  databaseOf,
  historyName,
  locksName,
  type SideName,
  sideNames,
} from './side.ts';

/** A write that took effect. */
export interface Effect {
  readonly kind: 'effect';
  readonly seenAt: number;
  readonly side: SideName;
  readonly name: string;
  readonly write: string;
  /** What the counter came to; nothing for a line of the history, or when it stayed as it was. */
  readonly n: number | undefined;
}

export type Change = LockChange | Effect;

const marksName = 'marks';

export class Watch implements AsyncDisposable {
  readonly #client: MongoClient;
  readonly #stream: ChangeStream;
  readonly #sides = new Map<string, SideName>();
  /** The locks' documents as the stream has told of them. */
  readonly #locks = new Map<string, Document>();
  #changes: Change[] = [];
  #marks = new Set<string>();
  #failure: unknown;

  private constructor(client: MongoClient, stream: ChangeStream) {
    this.#client = client;
    this.#stream = stream;
    void this.#follow();
  }

  /** Resolves once the stream is open, so that nothing later is missed. */
  static async open(client: MongoClient): Promise<Watch> {
    const stream = client.watch(
      [
        {
          $match: {
            'ns.coll': { $in: [countersName, historyName, marksName, locksName] },
            // Each fenced write changes its lock's document, which tells nothing of the lock.
            'updateDescription.updatedFields.writes': { $exists: false },
          },
        },
      ],
      { maxAwaitTimeMS: 300 },
    );
    await stream.tryNext();
    return new Watch(client, stream);
  }

  /** Listens to a round's databases from now on, and forgets those before. */
  begin(round: number): void {
    this.#changes = [];
    this.#locks.clear();
    this.#sides.clear();
    for (const side of sideNames) this.#sides.set(databaseOf(round, side), side);
  }

  /** All changes of the round up to now; nothing when the stream does not come so far in time. */
  async changes(round: number, milliseconds: number): Promise<readonly Change[] | undefined> {
    const mark = `${round} ${now()}`;
    const database = this.#client.db(databaseOf(round, 'locker-room'));
    await database.collection<{ _id: string }>(marksName).insertOne({ _id: mark });
    const until = now() + milliseconds;
    while (!this.#marks.has(mark)) {
      if (this.#failure !== undefined) {
        throw new Error('the change stream ended', { cause: this.#failure });
      }
      if (now() > until) return undefined;
      await pause(20);
    }
    return this.#changes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream.close();
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.#stream) this.#note(event);
    } catch (error) {
      this.#failure = error;
    }
  }

  #note(event: Document): void {
    const side = this.#sides.get(String(event.ns?.db));
    if (side === undefined) return;
    const fields = (event.fullDocument ?? event.updateDescription?.updatedFields ?? {}) as Document;
    const id = String(event.documentKey?._id);
    const seenAt = now();
    switch (event.ns.coll) {
      case marksName:
        this.#marks.add(id);
        return;
      case historyName:
        this.#changes.push({
          ...{ kind: 'effect', seenAt, side, name: String(fields.name), write: id, n: undefined },
        });
        return;
      case countersName:
        // One that is read through a fence changes too, but not by a write.
        if (!fields.write) return;
        this.#changes.push({
          ...{ kind: 'effect', seenAt, side, name: id, write: fields.write, n: fields.n },
        });
        return;
      default:
        this.#noteLock(id, seenAt, event);
    }
  }

  #noteLock(name: string, seenAt: number, event: Document): void {
    const known = this.#locks.get(name);
    const before = known && stateOf(known);
    const document = event.fullDocument ?? known ?? {};
    if (event.updateDescription !== undefined) follow(document, event);
    this.#locks.set(name, document);
    const change = changeOf(name, seenAt, before, stateOf(document));
    if (change !== undefined) this.#changes.push(change);
  }
}
