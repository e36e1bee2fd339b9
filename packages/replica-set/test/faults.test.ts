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
