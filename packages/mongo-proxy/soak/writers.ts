/** Many writers at once whose writes are not idempotent, and the books about them. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Collection, type Document, type MongoClient, MongoError } from 'mongodb';
import { answered, UnansweredError } from './answer-limit.ts';
import type { Dice } from './dice.ts';
import { insist } from './insist.ts';

/** A document that only this soak's writers add to. */
interface Count {
  _id: string;
  n: number;
  /** Documents that one `updateMany` meets. */
  pair?: number;
}

interface Entry extends Document {
  entry: string;
}

interface Books {
  readonly counts: Collection<Count>;
  readonly log: Collection<Entry>;
}

/** One write: what it adds to which count, and what its answer has to say. */
interface Step {
  readonly adds: readonly string[];
  write(): Promise<unknown>;
  /** What of the answer is looked at, as text. */
  told(answer: unknown): string;
  readonly expected: string;
}

type Maker = (books: Books, writer: number, entry: string) => Step;

/** How many turns of a hundred each kind of write takes. */
const kinds: Readonly<Record<string, { readonly weight: number; readonly make: Maker }>> = {
  updateOne: {
    weight: 55,
    make: ({ counts }) => ({
      adds: ['sum'],
      write: () => counts.updateOne({ _id: 'sum' }, { $inc: { n: 1 } }),
      told: (answer) => fieldsOf(answer, 'matchedCount', 'modifiedCount'),
      expected: '1 1',
    }),
  },
  findOneAndUpdate: {
    weight: 15,
    make: ({ counts }, writer) => ({
      adds: [`own ${writer}`],
      write: () => counts.findOneAndUpdate({ _id: `own ${writer}` }, { $inc: { n: 1 } }),
      told: (answer) => fieldsOf(answer, '_id'),
      expected: `own ${writer}`,
    }),
  },
  insertOne: {
    weight: 10,
    make: ({ log }, _, entry) => ({
      adds: [entry],
      // The server makes the `_id`, so that an insert done twice shows.
      write: () => log.insertOne({ entry }, { forceServerObjectId: true }),
      told: (answer) => fieldsOf(answer, 'acknowledged'),
      expected: 'true',
    }),
  },
  bulkWrite: {
    weight: 10,
    make: ({ counts }, writer) => {
      const add = (_id: string) => ({ updateOne: { filter: { _id }, update: { $inc: { n: 1 } } } });
      return {
        adds: ['sum', `own ${writer}`, 'sum'],
        write: () => counts.bulkWrite([add('sum'), add(`own ${writer}`), add('sum')]),
        told: (answer) => fieldsOf(answer, 'matchedCount', 'modifiedCount'),
        expected: '3 3',
      };
    },
  },
  updateMany: {
    weight: 10,
    make: ({ counts }, writer) => {
      const pair = Math.floor(writer / 2);
      return {
        adds: [`left ${pair}`, `right ${pair}`],
        write: () => counts.updateMany({ pair }, { $inc: { n: 1 } }),
        told: (answer) => fieldsOf(answer, 'matchedCount', 'modifiedCount'),
        expected: '2 2',
      };
    },
  },
};

/** Every kind of write that writers mix. */
export const writerVerbs: readonly string[] = Object.keys(kinds);

function fieldsOf(answer: unknown, ...names: readonly string[]): string {
  const fields = (answer ?? {}) as Record<string, unknown>;
  return names.map((name) => String(fields[name])).join(' ');
}

/** What callers saw, and what there is. */
export interface Judgement {
  /** Additions that were acknowledged. */
  readonly acknowledged: number;
  /** Additions that there are, by what a majority has. */
  readonly counted: number;
  /** Additions of writes that failed: any of them may have been done. */
  readonly doubtful: number;
  /** Counts that are impossible after what was acknowledged and what failed. */
  readonly wrong: readonly string[];
}

/** What befell single writes, told as it happens. */
export interface Witness {
  acknowledged(kind: string): void;
  failed(kind: string, error: Error): void;
  unanswered(kind: string): void;
  wrongAnswer(kind: string, detail: string): void;
}

export class Writers {
  readonly #books: Books;
  readonly #certain = new Map<string, number>();
  readonly #doubtful = new Map<string, number>();
  readonly #dice: Dice;
  readonly #size: number;
  readonly #limit: number;
  readonly #witness: Witness;
  readonly #kinds: readonly string[];
  #ended = false;
  #done = 0;
  #entries = 0;
  #waiting: { readonly goal: number; readonly resolve: () => void } | undefined;
  #work: Promise<unknown> = Promise.resolve();

  /** `limit`: milliseconds after which a write counts as unanswered. */
  constructor(
    client: MongoClient,
    database: string,
    options: {
      readonly dice: Dice;
      readonly size: number;
      readonly limit: number;
      readonly verbs: readonly string[];
      readonly witness: Witness;
    },
  ) {
    this.#books = booksOf(client, database);
    this.#dice = options.dice;
    this.#size = options.size;
    this.#limit = options.limit;
    this.#witness = options.witness;
    this.#kinds = options.verbs.flatMap((verb) => Array(kinds[verb]?.weight ?? 0).fill(verb));
  }

  /** Lays out the counts by a client that is not under test, and sets the writers to work. */
  async start(bare: MongoClient, database: string): Promise<void> {
    const { counts, log } = booksOf(bare, database);
    const all: Count[] = [{ _id: 'sum', n: 0 }];
    for (let writer = 0; writer < this.#size; writer++) {
      const pair = Math.floor(writer / 2);
      const side = writer % 2 === 0 ? 'left' : 'right';
      all.push({ _id: `own ${writer}`, n: 0 }, { _id: `${side} ${pair}`, n: 0, pair });
    }
    if (this.#size % 2 === 1) {
      const pair = (this.#size - 1) / 2;
      all.push({ _id: `right ${pair}`, n: 0, pair });
    }
    await insist(() => counts.insertMany(all, { ordered: false }));
    await insist(() => counts.createIndex({ pair: 1 }));
    await insist(() => log.createIndex({ entry: 1 }));
    this.#work = Promise.all(
      Array.from({ length: this.#size }, (_, writer) => this.#write(writer)),
    );
  }

  /** Resolves once so many more writes have been acknowledged, or `milliseconds` have passed: then to false. */
  async progress(writes: number, milliseconds: number): Promise<boolean> {
    const progressed = new Promise<boolean>((resolve) => {
      this.#waiting = { goal: this.#done + writes, resolve: () => resolve(true) };
    });
    const timeout = new AbortController();
    const tooLong = pause(milliseconds, false, { signal: timeout.signal }).catch(() => false);
    const result = await Promise.race([progressed, tooLong]);
    timeout.abort();
    this.#waiting = undefined;
    return result;
  }

  /** Lets everybody end what they do. */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.#work;
  }

  async #write(writer: number): Promise<void> {
    while (!this.#ended) {
      const kind = this.#dice.pick(this.#kinds);
      const make = kinds[kind]?.make;
      if (make === undefined) throw new RangeError(`writers know no ${kind}`);
      const step = make(this.#books, writer, `entry ${this.#entries++}`);
      try {
        const answer = await answered(step.write(), this.#limit);
        this.#note(this.#certain, step);
        this.#witness.acknowledged(kind);
        const told = step.told(answer);
        if (told !== step.expected) {
          this.#witness.wrongAnswer(kind, `${kind} answered ${told}, not ${step.expected}`);
        }
        this.#done += 1;
        if (this.#waiting !== undefined && this.#done >= this.#waiting.goal)
          this.#waiting.resolve();
      } catch (error) {
        this.#note(this.#doubtful, step);
        if (error instanceof UnansweredError) this.#witness.unanswered(kind);
        else this.#witness.failed(kind, error as Error);
        await pause(5);
      }
    }
  }

  #note(to: Map<string, number>, { adds }: Step): void {
    for (const key of adds) to.set(key, (to.get(key) ?? 0) + 1);
  }

  /** Compares the books with what a majority has; to be called on a set that is whole, after `stop`. */
  async judge(bare: MongoClient, database: string): Promise<Judgement> {
    const { counts, log } = booksOf(bare, database);
    const held = new Map<string, number>();
    const all = (await insist(() => counts.find().toArray())) ?? [];
    for (const { _id, n } of all) held.set(_id, n);
    for (const { entry } of (await insist(() => log.find().toArray())) ?? []) {
      held.set(entry, (held.get(entry) ?? 0) + 1);
    }
    const keys = new Set([...held.keys(), ...this.#certain.keys(), ...this.#doubtful.keys()]);
    const wrong: string[] = [];
    let counted = 0;
    let acknowledged = 0;
    let doubtful = 0;
    for (const key of keys) {
      const is = held.get(key) ?? 0;
      const certain = this.#certain.get(key) ?? 0;
      const maybe = this.#doubtful.get(key) ?? 0;
      counted += is;
      acknowledged += certain;
      doubtful += maybe;
      if (is >= certain && is <= certain + maybe) continue;
      const more = maybe > 0 ? ` to ${certain + maybe}` : '';
      wrong.push(`'${key}' is ${is}, and ${certain}${more} is what was acknowledged`);
    }
    return { acknowledged, counted, doubtful, wrong };
  }
}

function booksOf(client: MongoClient, database: string): Books {
  const db = client.db(database);
  return { counts: db.collection<Count>('counts'), log: db.collection<Entry>('log') };
}

/** An error in one line. */
export function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof MongoError && error.code !== undefined ? ` ${error.code}` : '';
  return `${error.name}${code}: ${error.message}`.slice(0, 300);
}
