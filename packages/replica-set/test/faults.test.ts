import { Long, MongoClient } from 'mongodb';
import { afterEach, expect, test } from 'vitest';
import { type Member, ReplicaSet } from '../src/index.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startSet(options: Parameters<typeof ReplicaSet.start>[0]): Promise<ReplicaSet> {
  const rs = await ReplicaSet.start({ electionTimeoutMS: 300, ...options });
  closers.push(() => rs.stop());
  return rs;
}

function connect(uri: string, options = {}): MongoClient {
  const client = new MongoClient(uri, options);
  closers.push(() => client.close());
  return client;
}

/** A client of this one member, whatever its role is. */
function connectTo({ host, port }: Member, options = {}): MongoClient {
  return connect(`mongodb://${host}:${port}/?directConnection=true`, options);
}

const patience = { timeout: 10_000 };

test.each([{ processes: false }, { processes: true }])(
  'a frozen primary is replaced, keeps its sockets, and finds itself deposed (processes: $processes)',
  async ({ processes }) => {
    const rs = await startSet({ members: 3, processes });
    const fallen = rs.primary;
    const direct = connectTo(fallen);
    const admin = direct.db('admin');
    await admin.command({ ping: 1 });
    const lost: string[] = [];
    direct.on('connectionClosed', ({ reason }) => lost.push(reason));

    await rs.freeze(fallen);
    expect(rs.members[fallen.index]?.role).toBe('frozen');
    let answered = false;
    const ping = admin.command({ ping: 1 }).then(() => {
      answered = true;
    });
    const next = await rs.waitForPrimary();
    expect(next.index).not.toBe(fallen.index);
    await connectTo(next).db('frozen').collection('things').insertOne({ n: 1 });
    expect(answered).toBe(false);

    rs.thaw(fallen);
    await ping;
    expect(lost).toEqual([]);
    await expect.poll(() => rs.members[fallen.index]?.role, patience).toBe('secondary');
    expect(rs.primary.index).toBe(next.index);
    const read = { readPreference: 'secondary' } as const;
    const count = () => direct.db('frozen').collection('things').countDocuments({}, read);
    await expect.poll(count, patience).toBe(1);
  },
);

test('a frozen member can be killed, restarted and stopped', async () => {
  for (const processes of [false, true]) {
    const rs = await startSet({ members: 3, processes });
    await rs.freeze(0);
    await rs.kill(0);
    expect(rs.members[0]?.role).toBe('down');
    await rs.restart(0);
    await rs.freeze(0);
    await rs.restart(0);
    await rs.freeze(1);
    await rs.stop();
    expect(rs.members.map(({ role }) => role)).toEqual(['down', 'down', 'down']);
  }
});

test('a cut-off primary demotes itself, and what no majority has is taken back', async () => {
  const rs = await startSet({ members: 3 });
  const old = rs.primary;
  const client = connectTo(old, { retryWrites: false });
  const db = client.db('cut');
  await db.collection('things').insertOne({ kept: 'before' });

  const others = rs.members.filter(({ index }) => index !== old.index);
  await rs.partition([[old], others]);
  const local = { writeConcern: { w: 1 } } as const;
  await db.collection('things').insertOne({ kept: 'nowhere' }, local);
  await db.collection('things').createIndex({ kept: 1 }, { unique: true, ...local } as object);
  await db.collection('other').insertOne({}, local);
  const session = client.startSession();
  const statement = {
    update: 'things',
    updates: [{ q: { kept: 'before' }, u: { $inc: { n: 1 } } }],
    txnNumber: Long.fromNumber(3),
  };
  expect(await db.command({ ...statement, ...local }, { session })).toMatchObject({ n: 1 });
  const stranded = db.collection('things').insertOne({ kept: 'no majority' });
  await expect(stranded).rejects.toMatchObject({ code: 11602 });
  await expect.poll(() => rs.members[old.index]?.role, patience).toBe('secondary');

  const isOther = () =>
    rs.members.some(({ index, role }) => role === 'primary' && index !== old.index);
  await expect.poll(isOther, patience).toBe(true);
  const next = connectTo(rs.primary).db('cut');
  await next.collection('things').insertOne({ kept: 'after' });
  const read = { readPreference: 'secondary' } as const;
  expect(await db.collection('things').countDocuments({}, read)).toBe(3);

  await rs.heal();
  const kept = async () =>
    (await db.collection('things').find({}, read).toArray()).map((thing) => thing.kept);
  await expect.poll(kept, patience).toEqual(['before', 'after']);
  expect((await db.collection('things').indexes(read)).map(({ name }) => name)).toEqual(['_id_']);
  expect(await db.listCollections({}, { nameOnly: true, ...read }).toArray()).toHaveLength(1);

  // Its record went with the statement: sent again it is carried out, on the old primary too.
  while (rs.primary.index !== old.index) {
    await expect.poll(() => rs.stepDown(0).then(Boolean, Boolean), patience).toBeDefined();
  }
  expect(await db.collection('things').findOne({ kept: 'before' })).not.toHaveProperty('n');
  await db.command(statement, { session });
  await db.command(statement, { session });
  expect(await db.collection('things').findOne({ kept: 'before' })).toMatchObject({ n: 1 });
  await session.endSession();
});

test('a majority read of what is then rolled back is not answered by what came in its place', async () => {
  const rs = await startSet({ members: 3, electionTimeoutMS: 1000 });
  const old = rs.primary;
  const direct = connectTo(old, { retryReads: false, retryWrites: false });
  const things = direct.db('cut').collection('things');
  await things.insertOne({ kept: 'before' });
  await rs.partition([[old], rs.members.filter(({ index }) => index !== old.index)]);
  await things.insertOne({ kept: 'nowhere' }, { writeConcern: { w: 1 } });
  const isOther = () =>
    rs.members.some(({ index, role }) => role === 'primary' && index !== old.index);
  await expect.poll(isOther, patience).toBe(true);
  const next = connectTo(rs.primary).db('cut').collection('things');
  for (let n = 0; n < 5; n++) await next.insertOne({ kept: 'after' });

  // The old primary hears of the new one, and follows it with its own log still there.
  await rs.lag(old, 60_000);
  await rs.heal();
  const admin = direct.db('admin');
  const leaders = async () => {
    const { term } = await admin.command({ replSetGetStatus: 1 });
    const status = await connectTo(rs.primary).db('admin').command({ replSetGetStatus: 1 });
    return Number(term) === Number(status.term);
  };
  await expect.poll(leaders, patience).toBe(true);
  const read = things
    .find({}, { readConcern: 'majority', readPreference: 'secondary' })
    .toArray()
    .then((found) => found.map(({ kept }) => kept))
    .catch((error: unknown) => error);
  await admin.command({ ping: 1 });
  await rs.lag(old, 0);
  expect(await read).toMatchObject({ code: 11602 });
});

test('a partition that leaves the primary its majority changes nothing for clients', async () => {
  const rs = await startSet({ members: 3 });
  const { index } = rs.primary;
  const [alone, other] = rs.members.filter((member) => member.index !== index);
  if (alone === undefined || other === undefined) throw new Error('three members');
  await rs.partition([[index, other], [alone]]);
  const things = connect(rs.uri).db('cut').collection('things');
  for (let n = 0; n < 20; n++) await things.insertOne({ n });
  expect(rs.primary.index).toBe(index);
  // Its restart does not mend the lines.
  await rs.restart(alone);
  await things.insertOne({ n: 20 });
  const direct = connectTo(alone).db('cut').collection('things');
  const count = () => direct.countDocuments({}, { readPreference: 'secondary' });
  expect(await count()).toBe(0);
  await rs.heal();
  await expect.poll(count, patience).toBe(21);
  expect(rs.primary.index).toBe(index);
});

test('groups have to name every member once', async () => {
  const rs = await startSet({ members: 3 });
  await expect(rs.partition([[0], [1]])).rejects.toThrow(RangeError);
  await expect(
    rs.partition([
      [0, 1],
      [1, 2],
    ]),
  ).rejects.toThrow(RangeError);
  await expect(rs.freeze(3)).rejects.toThrow(RangeError);
  await expect(rs.lag(0, -1)).rejects.toThrow(RangeError);
});

test('a majority does not wait for one member that lags, and waits when it has to', async () => {
  const rs = await startSet({ members: 3 });
  const things = connect(rs.uri).db('late').collection('things');
  await things.insertOne({ n: 0 });
  const late = rs.members.filter(({ role }) => role === 'secondary');
  const [first, second] = late;
  if (first === undefined || second === undefined) throw new Error('three members');
  const direct = connectTo(first).db('late').collection('things');
  const count = () => direct.countDocuments({}, { readPreference: 'secondary' });
  await expect.poll(count, patience).toBe(1);

  await rs.lag(first, 60_000);
  await things.insertOne({ n: 1 });
  expect(await count()).toBe(1);
  await rs.lag(second, 60_000);
  await expect(
    things.insertOne({ n: 2 }, { writeConcern: { w: 'majority', wtimeoutMS: 100 } }),
  ).rejects.toMatchObject({ code: 64 });
  await rs.lag(first, 0);
  await things.insertOne({ n: 3 });
  expect(await count()).toBe(4);
});

test('a write waits for the slow disk of its primary', async () => {
  const rs = await startSet({ members: 3, electionTimeoutMS: 2000 });
  const things = connect(rs.uri).db('slow').collection('things');
  await things.insertOne({ n: 0 });
  const { index } = rs.primary;
  await rs.slowDisk(index, 60);
  const before = performance.now();
  await things.insertOne({ n: 1 });
  expect(performance.now() - before).toBeGreaterThanOrEqual(60);
  await rs.slowDisk(index, 0);
  expect(await things.countDocuments()).toBe(2);
});

test.each([{ members: 1 }, { members: 3 }])(
  'a full disk refuses writes, keeps nothing of them, and goes on when it has room ($members members)',
  async ({ members }) => {
    const rs = await startSet({ members });
    const { index } = rs.primary;
    const db = connect(rs.uri).db('full');
    const things = db.collection<{ _id: number }>('things');
    await things.insertOne({ _id: 1 });
    await rs.fillDisk(index);
    const refused = { code: 14031, codeName: 'OutOfDiskSpace' };
    const w1 = { writeConcern: { w: 1 } } as const;
    await expect(things.insertOne({ _id: 2 })).rejects.toMatchObject(refused);
    await expect(things.insertOne({ _id: 2 }, w1)).rejects.toMatchObject(refused);
    await expect(things.createIndex({ a: 1 })).rejects.toMatchObject(refused);
    await expect(db.collection('another').insertOne({})).rejects.toMatchObject(refused);
    await expect(things.deleteOne({ _id: 1 })).rejects.toMatchObject(refused);
    const batch = [{ _id: 2 }, { _id: 3 }];
    await expect(things.insertMany(batch, { ordered: false })).rejects.toMatchObject(refused);
    const crowd = Array.from({ length: 30 }, (_, i) => things.insertOne({ _id: 100 + i }, w1));
    const outcomes = await Promise.allSettled(crowd);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect(await things.find().toArray()).toEqual([{ _id: 1 }]);
    expect(await things.findOne({}, { readConcern: { level: 'majority' } })).toEqual({ _id: 1 });

    await rs.fillDisk(index, false);
    await things.insertOne({ _id: 2 });
    await things.createIndex({ a: 1 });
    await db.collection('another').insertOne({});
    expect(await things.countDocuments()).toBe(2);
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1']);
    expect(rs.primary.index).toBe(index);
    for (const member of rs.members) {
      const there = connectTo(member).db('full').collection('things');
      const ids = () => there.distinct('_id', {}, { readPreference: 'secondaryPreferred' });
      await expect.poll(ids, patience).toEqual([1, 2]);
    }
  },
);

test('a set outlives the full disks of secondaries and of a primary that steps down', async () => {
  const rs = await startSet({ members: 3 });
  const things = connect(rs.uri).db('full').collection('things');
  await things.insertOne({ n: 0 });
  const full = rs.members.find(({ role }) => role === 'secondary');
  if (full === undefined) throw new Error('three members');
  await rs.fillDisk(full);
  for (let n = 1; n < 10; n++) await things.insertOne({ n });
  await rs.fillDisk(full, false);
  const there = connectTo(full).db('full').collection('things');
  const count = () => there.countDocuments({}, { readPreference: 'secondary' });
  await expect.poll(count, patience).toBe(10);

  const fallen = rs.primary;
  await rs.fillDisk(fallen);
  await rs.stepDown();
  expect(rs.primary.index).not.toBe(fallen.index);
  await expect
    .poll(() => things.insertOne({ n: 10 }).then(Boolean, () => false), patience)
    .toBe(true);
  await rs.restart(fallen);
  await rs.fillDisk(fallen, false);
  const again = connectTo(fallen).db('full').collection('things');
  await expect
    .poll(() => again.countDocuments({ n: 10 }, { readPreference: 'secondary' }), patience)
    .toBe(1);
});

test('the only member begins its term once its disk has room', async () => {
  const rs = await startSet({});
  await rs.fillDisk(0);
  await rs.restart(0);
  await expect(rs.waitForPrimary(200)).rejects.toMatchObject({ code: 'no-primary' });
  await rs.fillDisk(0, false);
  expect(await rs.waitForPrimary()).toMatchObject({ index: 0 });
});

test('a skewed clock shows in $$NOW, and the times of the log rise all the same', async () => {
  const rs = await startSet({});
  const client = connect(rs.uri);
  const things = client.db('clock').collection<{ _id: number; at?: Date }>('things');
  const hour = 3_600_000;
  const times: bigint[] = [];
  const skews = [0, hour, -hour, 0];
  for (const [_id, skew] of skews.entries()) {
    await rs.skewClock(0, skew);
    await things.insertOne({ _id });
    await things.updateOne({ _id }, [{ $set: { at: '$$NOW' } }]);
    const { at } = (await things.findOne({ _id })) ?? {};
    expect(Math.abs((at?.getTime() ?? 0) - Date.now() - skew)).toBeLessThan(60_000);
    const { operationTime } = await client.db('clock').command({ ping: 1 });
    times.push(operationTime.toBigInt());
    expect(operationTime.high).toBeGreaterThan((Date.now() + (_id > 0 ? hour : 0)) / 1000 - 60);
  }
  expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0n))).toBe(true);
});
