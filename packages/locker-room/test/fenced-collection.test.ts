import { mongoProxy, proxyCounts, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, MongoBulkWriteError, MongoClient } from 'mongodb';
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
let locks: Collection<{ _id: string; writes?: number }>;
let name: string;
let tests = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
  lockers = new LockerRoom({ client });
  locks = client.db('locker_room').collection('locks');
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

/** Lets the lease end for the server, as if time had passed there. */
async function endLease(through = client): Promise<void> {
  const documents = through.db('locker_room').collection<{ _id: string }>('locks');
  await documents.updateOne({ _id: name }, { $set: { 'holders.0.expiresAt': new Date(0) } });
}

/** A holder whose lease the server has ended, and the one who was granted the lock after it. */
async function twoHolders(): Promise<{ stale: Lock; current: Lock }> {
  const stale = await lockers.lock(name);
  await endLease();
  return { stale, current: await lockers.lock(name) };
}

/**
 * A fenced collection whose next write pauses, before or after its touch of the lock's document,
 * from `reached` until `goOn`; with `touch` false the document is not touched at all.
 */
function pausing(lock: Lock, when: 'before' | 'after', { touch = true, through = client } = {}) {
  const store = new LockStore(through, 'locker_room', 'locks');
  const touching = store.touch.bind(store);
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const pause = (): Promise<void> => {
    reached.resolve();
    return gate.promise;
  };
  store.touch = async (...args) => {
    if (when === 'before') await pause();
    const isHeld = touch ? await touching(...args) : true;
    if (when === 'after') await pause();
    return isHeld;
  };
  const of = through.db('desk').collection<Cursor>(cursors.collectionName, { useBigInt64: true });
  const fenced = new FencedCollection(lock, store, of);
  return { fenced, reached: reached.promise, goOn: gate.resolve };
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
  { verb: 'updateMany', write: (fenced) => fenced.updateMany({}, { $set: { at: 9 } }) },
  { verb: 'deleteMany', write: (fenced) => fenced.deleteMany({}) },
  {
    verb: 'findOneAndUpdate',
    write: (fenced) => fenced.findOneAndUpdate({ _id: 'a' }, { $set: { at: 9 } }),
  },
  { verb: 'insertOne', write: (fenced) => fenced.insertOne({ _id: 'z' }) },
  { verb: 'insertMany', write: (fenced) => fenced.insertMany([{ _id: 'z' }]) },
];

test.each(everyWrite)(
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
  '$verb is refused when the lock is granted in a pause between its question and its write',
  async ({ write }) => {
    const stale = await lockers.lock(name);
    await cursors.insertOne({ _id: 'a', at: 1 });
    const { fenced, reached, goOn } = pausing(stale, 'before');
    const writing = write(fenced).catch((error: unknown) => error);
    await reached;
    await endLease();
    await lockers.lock(name); // has neither read nor written anything
    goOn();
    expect(await writing).toBeInstanceOf(LockLostError);
    expect(await cursors.find().toArray()).toEqual([{ _id: 'a', at: 1 }]);
  },
);

test('control: without the touch, such a late write is carried out', async () => {
  const stale = await lockers.lock(name);
  await cursors.insertOne({ _id: 'a', at: 1 });
  const { fenced, reached, goOn } = pausing(stale, 'before', { touch: false });
  const writing = fenced.updateOne({ _id: 'a' }, { $set: { at: 9 } });
  await reached;
  await endLease();
  await lockers.lock(name);
  goOn();
  await writing;
  expect(await cursors.findOne({ _id: 'a' })).toMatchObject({ at: 9 });
});

test('without the touch, what the later holder has read is closed all the same', async () => {
  const { stale, current } = await twoHolders();
  await cursors.insertOne({ _id: 'a', at: 1, fence: stale.token });
  const read = await lockers.fenced(current, cursors).findOne({ _id: 'a' });
  expect(read).toEqual({ _id: 'a', at: 1, fence: current.token });
  const { fenced, goOn } = pausing(stale, 'before', { touch: false });
  goOn();
  const update = await fenced.updateOne({ _id: 'a' }, { $set: { at: 9 } });
  expect(update).toMatchObject({ matchedCount: 0 });
  expect(await cursors.find().toArray()).toEqual([{ _id: 'a', at: 1, fence: current.token }]);
});

test('a grant waits for a write that is under way, so the write comes first', async () => {
  const stale = await lockers.lock(name);
  await cursors.insertOne({ _id: 'a', at: 1 });
  await endLease(); // nobody has asked since, so it is still held
  const { fenced, reached, goOn } = pausing(stale, 'after');
  const order: string[] = [];
  const writing = fenced.updateOne({ _id: 'a' }, { $inc: { at: 1 } });
  await reached;
  const granting = lockers.lock(name).then((lock) => {
    order.push('granted');
    return lock;
  });
  await locks.findOne({ _id: name }); // reading does not wait
  order.push('go on');
  goOn();
  const [lock] = await Promise.all([granting, writing]);
  expect(order).toEqual(['go on', 'granted']);
  const read = await lockers.fenced(lock, cursors).findOne({ _id: 'a' });
  expect(read).toEqual({ _id: 'a', at: 2, fence: 2n });
});

test('a holder whose transaction the server has ended is refused', async () => {
  const stale = await lockers.lock(name);
  await cursors.insertOne({ _id: 'a', at: 1 });
  const { fenced, reached, goOn } = pausing(stale, 'after');
  const writing = fenced.updateOne({ _id: 'a' }, { $set: { at: 9 } }).catch((error) => error);
  await reached;
  await client.db('admin').command({ killAllSessions: [] }); // as after 60 s
  await endLease();
  await lockers.lock(name);
  goOn();
  expect(await writing).toBeInstanceOf(LockLostError);
  expect(await cursors.find().toArray()).toEqual([{ _id: 'a', at: 1 }]);
});

test.each([
  { outcome: 'refused, when the next primary grants the lock', granted: true },
  { outcome: 'carried out once, when it does not', granted: false },
])('a write in the middle of a fail-over is $outcome', async ({ granted }) => {
  const three = await ReplicaSet.start({ members: 3 });
  const through = mongoProxy(new MongoClient(three.uri, safeClientOptions));
  try {
    const room = new LockerRoom({ client: through });
    const stale = await room.lock(name);
    const data = through.db('desk').collection<Cursor>(cursors.collectionName);
    await data.insertOne({ _id: 'a', at: 1 });
    const { fenced, reached, goOn } = pausing(stale, 'after', { through });
    const writing = fenced
      .updateOne({ _id: 'a' }, { $inc: { at: 1 } })
      .catch((error: unknown) => error);
    await reached;
    await three.kill(three.primary);
    if (granted) {
      await endLease(through);
      expect(await room.lock(name)).toMatchObject({ token: 2n });
    }
    goOn();
    if (granted) expect(await writing).toBeInstanceOf(LockLostError);
    else expect(await writing).toMatchObject({ modifiedCount: 1 });
    expect(await data.findOne({ _id: 'a' })).toMatchObject({ at: granted ? 1 : 2 });
    await room.close();
  } finally {
    await through.close();
    await three.stop();
  }
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

/** What an error tells about documents that could not all be inserted. */
async function failureOf(inserting: Promise<unknown>) {
  const error = await inserting.catch((thrown: unknown) => thrown);
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const { name, code, insertedCount, insertedIds, writeErrors } = error;
  const errors = [writeErrors].flat().map(({ index, code, errmsg }) => ({ index, code, errmsg }));
  return { name, code, insertedCount, insertedIds, errors };
}

test.each([
  { ordered: true, ids: ['c', 'd', 'a', 'e', 'b'], stored: ['a', 'b', 'c', 'd'] },
  { ordered: true, ids: ['a', 'c'], stored: ['a', 'b'] },
  { ordered: false, ids: ['c', 'a', 'd', 'c', 'b'], stored: ['a', 'b', 'c', 'd'] },
  { ordered: false, ids: ['a', 'b'], stored: ['a', 'b'] },
])('insertMany of $ids, ordered: $ordered, fails as without a fence', async (each) => {
  const { ordered, ids, stored } = each;
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  const documents = () => ids.map((_id) => ({ _id }));
  await cursors.insertMany([{ _id: 'a' }, { _id: 'b' }]);
  const failure = await failureOf(fenced.insertMany(documents(), { ordered }));
  const found = await cursors.find().sort({ _id: 1 }).toArray();
  expect(found.map(({ _id }) => _id)).toEqual(stored);

  await cursors.deleteMany({ fence: 1n });
  expect(failure).toEqual(await failureOf(cursors.insertMany(documents(), { ordered })));
});

test('many documents are updated and deleted in one go, and one is shown', async () => {
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  await cursors.insertMany([{ _id: 'a', at: 1 }, { _id: 'b', at: 1 }, { _id: 'c' }]);
  const many = await fenced.updateMany({ at: 1 }, { $set: { at: 2 } });
  expect(many).toMatchObject({ matchedCount: 2, modifiedCount: 2 });
  expect(await fenced.findOneAndUpdate({ _id: 'a' }, { $inc: { at: 1 } })).toEqual({
    _id: 'a',
    at: 2,
    fence: 1n,
  });
  const options = { upsert: true, returnDocument: 'after' } as const;
  expect(await fenced.findOneAndUpdate({ _id: 'd' }, [{ $set: { at: 7 } }], options)).toEqual({
    _id: 'd',
    at: 7,
    fence: 1n,
  });
  expect(await fenced.deleteMany({ at: { $gt: 2 } })).toMatchObject({ deletedCount: 2 });
  expect(await cursors.find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: 'b', at: 2, fence: 1n },
    { _id: 'c' },
  ]);
});

test('writes of one holder take turns, whatever collections they go to', async () => {
  const lock = await lockers.lock(name);
  const others = client.db('desk').collection<Cursor>(`others-${tests}`);
  const { retries } = proxyCounts(client);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      lockers
        .fenced(lock, index % 2 === 0 ? cursors : others)
        .updateOne({ _id: 'a' }, { $inc: { at: 1 } }, { upsert: true }),
    ),
  );
  expect(proxyCounts(client)).toMatchObject({ retries }); // no conflict, so nothing was done again
  expect(await cursors.findOne({ _id: 'a' })).toMatchObject({ at: 10 });
  expect(await locks.findOne({ _id: name })).toMatchObject({ writes: 20 });
  await lock.release();
  expect(await lockers.lock(name)).toMatchObject({ token: 2n });
});

test('one that fails holds up none that follow', async () => {
  const lock = await lockers.lock(name);
  const fenced = lockers.fenced(lock, cursors);
  await fenced.insertOne({ _id: 'a' });
  const failing = fenced.insertOne({ _id: 'a' });
  const next = fenced.insertOne({ _id: 'b' });
  await expect(failing).rejects.toMatchObject({ name: 'MongoServerError', code: 11000 });
  await expect(next).resolves.toMatchObject({ insertedId: 'b' });
});

test('a collection of another client is refused by name', async () => {
  const lock = await lockers.lock(name);
  const other = new MongoClient(rs.uri);
  const foreign = other.db('desk').collection('cursors');
  expect(() => lockers.fenced(lock, foreign)).toThrow(TypeError);
  expect(() => lockers.fenced(lock, foreign)).toThrow('desk.cursors');
});

test('a collection of the client that was given unprotected will do', async () => {
  const plain = new MongoClient(rs.uri, safeClientOptions);
  const room = new LockerRoom({ client: plain });
  const data = plain.db('desk').collection<Cursor>(cursors.collectionName);
  await room.lockAndRelease(name, {}, async (lock) => {
    await room.fenced(lock, data).insertOne({ _id: 'a' });
  });
  expect(await cursors.findOne()).toEqual({ _id: 'a', fence: 1n });
  await room.close();
  await plain.close();
});

test('a server without transactions is named as the reason', async () => {
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  await rs.failCommand({ failCommands: ['update'], errorCode: 20 }); // a standalone's answer
  await expect(fenced.insertOne({ _id: 'a' })).rejects.toThrow(/need transactions.* replica set/);
  expect(await cursors.findOne()).toBeNull();
});

test.each([1, 2, 3, 4])('increments are applied once through %i lost replies', async (lost) => {
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  await fenced.insertOne({ _id: 'a', at: 0 });
  await rs.loseReplies(lost);
  await fenced.updateOne({ _id: 'a' }, { $inc: { at: 1 } });
  expect(await cursors.findOne({ _id: 'a' })).toMatchObject({ at: 1 });
});

test('an increment whose commit is done and not answered is applied once', async () => {
  const fenced = lockers.fenced(await lockers.lock(name), cursors);
  await fenced.insertOne({ _id: 'a', at: 0 });
  const lost = { failCommands: ['commitTransaction'], closeConnection: true, times: 2 };
  await rs.failCommand(lost);
  await fenced.updateOne({ _id: 'a' }, { $inc: { at: 1 } });
  expect(await cursors.findOne({ _id: 'a' })).toMatchObject({ at: 1 });
});
