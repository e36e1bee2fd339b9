import { type Collection, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LoneMember, startLoneMember } from './lone-member.ts';

let member: LoneMember;
let client: MongoClient;
let things: Collection;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
  things = client.db('db').collection('things');
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

beforeEach(async () => {
  await things.drop();
  await client.db('db').dropCollection('others');
  await things.createIndex({ n: 1 });
  await things.insertMany([1, 2, 3, 4, 5].map((n) => ({ n })));
});

const byIndex = { filter: { n: { $gt: 0 } } };
const byIndexes = { filter: { $or: [{ n: 1 }, { n: { $gt: 1 } }] } };

test.each<[what: string, find: Document, change: () => Promise<unknown>, message: string]>([
  ['dropped', {}, () => things.drop(), 'collection dropped. UUID '],
  ['dropped, all of it sorted', { sort: { m: 1 } }, () => things.drop(), 'collection dropped'],
  ['dropped with its database', {}, () => client.db('db').dropDatabase(), 'collection dropped'],
  ['renamed', {}, () => things.rename('others'), "renamed from 'db.things' to 'db.others'"],
  ['without its index', byIndex, () => things.dropIndex('n_1'), "index 'n_1' dropped"],
  ['without its indexes', byIndexes, () => things.dropIndex('n_1'), "index 'n_1' dropped"],
])('a find does not go on when its collection is %s', async (_what, find, change, message) => {
  const { cursor } = await client.db('db').command({ find: 'things', ...find, batchSize: 2 });
  await change();
  const more = { getMore: cursor.id, collection: 'things' };
  await expect(client.db('db').command(more)).rejects.toMatchObject({
    code: 175,
    codeName: 'QueryPlanKilled',
    message: expect.stringContaining(message),
  });
  await expect(client.db('db').command(more)).rejects.toMatchObject({ code: 43 });
});

test('a find goes on without an index that it does not use, and with other options', async () => {
  const cursor = things.find({}, { batchSize: 2 });
  await cursor.next();
  await things.dropIndex('n_1');
  await client.db('db').command({ collMod: 'things', validator: { n: 1 } });
  expect(await cursor.toArray()).toHaveLength(4);
});

test('a time to wait is for cursors that wait', async () => {
  const db = client.db('db');
  const { cursor } = await db.command({ find: 'things', batchSize: 2 });
  const more = { getMore: cursor.id, collection: 'things' };
  await expect(db.command({ ...more, maxTimeMS: 100 })).rejects.toMatchObject({ code: 2 });
  expect((await db.command(more)).cursor.nextBatch).toHaveLength(3);

  await db.createCollection('others', { capped: true, size: 4096 });
  await db.collection('others').insertOne({});
  const tail = async (options: Document) => {
    const opened = await db.command({ find: 'others', tailable: true, ...options });
    return db.command({ getMore: opened.cursor.id, collection: 'others', maxTimeMS: 1 });
  };
  await expect(tail({})).rejects.toMatchObject({ code: 2 });
  expect(await tail({ awaitData: true })).toMatchObject({ ok: 1 });
});

test('an aggregation that has read all of its collection goes on without it', async () => {
  const cursor = things.aggregate([{ $group: { _id: '$n' } }], { batchSize: 2 });
  await cursor.next();
  await things.drop();
  expect(await cursor.toArray()).toHaveLength(4);
});

test('a cursor is read on in the session that opened it', async () => {
  const db = client.db('db');
  const [own, other] = [client.startSession(), client.startSession()];
  const find = { find: 'things', batchSize: 2 };
  const { cursor } = await db.command(find, { session: own, promoteLongs: false });
  const more = { getMore: cursor.id, collection: 'things', batchSize: 1 };
  await expect(db.command(more, { session: other })).rejects.toMatchObject({ code: 50738 });
  await expect(db.command(more, { session: own })).resolves.toMatchObject({ ok: 1 });
  await own.endSession();
  await other.endSession();
});

test('cursors are killed once, by what is a cursor and no other', async () => {
  const db = client.db('db');
  const find = { find: 'things', batchSize: 2 };
  const { id } = (await db.command(find, { promoteLongs: false }))['cursor'];
  const kill = (cursors: unknown, more: Document = {}) =>
    db.command({ killCursors: 'things', cursors, ...more }, { promoteLongs: false });
  await expect(kill([1])).rejects.toMatchObject({ code: 14 });
  await expect(kill([id, 'x'])).rejects.toMatchObject({ code: 14 });
  await expect(kill([id], { bogus: 1 })).rejects.toMatchObject({ code: 40415 });
  await expect(kill([id], { killCursors: 5 })).rejects.toMatchObject({ code: 73 });
  expect(await kill([id, null, id])).toMatchObject({ cursorsKilled: [id], cursorsNotFound: [id] });
});
