import { Long, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

interface Numbered {
  readonly _id: number;
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

test('one bulkWrite inserts, updates and deletes in several collections', async () => {
  const result = await client.bulkWrite<Record<string, Numbered>>(
    [
      { namespace: 'bulk.a', name: 'insertOne', document: { _id: 1, n: 1 } },
      { namespace: 'bulk.b', name: 'insertOne', document: { _id: 1, n: 1 } },
      { namespace: 'bulk.a', name: 'updateOne', filter: { _id: 1 }, update: { $inc: { n: 1 } } },
      {
        namespace: 'bulk.b',
        name: 'updateMany',
        filter: { _id: 9 },
        update: { $set: { n: 9 } },
        upsert: true,
      },
      {
        namespace: 'bulk.a',
        name: 'replaceOne',
        filter: { _id: 1 },
        replacement: { n: 7 },
      },
      { namespace: 'bulk.b', name: 'deleteOne', filter: { _id: 1 } },
    ],
    { verboseResults: true },
  );
  expect(result).toMatchObject({
    insertedCount: 2,
    matchedCount: 2,
    modifiedCount: 2,
    upsertedCount: 1,
    deletedCount: 1,
  });
  expect(result.updateResults?.get(3)).toMatchObject({ didUpsert: true, upsertedId: 9 });
  expect(await client.db('bulk').collection('a').find().toArray()).toEqual([{ _id: 1, n: 7 }]);
  expect(await client.db('bulk').collection('b').find().toArray()).toEqual([{ _id: 9, n: 9 }]);
});

test('an unordered bulkWrite goes on behind an operation that fails, and tells which it was', async () => {
  const ids = [1, 1, 2];
  const written = client.bulkWrite<Record<string, Numbered>>(
    ids.map((_id) => ({ namespace: 'bulk.c', name: 'insertOne' as const, document: { _id } })),
    { ordered: false },
  );
  const error = await written.catch((thrown) => thrown);
  expect([...error.writeErrors]).toMatchObject([[1, { code: 11000 }]]);
  expect(await client.db('bulk').collection('c').countDocuments()).toBe(2);
});

test('a bulkWrite sent twice under one number is done once and answered alike', async () => {
  const command = {
    bulkWrite: 1,
    ops: [
      { update: 0, filter: { _id: 1 }, updateMods: { $inc: { n: 1 } }, upsert: true },
      { update: 0, filter: { _id: 1 }, updateMods: { $inc: { n: 1 } } },
    ],
    nsInfo: [{ ns: 'bulk.d' }],
    txnNumber: Long.fromNumber(100),
  };
  await using numbered = new MongoClient(rs.uri);
  const session = numbered.startSession();
  const admin = numbered.db('admin');
  const first = await admin.command({ ...command }, { session });
  const second = await admin.command({ ...command }, { session });
  await session.endSession();
  expect(first).toMatchObject({ nErrors: 0, nUpserted: 1, nMatched: 1 });
  expect(second.cursor.firstBatch).toEqual(first.cursor.firstBatch);
  expect(await client.db('bulk').collection('d').findOne()).toMatchObject({ n: 2 });
});

test('its replies come in batches when the client wants it so', async () => {
  const cursor = client.db('admin');
  const ops = [1, 2, 3].map((_id) => ({ insert: 0, document: { _id } }));
  const reply = await cursor.command({
    bulkWrite: 1,
    ops,
    nsInfo: [{ ns: 'bulk.e' }],
    cursor: { batchSize: 2 },
  });
  expect(reply.cursor.firstBatch).toHaveLength(2);
  const more = await cursor.command({
    getMore: Long.fromValue(reply.cursor.id),
    collection: '$cmd.bulkWrite',
  });
  expect(more.cursor.nextBatch).toEqual([{ ok: 1, idx: 2, n: 1 }]);
});

test.each([
  [{ bulkWrite: 1, ops: [{ insert: 1, document: {} }], nsInfo: [{ ns: 'bulk.f' }] }, 2],
  [{ bulkWrite: 1, ops: [{ bogus: 0 }], nsInfo: [{ ns: 'bulk.f' }] }, 9],
  [{ bulkWrite: 1, ops: [], nsInfo: [{ ns: 'bulk.f' }] }, 16],
  [{ bulkWrite: 1, ops: [{ insert: 0, document: {} }], nsInfo: [{ ns: 'bulk' }] }, 73],
  [{ bulkWrite: 1, ops: [{ insert: 0 }], nsInfo: [{ ns: 'bulk.f' }] }, 40414],
  [{ bulkWrite: 1, ops: [{ delete: 0 }], nsInfo: [{ ns: 'bulk.f' }] }, 40414],
  [{ bulkWrite: 1, ops: [{ insert: 0, document: {}, b: 1 }], nsInfo: [{ ns: 'bulk.f' }] }, 40415],
  [{ bulkWrite: 1, ops: [], nsInfo: [{ ns: 'bulk.f', b: 1 }] }, 40415],
  [{ bulkWrite: 1, ops: [], nsInfo: [], bogus: 1 }, 40415],
  [{ insert: 'f', documents: [{}], bogus: 1 }, 40415],
  [{ update: 'f', updates: [{ q: {}, u: {}, bogus: 1 }] }, 40415],
  [{ update: 'f', updates: [{ q: {} }] }, 40414],
  [{ delete: 'f', deletes: [{ q: {}, limit: 1, bogus: 1 }] }, 40415],
  [{ delete: 'f', deletes: [{ q: {} }] }, 40414],
  [{ findAndModify: 'f', remove: true, bogus: 1 }, 40415],
])('%j is refused with code %d', async (command, code) => {
  await expect(client.db('admin').command(command)).rejects.toMatchObject({ code });
});

test('let gives queries, updates and pipelines their variables', async () => {
  const things = client.db('bulk').collection<{ _id: number; x?: string }>('let');
  await things.insertMany([{ _id: 1 }, { _id: 2 }]);
  const filter = { $expr: { $eq: ['$_id', '$$id'] } };
  await things.updateOne(filter, [{ $set: { x: '$$x' } }], { let: { id: 2, x: 'foo' } });
  expect(await things.find(filter, { let: { id: 2 } }).toArray()).toEqual([{ _id: 2, x: 'foo' }]);
  const pipeline = [{ $match: filter }, { $project: { x: '$$twice' } }];
  const letting = { one: 1, id: '$$one', twice: { $multiply: ['$$id', 2] } };
  expect(await things.aggregate(pipeline, { let: letting }).toArray()).toEqual([{ _id: 1, x: 2 }]);
  const nowhere = { x: { $getField: { field: 'a', input: { $literal: {} } } } };
  const shown = { projection: { y: '$$x' }, let: nowhere };
  expect(await things.find({ _id: 1 }, shown).toArray()).toEqual([{ _id: 1 }]);
  await expect(things.find({}, { let: { x: '$_id' } }).toArray()).rejects.toMatchObject({
    code: 4890500,
  });
  await things.deleteOne(filter, { let: { id: 1 } });
  expect(await things.countDocuments()).toBe(1);
});

test('a hint has to name an index that is there', async () => {
  const things = client.db('bulk').collection('hint');
  await things.insertOne({ a: 1 });
  await things.createIndex({ a: 1 }, { name: 'by a' });
  expect(await things.find({ a: 1 }, { hint: 'by a' }).toArray()).toHaveLength(1);
  expect(await things.find({ a: 1 }, { hint: { a: 1 } }).toArray()).toHaveLength(1);
  expect(await things.find({ a: 1 }, { hint: { $natural: 1 } }).toArray()).toHaveLength(1);
  await expect(things.find({ a: 1 }, { hint: { b: 1 } }).toArray()).rejects.toMatchObject({
    code: 2,
  });
});

test('its operations take a sort, a hint, a collation, filters of arrays, constants and pipelines', async () => {
  const things = client.db('bulk').collection<{ _id: number; n: number; a?: unknown }>('options');
  await things.insertMany([1, 2, 3].map((n) => ({ _id: n, n, a: [n, n] })));
  const names = client.db('bulk').collection<{ _id: string }>('names');
  await names.insertMany([{ _id: 'Ann' }, { _id: 'ann' }, { _id: 'bob' }]);
  const collation = { locale: 'en', strength: 2 };
  const reply = await client.db('admin').command({
    bulkWrite: 1,
    ops: [
      { update: 0, filter: {}, sort: { n: -1 }, updateMods: { $set: { last: true } } },
      {
        update: 0,
        filter: { n: 1 },
        hint: '_id_',
        updateMods: { $set: { 'a.$[x]': 0 } },
        arrayFilters: [{ x: 1 }],
      },
      {
        update: 0,
        filter: { n: 2 },
        updateMods: [{ $set: { n: '$$seven' } }],
        constants: { seven: 7 },
      },
      {
        update: 0,
        filter: { $expr: { $eq: ['$n', '$$three'] } },
        updateMods: { $inc: { n: 1 } },
        multi: true,
      },
      { delete: 1, filter: { _id: 'ANN' }, collation, multi: true },
      { delete: 1, filter: {}, hint: 'nothing' },
    ],
    nsInfo: [{ ns: 'bulk.options' }, { ns: 'bulk.names' }],
    let: { three: 3 },
    errorsOnly: true,
  });
  expect(reply).toMatchObject({ nMatched: 4, nModified: 4, nDeleted: 2, nErrors: 1 });
  expect(reply.cursor.firstBatch).toMatchObject([{ ok: 0, idx: 5, code: 2 }]);
  expect(await things.find().toArray()).toEqual([
    { _id: 1, n: 1, a: [0, 0] },
    { _id: 2, n: 7, a: [2, 2] },
    { _id: 3, n: 4, a: [3, 3], last: true },
  ]);
  expect(await names.find().toArray()).toEqual([{ _id: 'bob' }]);
});

test('a validator is passed by when the whole bulkWrite says so', async () => {
  await client.db('bulk').createCollection('checked', { validator: { n: { $gt: 0 } } });
  const command = {
    bulkWrite: 1,
    ops: [{ insert: 0, document: { _id: 1, n: -1 } }],
    nsInfo: [{ ns: 'bulk.checked' }],
  };
  const admin = client.db('admin');
  expect((await admin.command(command)).cursor.firstBatch).toMatchObject([{ ok: 0, code: 121 }]);
  expect(await admin.command({ ...command, bypassDocumentValidation: true })).toMatchObject({
    nInserted: 1,
  });
});
