import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

let rs: ReplicaSet;
let client: MongoClient;
let round = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start();
  client = new MongoClient(rs.uri);
});

afterAll(async () => {
  await client.close();
  await rs.stop();
});

beforeEach(() => {
  round += 1;
});

const things = () => client.db('txn').collection<Document & { _id: number }>(`things${round}`);

/** The error of a promise that has to fail. */
async function errorOf(promise: Promise<unknown>): Promise<Document> {
  try {
    await promise;
  } catch (error) {
    return error as Document;
  }
  throw new Error('it did not fail');
}

const labelsOf = (error: Document): string[] => error.errorLabels;

describe('a transaction', () => {
  test('sees its snapshot and its own writes; others see nothing of it before the commit', async () => {
    const all = things();
    await all.insertMany([
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ]);
    await client.withSession(async (session) => {
      session.startTransaction();
      expect(await all.countDocuments({}, { session })).toBe(2);
      await all.insertOne({ _id: 9, a: 9 });
      await all.insertOne({ _id: 3, a: 3 }, { session });
      await all.updateOne({ _id: 3 }, { $inc: { a: 10 } }, { session });
      await all.updateMany({ a: { $lt: 3 } }, { $inc: { a: 100 } }, { session });
      await all.deleteOne({ _id: 2 }, { session });
      expect(await all.find({}, { session }).toArray()).toEqual([
        { _id: 1, a: 101 },
        { _id: 3, a: 13 },
      ]);
      expect(await all.find({}, { session }).sort({ _id: -1 }).toArray()).toEqual([
        { _id: 3, a: 13 },
        { _id: 1, a: 101 },
      ]);
      expect(await all.distinct('a', {}, { session })).toEqual([101, 13]);
      expect(await all.findOne({ _id: 9 }, { session })).toBeNull();
      const outside = await all.find().sort({ _id: 1 }).toArray();
      expect(outside.map(({ a }) => a)).toEqual([1, 2, 9]);
      await session.commitTransaction();
    });
    const after = await all.find().sort({ _id: 1 }).toArray();
    expect(after.map(({ a }) => a)).toEqual([101, 13, 9]);
  });

  test('that is aborted leaves nothing, no collection and no index', async () => {
    const all = things();
    const { db } = { db: client.db('txn') };
    await client.withSession(async (session) => {
      session.startTransaction();
      await db.createCollection(all.collectionName, { session });
      await all.createIndex({ email: 1 }, { unique: true, session });
      await all.insertOne({ _id: 1, email: 'a' }, { session });
      expect((await errorOf(all.insertOne({ _id: 2, email: 'a' }, { session }))).code).toBe(11000);
      // That error has ended it already.
      const late = await errorOf(all.insertOne({ _id: 3, email: 'b' }, { session }));
      expect(late.code).toBe(251);
      expect(labelsOf(late)).toContain('TransientTransactionError');
      await session.abortTransaction();
    });
    expect(await db.listCollections({ name: all.collectionName }).toArray()).toEqual([]);
  });

  test('that makes a collection and its index commits both', async () => {
    const all = things();
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await all.createIndex({ email: 1 }, { unique: true, session });
        await all.insertOne({ _id: 1, email: 'a' }, { session });
      }),
    );
    expect((await all.indexes()).map(({ name }) => name)).toEqual(['_id_', 'email_1']);
    expect((await errorOf(all.insertOne({ _id: 2, email: 'a' }))).code).toBe(11000);
  });

  test('reads on with a cursor in its snapshot, in order, while others write', async () => {
    const all = things();
    await all.createIndex({ a: 1 });
    await all.insertMany(Array.from({ length: 20 }, (_, _id) => ({ _id, a: _id })));
    await client.withSession(async (session) => {
      session.startTransaction();
      const seen: number[] = [];
      const cursor = all.find({ a: { $gte: 0 } }, { session, batchSize: 3 }).sort({ a: 1 });
      for await (const { a, _id } of cursor) {
        expect(a).toBe(_id);
        seen.push(_id);
        await all.updateOne({ _id: 19 - _id }, { $inc: { a: 100 } });
        await all.deleteOne({ _id: (_id * 7) % 20 });
        await all.insertOne({ _id: 100 + _id, a: _id + 0.5 });
      }
      expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index));
      await session.commitTransaction();
    });
  });
});

describe('conflicts', () => {
  test.each([
    {
      what: 'an update',
      write: (c: ReturnType<typeof things>, session: never) =>
        c.updateOne({ _id: 1 }, { $inc: { a: 1 } }, { session }),
    },
    {
      what: 'a delete',
      write: (c: ReturnType<typeof things>, session: never) => c.deleteOne({ _id: 1 }, { session }),
    },
    {
      what: 'an insert of the key',
      write: (c: ReturnType<typeof things>, session: never) =>
        c.insertOne({ _id: 5, u: 7 }, { session }),
    },
  ])('the first of two transactions wins: $what', async ({ write }) => {
    const all = things();
    await all.createIndex({ u: 1 }, { unique: true, sparse: true });
    await all.insertOne({ _id: 1, a: 0 });
    const [one, two] = [client.startSession(), client.startSession()];
    one.startTransaction();
    two.startTransaction();
    await all.updateOne({ _id: 1 }, { $inc: { a: 10 } }, { session: one });
    await all.insertOne({ _id: 6, u: 7 }, { session: one });
    const error = await errorOf(write(all, two as never));
    expect(error).toMatchObject({ code: 112, codeName: 'WriteConflict' });
    expect(labelsOf(error)).toEqual(['TransientTransactionError']);
    await one.commitTransaction();
    const late = await errorOf(two.commitTransaction());
    expect(late.code).toBe(251);
    expect(labelsOf(late)).toContain('TransientTransactionError');
    expect(await all.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, a: 10 },
      { _id: 6, u: 7 },
    ]);
    await one.endSession();
    await two.endSession();
  });

  test('what was changed since the snapshot cannot be changed', async () => {
    const all = things();
    await all.insertMany([{ _id: 1 }, { _id: 2 }]);
    await client.withSession(async (session) => {
      session.startTransaction();
      await all.findOne({}, { session });
      await all.updateOne({ _id: 1 }, { $set: { a: 1 } });
      const error = await errorOf(all.updateOne({ _id: 1 }, { $set: { a: 2 } }, { session }));
      expect(error.code).toBe(112);
      await session.abortTransaction();
      session.startTransaction();
      await all.findOne({}, { session });
      await all.deleteOne({ _id: 2 });
      // In the snapshot the key is still taken.
      expect((await errorOf(all.insertOne({ _id: 2 }, { session }))).code).toBe(112);
      await session.abortTransaction();
    });
  });

  test('a unique key that came and went since the snapshot cannot be taken', async () => {
    const all = things();
    await all.createIndex({ u: 1 }, { unique: true });
    await all.insertOne({ _id: 1, u: 1 });
    await client.withSession(async (session) => {
      session.startTransaction();
      await all.findOne({}, { session });
      await all.updateOne({ _id: 1 }, { $set: { u: 5 } });
      await all.updateOne({ _id: 1 }, { $set: { u: 6 } });
      const error = await errorOf(all.insertOne({ _id: 2, u: 5 }, { session }));
      expect(error.code).toBe(112);
      expect(labelsOf(error)).toContain('TransientTransactionError');
      await session.abortTransaction();
      session.startTransaction();
      await all.insertOne({ _id: 2, u: 5 }, { session });
      await session.commitTransaction();
    });
  });

  test('a writer outside waits for the transaction, and does once what it does', async () => {
    const all = things();
    await all.insertMany([
      { _id: 1, a: 0 },
      { _id: 2, a: 0 },
    ]);
    await client.withSession(async (session) => {
      session.startTransaction();
      await all.updateOne({ _id: 2 }, { $inc: { a: 10 } }, { session });
      await all.insertOne({ _id: 3, a: 0 }, { session });
      const many = all.updateMany({}, { $inc: { a: 1 } });
      const insert = errorOf(all.insertOne({ _id: 3, a: 5 }));
      const limited = await errorOf(
        all.updateOne({ _id: 2 }, { $inc: { a: 1 } }, { maxTimeMS: 20 }),
      );
      expect(limited.code).toBe(50);
      // The one before the document that is held is changed by now, and will not be once more.
      expect((await all.find().toArray()).map(({ a }) => a)).toEqual([1, 0]);
      await session.commitTransaction();
      await many;
      expect((await all.find({ _id: { $lt: 3 } }).toArray()).map(({ a }) => a)).toEqual([1, 11]);
      expect((await insert).code).toBe(11000);
    });
  });

  test.each([
    { what: 'drop', change: (name: string) => client.db('txn').dropCollection(name) },
    {
      what: 'createIndexes',
      change: (name: string) => client.db('txn').createIndex(name, { a: 1 }, { unique: true }),
    },
  ])('$what waits for a transaction that uses the collection', async ({ change }) => {
    const all = things();
    await all.insertOne({ _id: 1, a: 1 });
    await client.withSession(async (session) => {
      session.startTransaction();
      await all.findOne({}, { session });
      let isDone = false;
      const done = change(all.collectionName).then(() => {
        isDone = true;
      });
      await all.insertOne({ _id: 2, a: 1 }, { session });
      await all.deleteOne({ _id: 1 }, { session });
      expect(isDone).toBe(false);
      await session.commitTransaction();
      await done;
    });
  });
});
