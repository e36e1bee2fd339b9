import { type Document, MongoClient } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TtlMonitor } from '../src/ttl-monitor.ts';
import { type LoneMember, startLoneMember } from './lone-member.ts';

let member: LoneMember;
let client: MongoClient;
let now = new Date(0);
let monitor: TtlMonitor;

beforeEach(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
  const { catalog, present, replica } = member.state;
  monitor = new TtlMonitor({ catalog, present, replica, now: () => now });
});

afterEach(async () => {
  monitor.stop();
  await client.close();
  member.server.close();
  member.state.close();
});

const things = () => client.db('db').collection<Document & { _id: number }>('things');
const ids = async () => (await things().find().toArray()).map(({ _id }) => _id);
const seconds = (count: number) => new Date(count * 1000);

test('documents go when their date is old enough, those without a date stay', async () => {
  await things().createIndex({ at: 1 }, { expireAfterSeconds: 60 });
  await things().insertMany([
    { _id: 1, at: seconds(100) },
    { _id: 2, at: seconds(200) },
    { _id: 3, at: [seconds(500), seconds(100)] },
    { _id: 4, at: 'long ago' },
    { _id: 5, at: 5 },
    { _id: 6 },
    { _id: 7, at: [] },
  ]);
  now = seconds(159);
  await monitor.pass();
  expect(await ids()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  now = seconds(160);
  await monitor.pass();
  expect(await ids()).toEqual([2, 4, 5, 6, 7]);
  now = seconds(1e6);
  await monitor.pass();
  expect(await ids()).toEqual([4, 5, 6, 7]);
  expect(monitor).toMatchObject({ passes: 3, deletedDocuments: 3 });
});

test.each([1, -1])(
  'more than fit into one turn, in an index of direction %d',
  async (direction) => {
    await things().createIndex({ at: direction }, { expireAfterSeconds: 0 });
    await things().insertMany(Array.from({ length: 700 }, (_, _id) => ({ _id, at: seconds(_id) })));
    now = seconds(650);
    await monitor.pass();
    expect(await things().countDocuments()).toBe(49);
  },
);

test('a partial index lets what it does not hold stay, and a hidden one works on', async () => {
  await things().createIndex(
    { at: 1 },
    { expireAfterSeconds: 0, partialFilterExpression: { done: true }, hidden: true },
  );
  await things().insertMany([
    { _id: 1, at: seconds(1), done: true },
    { _id: 2, at: seconds(1), done: false },
  ]);
  now = seconds(10);
  await monitor.pass();
  expect(await ids()).toEqual([2]);
});

test('what an open transaction holds is left for a later pass', async () => {
  await things().createIndex({ at: 1 }, { expireAfterSeconds: 0 });
  await things().insertMany([
    { _id: 1, at: seconds(1) },
    { _id: 2, at: seconds(1) },
  ]);
  now = seconds(10);
  await client.withSession(async (session) => {
    session.startTransaction();
    await things().updateOne({ _id: 1 }, { $set: { a: 1 } }, { session });
    await monitor.pass();
    expect(await ids()).toEqual([1]);
    await session.commitTransaction();
  });
  await monitor.pass();
  expect(await ids()).toEqual([]);
});

test('its time is a parameter', async () => {
  const admin = client.db('admin');
  expect(await admin.command({ getParameter: 1, ttlMonitorSleepSecs: 1 })).toMatchObject({
    ttlMonitorSleepSecs: 60,
  });
  expect(await admin.command({ setParameter: 1, ttlMonitorSleepSecs: 1 })).toMatchObject({
    was: 60,
  });
  expect(member.state.ttl.sleepSeconds).toBe(1);
  await expect(admin.command({ setParameter: 1, ttlMonitorSleepSecs: 0 })).rejects.toMatchObject({
    code: 2,
  });
  await admin.command({ setParameter: 1, ttlMonitorEnabled: false });
  expect(member.state.ttl.enabled).toBe(false);
});
