import { type Collection, type Document, type FindOptions, MongoNetworkError } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CursorCutError } from '../src/cursor-cut-error.ts';
import { NotDurableError } from '../src/not-durable-error.ts';
import { failureOf } from './answers.ts';
import { type CursorSet, cursorSet } from './cursor-set.ts';
import { database } from './deployment.ts';

let set: CursorSet;
let collection: Collection<Document>;
const count = 500;

beforeAll(async () => {
  set = await cursorSet();
  collection = set.client.db(database).collection('c');
  await collection.insertMany(
    Array.from({ length: count }, (_, _id) => ({
      _id,
      a: _id % 9,
      d: new Date(),
      e: [_id],
    })) as Document[],
  );
  await collection.createIndex({ a: 1 });
  const db = set.bare.db(database);
  await db.createCollection('view', { viewOn: 'c', pipeline: [] });
});

afterAll(() => set?.stop());

beforeEach(async () => {
  await set.heal();
  set.sent.length = 0;
});

interface Case {
  why: string;
  code: string;
  filter?: Document;
  options?: FindOptions;
  /** The server here does not know it: only what is said before it is asked can be seen. */
  unknown?: true;
}

const cases: Case[] = [
  { why: 'tailable', code: 'option', options: { tailable: true }, unknown: true },
  { why: 'await', code: 'option', options: { tailable: true, awaitData: true }, unknown: true },
  { why: 'replay of the log', code: 'option', options: { oplogReplay: true } },
  { why: 'partial results', code: 'option', options: { allowPartialResults: true } },
  { why: 'bounds', code: 'option', options: { min: { a: 1 }, hint: { a: 1 } } },
  { why: 'bounds', code: 'option', options: { max: { a: 9 }, hint: { a: 1 } } },
  { why: 'keys of an index', code: 'option', options: { returnKey: true } },
  { why: 'record ids', code: 'option', options: { showRecordId: true } },
  { why: 'collation', code: 'option', options: { collation: { locale: 'de' } }, unknown: true },
  { why: 'linearizable', code: 'option', options: { readConcern: { level: 'linearizable' } } },
  { why: 'available', code: 'option', options: { readConcern: { level: 'available' } } },
  { why: 'size of a batch', code: 'option', options: { batchSize: -200 }, unknown: true },
  { why: 'natural order', code: 'no-total-order', options: { sort: { $natural: 1 } } },
  { why: 'natural hint', code: 'no-total-order', options: { hint: { $natural: 1 } } },
  {
    why: 'score',
    code: 'no-total-order',
    options: { sort: { s: { $meta: 'textScore' } } },
    unknown: true,
  },
  { why: 'text', code: 'filter', filter: { $text: { $search: 'x' } }, unknown: true },
  { why: 'near', code: 'filter', filter: { at: { $near: [0, 0] } }, unknown: true },
  { why: 'code', code: 'filter', filter: { $where: 'true' }, unknown: true },
  {
    why: 'chance',
    code: 'filter',
    filter: { $expr: { $lt: [0.5, { $rand: {} }] } },
    unknown: true,
  },
  { why: 'now', code: 'filter', filter: { $expr: { $lt: ['$d', '$$NOW'] } } },
];

test.each(cases)(
  'durable: true refuses $why with $code',
  async ({ code, filter = {}, options }) => {
    const error = await failureOf(collection.find(filter, { ...options, durable: true }).toArray());
    expect(error).toBeInstanceOf(NotDurableError);
    expect(error).toMatchObject({ code, operation: 'find' });
    expect(set.sent).toEqual([]);
  },
);

test.each(cases.filter(({ unknown }) => !unknown))(
  'without the option $why is read, and a cut says $code',
  async ({ code, filter = {}, options }) => {
    const read = () => collection.find(filter, { batchSize: 120, ...options }).toArray();
    expect((await read()).length).toBeGreaterThan(120);
    await set.fail({ closeConnection: true });
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(CursorCutError);
    expect(error).toMatchObject({ code, delivered: 120, cause: expect.any(MongoNetworkError) });
    expect(error).toHaveProperty('message', expect.stringMatching(/after 120 documents .* again/));
  },
);

test('a view is not durable, and is asked about once', async () => {
  const view = set.client.db(database).collection('view');
  for (let time = 0; time < 2; time++) {
    expect(await failureOf(view.find({}, { durable: true }).toArray())).toMatchObject({
      name: 'NotDurableError',
      code: 'namespace',
    });
  }
  expect(set.sent.filter(({ listCollections }) => listCollections)).toHaveLength(1);
  expect(await view.find().toArray()).toHaveLength(count);
});

test('who may not list collections reads as with the driver', async () => {
  const db = set.client.db('other');
  await db
    .collection('c')
    .insertMany(Array.from({ length: 200 }, (_, _id) => ({ _id })) as never[]);
  await set.fail({ errorCode: 13 }, 'listCollections');
  expect(await db.collection('c').find().toArray()).toHaveLength(200);
  await set.fail({ times: 0 }, 'listCollections');
  expect(await failureOf(db.collection('c').find({}, { durable: true }).toArray())).toMatchObject({
    code: 'namespace',
  });
});

test('a transaction and a snapshot session are left to the driver', async () => {
  const session = set.bare.startSession();
  session.startTransaction();
  const options = { session, batchSize: 120 };
  expect(await collection.find({}, options).toArray()).toHaveLength(count);
  await set.fail({ errorCode: 43, times: 1 });
  expect(await failureOf(collection.find({}, options).toArray())).toMatchObject({
    name: 'MongoServerError',
    code: 43,
  });
  expect(
    await failureOf(collection.find({}, { ...options, durable: true }).toArray()),
  ).toMatchObject({ name: 'NotDurableError', code: 'session' });
  await session.abortTransaction();
  await session.endSession();
  await set.heal();
  const snapshot = set.bare.startSession({ snapshot: true });
  const cursor = collection.find({}, { session: snapshot, batchSize: 120 });
  await set.fail({ errorCode: 43, times: 1 });
  expect(await failureOf(cursor.toArray())).toMatchObject({ code: 'session', delivered: 101 + 19 });
  await snapshot.endSession();
});

test('durable: false is the driver itself, and the option is never sent', async () => {
  await set.fail({ closeConnection: true });
  const cursor = collection.find({}, { durable: false, batchSize: 120 });
  expect(Object.getOwnPropertyNames(cursor)).not.toContain('getMore');
  expect(await failureOf(cursor.toArray())).toBeInstanceOf(MongoNetworkError);
  await set.heal();
  await collection.find({}, { durable: true }).toArray();
  await collection.aggregate([{ $sort: { a: 1 } }], { durable: true }).toArray();
  expect(set.sent.some((command) => 'durable' in command)).toBe(false);
});

test.each([
  {
    why: 'the projection hides the key',
    code: 'hidden-key',
    options: { projection: { d: 1 }, sort: { a: 1 } },
  },
  { why: 'the projection hides _id', code: 'hidden-key', options: { projection: { _id: 0 } } },
  { why: 'it is sorted by an array', code: 'array-key', options: { sort: { e: 1 } } },
] as { why: string; code: string; options: FindOptions }[])(
  'with its snapshot gone a cursor is cut when $why',
  async ({ code, options }) => {
    await set.fail({ errorCode: 43 });
    const read = () => collection.find({}, { ...options, batchSize: 120 }).toArray();
    expect(await read()).toHaveLength(count);
    await set.fail({ errorCode: 239 });
    expect(await failureOf(read())).toMatchObject({ name: 'CursorCutError', code, delivered: 120 });
  },
);

test('with its snapshot gone a cursor is cut when other documents hold an array', async () => {
  const mixed = set.client.db(database).collection<Document>('some-arrays');
  await mixed.insertMany(Array.from({ length: 300 }, (_, _id) => ({ _id, a: _id })) as Document[]);
  await mixed.insertOne({ a: [1, 1000] });
  await set.fail({ errorCode: 239 });
  const read = () =>
    mixed.find({ _id: { $lt: 1000 } as never }, { sort: { a: 1 }, batchSize: 120 }).toArray();
  expect(await read()).toHaveLength(300);
  const all = () => mixed.find({}, { sort: { a: 1 }, batchSize: 120 }).toArray();
  expect(await failureOf(all())).toMatchObject({ code: 'array-key', delivered: 120 });
});

test('an error that no other server mends is the driver’s own', async () => {
  await set.fail({ errorCode: 50 });
  expect(await failureOf(collection.find({}, { batchSize: 120 }).toArray())).toMatchObject({
    name: 'MongoServerError',
    code: 50,
  });
});
