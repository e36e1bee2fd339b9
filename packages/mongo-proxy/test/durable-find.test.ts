import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, type Document, type FindCursor, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { proxyWithClock } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';

interface Item {
  _id: number;
  a: number | null;
  b: string;
}

let rs: ReplicaSet;
let bare: MongoClient;
let items: Collection<Item>;
let bareItems: Collection<Item>;
let commands: Document[];

// Waits of no length: what is repeated matters here, not when.
const atOnce = { now: () => 0, random: () => 0, sleep: () => Promise.resolve() };

const count = 2_000;
const item = (n: number): Item => ({ _id: n, a: n % 7, b: `b${(n * 7919) % 100}` });

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  bare = new MongoClient(rs.uri, { ...safeClientOptions, monitorCommands: true, minHeartbeatFrequencyMS: 5 });
  bare.on('commandStarted', ({ command }) => commands.push(command));
  commands = [];
  items = proxyWithClock(bare, {}, atOnce).db('shop').collection<Item>('items');
  bareItems = bare.db('shop').collection<Item>('items');
});

afterAll(async () => {
  await bare?.close();
  await rs?.stop();
});

beforeEach(async () => {
  await stopCutting();
  await bareItems.deleteMany({});
  await bareItems.insertMany(Array.from({ length: count }, (_, n) => item(n)));
  commands.length = 0;
});

const readers: { way: string; read: (cursor: FindCursor<Item>) => Promise<Item[]> }[] = [
  { way: 'toArray', read: (cursor) => cursor.toArray() },
  { way: 'for await', read: (cursor) => gathered(cursor) },
  { way: 'stream', read: (cursor) => gathered(cursor.stream()) },
  {
    way: 'next',
    read: async (cursor) => {
      const found: Item[] = [];
      for (let next = await cursor.next(); next !== null; next = await cursor.next()) {
        found.push(next);
      }
      return found;
    },
  },
  {
    way: 'hasNext and next',
    read: async (cursor) => {
      const found: (Item | null)[] = [];
      while (await cursor.hasNext()) found.push(await cursor.next());
      return found as Item[];
    },
  },
  {
    way: 'tryNext',
    read: async (cursor) => {
      const found: Item[] = [];
      while (cursor.id?.isZero() !== true || cursor.bufferedCount() > 0) {
        const next = await cursor.tryNext();
        if (next !== null) found.push(next);
      }
      return found;
    },
  },
  {
    way: 'forEach',
    read: async (cursor) => {
      const found: Item[] = [];
      await cursor.forEach((each) => void found.push(each));
      return found;
    },
  },
];

async function gathered<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of source) found.push(each);
  return found;
}

const cut = (failure: object) =>
  rs.failCommand({ failCommands: ['getMore'], times: 1_000_000, ...failure });
const stopCutting = () => cut({ times: 0 });

describe.each([
  { order: 'in no order', sort: {} },
  { order: 'by _id', sort: { _id: -1 as const } },
  { order: 'by another field', sort: { a: 1 as const } },
  { order: 'by two fields', sort: { b: -1 as const, a: 1 as const } },
])('$order', ({ sort }) => {
  test.each(readers)('$way survives a cut at each getMore', async ({ read }) => {
    await cut({ closeConnection: true });
    const fresh = () => items.find({}, { batchSize: 150 }).sort(sort);
    const found = await read(fresh());
    await stopCutting();
    expect(found).toHaveLength(count);
    expect(found).toEqual(await read(bareItems.find().sort({ ...sort, ...tieOf(sort) })));
  });
});

function tieOf(sort: object): Document {
  return '_id' in sort ? {} : { _id: Object.values(sort).at(-1) ?? 1 };
}
