import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

let rs: ReplicaSet;
let client: MongoClient;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = new MongoClient(rs.uri);
  const things = client.db('db').collection('things');
  await things.insertMany([{ a: 1 }, { a: 2 }]);
  await things.createIndex({ a: 1 }, { unique: true });
  await client.db('db').createCollection('view', { viewOn: 'things', pipeline: [] });
});

afterAll(async () => {
  await client.close();
  await rs.stop();
});

const over = (collection: string, stage: Document) =>
  client.db('db').collection(collection).aggregate([stage]).toArray();
const ask = (stage: Document, db = 'admin') => client.db(db).aggregate([stage]).toArray();

test('$collStats counts and measures a collection', async () => {
  const [stats] = await over('things', {
    $collStats: { count: {}, storageStats: {}, latencyStats: {}, queryExecStats: {} },
  });
  expect(stats).toMatchObject({
    ns: 'db.things',
    host: expect.stringMatching(/:\d+$/),
    localTime: expect.any(Date),
    count: 2,
    storageStats: {
      count: 2,
      size: 58,
      avgObjSize: 29,
      nindexes: 2,
      indexSizes: { _id_: expect.any(Number) },
    },
    latencyStats: { writes: { ops: 1 }, transactions: { ops: 0 } },
    queryExecStats: { collectionScans: { total: 0 } },
  });
});

test('$indexStats tells of each index', async () => {
  const stats = await over('things', { $indexStats: {} });
  expect(stats).toMatchObject([
    { name: '_id_', key: { _id: 1 }, accesses: { ops: 0, since: expect.any(Date) } },
    { name: 'a_1', key: { a: 1 }, spec: { unique: true, name: 'a_1' } },
  ]);
  expect(await over('none', { $indexStats: {} })).toEqual([]);
});

test('$planCacheStats has no plan to tell of', async () => {
  expect(await over('things', { $planCacheStats: {} })).toEqual([]);
});

test('$currentOp tells of the command itself', async () => {
  expect(await ask({ $currentOp: { allUsers: true } })).toMatchObject([
    {
      type: 'op',
      active: true,
      op: 'command',
      ns: 'admin.$cmd',
      command: { aggregate: 1 },
    },
  ]);
});

test('sessions are listed, those in config.system.sessions too', async () => {
  const local = { $listLocalSessions: { allUsers: true } };
  expect(await ask(local, 'db')).toMatchObject([
    { _id: { id: expect.anything() }, lastUse: expect.any(Date) },
  ]);
  const stored = client.db('config').collection('system.sessions');
  expect(await stored.aggregate([{ $listSessions: {} }]).toArray()).not.toEqual([]);
});

test('nothing is sampled and no settings are made', async () => {
  expect(await ask({ $listSampledQueries: {} })).toEqual([]);
  expect(await ask({ $querySettings: {} })).toEqual([]);
});

test.each<[string, Document, number]>([
  ['none', { $collStats: { count: {} } }, 26],
  ['view', { $collStats: { storageStats: {} } }, 166],
  ['view', { $indexStats: {} }, 166],
  ['things', { $collStats: { storageStats: { scale: 'x' } } }, 14],
  ['things', { $collStats: { storageStats: { scale: 0 } } }, 51024],
  ['none', { $planCacheStats: {} }, 50933],
  ['things', { $listSessions: {} }, 73],
  ['things', { $currentOp: {} }, 73],
  ['things', { $documents: [] }, 73],
])('over %s %j fails with code %d', async (collection, stage, code) => {
  await expect(over(collection, stage)).rejects.toMatchObject({ code });
});

test.each<[Document, number]>([
  [{ $currentOp: 1 }, 9],
  [{ $currentOp: { allUsers: 1 } }, 9],
  [{ $currentOp: { bogus: true } }, 9],
  [{ $listLocalSessions: 1 }, 14],
  [{ $listLocalSessions: { allUsers: 1 } }, 14],
  [{ $listLocalSessions: { bogus: 1 } }, 40415],
  [{ $documents: 1 }, 5858203],
  [{ $documents: [1] }, 40228],
  [{ $match: {} }, 73],
  [{ $collStats: {} }, 73],
])('over no collection %j fails with code %d', async (stage, code) => {
  await expect(ask(stage)).rejects.toMatchObject({ code });
});

test.each([{ $currentOp: {} }, { $listSampledQueries: {} }, { $querySettings: {} }])(
  '%j is for the database admin',
  async (stage) => {
    await expect(ask(stage, 'db')).rejects.toMatchObject({ code: 73 });
  },
);

test.each([{ $collStats: {} }, { $indexStats: {} }, { $out: 'x' }, { $merge: 'x' }])(
  '%j is not for transactions',
  async (stage) => {
    const work = client.withSession(async (session) => {
      session.startTransaction();
      try {
        await client.db('db').collection('things').aggregate([stage], { session }).toArray();
      } finally {
        await session.abortTransaction();
      }
    });
    await expect(work).rejects.toMatchObject({ code: 263 });
  },
);

test('a transaction and a snapshot read through $lookup and $unionWith as they read at all', async () => {
  const things = client.db('db').collection<Document>('things');
  const pipeline = [
    { $match: { a: 1 } },
    { $lookup: { from: 'things', pipeline: [{ $match: { a: { $gte: 1 } } }], as: 'all' } },
    { $lookup: { from: 'things', localField: 'other', foreignField: 'none', as: 'same' } },
    { $unionWith: { coll: 'things', pipeline: [{ $match: { a: 7 } }] } },
  ];
  const counts = (found: Document[]) => found.map(({ all, same }) => [all?.length, same?.length]);
  const snapshot = client.startSession({ snapshot: true });
  expect(counts(await things.aggregate(pipeline, { session: snapshot }).toArray())).toEqual([
    [2, 2],
  ]);
  await client.withSession(async (session) => {
    session.startTransaction();
    await things.insertOne({ a: 7 }, { session });
    expect(counts(await things.aggregate(pipeline, { session }).toArray())).toEqual([
      [3, 3],
      [undefined, undefined],
    ]);
    expect(counts(await things.aggregate(pipeline).toArray())).toEqual([[2, 2]]);
    await session.commitTransaction();
  });
  expect(counts(await things.aggregate(pipeline, { session: snapshot }).toArray())).toEqual([
    [2, 2],
  ]);
  await snapshot.endSession();
  await things.deleteOne({ a: 7 });
});

test.each<[string, Document, number]>([
  ['no cursor', { aggregate: 'things', pipeline: [] }, 9],
  ['a pipeline that is no array', { aggregate: 'things', pipeline: {}, cursor: {} }, 14],
  ['a stage that is no object', { aggregate: 'things', pipeline: [1], cursor: {} }, 14],
  ['no pipeline', { aggregate: 'things', cursor: {} }, 40414],
  ['a target that is none', { aggregate: 2, pipeline: [], cursor: {} }, 9],
  ['no collection and no stage', { aggregate: 1, pipeline: [], cursor: {} }, 73],
])('refuses %s', async (_, command, code) => {
  await expect(client.db('db').command(command)).rejects.toMatchObject({ code });
});

test('a document that outgrows 16 MB is told as an error', async () => {
  const grown = { $set: { text: { $literal: 'x'.repeat(2 ** 23) } } };
  const whole = [grown, { $group: { _id: null, all: { $push: '$text' } } }];
  const found = client.db('db').collection('things').aggregate(whole).toArray();
  await expect(found).rejects.toMatchObject({ code: 10334, codeName: 'BSONObjectTooLarge' });
});
