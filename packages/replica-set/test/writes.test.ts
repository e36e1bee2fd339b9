/** Updates, projections, counts and findAndModify through the commands, by the official driver. */
import { type Document, MongoClient, Timestamp } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

interface Item extends Document {
  readonly _id: number;
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

const db = () => client.db('writes');
const items = () => db().collection<Item>('items');

beforeEach(async () => {
  await db().dropDatabase();
  await items().insertMany([
    { _id: 1, a: [1, 5, 9] },
    { _id: 2, a: [{ b: 1 }, { b: 5 }] },
  ]);
});

test('$ means in each document the element that the query met there', async () => {
  await items().updateMany({ a: 5 }, { $set: { 'a.$': 50 } });
  await items().updateMany({ 'a.b': 5 }, { $inc: { 'a.$.b': 1 } });
  expect(await items().find().toArray()).toEqual([
    { _id: 1, a: [1, 50, 9] },
    { _id: 2, a: [{ b: 1 }, { b: 6 }] },
  ]);
  await expect(items().updateOne({ _id: 1 }, { $set: { 'a.$': 1 } })).rejects.toMatchObject({
    code: 2,
  });
});

test('what changes nothing is matched and not modified', async () => {
  const counts = async (update: Document) => {
    const { matchedCount, modifiedCount } = await items().updateOne({ _id: 1 }, update);
    return [matchedCount, modifiedCount];
  };
  expect(await counts({ $set: { 'a.0': 1 } })).toEqual([1, 0]);
  expect(await counts({ $addToSet: { a: 5 } })).toEqual([1, 0]);
  expect(await counts({ $pull: { a: 7 } })).toEqual([1, 0]);
  expect(await counts({ $set: { 'a.0': 2 } })).toEqual([1, 1]);
});

test('an upsert starts from the query', async () => {
  const query = { b: 7, $and: [{ 'c.d': { $eq: 8 } }], e: { $gt: 1 } };
  await items().updateOne(query, { $setOnInsert: { _id: 5, f: 1 } }, { upsert: true });
  const made = await items().findOne({ _id: 5 });
  expect(made).toEqual({ _id: 5, b: 7, c: { d: 8 }, f: 1 });
  expect(Object.keys(made ?? {})).toEqual(['_id', 'b', 'c', 'f']);
  await items().replaceOne({ _id: 6, b: 7 }, { g: 1 }, { upsert: true });
  expect(await items().findOne({ _id: 6 })).toEqual({ _id: 6, g: 1 });
  const refused = (filter: Document, code: number) =>
    expect(items().updateOne(filter, { $set: { z: 1 } }, { upsert: true })).rejects.toMatchObject({
      code,
    });
  await refused({ b: 100, $and: [{ b: 101 }] }, 54);
  await refused({ $expr: { $eq: ['$a', 'no'] } }, 224);
  // Be there a match or not.
  await refused({ $or: [{ _id: 5 }, { $expr: true }] }, 224);
  await expect(
    items().findOneAndUpdate({ $expr: true }, { $set: { z: 1 } }, { upsert: true }),
  ).rejects.toMatchObject({ code: 224 });
});

test('a replacement without an _id is a change, be there a difference or not', async () => {
  const replace = async (filter: Document, by: Document) =>
    (await db().command({ update: 'items', updates: [{ q: filter, u: by }] })).nModified;
  await items().insertMany([{ _id: 60, a: 1 }, { _id: 61 }]);
  expect(await replace({ _id: 60 }, { a: 1 })).toBe(1);
  expect(await replace({ _id: 60 }, { _id: 60, a: 1 })).toBe(0);
  expect(await replace({ _id: 61 }, {})).toBe(0);
  await items().deleteMany({ _id: { $gte: 60 } });
});

test('the constants of an update are values as they are', async () => {
  await items().insertOne({ _id: 62, x: 1 });
  const run = (c: Document) =>
    db().command({
      update: 'items',
      updates: [{ q: { _id: 62 }, u: [{ $set: { y: '$$k' } }], c }],
    });
  await run({ k: '$x' });
  expect(await items().findOne({ _id: 62 })).toEqual({ _id: 62, x: 1, y: '$x' });
  expect((await run({ k: { $add: [1, 2] } })).writeErrors).toMatchObject([{ code: 52 }]);
  await items().deleteOne({ _id: 62 });
});

test('an empty timestamp becomes the time of the write', async () => {
  const empty = new Timestamp({ t: 0, i: 0 });
  const isZero = async (...path: string[]) => {
    const found = await items().findOne({ _id: 7 });
    return path.reduce((value, name) => value?.[name], found as Document)?.equals(empty);
  };
  await items().insertOne({ _id: 7, at: empty, in: { at: empty } });
  expect(await isZero('at')).toBe(false);
  expect(await isZero('in', 'at')).toBe(true);
  await items().replaceOne({ _id: 7 }, { at: empty });
  expect(await isZero('at')).toBe(false);
});

test('findAndModify tells what it has met with as that of its plan', async () => {
  await items().insertOne({ _id: 63, s: 'x' });
  await expect(items().findOneAndUpdate({ _id: 63 }, { $inc: { s: 1 } })).rejects.toMatchObject({
    code: 14,
    message: expect.stringMatching(/^Plan executor error during findAndModify :: caused by :: /),
  });
  const taken = items().findOneAndUpdate(
    { nobody: 1 },
    { $setOnInsert: { _id: 63 } },
    { upsert: true },
  );
  await expect(taken).rejects.toMatchObject({ code: 11000, keyValue: { _id: 63 } });
  await items().deleteOne({ _id: 63 });
});

test('findAndModify in its forms', async () => {
  const run = (command: Document) => db().command({ findAndModify: 'items', ...command });
  expect(
    await run({
      query: { a: { $gt: 4 } },
      update: { $inc: { 'a.$': 1 } },
      new: true,
      fields: { 'a.$': 1 },
    }),
  ).toMatchObject({ lastErrorObject: { n: 1 }, value: { _id: 1, a: [6] } });
  expect(
    await run({
      query: {},
      sort: { _id: -1 },
      update: { $set: { 'a.$[x].b': 0 } },
      arrayFilters: [{ 'x.b': 1 }],
    }),
  ).toMatchObject({
    lastErrorObject: { n: 1, updatedExisting: true },
    value: { _id: 2, a: [{ b: 1 }, { b: 5 }] },
  });
  expect(await run({ query: { _id: 9 }, update: { a: 1 }, upsert: true, new: true })).toMatchObject(
    {
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 9 },
      value: { _id: 9, a: 1 },
    },
  );
  expect(await run({ query: { _id: 9 }, remove: true, fields: { _id: 0 } })).toMatchObject({
    lastErrorObject: { n: 1 },
    value: { a: 1 },
  });
  expect(await run({ query: { _id: 9 }, update: [{ $set: { b: 1 } }] })).toMatchObject({
    lastErrorObject: { n: 0, updatedExisting: false },
    value: null,
  });
});

test.each<[Document, number]>([
  [{}, 9],
  [{ update: {}, remove: true }, 9],
  [{ remove: true, upsert: true }, 9],
  [{ remove: true, new: true }, 9],
  [{ remove: true, arrayFilters: [] }, 9],
  [{ update: [], arrayFilters: [{ x: 1 }] }, 9],
  [{ update: { $bogus: {} } }, 9],
  [{ query: { $bogus: 1 }, remove: true }, 2],
  [{ update: { $set: { a: 1 } }, fields: { a: 1, b: 0 } }, 31254],
])('findAndModify with %j is refused with code %d', async (command, code) => {
  await expect(db().command({ findAndModify: 'items', ...command })).rejects.toMatchObject({
    code,
  });
});

test('what is malformed is refused where there is no collection either', async () => {
  const commands: [Document, number][] = [
    [{ find: 'none', filter: { $bogus: 1 } }, 2],
    [{ find: 'none', projection: { a: 1, b: 0 } }, 31254],
    [{ count: 'none', query: { a: { $bogus: 1 } } }, 2],
    [{ distinct: 'none', key: 'a', query: { $or: 1 } }, 2],
    [{ aggregate: 'none', pipeline: [{ $match: { $bogus: 1 } }], cursor: {} }, 2],
  ];
  for (const [command, code] of commands) {
    await expect(db().command(command)).rejects.toMatchObject({ code });
  }
  const update = { q: {}, u: { $set: { a: 1 } }, multi: true, sort: { a: 1 } };
  expect(await db().command({ update: 'none', updates: [update] })).toMatchObject({
    writeErrors: [{ code: 9 }],
  });
  expect(
    await db().command({ delete: 'none', deletes: [{ q: { $bogus: 1 }, limit: 1 }] }),
  ).toMatchObject({ writeErrors: [{ code: 2 }] });
});

test('distinct takes arrays apart, and numbers in its path for places', async () => {
  expect(await items().distinct('a')).toEqual([1, 5, 9, { b: 1 }, { b: 5 }]);
  expect(await items().distinct('a.b')).toEqual([1, 5]);
  expect(await items().distinct('a.0')).toEqual([1, { b: 1 }]);
  expect(await items().distinct('a.1.b')).toEqual([5]);
  expect(await items().distinct('none')).toEqual([]);
});

test('a schema says why it refuses', async () => {
  const $jsonSchema = { required: ['n'], properties: { n: { bsonType: 'int', minimum: 1 } } };
  await db().createCollection('checked', { validator: { $jsonSchema } });
  const checked = db().collection<Item>('checked');
  await checked.insertOne({ _id: 1, n: 1 });
  await expect(checked.insertOne({ _id: 2, n: 0 })).rejects.toMatchObject({
    code: 121,
    errInfo: {
      failingDocumentId: 2,
      details: {
        operatorName: '$jsonSchema',
        schemaRulesNotSatisfied: [
          {
            operatorName: 'properties',
            propertiesNotSatisfied: [
              { propertyName: 'n', details: [{ operatorName: 'minimum', consideredValue: 0 }] },
            ],
          },
        ],
      },
    },
  });
});
