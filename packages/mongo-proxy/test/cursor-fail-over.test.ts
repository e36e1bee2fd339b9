import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { type Deployment, database, deploy } from './deployment.ts';

let rs: Deployment;
let client: MongoClient;
let items: Collection<{ _id: number; a: number }>;
const count = 2_000;
const ids = [...Array(count).keys()];

beforeAll(async () => {
  rs = await deploy({ members: 3, electionTimeoutMS: 500 });
  client = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
  items = client.db(database).collection('items');
  await items.insertMany(ids.map((_id) => ({ _id, a: _id % 10 })));
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

const disasters = [
  { disaster: 'a step-down', strike: () => rs.stepDown(0.1) },
  {
    disaster: 'the death of the primary',
    strike: async () => (await rs.losePrimary())(),
  },
  { disaster: 'lost replies', strike: () => rs.loseReplies(3) },
];

const reads = [
  { read: 'find', cursor: () => items.find({}, { batchSize: 100, durable: true }), sorted: ids },
  {
    read: 'sorted find',
    cursor: () => items.find({}, { batchSize: 100, sort: { a: -1 }, durable: true }),
    sorted: ids.toSorted((a, b) => (b % 10) - (a % 10) || b - a),
  },
  {
    read: 'aggregate',
    cursor: () => items.aggregate<{ _id: number }>([{ $sort: { a: 1 } }], { batchSize: 100 }),
    sorted: ids.toSorted((a, b) => (a % 10) - (b % 10) || a - b),
  },
];

test.each(disasters.flatMap((disaster) => reads.map((read) => ({ ...disaster, ...read }))))(
  '$read reads on through $disaster',
  async ({ strike, cursor, sorted }) => {
    const found: number[] = [];
    let striking: Promise<void> | undefined;
    for await (const { _id } of cursor()) {
      found.push(_id);
      if (found.length === 450) striking = strike();
      // Written while nobody can be asked; outside the snapshot either way.
      if (found.length === 1_200) await items.updateOne({ _id: 7 }, { $set: { a: 7 } });
    }
    await striking;
    expect(found).toEqual(sorted);
  },
);
