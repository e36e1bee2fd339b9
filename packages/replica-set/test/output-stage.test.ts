import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

interface Numbered {
  readonly _id: number;
  readonly [field: string]: unknown;
}

let rs: ReplicaSet;
let client: MongoClient;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 3 });
  client = new MongoClient(rs.uri);
});

afterAll(async () => {
  await client.close();
  await rs.stop();
});

const source = () => client.db('pipes').collection<Numbered>('source');
const target = () => client.db('pipes').collection<Numbered>('target');
const run = (stages: Document[], options = {}) => source().aggregate(stages, options).toArray();
const all = () =>
  target()
    .find({}, { sort: { _id: 1 } })
    .toArray();

beforeEach(async () => {
  await client.db('pipes').dropDatabase();
  await source().insertMany([
    { _id: 1, a: 1 },
    { _id: 2, a: 2 },
  ]);
});

test('$out replaces a collection, whose indexes stay', async () => {
  await target().insertOne({ _id: 9 });
  await target().createIndex({ a: 1 }, { unique: true, name: 'one a' });
  expect(await run([{ $match: { _id: 2 } }, { $out: 'target' }])).toEqual([]);
  expect(await all()).toEqual([{ _id: 2, a: 2 }]);
  expect((await target().indexes()).map(({ name }) => name)).toEqual(['_id_', 'one a']);
  expect(await client.db('pipes').listCollections().toArray()).toHaveLength(2);
});

test('$out that fails leaves everything as it was', async () => {
  await target().insertOne({ _id: 9 });
  await target().createIndex({ same: 1 }, { unique: true });
  const written = run([{ $set: { same: 1 } }, { $out: 'target' }]);
  await expect(written).rejects.toMatchObject({ code: 11000 });
  expect(await all()).toEqual([{ _id: 9 }]);
  expect(await client.db('pipes').listCollections().toArray()).toHaveLength(2);
});

test('$out into the collection that is read, and into another database', async () => {
  await run([{ $match: { _id: 1 } }, { $out: 'source' }]);
  expect(await source().countDocuments()).toBe(1);
  await run([{ $out: { db: 'elsewhere', coll: 'copy' } }]);
  expect(await client.db('elsewhere').collection('copy').countDocuments()).toBe(1);
});

test('on a secondary the primary writes', async () => {
  await run([{ $out: 'target' }], { readPreference: 'secondary' });
  expect(await all()).toHaveLength(2);
  const duplicate = run([{ $merge: { into: 'target', whenMatched: 'fail' } }], {
    readPreference: 'secondary',
  });
  await expect(duplicate).rejects.toMatchObject({ code: 11000 });
});

test.each<[Document, Document]>([
  [{}, { _id: 1, a: 1, b: 1 }],
  [{ whenMatched: 'merge' }, { _id: 1, a: 1, b: 1 }],
  [{ whenMatched: 'replace' }, { _id: 1, a: 1 }],
  [{ whenMatched: 'keepExisting' }, { _id: 1, a: 0, b: 1 }],
  [{ whenMatched: [{ $set: { a: { $add: ['$a', '$$new.a', 5] } } }] }, { _id: 1, a: 6, b: 1 }],
  [
    { whenMatched: [{ $set: { a: '$$x' } }], let: { x: { $add: ['$a', 1] } } },
    { _id: 1, a: 2, b: 1 },
  ],
])('$merge %j makes of the document that is there %j', async (how, expected) => {
  await target().insertOne({ _id: 1, a: 0, b: 1 });
  await run([{ $merge: { into: 'target', ...how } }]);
  expect(await all()).toEqual([expected, { _id: 2, a: 2 }]);
});

test('$merge on another unique field, and what it does with a document that is new', async () => {
  await target().createIndex({ a: 1 }, { unique: true });
  await target().insertOne({ _id: 7, a: 1 });
  await run([
    { $project: { _id: 0, a: 1, c: '$a' } },
    { $merge: { into: 'target', on: 'a', whenNotMatched: 'discard' } },
  ]);
  expect(await all()).toEqual([{ _id: 7, a: 1, c: 1 }]);
});

test('$merge writes the rest of a batch when one of its documents fails', async () => {
  await target().insertOne({ _id: 2, b: 1 });
  await expect(run([{ $merge: { into: 'target', whenNotMatched: 'fail' } }])).rejects.toMatchObject(
    { code: 13113 },
  );
  expect(await all()).toEqual([{ _id: 2, b: 1, a: 2 }]);
});

test('$merge writes nothing of a batch with a document that has no key', async () => {
  await target().createIndex({ a: 1 }, { unique: true });
  const spread = run([
    { $project: { _id: 0, a: { $cond: [{ $eq: ['$_id', 1] }, '$a', null] } } },
    { $merge: { into: 'target', on: 'a' } },
  ]);
  await expect(spread).rejects.toMatchObject({ code: 51132 });
  expect(await all()).toEqual([]);
});

test('$merge asks for a unique index of its own collation', async () => {
  await target().createIndex({ a: 1 }, { unique: true });
  const collation = { locale: 'en' };
  await expect(run([{ $merge: { into: 'target', on: 'a' } }], { collation })).rejects.toMatchObject(
    { code: 51183 },
  );
});

test('$merge inserts into a collection that is not there, and makes none for nothing', async () => {
  await run([{ $match: { a: 9 } }, { $merge: 'target' }]);
  expect(await client.db('pipes').listCollections({ name: 'target' }).toArray()).toEqual([]);
  await run([{ $match: { a: 1 } }, { $merge: { into: { coll: 'target' } } }]);
  expect(await all()).toEqual([{ _id: 1, a: 1 }]);
});

test('$merge without variables, in its own database, in other words', async () => {
  const spec = { let: null, into: { db: '', coll: 'target' } };
  await run([{ $match: { a: 1 } }, { $merge: spec }]);
  expect(await all()).toEqual([{ _id: 1, a: 1 }]);
});

const merge = (spec: Document) => ({ $merge: { into: 'target', ...spec } });

test.each<[Document, number]>([
  [merge({ whenNotMatched: 'fail' }), 13113],
  [merge({ on: 'a' }), 51183],
  [merge({ whenMatched: 'bogus' }), 2],
  [merge({ whenMatched: 5 }), 51191],
  [merge({ whenMatched: null }), 51191],
  [merge({ whenMatched: [{ $group: { _id: 1 } }] }), 72],
  [merge({ whenNotMatched: 'bogus' }), 2],
  [merge({ whenMatched: 'fail', whenNotMatched: 'discard' }), 51181],
  [merge({ whenMatched: 'keepExisting', whenNotMatched: 'fail' }), 51181],
  [merge({ let: { x: 1 } }), 51199],
  [merge({ let: 1, whenMatched: [] }), 14],
  [merge({ let: { new: '$a' }, whenMatched: [] }), 51273],
  [merge({ on: 5 }), 51186],
  [merge({ on: null }), 51186],
  [merge({ on: [5] }), 51134],
  [merge({ on: [] }), 51187],
  [merge({ on: ['a', 'a'] }), 31465],
  [merge({ into: '' }), 5786800],
  [merge({ into: { db: 'pipes' } }), 5786801],
  [merge({ into: 5 }), 51178],
  [merge({ into: 'system.x' }), 31319],
  [merge({ into: { db: 'admin', coll: 'x' } }), 31320],
  [merge({ into: 'view' }), 166],
  [merge({ bogus: 1 }), 40415],
  [{ $merge: {} }, 40414],
  [{ $merge: 5 }, 14],
  [{ $out: 5 }, 16990],
  [{ $out: { coll: 'x' } }, 40414],
  [{ $out: { db: 'pipes', coll: 'x', y: 1 } }, 40415],
  [{ $out: { db: 'pipes', coll: 'x', timeseries: {} } }, 238],
  [{ $out: '' }, 73],
  [{ $out: 'system.x' }, 17385],
  [{ $out: { db: 'config', coll: 'x' } }, 31321],
  [{ $out: 'view' }, 166],
  [{ $out: 'capped' }, 17152],
])('%j fails with code %d', async (stage, code) => {
  await client.db('pipes').createCollection('view', { viewOn: 'source', pipeline: [] });
  await client.db('pipes').createCollection('capped', { capped: true, size: 4096 });
  await expect(run([stage])).rejects.toMatchObject({ code });
});

test.each([
  [{ a: null }, 51132],
  [{ a: [1] }, 51185],
])('$merge on %j fails with code %d', async (fields, code) => {
  await target().createIndex({ a: 1 }, { unique: true });
  await source().updateMany({}, { $set: fields });
  await expect(run([merge({ on: 'a' })])).rejects.toMatchObject({ code });
});

test('pipelines over no collection', async () => {
  const db = client.db('pipes');
  expect(
    await db.aggregate([{ $documents: [{ a: 1 }] }, { $project: { a: 1 } }]).toArray(),
  ).toEqual([{ a: 1 }]);
  const sessions = db.aggregate([{ $listLocalSessions: {} }, { $limit: 1 }]);
  expect(await sessions.toArray()).toMatchObject([{ lastUse: expect.any(Date) }]);
  await expect(db.aggregate([{ $match: {} }]).toArray()).rejects.toMatchObject({ code: 73 });
  await expect(run([{ $documents: [] }])).rejects.toMatchObject({ code: 73 });
});
