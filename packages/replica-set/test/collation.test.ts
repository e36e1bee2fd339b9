/** Collations through the commands, by the official driver. */
import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

interface Word {
  readonly _id: number;
  readonly word: string;
  readonly n?: number;
}

let rs: ReplicaSet;
let client: MongoClient;

beforeAll(async () => {
  rs = await ReplicaSet.start();
  client = new MongoClient(rs.uri);
});

afterAll(async () => {
  await client.close();
  await rs.stop();
});

const db = () => client.db('collation');
const words = () => db().collection<Word>('words');
const anyCase = { locale: 'en', strength: 2 };
const given = ['b', 'A', 'a', 'B', 'é', 'e'].map((word, _id) => ({ _id, word }));

beforeEach(async () => {
  await db().dropDatabase();
  await words().insertMany(given);
  await words().createIndex({ word: 1 });
});

const ids = (documents: readonly { _id: number }[]) => documents.map(({ _id }) => _id);

test('the boundaries of $bucket and its default are in the order of the collation', async () => {
  const collation = { locale: 'en', numericOrdering: true };
  const bucket = (spec: object) =>
    words()
      .aggregate([{ $bucket: { groupBy: '$word', ...spec } }], { collation })
      .toArray();
  await expect(bucket({ boundaries: ['1', '100'], default: '40' })).rejects.toMatchObject({
    code: 40199,
  });
  await expect(bucket({ boundaries: ['100', '20'], default: 'z' })).rejects.toMatchObject({
    code: 40194,
  });
  expect(await bucket({ boundaries: ['20', '100'], default: 'z' })).toEqual([
    { _id: 'z', count: expect.any(Number) },
  ]);
});

test('find matches and sorts by it, indexes or not', async () => {
  const collation = anyCase;
  expect(ids(await words().find({ word: 'A' }, { collation }).sort({ _id: 1 }).toArray())).toEqual([
    1, 2,
  ]);
  expect(ids(await words().find({ word: 'A' }).toArray())).toEqual([1]);
  const sorted = words().find({}, { collation }).sort({ word: 1, _id: 1 });
  expect(ids(await sorted.toArray())).toEqual([1, 2, 0, 3, 5, 4]);
  const above = words()
    .find({ word: { $gt: 'B' } }, { collation })
    .sort({ _id: 1 });
  expect(ids(await above.toArray())).toEqual([4, 5]);
  const listed = words()
    .find({ word: { $in: ['b', 'x'] } }, { collation })
    .sort({ _id: 1 });
  expect(ids(await listed.toArray())).toEqual([0, 3]);
});

test('count, distinct and aggregate', async () => {
  const collation = anyCase;
  expect(await words().countDocuments({ word: 'b' }, { collation })).toBe(2);
  expect(await db().command({ count: 'words', query: { word: 'b' }, collation })).toMatchObject({
    n: 2,
  });
  expect(await words().distinct('word', {}, { collation })).toEqual(['b', 'A', 'é', 'e']);
  const stages = [{ $match: { word: 'A' } }, { $sort: { word: 1, _id: -1 } }];
  expect(ids(await words().aggregate<Word>(stages, { collation }).toArray())).toEqual([2, 1]);
});

test('updates, deletes and findAndModify', async () => {
  const collation = anyCase;
  const updated = await words().updateMany({ word: 'a' }, { $set: { n: 1 } }, { collation });
  expect(updated.matchedCount).toBe(2);
  const found = await words().findOneAndUpdate(
    { word: 'B' },
    { $set: { n: 2 } },
    { collation, sort: { _id: 1 }, returnDocument: 'after' },
  );
  expect(found).toEqual({ _id: 0, word: 'b', n: 2 });
  const deleted = await words().deleteMany({ word: 'a' }, { collation });
  expect(deleted.deletedCount).toBe(2);
  const written = await words().bulkWrite([
    { updateMany: { filter: { word: 'B' }, update: { $set: { n: 3 } }, collation } },
    { deleteOne: { filter: { word: 'E' }, collation } },
  ]);
  expect([written.modifiedCount, written.deletedCount]).toEqual([2, 1]);
});

test('a collection has one of its own, which a command may set aside', async () => {
  await db().createCollection('own', { collation: anyCase });
  const own = db().collection<Word>('own');
  await own.insertMany(given);
  expect(await own.countDocuments({ word: 'a' })).toBe(2);
  expect(await own.countDocuments({ word: 'a' }, { collation: { locale: 'simple' } })).toBe(1);
  expect((await own.deleteMany({ word: 'B' })).deletedCount).toBe(2);
  const [told] = await db().listCollections({ name: 'own' }).toArray();
  expect(told).toMatchObject({ options: { collation: { locale: 'en', version: '57.1' } } });
  await db().createCollection('plain', { collation: { locale: 'simple' } });
  const [plain] = await db().listCollections({ name: 'plain' }).toArray();
  expect((plain as Document).options).toEqual({});
  await expect(db().command({ collMod: 'own', collation: anyCase })).rejects.toMatchObject({
    code: 40415,
  });
});

test('a view has one for good', async () => {
  await db().createCollection('seen', { viewOn: 'words', pipeline: [], collation: anyCase });
  const seen = db().collection<Word>('seen');
  expect(await seen.countDocuments({ word: 'A' })).toBe(2);
  expect(await seen.countDocuments({ word: 'A' }, { collation: anyCase })).toBe(2);
  const other = { collation: { locale: 'en', strength: 1 } };
  await expect(seen.countDocuments({}, other)).rejects.toMatchObject({ code: 167 });
});

test('a view is read by a pipeline of its own collation alone, documents or not', async () => {
  await db().createCollection('joined', { viewOn: 'words', pipeline: [], collation: anyCase });
  const connection = { startWith: '$a', connectFromField: 'a', connectToField: 'b', as: 'c' };
  const stages: Document[] = [
    { $lookup: { from: 'joined', pipeline: [], as: 'c' } },
    { $graphLookup: { from: 'joined', ...connection } },
    { $unionWith: 'joined' },
    {
      $facet: { x: [{ $lookup: { from: 'none', pipeline: [{ $unionWith: 'joined' }], as: 'c' } }] },
    },
  ];
  for (const stage of stages) {
    const refused = db().collection('none').aggregate([stage]);
    await expect(refused.toArray()).rejects.toMatchObject({ code: 167 });
    const explained = db().collection('none').aggregate([stage]).explain();
    await expect(explained).rejects.toMatchObject({ code: 167 });
    const view = db().createCollection('other', { viewOn: 'words', pipeline: [stage] });
    await expect(view).rejects.toMatchObject({ code: 167 });
    const alike = db().collection('none').aggregate([stage], { collation: anyCase });
    await expect(alike.toArray()).resolves.toBeDefined();
  }
  const over = db().createCollection('over', { viewOn: 'joined', pipeline: [] });
  await expect(over).rejects.toMatchObject({ code: 167 });
});

test.each<[Document, number]>([
  [{ locale: 'nowhere' }, 2],
  [{ strength: 2 }, 40414],
  [{ locale: 'en', strength: 5 }, 238],
])('%j is refused with code %d', async (collation, code) => {
  const commands: Document[] = [
    { find: 'words', collation },
    { count: 'none', collation },
    { distinct: 'words', key: 'word', collation },
    { aggregate: 'words', pipeline: [], cursor: {}, collation },
    { findAndModify: 'words', remove: true, collation },
    { create: 'more', collation },
  ];
  for (const command of commands) {
    await expect(db().command(command)).rejects.toMatchObject({ code });
  }
});
