/** Writers that insert, delete, change and move documents while a cursor runs. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Collection, MongoClient } from 'mongodb';
import type { Dice } from './dice.ts';
import { insist } from './insist.ts';

export interface Thing {
  _id: number;
  key: number;
  /** Rises with every change. */
  version: number;
}

const workers = 4;
const batch = 1000;

export function thingsOf(client: MongoClient): Collection<Thing> {
  return client.db('cursors').collection<Thing>('things');
}

/** How many keys so many documents share. */
export function keysOver(documents: number): number {
  return Math.ceil(documents / 3);
}

export class Movers {
  readonly #client: MongoClient;
  readonly #dice: Dice;
  readonly #documents: number;
  #nextId: number;
  #ended = false;
  /** Resolves when they may go on; nothing while they may. */
  #gate: PromiseWithResolvers<void> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  #work: Promise<unknown> = Promise.resolve();
  /** Writes that were acknowledged. */
  changes = 0;

  constructor(client: MongoClient, dice: Dice, documents: number) {
    this.#client = client;
    this.#dice = dice;
    this.#documents = documents;
    this.#nextId = documents;
  }

  /** Inserts the documents. */
  async prepare(): Promise<void> {
    const things = thingsOf(this.#client);
    await insist(() => things.createIndex({ key: 1, _id: 1 }));
    for (let first = 0; first < this.#documents; first += batch) {
      const length = Math.min(batch, this.#documents - first);
      const some = Array.from({ length }, (_, at) => ({
        _id: first + at,
        key: this.#key(),
        version: 0,
      }));
      await insist(() => things.insertMany(some, { ordered: false }));
    }
  }

  start(): void {
    this.#work = Promise.all(Array.from({ length: workers }, () => this.#move()));
  }

  /** Holds them; resolves once none of their writes is under way. */
  async pause(): Promise<void> {
    this.#gate ??= Promise.withResolvers();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  resume(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  async stop(): Promise<void> {
    this.#ended = true;
    this.resume();
    await this.#work;
  }

  async #move(): Promise<void> {
    while (!this.#ended) {
      // Nothing may come between this look and the write: `pause` counts on it.
      while (this.#gate !== undefined) await this.#gate.promise;
      const write = this.#change().then(
        () => {
          this.changes += 1;
        },
        () => {}, // what is true is read while they stand still
      );
      this.#underWay.add(write);
      await write;
      this.#underWay.delete(write);
      await pause(this.#dice.between(0, 4));
    }
  }

  #change(): Promise<unknown> {
    const things = thingsOf(this.#client);
    const _id = this.#dice.between(0, this.#nextId - 1);
    const kind = this.#dice.next();
    if (kind < 0.2) {
      return things.insertOne({ _id: this.#nextId++, key: this.#key(), version: 0 });
    }
    if (kind < 0.4) return things.deleteOne({ _id });
    if (kind < 0.8) {
      return things.updateOne({ _id }, { $set: { key: this.#key() }, $inc: { version: 1 } });
    }
    return things.updateOne({ _id }, { $inc: { version: 1 } });
  }

  #key(): number {
    return this.#dice.between(0, keysOver(this.#documents) - 1);
  }
}
