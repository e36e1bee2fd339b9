import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FencedCollection } from '../src/fenced-collection.ts';
import type { Lock } from '../src/lock.ts';
import { LockLostError } from '../src/lock-lost-error.ts';
import { LockStore } from '../src/lock-store.ts';
import { LockerRoom } from '../src/locker-room.ts';

interface Cursor {
  _id: string;
  at?: number;
  fence?: bigint;
}

let rs: ReplicaSet;
let client: MongoClient;
let lockers: LockerRoom;
let cursors: Collection<Cursor>;
let name: string;
let tests = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
  lockers = new LockerRoom({ client });
});

afterAll(async () => {
  await lockers?.close();
  await client?.close();
  await rs?.stop();
});

beforeEach(() => {
  name = `ingest-${++tests}`;
  cursors = client.db('desk').collection<Cursor>(`cursors-${tests}`, { useBigInt64: true });
});

/** A holder whose lease the server has ended, and the one who was granted the lock after it. */
async function twoHolders(): Promise<{ stale: Lock; current: Lock }> {
  const stale = await lockers.lock(name);
  const locks = client.db('locker_room').collection<{ _id: string }>('locks');
  await locks.updateOne({ _id: name }, { $set: { expiresAt: new Date(0) } });
  return { stale, current: await lockers.lock(name) };
}

/** The stale holder as it wakes from a pause between its question and its write. */
function pausedAfterAsking(stale: Lock): FencedCollection<Cursor> {
  const store = new LockStore(client, 'locker_room', 'locks');
  const latest = store.latest.bind(store);
  let asked = 0;
  store.latest = (lock) =>
    asked++ === 0 ? Promise.resolve({ token: stale.token, locked: true }) : latest(lock);
  return new FencedCollection(stale, store, cursors);
}

test('what the holder writes carries its token', async () => {
  const lock = await lockers.lock(name);
  const fenced = lockers.fenced(lock, cursors);
  await fenced.insertOne({ _id: 'a', at: 1 });
  await fenced.insertMany([{ _id: 'b' }, { _id: 'c' }]);
  await fenced.updateOne({ _id: 'd' }, { $set: { at: 1 } }, { upsert: true });
  await fenced.replaceOne({ _id: 'e' }, { at: 1 }, { upsert: true });
  await fenced.updateOne({ _id: 'b' }, { $inc: { at: 2 } });
  await fenced.updateOne({ _id: 'c' }, [{ $set: { at: 3 } }]);
  expect(await cursors.find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: 'a', at: 1, fence: 1n },
    { _id: 'b', at: 2, fence: 1n },
    { _id: 'c', at: 3, fence: 1n },
    { _id: 'd', at: 1, fence: 1n },
    { _id: 'e', at: 1, fence: 1n },
  ]);
  expect(await fenced.deleteOne({ _id: 'a' })).toMatchObject({ deletedCount: 1 });
  expect(await fenced.findOne({ _id: 'b' })).toEqual({ _id: 'b', at: 2, fence: 1n });
});

test('what is not there is not there, and that is no loss', async () => {
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  expect(await fenced.findOne({ _id: 'a' })).toBeNull();
  expect(await fenced.updateOne({ _id: 'a' }, { $set: { at: 1 } })).toMatchObject({
    matchedCount: 0,
  });
  expect(await fenced.deleteOne({ _id: 'a' })).toMatchObject({ deletedCount: 0 });
});

const everyWrite: {
  verb: string;
  write: (fenced: FencedCollection<Cursor>) => Promise<unknown>;
}[] = [
  { verb: 'findOne', write: (fenced) => fenced.findOne({ _id: 'a' }) },
  { verb: 'updateOne', write: (fenced) => fenced.updateOne({ _id: 'a' }, { $set: { at: 9 } }) },
  {
    verb: 'updateOne by $or',
    write: (fenced) => fenced.updateOne({ $or: [{ at: 1 }, { at: 2 }] }, { $set: { at: 9 } }),
  },
  {
    verb: 'updateOne with upsert',
    write: (fenced) => fenced.updateOne({ _id: 'a' }, { $set: { at: 9 } }, { upsert: true }),
  },
  { verb: 'replaceOne', write: (fenced) => fenced.replaceOne({ _id: 'a' }, { at: 9 }) },
  {
    verb: 'replaceOne with upsert',
    write: (fenced) => fenced.replaceOne({ _id: 'a' }, { at: 9 }, { upsert: true }),
  },
  { verb: 'deleteOne', write: (fenced) => fenced.deleteOne({ _id: 'a' }) },
];

test.each([
  ...everyWrite,
  { verb: 'insertOne', write: (fenced) => fenced.insertOne({ _id: 'z' }) },
  { verb: 'insertMany', write: (fenced) => fenced.insertMany([{ _id: 'z' }]) },
] satisfies typeof everyWrite)(
  '$verb is refused once the lock was granted to somebody else',
  async ({ write }) => {
    const { stale } = await twoHolders();
    await cursors.insertOne({ _id: 'a', at: 1 });
    await expect(write(lockers.fenced(stale, cursors))).rejects.toBeInstanceOf(LockLostError);
    expect(stale.signal.reason).toMatchObject({ code: 'superseded' });
    expect(await cursors.find().toArray()).toEqual([{ _id: 'a', at: 1 }]);
  },
);

test.each(everyWrite)(
  '$verb after a pause is refused by what the later holder has read',
  async ({ write }) => {
    const { stale, current } = await twoHolders();
    await cursors.insertOne({ _id: 'a', at: 1, fence: stale.token });
    const read = await lockers.fenced(current, cursors).findOne({ _id: 'a' });
    expect(read).toEqual({ _id: 'a', at: 1, fence: current.token });
    await expect(write(pausedAfterAsking(stale))).rejects.toBeInstanceOf(LockLostError);
    expect(await cursors.find().toArray()).toEqual([{ _id: 'a', at: 1, fence: current.token }]);
  },
);

test('control: without the fence, the write after a pause is carried out', async () => {
  const { stale } = await twoHolders();
  await cursors.insertOne({ _id: 'a', at: 1, fence: stale.token });
  await pausedAfterAsking(stale).updateOne({ _id: 'a' }, { $set: { at: 9 } });
  expect(await cursors.findOne({ _id: 'a' })).toMatchObject({ at: 9 });
});

test('is refused after the release', async () => {
  const lock = await lockers.lock(name);
  const fenced = lockers.fenced(lock, cursors);
  await lock.release();
  await expect(fenced.insertOne({ _id: 'a' })).rejects.toMatchObject({
    name: 'LockLostError',
    code: 'released',
  });
});

test('a duplicate key of the holder itself stays a duplicate key', async () => {
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  await cursors.createIndex({ at: 1 }, { unique: true });
  await fenced.insertOne({ _id: 'a', at: 1 });
  const upsert = fenced.updateOne({ _id: 'b' }, { $set: { at: 1 } }, { upsert: true });
  await expect(upsert).rejects.toMatchObject({ code: 11000 });
});

test('an upsert needs its _id', async () => {
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  const upsert = fenced.updateOne({ at: 1 }, { $set: { at: 2 } }, { upsert: true });
  await expect(upsert).rejects.toBeInstanceOf(TypeError);
});

test('increments are applied once through lost replies', async () => {
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  await fenced.insertOne({ _id: 'a', at: 0 });
  await rs.loseReplies(3);
  await fenced.updateOne({ _id: 'a' }, { $inc: { at: 1 } });
  expect(await cursors.findOne({ _id: 'a' })).toMatchObject({ at: 1 });
});
