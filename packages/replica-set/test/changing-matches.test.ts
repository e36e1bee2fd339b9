/** Updates and deletes of many documents, and what else goes on meanwhile. */
import type { Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SharedMember, startSharedMember } from './shared-member.ts';

interface Thing {
  _id: number;
  n: number;
  times: number;
}

const count = 8000;
let member: SharedMember;
let client: MongoClient;
let things: Collection<Thing>;

beforeAll(async () => {
  member = await startSharedMember();
  ({ client } = member);
  things = client.db('db').collection('things');
  await things.createIndex({ n: 1 });
});

afterAll(async () => {
  await member[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await things.deleteMany({});
  await things.insertMany(Array.from({ length: count }, (_, n) => ({ _id: n, n, times: 0 })));
  await member.connect();
});

/** Resolves when some documents have been changed, and most have not. */
async function begun(isChanged: object): Promise<void> {
  while ((await things.countDocuments(isChanged, { limit: 1 })) === 0);
  expect(await things.countDocuments(isChanged)).toBeLessThan(count);
}

test.each([
  { what: 'an update', change: () => things.updateMany({}, { $inc: { times: 1 } }) },
  { what: 'a deletion', change: () => things.deleteMany({}) },
  {
    what: 'an update within a bulk write',
    change: () =>
      client.bulkWrite([
        { name: 'updateMany', namespace: 'db.things', filter: {}, update: { $inc: { times: 1 } } },
      ]),
  },
])('$what of many documents lets others in', async ({ change }) => {
  expect(await member.orderOfEnds(change())).toEqual(['ping', 'work']);
});

test('a document that moves along the index it is found by is changed once', async () => {
  const { matchedCount, modifiedCount } = await things.updateMany(
    { n: { $gte: 0 } },
    { $inc: { n: count / 2, times: 1 } },
    { hint: { n: 1 } },
  );
  expect({ matchedCount, modifiedCount }).toEqual({ matchedCount: count, modifiedCount: count });
  expect(await things.countDocuments({ times: 1, n: { $gte: count / 2 } })).toBe(count);
});

test('a document that others have changed meanwhile is looked at again', async () => {
  const many = things.updateMany({ n: { $lt: count } }, { $inc: { times: 1 } });
  await begun({ times: 1 });
  await things.updateOne({ _id: count - 1 }, { $set: { n: count } });
  await things.updateOne({ _id: count - 2 }, { $inc: { times: 10 } });
  await things.deleteOne({ _id: count - 3 });
  expect(await many).toMatchObject({ matchedCount: count - 2, modifiedCount: count - 2 });
  const last = await things.find({ _id: { $gte: count - 4 } }, { sort: { _id: 1 } }).toArray();
  expect(last.map(({ _id, times }) => [_id, times])).toEqual([
    [count - 4, 1],
    [count - 2, 11],
    [count - 1, 0],
  ]);
});

test('what a transaction holds is waited for, and nothing is changed twice', async () => {
  await client.withSession(async (session) => {
    session.startTransaction();
    await things.updateOne({ _id: count / 2 }, { $inc: { times: 10 } }, { session });
    const many = things.updateMany({}, { $inc: { times: 1 } });
    while ((await things.countDocuments({ times: 1 })) < count / 2);
    await session.commitTransaction();
    expect(await many).toMatchObject({ modifiedCount: count });
  });
  expect(await things.countDocuments({ times: 1 })).toBe(count - 1);
  expect(await things.findOne({ _id: count / 2 })).toMatchObject({ times: 11 });
});

test('it ends when it is killed, and what was changed stays changed', async () => {
  const admin = client.db('admin');
  const many = expect(
    things.updateMany({}, { $inc: { times: 1 } }, { comment: 'to be killed' }),
  ).rejects.toMatchObject({ code: 11601 });
  const running = [{ $currentOp: {} }, { $match: { 'command.comment': 'to be killed' } }];
  let opid: unknown;
  while (opid === undefined) opid = (await admin.aggregate(running).next())?.opid;
  await admin.command({ killOp: 1, op: opid });
  await many;
  const changed = await things.countDocuments({ times: 1 });
  expect(changed).toBeGreaterThan(0);
  expect(changed).toBeLessThan(count);
});

test('it goes on when its collection gets other options', async () => {
  const many = things.updateMany({}, { $inc: { times: 1 } });
  await begun({ times: 1 });
  await client.db('db').command({ collMod: 'things', validator: { n: { $gte: 0 } } });
  expect(await many).toMatchObject({ modifiedCount: count });
});

test.each([
  { what: 'dropped', lose: () => things.drop() },
  { what: 'renamed', lose: () => things.rename('others', { dropTarget: true }) },
])('it ends when its collection is $what', async ({ lose }) => {
  const many = expect(things.updateMany({}, { $inc: { times: 1 } })).rejects.toMatchObject({
    code: 175,
  });
  await begun({ times: 1 });
  await lose();
  await many;
  await things.createIndex({ n: 1 });
});
