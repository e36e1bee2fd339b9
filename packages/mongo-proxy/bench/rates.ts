/** What the proxy costs while nothing fails. */
import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, MongoClient } from 'mongodb';
import { type Comparison, callsFor, compare } from './comparison.ts';

export interface Thing {
  _id: number;
  n: number;
  group: number;
  text: string;
}

const documents = 100_000;
/** Documents that one `updateMany` changes. */
const groupSize = 10;
/** Milliseconds of one slice of calls, and how many turns of four slices a round has. */
const slice = 50;
const turns = 15;
const text = 'x'.repeat(250);

/** Compares on a set of one member in a process of its own, by one client with shared connections. */
export async function compareRates(
  rounds: number,
  sink: (comparison: Comparison) => void,
): Promise<void> {
  await using set = await ReplicaSet.start({ members: 1, processes: true });
  await using client = new MongoClient(set.uri, { ...safeClientOptions, maxPoolSize: 16 });
  const bare = thingsOf(client);
  const proxy = thingsOf(mongoProxy(client));
  await fill(bare);

  const calls: Readonly<Record<string, (things: Collection<Thing>) => Promise<unknown>>> = {
    insertOne: (things) => things.insertOne({ _id: nextId++, n: 0, group: -1, text }),
    findOne: (things) => things.findOne({ _id: random(documents) }),
    updateOne: (things) => things.updateOne({ _id: random(documents) }, { $inc: { n: 1 } }),
    [`updateMany of ${groupSize} documents`]: (things) =>
      things.updateMany({ group: random(documents / groupSize) }, { $inc: { n: 1 } }),
  };
  let nextId = documents;
  const random = (below: number): number => Math.floor(Math.random() * below);
  for (const [name, call] of Object.entries(calls)) {
    for (const concurrency of [1, 16]) {
      const title = `${name}, ${concurrency} at a time (1/s)`;
      sink(
        await compare(
          title,
          { rounds, turns },
          {
            bare: callsFor(slice, concurrency, () => call(bare)),
            proxy: callsFor(slice, concurrency, () => call(proxy)),
          },
        ),
      );
    }
  }

  const reads: Readonly<Record<string, (things: Collection<Thing>) => Promise<number>>> = {
    'for await': async (things) => {
      let count = 0;
      for await (const _ of things.find({ _id: { $lt: documents } })) count += 1;
      return count;
    },
    toArray: async (things) => (await things.find({ _id: { $lt: documents } }).toArray()).length,
  };
  for (const [name, read] of Object.entries(reads)) {
    const title = `find of ${documents} documents by ${name} (documents/s)`;
    const slices = { bare: () => read(bare), proxy: () => read(proxy) };
    sink(await compare(title, { rounds, turns: 1 }, slices));
  }
}

export function thingsOf(client: MongoClient): Collection<Thing> {
  return client.db('bench').collection<Thing>('things');
}

async function fill(things: Collection<Thing>): Promise<void> {
  await things.createIndex({ group: 1 });
  for (let first = 0; first < documents; first += 1000) {
    const batch = Array.from({ length: 1000 }, (_, at) => {
      const _id = first + at;
      return { _id, n: 0, group: Math.floor(_id / groupSize), text };
    });
    await things.insertMany(batch, { ordered: false });
  }
}
