/** The part with cursors: read while batches are cut, primaries die and others write, and compared. */
import { setTimeout as pause } from 'node:timers/promises';
import { mongoProxy } from '@holdfast/mongo-proxy';
import type { CommandFailedEvent, FindCursor, MongoClient } from 'mongodb';
import { answered } from './answer-limit.ts';
import { compareRead, type Row } from './comparison.ts';
import type { Dice } from './dice.ts';
import { insist } from './insist.ts';
import { Killer } from './killer.ts';
import { Movers, type Thing, thingsOf } from './movers.ts';
import { type Shape, shapesOver } from './shape.ts';
import type { Stage } from './stage.ts';
import { lineOf } from './writers.ts';

const patience = 60_000;
const appName = 'reader';

export interface CursorOptions {
  readonly documents: number;
  /** Goes on after a failure by skipping as many documents as there have been. */
  readonly skipping: boolean;
}

/** A read that has begun: its first batch has arrived. */
type Rest = AsyncIterable<Thing>;
type Reader = (shape: Shape, batchSize: number) => Promise<Rest>;

/** Reads and compares until the time is over; once at least. */
export async function playCursor(stage: Stage, options: CursorOptions): Promise<void> {
  const { tally, set } = stage;
  // Milliseconds after which a cursor counts as hanging; `toArray` answers with all documents at once.
  const limit = patience + 30_000 + options.documents / 4;
  const dice = stage.dice('cursor');
  const bare = await stage.client();
  const client = await stage.client({ appName, monitorCommands: true });
  client.on('commandFailed', ({ commandName }: CommandFailedEvent) => {
    if (commandName === 'getMore' || commandName === 'find') tally.add('cuts');
  });
  const read = options.skipping
    ? skipping(client)
    : durably(mongoProxy(client, { patience }), stage.dice('ways'));
  const movers = new Movers(await stage.client(), stage.dice('movers'), options.documents);
  await movers.prepare();
  movers.start();
  const killer = new Killer(set);
  const names = ['reads', 'wrong reads', 'failed reads', 'documents', 'cuts', 'kills'];
  for (const name of names) tally.add(name, 0);
  try {
    do {
      const shape = dice.pick(shapesOver(options.documents));
      const batchSize = Math.max(2, Math.ceil(options.documents / dice.between(8, 40)));
      await movers.pause();
      const held = (await insist(() => copyOf(bare))) ?? [];
      const expected = shape.pick(held);
      const begun = stage.elapsed;
      const nemesis = new Nemesis(stage, killer, dice, options.documents);
      const rows: Row[] = [];
      try {
        // What is true is what was there before and after the first batch came: nobody writes meanwhile.
        const rest = (await answered(read(shape, batchSize), limit))[Symbol.asyncIterator]();
        movers.resume();
        nemesis.start();
        for (;;) {
          const next = await answered(rest.next(), limit);
          if (next.done === true) break;
          const { _id, key, version } = next.value;
          rows.push({ id: _id, key, version });
        }
        tally.add('reads');
        tally.add('documents', rows.length);
        const wrong = compareRead(rows, expected, shape.order);
        if (wrong.length > 0) tally.add('wrong reads');
        for (const { promise, detail } of wrong) {
          tally.find(promise, `${shape.name}, batches of ${batchSize}: ${detail}`);
        }
      } catch (error) {
        tally.add('failed reads');
        const where = `${shape.name}, batches of ${batchSize}, after ${rows.length} documents`;
        tally.find('a cursor goes on to its end', `${where}: ${lineOf(error)}`);
      }
      movers.resume();
      await nemesis.stop();
      tally.add('milliseconds', Math.round(stage.elapsed - begun));
    } while (!stage.isOver() && !(options.skipping && tally.of('wrong reads') > 0));
    tally.add('kills', killer.kills);
    tally.add('changes meanwhile', movers.changes);
  } finally {
    await movers.stop();
  }
}

/** Everything that is there, by a plain read while nobody writes and nothing is broken. */
async function copyOf(bare: MongoClient): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { _id, key, version } of thingsOf(bare).find().batchSize(20_000)) {
    rows.push({ id: _id, key, version });
  }
  return rows;
}

function cursorOf(client: MongoClient, shape: Shape, batchSize: number): FindCursor<Thing> {
  const { filter, sort, skip, limit: most, projection } = shape;
  let cursor = thingsOf(client).find(filter).batchSize(batchSize);
  if (sort !== undefined) cursor = cursor.sort(sort);
  if (skip !== undefined) cursor = cursor.skip(skip);
  if (most !== undefined) cursor = cursor.limit(most);
  if (projection !== undefined) cursor = cursor.project<Thing>(projection);
  return cursor;
}

/** By the client's own cursors, in one of the ways to read them. */
function durably(client: MongoClient, dice: Dice): Reader {
  const ways: readonly ((cursor: FindCursor<Thing>) => Rest)[] = [
    (cursor) => cursor,
    (cursor) => cursor.stream(),
    byNext,
    byArray,
  ];
  return async (shape, batchSize) => {
    const cursor = cursorOf(client, shape, batchSize);
    await cursor.hasNext();
    return dice.pick(ways)(cursor);
  };
}

async function* byNext(cursor: FindCursor<Thing>): Rest {
  while (await cursor.hasNext()) {
    const next = await cursor.next();
    if (next !== null) yield next;
  }
}

async function* byArray(cursor: FindCursor<Thing>): Rest {
  yield* await cursor.toArray();
}

/** What is often done by hand: ask again, and skip as many as there have been. */
function skipping(client: MongoClient): Reader {
  return async (shape, batchSize) => {
    const first = cursorOf(client, shape, batchSize);
    await first.hasNext();
    return goOn(first);

    async function* goOn(begun: FindCursor<Thing>): Rest {
      let cursor = begun;
      for (let count = 0; ; ) {
        try {
          for await (const thing of cursor) {
            count += 1;
            yield thing;
          }
          return;
        } catch {
          if (count === shape.limit) return;
          const { skip = 0, limit: most } = shape;
          const left = most === undefined ? {} : { limit: most - count };
          cursor = cursorOf(client, { ...shape, skip: skip + count, ...left }, batchSize);
        }
      }
    }
  };
}

/**
 * Cuts the lines of batches, and kills primaries, until told to stop; those less often the more
 * there is to read, so that a long read gets on between two of them.
 */
class Nemesis {
  readonly #stage: Stage;
  readonly #killer: Killer;
  readonly #dice: Dice;
  readonly #killing: number;
  readonly #ending = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(stage: Stage, killer: Killer, dice: Dice, documents: number) {
    this.#stage = stage;
    this.#killing = Math.min(0.15, 15_000 / documents);
    this.#killer = killer;
    this.#dice = dice;
  }

  start(): void {
    this.#work = this.#strike();
    this.#work.catch(() => {});
  }

  /** Mends everything. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#work;
    const { set } = this.#stage;
    await insist(() => set.failCommand({ failCommands: ['getMore'], times: 0 }));
  }

  async #strike(): Promise<void> {
    const { set } = this.#stage;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const some = this.#dice.between(1, 3);
      const how = this.#dice.pick([
        { times: Number.POSITIVE_INFINITY },
        { times: some },
        { skip: some },
      ]);
      const failCommands = ['getMore'];
      await insist(() => set.failCommand({ failCommands, closeConnection: true, appName, ...how }));
      const rest = this.#dice.between(50, 400);
      await pause(rest, undefined, { signal }).catch(() => {});
      if (signal.aborted || !this.#dice.chance(this.#killing)) continue;
      await this.#killer.killPrimary();
      await this.#killer.mend();
    }
  }
}
