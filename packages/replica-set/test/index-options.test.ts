import { type Collection, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LoneMember, startLoneMember } from './lone-member.ts';

let member: LoneMember;
let client: MongoClient;
let things: Collection<Document & { _id: number }>;
let next = 0;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
});

beforeEach(() => {
  things = client.db('db').collection(`things${next++}`);
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

const create = (spec: Document) =>
  client.db('db').command({ createIndexes: things.collectionName, indexes: [spec] });

test.each<[Document, number]>([
  [{ key: {}, name: 'x' }, 67],
  [{ name: 'x' }, 9],
  [{ key: { a: 1 } }, 9],
  [{ key: { a: 1 }, name: '' }, 67],
  [{ key: { a: 1 }, name: 'a\0b' }, 67],
  [{ key: { a: 1 }, name: 'x', collation: {} }, 2],
  [{ key: { _id: 1 }, name: '_id_', collation: { locale: 'en' } }, 2],
  [{ key: { a: 1 }, name: '*' }, 2],
  [{ key: { a: 1 }, name: 5 }, 14],
  [{ key: { a: 0 }, name: 'x' }, 67],
  [{ key: { a: Number.NaN }, name: 'x' }, 67],
  [{ key: { a: true }, name: 'x' }, 67],
  [{ key: { a: 'bogus' }, name: 'x' }, 67],
  [{ key: { 'a..b': 1 }, name: 'x' }, 67],
  [{ key: { '': 1 }, name: 'x' }, 67],
  [{ key: { 'a.$b': 1 }, name: 'x' }, 67],
  [
    { key: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`f${at}`, 1])), name: 'x' },
    13103,
  ],
  [{ key: { a: 1 }, name: 'x', bogus: 1 }, 197],
  [{ key: { a: 1 }, name: 'x', v: 7 }, 67],
  [{ key: { a: 1 }, name: 'x', unique: 'yes' }, 14],
  [{ key: { $db: 1 }, name: 'x' }, 67],
  [{ key: { _id: 1 }, name: '_id_', unique: true }, 197],
  [{ key: { _id: 1 }, name: '_id_', sparse: true }, 197],
  [{ key: { _id: 1 }, name: '_id_', hidden: true }, 2],
  [{ key: { _id: 1 }, name: '_id_', expireAfterSeconds: 5 }, 197],
  [{ key: { _id: 1 }, name: '_id_', partialFilterExpression: { a: 1 } }, 197],
  [{ key: { a: 1 }, name: 'x', expireAfterSeconds: -1 }, 67],
  [{ key: { a: 1 }, name: 'x', expireAfterSeconds: 2 ** 40 }, 67],
  [{ key: { a: 1 }, name: 'x', expireAfterSeconds: 'soon' }, 14],
  [{ key: { a: 1, b: 1 }, name: 'x', expireAfterSeconds: 5 }, 67],
  [{ key: { a: 1 }, name: 'x', partialFilterExpression: 5 }, 14],
  [{ key: { a: 1 }, name: 'x', partialFilterExpression: { a: { $ne: 1 } } }, 67],
  [{ key: { a: 1 }, name: 'x', partialFilterExpression: { a: /x/ } }, 67],
  [{ key: { a: 1 }, name: 'x', partialFilterExpression: { $nor: [{ a: 1 }] } }, 67],
  [{ key: { a: 1 }, name: 'x', partialFilterExpression: { a: { $exists: false } } }, 67],
  [{ key: { a: 1 }, name: 'x', partialFilterExpression: { a: { $bogus: 1 } } }, 2],
  [{ key: { a: 1 }, name: 'x', partialFilterExpression: { a: 1 }, sparse: true }, 67],
  [{ key: { a: 'text' }, name: 'x' }, 238],
  [{ key: { a: '2dsphere' }, name: 'x' }, 238],
  [{ key: { a: 'hashed' }, name: 'x' }, 238],
  [{ key: { 'a.$**': 1 }, name: 'x' }, 238],
  [{ key: { a: 1 }, name: 'x', unique: true, collation: { locale: 'de' } }, 238],
  [{ key: { a: 1 }, name: 'x', collation: { locale: 'nowhere' } }, 2],
])('%j is refused with code %d', async (spec, code) => {
  await expect(create(spec)).rejects.toMatchObject({ code });
});

test.each<[string, Document, Document, number | undefined]>([
  ['the same again', { key: { a: 1 }, name: 'a_1' }, { key: { a: 1 }, name: 'a_1' }, undefined],
  ['another name', { key: { a: 1 }, name: 'a_1' }, { key: { a: 1 }, name: 'other' }, 85],
  ['other keys of that name', { key: { a: 1 }, name: 'x' }, { key: { b: 1 }, name: 'x' }, 86],
  [
    'unique by the same name',
    { key: { a: 1 }, name: 'a_1' },
    { key: { a: 1 }, name: 'a_1', unique: true },
    86,
  ],
  [
    'unique by another name',
    { key: { a: 1 }, name: 'a_1' },
    { key: { a: 1 }, name: 'u', unique: true },
    undefined,
  ],
  [
    'another time to live',
    { key: { a: 1 }, name: 'a_1' },
    { key: { a: 1 }, name: 'a_1', expireAfterSeconds: 5 },
    85,
  ],
  [
    'another part',
    { key: { a: 1 }, name: 'a_1' },
    { key: { a: 1 }, name: 'p', partialFilterExpression: { a: 1 } },
    undefined,
  ],
  [
    'the other way round',
    { key: { a: 1 }, name: 'a_1' },
    { key: { a: -1 }, name: 'a_-1' },
    undefined,
  ],
  [
    'the index on _id',
    { key: { a: 1 }, name: 'a_1' },
    { key: { _id: 1 }, name: 'mine' },
    undefined,
  ],
])('beside an index, %s', async (_, first, second, code) => {
  await create(first);
  if (code === undefined) await create(second);
  else await expect(create(second)).rejects.toMatchObject({ code });
});

test('an index is told as it was given', async () => {
  await create({
    key: { a: 1, 'b.c': -1 },
    name: 'mine',
    unique: true,
    sparse: true,
    background: true,
  });
  await create({
    v: 2,
    key: { d: 1 },
    name: 'd',
    expireAfterSeconds: 60,
    partialFilterExpression: { d: { $gt: 5 } },
  });
  expect(await things.indexes()).toEqual([
    { v: 2, key: { _id: 1 }, name: '_id_' },
    { v: 2, key: { a: 1, 'b.c': -1 }, name: 'mine', unique: true, sparse: true, background: true },
    {
      v: 2,
      key: { d: 1 },
      name: 'd',
      expireAfterSeconds: 60,
      partialFilterExpression: { d: { $gt: 5 } },
    },
  ]);
});

test('options that are none can be ignored, and one is always', async () => {
  const run = (indexes: Document[], rest: Document) =>
    client.db('db').command({ createIndexes: things.collectionName, indexes, ...rest });
  await run([{ key: { q: 1 }, name: 'q', bogus: 1 }], { ignoreUnknownIndexOptions: true });
  await run([{ key: { r: 1 }, name: 'r', dropDups: true }], {});
  const told = await things.indexes();
  expect(told.slice(-2)).toEqual([
    { v: 2, key: { q: 1 }, name: 'q' },
    { v: 2, key: { r: 1 }, name: 'r' },
  ]);
  await expect(
    run([{ key: { s: 1 }, name: 's' }], { ignoreUnknownIndexOptions: 1 }),
  ).rejects.toMatchObject({ code: 14 });
});

test('a hint that fits two indexes is refused', async () => {
  await things.createIndex({ two: 1 });
  await things.createIndex({ two: 1 }, { name: 'other', sparse: true });
  await expect(things.find({}, { hint: { two: 1 } }).toArray()).rejects.toMatchObject({ code: 27 });
  await things.find({}, { hint: 'other' }).toArray();
});

test('createIndexes tells what it found and made', async () => {
  expect(await create({ key: { a: 1 }, name: 'a_1' })).toMatchObject({
    numIndexesBefore: 1,
    numIndexesAfter: 2,
    createdCollectionAutomatically: true,
  });
  expect(await create({ key: { a: 1 }, name: 'a_1' })).toMatchObject({
    numIndexesBefore: 2,
    numIndexesAfter: 2,
    createdCollectionAutomatically: false,
    note: 'all indexes already exist',
  });
  await expect(
    client.db('db').command({ createIndexes: things.collectionName, indexes: [] }),
  ).rejects.toMatchObject({ code: 2 });
});

test('fields of the same array go through its elements together; arrays beside each other are refused', async () => {
  await things.createIndex({ 'a.x': 1, 'a.y': 1 }, { unique: true });
  await things.insertOne({
    _id: 1,
    a: [
      { x: 1, y: 1 },
      { x: 2, y: 2 },
    ],
  });
  await things.insertOne({ _id: 2, a: [{ x: 1, y: 2 }] });
  await expect(things.insertOne({ _id: 3, a: [{ x: 2, y: 2 }] })).rejects.toMatchObject({
    code: 11000,
  });
  await things.createIndex({ b: 1, c: 1 });
  await things.insertOne({ _id: 4, b: [1, 2], c: 1, a: { x: 5 } });
  await expect(things.insertOne({ _id: 5, b: [1, 2], c: [1], a: { x: 6 } })).rejects.toMatchObject({
    code: 171,
  });
  await things.insertOne({ _id: 6, d: [1], e: [1], a: { x: 7 } });
  await expect(things.createIndex({ d: 1, e: 1 })).rejects.toMatchObject({ code: 171 });
});

test.each([
  [{ a: 1 }, { a: 3 }, { a: [3, 1] }, 'a_1 dup key: { a: 3 }', { a: 3 }],
  [{ a: 1 }, {}, { a: null }, 'a_1 dup key: { a: null }', { a: null }],
  [
    { 'a.b': 1, c: -1 },
    { a: [{ b: 1 }], c: 'x' },
    { a: [{ b: 2 }, { b: 1 }], c: 'x' },
    'a.b_1_c_-1 dup key: { a.b: 1, c: "x" }',
    { 'a.b': 1, c: 'x' },
  ],
])(
  'a taken key of %j is told as it is in the index',
  async (keys, first, second, text, keyValue) => {
    await things.createIndex(keys, { unique: true });
    const { collectionName: insert } = things;
    const reply = await client.db('db').command({ insert, documents: [first, second] });
    expect(reply['writeErrors']).toMatchObject([{ code: 11000, keyPattern: keys, keyValue }]);
    expect(reply['writeErrors'][0].errmsg).toBe(
      `E11000 duplicate key error collection: db.${insert} index: ${text}`,
    );
  },
);

test('a unique partial index binds only what passes its filter', async () => {
  await things.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { b: { $gt: 5 } } });
  await things.insertMany([
    { _id: 1, a: 1, b: 6 },
    { _id: 2, a: 1, b: 5 },
    { _id: 3, a: 1 },
  ]);
  await expect(things.insertOne({ _id: 4, a: 1, b: 7 })).rejects.toMatchObject({ code: 11000 });
  await expect(things.updateOne({ _id: 2 }, { $set: { b: 8 } })).rejects.toMatchObject({
    code: 11000,
  });
});

test('a unique sparse index lets fields be missing, and one that is not lets one be', async () => {
  await things.createIndex({ a: 1 }, { unique: true, sparse: true });
  await things.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3, a: null }]);
  await expect(things.insertOne({ _id: 4, a: null })).rejects.toMatchObject({ code: 11000 });
  await expect(things.createIndex({ b: 1 }, { unique: true })).rejects.toMatchObject({
    code: 11000,
  });
});

test('indexes are dropped by name, by keys, by list and all at once', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await things.createIndex({ [name]: 1 });
  const drop = (index: unknown) =>
    client.db('db').command({ dropIndexes: things.collectionName, index });
  expect(await drop('a_1')).toMatchObject({ nIndexesWas: 6 });
  expect(await drop({ b: 1 })).toMatchObject({ nIndexesWas: 5 });
  await expect(drop('nothing')).rejects.toMatchObject({ code: 27 });
  await expect(drop({ z: 1 })).rejects.toMatchObject({ code: 27 });
  await expect(drop('_id_')).rejects.toMatchObject({ code: 72 });
  await expect(drop({ _id: 1 })).rejects.toMatchObject({ code: 72 });
  await expect(drop(['c_1', 'nothing'])).rejects.toMatchObject({ code: 27 });
  await drop(['c_1', 'd_1']);
  await things.createIndex({ e: 1 }, { name: 'again', unique: true });
  await expect(drop({ e: 1 })).rejects.toMatchObject({ code: 181 });
  await drop('*');
  expect(await things.indexes()).toHaveLength(1);
});

test('collMod hides an index, shows it again and changes its time to live', async () => {
  await things.createIndex({ a: 1 });
  const modify = (index: Document) =>
    client.db('db').command({ collMod: things.collectionName, index });
  await things.insertOne({ _id: 1, a: 1 });
  const usesIndex = async () =>
    JSON.stringify(await things.find({ a: 1 }).explain('queryPlanner')).includes('IXSCAN');
  expect(await usesIndex()).toBe(true);
  expect(await modify({ name: 'a_1', hidden: true })).toMatchObject({
    hidden_old: false,
    hidden_new: true,
  });
  expect(await usesIndex()).toBe(false);
  await expect(things.find({ a: 1 }, { hint: 'a_1' }).toArray()).rejects.toMatchObject({ code: 2 });
  expect(await modify({ keyPattern: { a: 1 }, hidden: false })).toMatchObject({
    hidden_new: false,
  });
  expect(await usesIndex()).toBe(true);
  expect(await modify({ name: 'a_1', expireAfterSeconds: 100 })).toMatchObject({
    expireAfterSeconds_new: 100,
  });
  expect(await modify({ name: 'a_1', expireAfterSeconds: 200 })).toMatchObject({
    expireAfterSeconds_old: 100,
    expireAfterSeconds_new: 200,
  });
  expect((await things.indexes())[1]).toMatchObject({ expireAfterSeconds: 200 });
  await expect(modify({ name: 'nothing', hidden: true })).rejects.toMatchObject({ code: 27 });
  await expect(modify({ name: 'a_1' })).rejects.toMatchObject({ code: 72 });
  await expect(modify({ hidden: true })).rejects.toMatchObject({ code: 72 });
  await expect(modify({ name: '_id_', hidden: true })).rejects.toMatchObject({ code: 2 });
  await expect(modify({ name: 'a_1', hidden: true, bogus: 1 })).rejects.toMatchObject({
    code: 40415,
  });
});

test('a hint names an index by name or keys, and a wrong one is refused everywhere', async () => {
  await things.createIndex({ a: 1 });
  await things.insertMany([
    { _id: 1, a: 1 },
    { _id: 2, a: 2 },
  ]);
  for (const hint of ['a_1', { a: 1 }, { $natural: 1 }]) {
    expect(await things.find({ a: 2 }, { hint }).toArray()).toEqual([{ _id: 2, a: 2 }]);
    expect(await things.countDocuments({ a: 2 }, { hint })).toBe(1);
  }
  const bad = { hint: 'nothing' };
  const refused = { code: 2 };
  await expect(things.find({}, bad).toArray()).rejects.toMatchObject(refused);
  await expect(things.countDocuments({}, bad)).rejects.toMatchObject(refused);
  await expect(things.aggregate([{ $match: { a: 1 } }], bad).toArray()).rejects.toMatchObject(
    refused,
  );
  await expect(things.updateOne({}, { $set: { b: 1 } }, bad)).rejects.toMatchObject(refused);
  await expect(things.deleteOne({}, bad)).rejects.toMatchObject(refused);
  await expect(
    client.db('db').command({ findAndModify: things.collectionName, remove: true, ...bad }),
  ).rejects.toMatchObject(refused);
  await expect(
    client.db('db').command({ distinct: things.collectionName, key: 'a', ...bad }),
  ).rejects.toMatchObject(refused);
  await expect(
    client.db('db').command({ count: things.collectionName, ...bad }),
  ).rejects.toMatchObject(refused);
});

test('documents come in the order of their making, and backward, whatever the indexes', async () => {
  await things.createIndex({ a: -1 });
  await things.insertMany([3, 1, 2].map((a) => ({ _id: a, a })));
  const ids = async (sort: Document) =>
    (await things.find({}, { sort }).toArray()).map(({ _id }) => _id);
  expect(await ids({ $natural: 1 })).toEqual([3, 1, 2]);
  expect(await ids({ $natural: -1 })).toEqual([2, 1, 3]);
  expect(await ids({ a: 1 })).toEqual([1, 2, 3]);
});

test('an index with a collation is kept, and what it compares by bytes changes no answer', async () => {
  const collation = { locale: 'en', strength: 2 };
  await things.createIndex({ a: 1 }, { collation });
  await things.createIndex({ a: 1 }, { name: 'plain' });
  expect((await things.indexes())[1]).toMatchObject({ collation: { locale: 'en', strength: 2 } });
  await things.insertMany([
    { _id: 1, a: 'x' },
    { _id: 2, a: 'X' },
    { _id: 3, a: 5 },
  ]);
  expect(await things.countDocuments({ a: 'x' })).toBe(1);
  expect(await things.countDocuments({ a: 'x' }, { collation })).toBe(2);
  expect(await things.countDocuments({ a: 'x' }, { collation, hint: 'a_1' })).toBe(2);
  expect(await things.countDocuments({ a: { $gte: 'W' } }, { collation })).toBe(2);
  expect(await things.countDocuments({ a: { $in: [5, 'x'] } }, { collation })).toBe(3);
  const { queryPlanner } = await things.find({ a: 5 }, { collation }).explain('queryPlanner');
  expect(queryPlanner.winningPlan.stage).toBe('FETCH');
});
