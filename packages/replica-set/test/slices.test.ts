/** Reads that take long, and what else goes on meanwhile. */
import type { Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SharedMember, startSharedMember } from './shared-member.ts';

interface Thing {
  _id: number;
  n: number;
}

const count = 40_000;
let member: SharedMember;
let client: MongoClient;
let things: Collection<Thing>;

beforeAll(async () => {
  member = await startSharedMember();
  ({ client } = member);
  things = client.db('db').collection('things');
  await fill(things);
});

afterAll(async () => {
  await member[Symbol.asyncDispose]();
});

async function fill(collection: Collection<Thing>): Promise<void> {
  await collection.createIndex({ n: 1 });
  for (let first = 0; first < count; first += 4000) {
    await collection.insertMany(
      Array.from({ length: 4000 }, (_, at) => ({ _id: first + at, n: count - first - at })),
    );
  }
}

const never = { $expr: { $eq: [{ $mod: [{ $multiply: ['$n', 3] }, 7] }, 100] } };

const longReads: Readonly<Record<string, () => Promise<unknown>>> = {
  'a scan that finds nothing': () => things.find(never).toArray(),
  'a long skip along an index': () =>
    things
      .find()
      .sort({ n: 1 })
      .skip(count - 1)
      .toArray(),
  'a long skip in a snapshot': () =>
    client.withSession({ snapshot: true }, (session) =>
      things
        .find({}, { session })
        .sort({ n: 1 })
        .skip(count - 1)
        .toArray(),
    ),
  'a sort without an index': () =>
    things.find().sort({ n: -1, _id: 1 }).limit(0).hint({ $natural: 1 }).toArray(),
  'a count': () => things.countDocuments(never),
  distinct: () => things.distinct('n', never),
  'a group': () => things.aggregate([{ $group: { _id: '$n' } }, { $count: 'n' }]).toArray(),
  'a join': () =>
    things
      .aggregate([
        { $limit: 1 },
        { $lookup: { from: 'things', pipeline: [{ $match: never }], as: 'found' } },
      ])
      .toArray(),
  facets: () => things.aggregate([{ $facet: { all: [{ $match: never }] } }]).toArray(),
  'an explained read': () => things.find(never).explain('executionStats'),
  'an explained pipeline': () =>
    things.aggregate([{ $group: { _id: '$n' } }, { $match: { n: 1 } }]).explain('executionStats'),
  'an output': () => things.aggregate([{ $match: never }, { $out: 'nothing' }]).toArray(),
};

test.each(Object.entries(longReads))('%s lets others in', async (_name, read) => {
  await member.connect();
  expect(await member.orderOfEnds(read())).toEqual(['ping', 'work']);
});

describe('a long read', () => {
  test('ends when its time is over', async () => {
    await expect(things.find(never).maxTimeMS(1).toArray()).rejects.toMatchObject({ code: 50 });
    await expect(
      things.aggregate([{ $group: { _id: '$n' } }], { maxTimeMS: 1 }).toArray(),
    ).rejects.toMatchObject({ code: 50 });
    await expect(things.distinct('n', never, { maxTimeMS: 1 })).rejects.toMatchObject({ code: 50 });
  });

  test('has, in batches, what those before have left of its time', async () => {
    const db = client.db('db');
    const opened = await db.command({ find: 'things', filter: never, batchSize: 0, maxTimeMS: 1 });
    const more = db.command({ getMore: opened.cursor.id, collection: 'things' });
    await expect(more).rejects.toMatchObject({ code: 50 });
  });

  test('ends when it is killed', async () => {
    let isOver = false;
    const read = things
      .find(never, { comment: 'to be killed' })
      .toArray()
      .finally(() => {
        isOver = true;
      });
    const reading = expect(read).rejects.toMatchObject({ code: 11601 });
    const admin = client.db('admin');
    while (!isOver) {
      const [operation] = await admin
        .aggregate([{ $currentOp: {} }, { $match: { 'command.comment': 'to be killed' } }])
        .toArray();
      if (operation === undefined) continue;
      await admin.command({ killOp: 1, op: operation.opid });
      break;
    }
    await reading;
  });

  test('ends with its transaction', async () => {
    const session = client.startSession();
    session.startTransaction();
    // Minutes of work, were it not ended.
    const join = { $lookup: { from: 'things', pipeline: [{ $match: never }], as: 'found' } };
    const reading = expect(things.aggregate([join], { session }).toArray()).rejects.toMatchObject({
      code: 237,
    });
    await client.db('admin').command({ killAllSessions: [] });
    await reading;
    await session.endSession();
  });

  test('sees all documents while others are written', async () => {
    const collection = client.db('db').collection<Thing>('written');
    await fill(collection);
    const reading = collection.aggregate([{ $sort: { n: 1 } }, { $skip: count - 3 }]).toArray();
    await collection.updateOne({ _id: count - 1 }, { $set: { n: -1 } });
    const found = await reading;
    expect(found.map(({ _id }) => _id)).toEqual([2, 1, 0]);
  });
});

describe('a cursor', () => {
  test('gives one batch at a time', async () => {
    const db = client.db('db');
    const session = client.startSession();
    const find = { find: 'things', filter: never, batchSize: 0 };
    const { cursor } = await db.command(find, { session });
    const more = () => db.command({ getMore: cursor.id, collection: 'things' }, { session });
    const outcomes = await Promise.allSettled([more(), more()]);
    await session.endSession();
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ reason: { code: 12051 } });
  });

  test('tells that it was killed in the middle of a batch', async () => {
    const db = client.db('db');
    const { cursor } = await db.command({ find: 'things', filter: never, batchSize: 0 });
    const reading = expect(
      db.command({ getMore: cursor.id, collection: 'things' }),
    ).rejects.toMatchObject({ code: 237 });
    await db.command({ killCursors: 'things', cursors: [cursor.id] });
    await reading;
  });

  const endings: Readonly<Record<string, (collection: Collection<Thing>) => Promise<unknown>>> = {
    'its index': (collection) => collection.dropIndex('n_1'),
    'its collection': (collection) => collection.drop(),
    'the name of its collection': (collection) =>
      collection.rename('another', { dropTarget: true }),
  };
  test.each(Object.entries(endings))('has no end but an error without %s', async (name, end) => {
    const collection = client.db('db').collection<Thing>(`without ${name}`);
    await fill(collection);
    const cursor = collection.find({ n: { $gt: 0 } }).batchSize(1000);
    await cursor.next();
    await end(collection);
    await expect(cursor.toArray()).rejects.toMatchObject({ code: 175 });
  });
});
