import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, MongoClient, type ObjectId } from 'mongodb';
import { afterEach, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startSet(options: Parameters<typeof ReplicaSet.start>[0]): Promise<ReplicaSet> {
  const rs = await ReplicaSet.start({ electionTimeoutMS: 500, ...options });
  closers.push(() => rs.stop());
  return rs;
}

function connect(uri: string): MongoClient {
  const client = new MongoClient(uri);
  closers.push(() => client.close());
  return client;
}

/** Asks one member alone, be it what it may. */
async function ask(rs: ReplicaSet, index: number, command: Document): Promise<Document> {
  const { host, port } = rs.members[index] ?? { host: '', port: 0 };
  const client = new MongoClient(`mongodb://${host}:${port}/?directConnection=true`);
  try {
    return await client.db('admin').command(command);
  } finally {
    await client.close();
  }
}

const untilPrimary = (rs: ReplicaSet, index: number) =>
  expect.poll(() => rs.members[index]?.role, { timeout: 15_000, interval: 20 }).toBe('primary');

test('the member of the highest priority becomes primary, and again when it is back', async () => {
  const rs = await startSet({ members: [{}, { priority: 2 }, { priority: 5 }] });
  await untilPrimary(rs, 2);
  await rs.kill(2);
  await untilPrimary(rs, 1);
  await rs.restart(2);
  await untilPrimary(rs, 2);
  await rs.stepDown(1);
  expect(rs.members[2]?.role).toBe('secondary');
  await untilPrimary(rs, 2);
});

test('a member of priority 0 never stands for election', async () => {
  const rs = await startSet({ members: [{}, { priority: 0 }, { priority: 0 }] });
  expect(rs.primary.index).toBe(0);
  await expect(
    ask(rs, 0, { replSetStepDown: 2, secondaryCatchUpPeriodSecs: 0 }),
  ).rejects.toMatchObject({ code: 262 });
  await rs.kill(0);
  await expect(rs.waitForPrimary(2000)).rejects.toMatchObject({ code: 'no-primary' });
  await rs.restart(0);
  expect((await rs.waitForPrimary()).index).toBe(0);
});

test('members without a vote count for w: n, but not for a majority', async () => {
  const rs = await startSet({ members: [{}, { votes: 0 }, { votes: 0 }] });
  const things = connect(rs.uri).db('db').collection('things');
  await rs.kill(1);
  await rs.kill(2);
  await things.insertOne({ a: 1 });
  await expect(
    things.insertOne({ a: 2 }, { writeConcern: { w: 2, wtimeoutMS: 50 } }),
  ).rejects.toMatchObject({ code: 64 });
  expect((await ask(rs, 0, { replSetGetStatus: 1 })).votingMembersCount).toBe(1);
});

test('tags, hidden and passive members are shown as such', async () => {
  const rs = await startSet({
    members: [{ tags: { dc: 'a' } }, { priority: 0 }, { hidden: true, tags: { dc: 'b' } }],
    getLastErrorModes: { two: { dc: 2 } },
  });
  const hosts = rs.members.map(({ host, port }) => `${host}:${port}`);
  expect(rs.uri).not.toContain(hosts[2]);
  const [first, passive, hidden] = await Promise.all(
    [0, 1, 2].map((index) => ask(rs, index, { hello: 1 })),
  );
  expect(first).toMatchObject({ hosts: [hosts[0]], passives: [hosts[1]], tags: { dc: 'a' } });
  expect(first).not.toHaveProperty('passive');
  expect(passive).toMatchObject({ passive: true });
  expect(passive).not.toHaveProperty('tags');
  expect(hidden).toMatchObject({ hidden: true, passive: true, tags: { dc: 'b' } });
  const { config } = await ask(rs, 0, { replSetGetConfig: 1 });
  expect(config).toMatchObject({
    _id: 'rs0',
    version: 1,
    members: [
      { _id: 0, host: hosts[0], priority: 1, votes: 1, hidden: false, tags: { dc: 'a' } },
      { _id: 1, host: hosts[1], priority: 0, votes: 1, hidden: false, tags: {} },
      { _id: 2, host: hosts[2], priority: 0, votes: 1, hidden: true, tags: { dc: 'b' } },
    ],
    settings: { getLastErrorModes: { two: { dc: 2 } }, electionTimeoutMillis: 500 },
  });
});

test('a write concern may name a mode, or count tags', async () => {
  const rs = await startSet({
    members: [{ tags: { dc: 'a' } }, { tags: { dc: 'a' } }, { priority: 0, tags: { dc: 'b' } }],
    getLastErrorModes: { two: { dc: 2 } },
  });
  const db = connect(rs.uri).db('db');
  const insert = async (writeConcern: Document) => {
    const { writeConcernError } = await db.command({
      insert: 'things',
      documents: [{ a: 1 }],
      writeConcern,
    });
    return writeConcernError?.code ?? 0;
  };
  const code = (error: { code: number }) => error.code;
  expect(await insert({ w: 'two' })).toBe(0);
  expect(await insert({ w: { dc: 2 } })).toBe(0);
  expect(await insert({ w: 'none' }).catch(code)).toBe(79);
  expect(await insert({ w: 'constructor' }).catch(code)).toBe(79);
  expect(await insert({ w: { dc: 3 } }).catch(code)).toBe(100);
  expect(await insert({ w: 4 }).catch(code)).toBe(100);
  expect(await insert({ w: {} }).catch(code)).toBe(9);
  expect(await insert({ w: { dc: 'x' } }).catch(code)).toBe(9);
  expect(await insert({ w: -1 }).catch(code)).toBe(9);
  expect(await insert({ w: true }).catch(code)).toBe(9);
  await rs.kill(2);
  expect(await insert({ w: { dc: 1 } })).toBe(0);
  expect(await insert({ w: 'two', wtimeout: 50 }).catch(code)).toBe(64);
  await rs.restart(2);
  expect(await insert({ w: 'two' })).toBe(0);
  await expect(ReplicaSet.start({ getLastErrorModes: { never: { dc: 1 } } })).rejects.toThrow(
    RangeError,
  );
});

test('a frozen member lets another one go first', async () => {
  const rs = await startSet({ members: 3 });
  const primary = rs.primary.index;
  const [frozen = -1, other = -1] = [0, 1, 2].filter((index) => index !== primary);
  await expect(ask(rs, primary, { replSetFreeze: 5 })).rejects.toMatchObject({
    code: 95,
    codeName: 'NotSecondary',
  });
  expect(await ask(rs, frozen, { replSetFreeze: 600 })).toMatchObject({ ok: 1 });
  const things = connect(rs.uri).db('db').collection('things');
  const everywhere = () => things.insertOne({}, { writeConcern: { w: 3 } });
  await everywhere();
  await rs.kill(primary);
  await untilPrimary(rs, other);
  await rs.restart(primary);
  await everywhere();
  expect(await ask(rs, frozen, { replSetFreeze: 0 })).toMatchObject({ info: 'unfreezing' });
  await ask(rs, primary, { replSetFreeze: 600 });
  await rs.kill(other);
  await untilPrimary(rs, frozen);
});

test.each([
  { command: { replSetStepDown: -1 }, code: 2, says: 'positive integer' },
  { command: { replSetStepDown: 5 }, code: 2, says: 'longer than secondaryCatchUpPeriodSecs' },
  { command: { replSetStepDown: 5, secondaryCatchUpPeriodSecs: -1 }, code: 2, says: 'positive' },
  {
    command: { replSetStepDown: 5, secondaryCatchUpPeriodSecs: 'x' },
    code: 14,
    says: 'wrong type',
  },
])('$command is refused', async ({ command, code, says }) => {
  const rs = await startSet({ members: 1 });
  await expect(ask(rs, 0, command)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(says),
  });
});

test('a primary that nobody follows steps down when it is forced, and only then', async () => {
  const rs = await startSet({ members: 3, electionTimeoutMS: 1500 });
  const primary = rs.primary.index;
  const others = [0, 1, 2].filter((index) => index !== primary);
  const things = connect(rs.uri).db('db').collection('things');
  for (const index of others) await rs.lag(index, 60_000);
  await things.insertOne({ a: 1 }, { writeConcern: { w: 1 } });
  const period = { secondaryCatchUpPeriodSecs: 0 };
  await expect(ask(rs, primary, { replSetStepDown: 30, ...period })).rejects.toMatchObject({
    code: 262,
  });
  expect(await ask(rs, primary, { replSetStepDown: 30, force: true })).toMatchObject({ ok: 1 });
  expect(rs.members[primary]?.role).toBe('secondary');
  await expect(ask(rs, primary, { replSetStepDown: 30, force: true })).rejects.toMatchObject({
    code: 10107,
  });
  for (const index of others) await rs.lag(index, 0);
});

test('the status of a set tells of each member', async () => {
  const rs = await startSet({ members: 3 });
  const primary = rs.primary.index;
  await connect(rs.uri)
    .db('db')
    .collection('things')
    .insertOne({ a: 1 }, { writeConcern: { w: 3 } });
  const name = `${rs.primary.host}:${rs.primary.port}`;
  const read = () => ask(rs, primary, { replSetGetStatus: 1 });
  await expect
    .poll(async () => (await read()).members.map(({ optime }: Document) => String(optime.ts)))
    .toSatisfy((times: string[]) => new Set(times).size === 1);
  const status = await read();
  expect(status).toMatchObject({
    set: 'rs0',
    myState: 1,
    syncSourceId: -1,
    majorityVoteCount: 2,
    votingMembersCount: 3,
  });
  expect(status.optimes.lastCommittedOpTime).toEqual(status.optimes.appliedOpTime);
  const members: Document[] = status.members;
  expect(members.map(({ stateStr }) => stateStr).sort()).toEqual([
    'PRIMARY',
    'SECONDARY',
    'SECONDARY',
  ]);
  for (const member of members) {
    expect(member).toMatchObject({ health: 1, configVersion: 1, uptime: expect.any(Number) });
    if (member._id === primary) {
      expect(member).toMatchObject({ self: true, electionDate: expect.any(Date) });
    } else {
      expect(member).toMatchObject({ syncSourceHost: name, syncSourceId: primary });
      expect(Math.abs(Date.now() - member.lastHeartbeat)).toBeLessThan(20_000);
      expect(Number(member.pingMs)).toBeGreaterThanOrEqual(0);
    }
  }
  const [fallen = -1] = [0, 1, 2].filter((index) => index !== primary);
  await rs.kill(fallen);
  await expect
    .poll(async () => (await read()).members[fallen], { timeout: 10_000 })
    .toMatchObject({ health: 0, state: 8, stateStr: '(not reachable/healthy)', uptime: 0 });
});

test('the election id rises with the term, and survives a restart of all', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'replica-set-id-'));
  closers.push(async () => rmSync(dataDir, { recursive: true, force: true }));
  const seen: string[] = [];
  const look = async (rs: ReplicaSet) => {
    const { electionId, setVersion } = await ask(rs, rs.primary.index, { hello: 1 });
    expect(setVersion).toBe(1);
    seen.push((electionId as ObjectId).toHexString());
  };
  for (let round = 0; round < 2; round++) {
    const rs = await ReplicaSet.start({ members: 3, dataDir });
    await look(rs);
    await rs.stepDown();
    await look(rs);
    const secondary = rs.members.find(({ role }) => role === 'secondary');
    expect(await ask(rs, secondary?.index ?? -1, { hello: 1 })).not.toHaveProperty('electionId');
    await rs.stop();
  }
  expect(seen).toEqual([...new Set(seen)].sort());
});

test('a set with a seed starts and fails over like any other', async () => {
  const rs = await startSet({ members: 3, seed: 42 });
  await rs.kill(rs.primary);
  await rs.waitForPrimary();
  await expect(ReplicaSet.start({ seed: 0.5 })).rejects.toThrow(RangeError);
});
