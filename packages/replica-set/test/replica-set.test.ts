import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, Long, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ReplicaSet, ReplicaSetError } from '../src/index.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'replica-set-test-'));
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startSet(options: Parameters<typeof ReplicaSet.start>[0]): Promise<ReplicaSet> {
  const rs = await ReplicaSet.start(options);
  closers.push(() => rs.stop());
  return rs;
}

function connect(uri: string, options = {}): MongoClient {
  const client = new MongoClient(uri, options);
  closers.push(() => client.close());
  return client;
}

describe('one member, by the official driver', () => {
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

  const fresh = (name: string) => client.db('tour').collection<Document>(name);

  test('inserts, finds, updates, deletes', async () => {
    const things = fresh('crud');
    const { insertedIds } = await things.insertMany([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(Object.keys(insertedIds)).toHaveLength(3);
    expect(await things.updateOne({ a: 2 }, { $set: { b: 'x' } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 1,
    });
    expect(await things.updateMany({}, { $inc: { a: 10 } })).toMatchObject({ modifiedCount: 3 });
    expect(await things.replaceOne({ a: 11 }, { c: 1 }, {})).toMatchObject({ modifiedCount: 1 });
    expect(await things.find({}, { projection: { _id: 0 } }).toArray()).toEqual([
      { c: 1 },
      { a: 12, b: 'x' },
      { a: 13 },
    ]);
    expect(await things.deleteOne({ a: 13 })).toMatchObject({ deletedCount: 1 });
    expect(await things.deleteMany({})).toMatchObject({ deletedCount: 2 });
    expect(await things.estimatedDocumentCount()).toBe(0);
  });

  test('keeps the types of numbers', async () => {
    const things = fresh('types');
    await things.insertOne({ _id: 'n', long: Long.fromNumber(1), double: 1.5, int: 1 } as Document);
    await things.updateOne({ _id: 'n' } as Document, { $inc: { long: 1, double: 0.5, int: 1 } });
    const raw = await things.findOne({ _id: 'n' } as Document, { promoteValues: false });
    expect(raw?.long).toEqual(Long.fromNumber(2));
    expect(raw?.double._bsontype).toBe('Double');
    expect(raw?.int._bsontype).toBe('Int32');
  });

  test('upserts, and gives documents back from before and after', async () => {
    const things = fresh('modify');
    const filter = { _id: 'k' } as Document;
    const first = await things.findOneAndUpdate(filter, { $inc: { n: 1 } }, { upsert: true });
    expect(first).toBeNull();
    expect(await things.findOneAndUpdate(filter, { $inc: { n: 1 } })).toEqual({ _id: 'k', n: 1 });
    const after = await things.findOneAndUpdate(filter, [{ $set: { n: { $add: ['$n', 1] } } }], {
      returnDocument: 'after',
    });
    expect(after).toEqual({ _id: 'k', n: 3 });
    expect(await things.findOneAndDelete(filter)).toEqual({ _id: 'k', n: 3 });
    expect(await things.updateOne({ q: 5 }, { $set: { r: 6 } }, { upsert: true })).toMatchObject({
      upsertedCount: 1,
    });
    expect(await things.findOne({ q: 5 })).toMatchObject({ q: 5, r: 6 });
  });

  test('a unique index refuses a second document and leaves the first', async () => {
    const things = fresh('unique');
    await things.createIndex({ email: 1 }, { unique: true, sparse: true });
    await things.insertMany([{ email: 'a@example.org' }, {}, {}]);
    await expect(things.insertOne({ email: 'a@example.org' })).rejects.toMatchObject({
      code: 11000,
      keyValue: { email: 'a@example.org' },
    });
    expect(await things.countDocuments({ email: 'a@example.org' })).toBe(1);
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_', 'email_1']);
  });

  test('an ordered batch stops at its first error, an unordered one goes on', async () => {
    const things = fresh('batch');
    const batch = [{ _id: 1 }, { _id: 1 }, { _id: 2 }] as Document[];
    await expect(things.insertMany(batch)).rejects.toMatchObject({ code: 11000 });
    expect(await things.countDocuments()).toBe(1);
    await expect(things.insertMany(batch, { ordered: false })).rejects.toMatchObject({
      code: 11000,
    });
    expect(await things.countDocuments()).toBe(2);
  });

  test('cursors give every document once, whatever is written in between', async () => {
    const things = fresh('cursor');
    await things.insertMany(Array.from({ length: 1000 }, (_, i) => ({ i })));
    const seen: number[] = [];
    for await (const { i } of things.find({}, { batchSize: 50 })) {
      seen.push(i);
      if (i === 100) await things.deleteMany({ i: { $in: [5, 500] } });
    }
    expect(seen.length).toBeGreaterThanOrEqual(999);
    expect(new Set(seen).size).toBe(seen.length);
    expect(
      await things.find().sort({ i: -1 }).skip(1).limit(2).project({ _id: 0 }).toArray(),
    ).toEqual([{ i: 998 }, { i: 997 }]);
  });

  test('aggregates', async () => {
    const things = fresh('aggregate');
    await things.insertMany([
      { k: 'a', n: 1 },
      { k: 'b', n: 2 },
      { k: 'a', n: 3 },
    ]);
    const pipeline = [
      { $match: { n: { $gt: 0 } } },
      { $group: { _id: '$k', total: { $sum: '$n' }, mean: { $avg: '$n' } } },
      { $sort: { _id: 1 } },
    ];
    expect(await things.aggregate(pipeline).toArray()).toEqual([
      { _id: 'a', total: 4, mean: 2 },
      { _id: 'b', total: 2, mean: 2 },
    ]);
    expect(await things.distinct('k')).toEqual(['a', 'b']);
    await expect(things.aggregate([{ $bogus: {} }]).toArray()).rejects.toMatchObject({
      code: 40324,
    });
  });

  test('what is not there is refused by name', async () => {
    const things = fresh('refused');
    await expect(client.db('tour').command({ nothing: 1 })).rejects.toMatchObject({ code: 59 });
    await expect(
      things.find({ a: 1 }, { collation: { locale: 'de', strength: 5 } }).toArray(),
    ).rejects.toMatchObject({
      code: 238,
    });
    await expect(things.createIndex({ t: 'text' })).rejects.toMatchObject({ code: 238 });
  });

  test('collections and databases are listed and dropped', async () => {
    const db = client.db('listed');
    await db.createCollection('one');
    // The same again is no error since MongoDB 7.0.
    await db.createCollection('one');
    const other = { validator: { n: { $gt: 0 } } };
    await expect(db.createCollection('one', other)).rejects.toMatchObject({ code: 48 });
    await db.collection('two').insertOne({});
    expect(
      (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
    ).toEqual(['one', 'two']);
    await db.collection('one').drop();
    await db.dropDatabase();
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    expect(databases.map(({ name }) => name)).not.toContain('listed');
  });

  test('failCommand fails as it is told, and the driver tries again', async () => {
    const things = fresh('faults');
    await things.insertOne({ n: 0 });
    await rs.failCommand({ failCommands: ['update'], errorCode: 189 });
    expect(await things.updateOne({}, { $inc: { n: 1 } })).toMatchObject({ modifiedCount: 1 });
    await rs.failCommand({ failCommands: ['find'], closeConnection: true });
    expect(await things.findOne()).toMatchObject({ n: 1 });
    await rs.failCommand({ failCommands: ['find'], errorCode: 2 });
    await expect(things.findOne()).rejects.toMatchObject({ code: 2 });
  });

  test.each<[string, (things: ReturnType<typeof fresh>) => Promise<unknown>]>([
    ['insertOne', (things) => things.insertOne({ n: 1 })],
    ['insertMany', (things) => things.insertMany([{ n: 1 }])],
    [
      'updateOne',
      (things) => things.updateOne({ _id: 'k' } as Document, { $inc: { n: 1 } }, { upsert: true }),
    ],
    [
      'findOneAndUpdate',
      (things) =>
        things.findOneAndUpdate(
          { _id: 'k' } as Document,
          { $inc: { n: 1 } },
          { upsert: true, returnDocument: 'after' },
        ),
    ],
  ])('%s is carried out once when its reply is lost', async (name, write) => {
    const things = fresh(`lost_${name}`);
    await rs.loseReplies(1);
    const reply = await write(things);
    const sum = await things.aggregate([{ $group: { _id: null, n: { $sum: '$n' } } }]).toArray();
    expect(sum).toEqual([{ _id: null, n: 1 }]);
    if (name === 'findOneAndUpdate') expect(reply).toEqual({ _id: 'k', n: 1 });
    if (name === 'updateOne') expect(reply).toMatchObject({ upsertedId: 'k', upsertedCount: 1 });
  });

  test('unacknowledged writes get no reply and are done', async () => {
    const things = fresh('silent');
    await things.insertOne({ a: 1 }, { writeConcern: { w: 0 } });
    await things.insertOne({ a: 2 });
    expect(await things.countDocuments()).toBe(2);
  });
});

describe('what is kept', () => {
  test('documents, indexes and retryable statements outlive the set', async () => {
    const dataDir = temporaryFolder();
    const first = await ReplicaSet.start({ dataDir });
    const client = connect(first.uri);
    const things = client.db('kept').collection('things');
    await things.createIndex({ a: 1 }, { unique: true });
    await things.insertOne({ a: 1 });
    await client.close();
    await first.stop();

    const rs = await startSet({ dataDir });
    const again = connect(rs.uri).db('kept').collection('things');
    expect(await again.countDocuments()).toBe(1);
    await expect(again.insertOne({ a: 1 })).rejects.toMatchObject({ code: 11000 });
  });

  test('a second set on the same files is refused while the first runs', async () => {
    const dataDir = temporaryFolder();
    await startSet({ dataDir });
    await expect(ReplicaSet.start({ dataDir })).rejects.toMatchObject({
      name: 'ReplicaSetError',
      code: 'data-in-use',
    });
  });

  test('a port that is taken is named', async () => {
    const rs = await startSet({});
    const { port } = rs.primary;
    await expect(ReplicaSet.start({ port })).rejects.toMatchObject({ code: 'port-in-use' });
  });

  test('a set has an odd number of members', async () => {
    await expect(ReplicaSet.start({ members: 2 })).rejects.toThrow(RangeError);
  });
});

describe('who is let in', () => {
  const user = { name: 'desk', password: 'p@ss: word' };

  test('the user with the password, and nobody else', async () => {
    const rs = await startSet({ user });
    await connect(rs.uri).db('safe').collection('things').insertOne({});
    const hosts = rs.uri.replace(/\/\/.*@/, '//').replace(/&authSource=admin/, '');
    await expect(connect(hosts).db('safe').collection('things').findOne()).rejects.toMatchObject({
      code: 13,
    });
    const wrong = rs.uri.replace('p%40ss', 'pass');
    await expect(connect(wrong).db('safe').collection('things').findOne()).rejects.toMatchObject({
      code: 18,
    });
  });

  test('members of the set only talk to members of the set', async () => {
    const rs = await startSet({});
    await expect(
      connect(rs.uri).db('admin').command({ holdfastVote: 1, term: 99 }),
    ).rejects.toMatchObject({
      code: 59,
    });
  });
});

describe('three members', () => {
  test('a majority has every acknowledged write', async () => {
    const rs = await startSet({ members: 3 });
    const things = connect(rs.uri).db('three').collection('things');
    await things.insertMany(Array.from({ length: 100 }, (_, i) => ({ i })));
    const { port, index } = rs.primary;
    for (const member of rs.members.filter((each) => each.index !== index)) {
      expect(member.port).not.toBe(port);
      const direct = connect(`mongodb://${member.host}:${member.port}/?directConnection=true`);
      const there = direct.db('three').collection('things');
      const read = { readConcern: { level: 'majority' }, readPreference: 'secondary' } as const;
      await expect.poll(() => there.countDocuments({}, read)).toBe(100);
      await expect(there.insertOne({})).rejects.toMatchObject({
        code: 10107,
        topologyVersion: { counter: expect.anything() },
      });
    }
  });

  test('steps down to another primary, and writes go on', async () => {
    const rs = await startSet({ members: 3 });
    const things = connect(rs.uri).db('three').collection('things');
    await things.insertOne({ n: 0 });
    const { index } = rs.primary;
    await rs.stepDown();
    expect(rs.primary.index).not.toBe(index);
    expect(await things.updateOne({}, { $inc: { n: 1 } })).toMatchObject({ modifiedCount: 1 });
    expect(await things.findOne()).toMatchObject({ n: 1 });
    for (let round = 0; round < 3; round++) {
      const { index: before } = rs.primary;
      await rs.stepDown();
      expect(rs.primary.index).not.toBe(before);
    }
  });

  test('loses no acknowledged write when the primary is killed, and takes it back', async () => {
    const rs = await startSet({ members: 3 });
    const things = connect(rs.uri).db('three').collection<{ _id: number }>('things');
    let acknowledged = 0;
    let running = true;
    const writer = (async () => {
      while (running) {
        // The driver tries a write once more and then gives up; this writer does not.
        const write = things.updateOne({ _id: acknowledged }, { $set: { x: 1 } }, { upsert: true });
        if (await write.then(Boolean, () => false)) acknowledged += 1;
      }
    })();
    for (let round = 0; round < 3; round++) {
      const before = acknowledged;
      await expect.poll(() => acknowledged, { timeout: 10_000 }).toBeGreaterThan(before + 20);
      const fallen = rs.primary;
      await rs.kill(fallen);
      await expect.poll(() => acknowledged, { timeout: 10_000 }).toBeGreaterThan(before + 40);
      await rs.restart(fallen);
    }
    running = false;
    await writer;
    const ids = await things
      .find({}, { readConcern: { level: 'majority' } })
      .sort({ _id: 1 })
      .toArray();
    expect(ids.map(({ _id }) => _id)).toEqual(Array.from({ length: acknowledged }, (_, i) => i));
  });

  test('a retried write is known to the primary that comes next', async () => {
    const rs = await startSet({ members: 3 });
    const client = connect(rs.uri);
    const things = client.db('three').collection('things');
    await things.insertOne({ n: 0 });
    const session = client.startSession();
    const command = {
      update: 'things',
      updates: [{ q: {}, u: { $inc: { n: 1 } } }],
      txnNumber: Long.fromNumber(7),
    };
    const first = await client.db('three').command(command, { session });
    await rs.stepDown();
    await things.findOne();
    const second = await client.db('three').command(command, { session });
    expect(second.n).toBe(first.n);
    expect(await things.findOne()).toMatchObject({ n: 1 });
    await session.endSession();
  });

  test('one member of three elects nobody, and says so to the writer', async () => {
    const rs = await startSet({ members: 3, electionTimeoutMS: 300 });
    const client = connect(rs.uri, { serverSelectionTimeoutMS: 1500 });
    const things = client.db('three').collection('things');
    await things.insertOne({});
    const [last] = rs.members.filter(({ role }) => role === 'secondary');
    for (const member of rs.members) if (member.index !== last?.index) await rs.kill(member);
    await expect(things.insertOne({})).rejects.toThrow();
    expect(() => rs.primary).toThrow(ReplicaSetError);
    const count = () => things.countDocuments({}, { readPreference: 'secondary' }).catch(String);
    await expect.poll(count, { timeout: 10_000 }).toBe(1);
  });
});
