import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

interface Numbered {
  readonly _id: number;
  readonly [field: string]: unknown;
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

const db = () => client.db('options');
const numbers = [1, 2, 3].map((_id) => ({ _id, odd: _id % 2 === 1 }));

test('a view shows a collection through its pipeline, and views stand on views', async () => {
  await db().collection<Numbered>('numbers').insertMany(numbers);
  await db().createCollection('odd', { viewOn: 'numbers', pipeline: [{ $match: { odd: true } }] });
  await db().createCollection('ids', { viewOn: 'odd', pipeline: [{ $project: { _id: 1 } }] });
  const odd = db().collection<Numbered>('odd');
  expect(await odd.find({ _id: { $gt: 1 } }).toArray()).toEqual([{ _id: 3, odd: true }]);
  expect(await odd.find({}, { sort: { _id: -1 }, skip: 1, limit: 1 }).toArray()).toEqual([
    { _id: 1, odd: true },
  ]);
  expect(await odd.estimatedDocumentCount()).toBe(2);
  expect(await odd.distinct('_id')).toEqual([1, 3]);
  expect(
    await db()
      .collection('ids')
      .aggregate([{ $sort: { _id: -1 } }])
      .toArray(),
  ).toEqual([{ _id: 3 }, { _id: 1 }]);
  await expect(odd.insertOne({ _id: 4 })).rejects.toMatchObject({ code: 166 });
  await expect(odd.deleteMany({})).rejects.toMatchObject({ code: 166 });
  await expect(odd.updateOne({ _id: 7 }, { $set: { a: 1 } })).rejects.toMatchObject({ code: 166 });
  await expect(odd.findOneAndDelete({ _id: 7 })).rejects.toMatchObject({ code: 166 });
  const shown = (projection: Document) => odd.find({ _id: 1 }, { projection }).toArray();
  expect(await shown({ odd: 1, b: { $add: ['$_id', 1] } })).toEqual([{ _id: 1, odd: true, b: 2 }]);
  await expect(shown({ a: { $elemMatch: { x: 1 } } })).rejects.toMatchObject({ code: 168 });
  await expect(shown({ 'a.$': 1 })).rejects.toMatchObject({ code: 31324 });
  expect(await db().listCollections({ name: 'odd' }).toArray()).toMatchObject([
    { type: 'view', options: { viewOn: 'numbers' } },
  ]);
});

test('a collection that is renamed keeps its documents and indexes', async () => {
  const before = db().collection('before');
  await before.insertOne({ a: 1 });
  await before.createIndex({ a: 1 });
  await db().collection('after').insertOne({ a: 9 });
  await expect(before.rename('after')).rejects.toMatchObject({ code: 48 });
  const after = await before.rename('after', { dropTarget: true });
  expect(await after.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ a: 1 }]);
  expect(await after.indexes()).toHaveLength(2);
  expect(await before.countDocuments()).toBe(0);
  await expect(before.rename('third')).rejects.toMatchObject({ code: 26 });
});

test('a validator refuses documents, unless the writer passes it by', async () => {
  await db().createCollection('checked', { validator: { a: { $type: 'string' } } });
  const checked = db().collection<Numbered>('checked');
  await checked.insertOne({ _id: 1, a: 'x' });
  await expect(checked.insertOne({ _id: 2, a: 1 })).rejects.toMatchObject({
    code: 121,
    errInfo: { failingDocumentId: 2, details: expect.any(Object) },
  });
  await expect(checked.updateOne({ _id: 1 }, { $set: { a: 1 } })).rejects.toMatchObject({
    code: 121,
  });
  await checked.updateOne({ _id: 1 }, { $set: { a: 1 } }, { bypassDocumentValidation: true });
  await expect(checked.updateOne({ _id: 1 }, { $set: { a: 2 } })).rejects.toMatchObject({
    code: 121,
  });
  await db().command({ collMod: 'checked', validationLevel: 'moderate' });
  await checked.updateOne({ _id: 1 }, { $set: { a: 2 } });
  await db().command({ collMod: 'checked', validator: {} });
  await checked.insertOne({ _id: 2, a: 1 });
});

test('a replacement by nothing but the _id is validated', async () => {
  const bare = db().collection<Numbered>('bare');
  await bare.insertOne({ _id: 1 });
  await db().command({ collMod: 'bare', validator: { a: 1 } });
  await expect(bare.replaceOne({ _id: 1 }, {})).rejects.toMatchObject({ code: 121 });
});

test('no view is made of itself', async () => {
  const refused = (command: Document, code: number) =>
    expect(db().command(command)).rejects.toMatchObject({ code });
  await refused({ create: 'self', viewOn: 'self', pipeline: [] }, 5);
  await db().createCollection('lower', { viewOn: 'numbers', pipeline: [] });
  await db().createCollection('upper', {
    viewOn: 'numbers',
    pipeline: [{ $facet: { x: [{ $lookup: { from: 'lower', pipeline: [], as: 'y' } }] } }],
  });
  await refused({ collMod: 'lower', viewOn: 'upper', pipeline: [] }, 5);
  await refused({ collMod: 'lower', viewOn: 'numbers', pipeline: [{ $unionWith: 'upper' }] }, 5);
  for (let depth = 0; depth < 20; depth++) {
    const viewOn = depth === 0 ? 'numbers' : `deep${depth - 1}`;
    await db().createCollection(`deep${depth}`, { viewOn, pipeline: [] });
  }
  await refused({ create: 'deepest', viewOn: 'deep19', pipeline: [] }, 165);
});

test('there are no two databases whose names differ by their case alone', async () => {
  await db().createCollection('first');
  const other = client.db('OPTIONS');
  await expect(other.createCollection('a')).rejects.toMatchObject({ code: 13297 });
  await expect(other.collection('a').insertOne({})).rejects.toMatchObject({ code: 13297 });
});

test('a clustered collection says so', async () => {
  await db().createCollection('clustered', {
    clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by id' },
  });
  const [index] = await db().collection('clustered').indexes();
  expect(index).toEqual({ v: 2, key: { _id: 1 }, name: 'by id', unique: true, clustered: true });
});

test.each<[Document, number]>([
  [{ create: 'bad', viewOn: 5 }, 2],
  [{ create: 'bad', pipeline: [] }, 72],
  [{ create: 'bad', clusteredIndex: { key: { a: 1 }, unique: true } }, 197],
  [{ create: 'bad', validator: { $bogus: 1 } }, 2],
  [{ create: 'bad', viewOn: 'numbers', pipeline: [{ $bogus: 1 }] }, 40324],
  [{ create: 'bad', viewOn: 'numbers', pipeline: [{ $out: 'x' }] }, 167],
  [{ create: 'bad', viewOn: 'numbers', pipeline: {} }, 14],
  [{ create: 'bad', validator: 7 }, 14],
  [{ find: 'numbers', maxTimeMS: -1 }, 2],
  [{ ping: 1, maxTimeMS: 2 ** 31 }, 2],
  [{ ping: 1, maxTimeMS: 'x' }, 14],
  [{ insert: 'numbers', documents: [{}], ordered: 1 }, 14],
  [{ update: 'numbers', updates: [{ q: {}, u: { $set: { x: 1 } }, multi: 1 }] }, 14],
  [{ create: 'bad', collation: {} }, 40414],
  [{ collMod: 'numbers', validator: 'a' }, 14],
  [{ create: 'bad', validationLevel: 'lax' }, 2],
  [{ collMod: 'nothing' }, 26],
  [{ renameCollection: 'options.numbers', to: 'options.other' }, 13],
])('%j is refused with code %d', async (command, code) => {
  await expect(db().command(command)).rejects.toMatchObject({ code });
});
