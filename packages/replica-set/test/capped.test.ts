import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LoneMember, startLoneMember } from './lone-member.ts';

let member: LoneMember;
let client: MongoClient;
let next = 0;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

async function makeCapped(options: { size: number; max?: number }) {
  return client
    .db('db')
    .createCollection<Document & { _id: number }>(`log${next++}`, { capped: true, ...options });
}

test('a capped collection keeps its newest documents, by number', async () => {
  const log = await makeCapped({ size: 100_000, max: 3 });
  for (let _id = 1; _id <= 5; _id++) await log.insertOne({ _id });
  expect((await log.find().toArray()).map(({ _id }) => _id)).toEqual([3, 4, 5]);
  await log.deleteOne({ _id: 4 });
  await log.insertOne({ _id: 6 });
  expect((await log.find().sort({ $natural: -1 }).toArray()).map(({ _id }) => _id)).toEqual([
    6, 5, 3,
  ]);
});

test('a capped collection keeps its newest documents, by size', async () => {
  const log = await makeCapped({ size: 5000 });
  await log.insertMany(Array.from({ length: 20 }, (_, _id) => ({ _id, text: 'x'.repeat(1000) })));
  const kept = (await log.find().toArray()).map(({ _id }) => _id);
  expect(kept).toEqual([16, 17, 18, 19]);
  await log.updateOne({ _id: 19 }, { $set: { text: 'y'.repeat(3000) } });
  await log.insertOne({ _id: 20 });
  expect((await log.find().toArray()).map(({ _id }) => _id)).toEqual([17, 18, 19, 20]);
});

test('listCollections and collStats tell its bounds, and collMod changes them', async () => {
  const log = await makeCapped({ size: 5000, max: 10 });
  const { collectionName: name } = log;
  const options = async () =>
    (await client.db('db').listCollections({ name }).toArray()).map(
      (each) => (each as Document).options,
    );
  expect(await options()).toEqual([{ capped: true, size: 5120, max: 10 }]);
  expect(await log.isCapped()).toBe(true);
  await client.db('db').command({ collMod: name, cappedSize: 6000, cappedMax: 2 });
  expect(await options()).toEqual([{ capped: true, size: 6144, max: 2 }]);
  await log.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
  expect(await client.db('db').command({ collStats: name })).toMatchObject({
    capped: true,
    max: 2,
    count: 2,
  });
});

test.each<[Document, number]>([
  [{ create: 'bad', capped: true }, 72],
  [{ create: 'bad', size: 5000 }, 72],
  [{ create: 'bad', capped: true, size: 0 }, 51024],
  [{ create: 'bad', capped: true, size: 5000, viewOn: 'x' }, 72],
  [{ create: 'bad', bogus: 1 }, 40415],
  [{ create: 'a$b' }, 73],
  [{ create: 'bad', timeseries: { timeField: 't' } }, 238],
])('%j is refused with code %d', async (command, code) => {
  await expect(client.db('db').command(command)).rejects.toMatchObject({ code });
});

test('a tailable cursor waits for what comes', async () => {
  const log = await makeCapped({ size: 100_000 });
  await log.insertMany([{ _id: 1 }, { _id: 2 }]);
  const cursor = log.find(
    { _id: { $ne: 3 } },
    { tailable: true, awaitData: true, maxAwaitTimeMS: 20_000 },
  );
  expect(await cursor.next()).toEqual({ _id: 1 });
  expect(await cursor.next()).toEqual({ _id: 2 });
  const waiting = cursor.next();
  await log.insertOne({ _id: 3 });
  await log.insertOne({ _id: 4 });
  expect(await waiting).toEqual({ _id: 4 });
  await cursor.close();
});

test('a tailable cursor that does not wait gives an empty batch at the end', async () => {
  const log = await makeCapped({ size: 100_000 });
  await log.insertOne({ _id: 1 });
  const cursor = log.find({}, { tailable: true });
  expect(await cursor.tryNext()).toEqual({ _id: 1 });
  expect(await cursor.tryNext()).toBeNull();
  await log.insertOne({ _id: 2 });
  expect(await cursor.tryNext()).toEqual({ _id: 2 });
  await cursor.close();
});

test('a tailable cursor ends when what it has not read is dropped, and with its collection', async () => {
  const log = await makeCapped({ size: 100_000, max: 2 });
  await log.insertOne({ _id: 1 });
  const slow = log.find({}, { tailable: true });
  expect(await slow.tryNext()).toEqual({ _id: 1 });
  await log.insertMany([{ _id: 2 }, { _id: 3 }, { _id: 4 }]);
  await expect(slow.tryNext()).rejects.toMatchObject({ code: 136 });
  const other = log.find({}, { tailable: true, awaitData: true, maxAwaitTimeMS: 20_000 });
  await other.next();
  await other.next();
  const waiting = other.next();
  await log.drop();
  await expect(waiting).rejects.toMatchObject({ code: 175 });
});

test('tailing is for capped collections, and nothing to wait behind ends at once', async () => {
  const plain = client.db('db').collection('plain');
  await plain.insertOne({});
  await expect(plain.find({}, { tailable: true }).toArray()).rejects.toMatchObject({ code: 2 });
  const empty = await makeCapped({ size: 100_000 });
  expect(await empty.find({}, { tailable: true }).toArray()).toEqual([]);
});

test('transactions write to no capped collection', async () => {
  const log = await makeCapped({ size: 100_000 });
  await client.withSession(async (session) => {
    session.startTransaction();
    await expect(log.insertOne({ _id: 1 }, { session })).rejects.toMatchObject({ code: 263 });
    await session.abortTransaction();
  });
});

test('a tailable cursor leaves out and stops as it is told', async () => {
  const log = await makeCapped({ size: 100_000 });
  await log.insertMany([1, 2, 3].map((_id) => ({ _id })));
  const tail = (options: Document) =>
    client.db('db').command({ find: log.collectionName, tailable: true, ...options });
  const { cursor } = await tail({ skip: 2 });
  expect(cursor.firstBatch).toEqual([{ _id: 3 }]);
  await log.insertOne({ _id: 4 });
  const more = await client.db('db').command({
    getMore: cursor.id,
    collection: log.collectionName,
  });
  expect(more.cursor.nextBatch).toEqual([{ _id: 4 }]);
  expect((await tail({ limit: 2 })).cursor).toMatchObject({ firstBatch: [{ _id: 1 }, { _id: 2 }] });
  expect(Number((await tail({ limit: 2 })).cursor.id)).toBe(0);
  await expect(tail({ limit: 1, singleBatch: true })).rejects.toMatchObject({ code: 9 });
});
