import { Binary, type ObjectId } from 'bson';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asDouble } from '../src/arithmetic.ts';
import type { BsonDocument, BsonValue } from '../src/bson-document.ts';
import { ReplicaSet } from '../src/index.ts';
import { type LoneMember, startLoneMember } from './lone-member.ts';
import { message, RawClient } from './raw-client.ts';

describe('with a user', () => {
  let member: LoneMember;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    member = await startLoneMember({ user: { name: 'ann', password: 'pencil' } });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => {
    member.server.close();
    member.state.close();
  });

  function open(): RawClient {
    const client = new RawClient(member.port);
    clients.push(client);
    return client;
  }

  const start = (name: string) => ({
    saslStart: 1,
    mechanism: 'SCRAM-SHA-256',
    payload: new Binary(Buffer.from(`n,,n=${name},r=abcdefghijkl`)),
    options: { skipEmptyExchange: true },
  });
  const plain = (reply: BsonDocument | undefined) => Object.fromEntries(reply ?? []);

  test('the driver logs in with what it sends along with hello', async () => {
    const uri = `mongodb://ann:pencil@127.0.0.1:${member.port}/?replicaSet=rs0`;
    const client = new MongoClient(uri);
    const failing = (mode: string) =>
      member.state.failPoints.configure(
        new Map<string, BsonValue>([
          ['configureFailPoint', 'failCommand'],
          ['mode', mode],
          [
            'data',
            new Map<string, BsonValue>([
              ['failCommands', ['saslStart']],
              ['errorCode', 1],
            ]),
          ],
        ]),
      );
    failing('alwaysOn');
    await client.db('a').collection('b').insertOne({});
    failing('off');
    const { authInfo } = await client.db('admin').command({ connectionStatus: 1 });
    expect(authInfo.authenticatedUsers).toEqual([{ user: 'ann', db: 'admin' }]);
    await client.close();
  });

  test('a wrong password is refused by 18', async () => {
    const uri = `mongodb://ann:pen@127.0.0.1:${member.port}/?replicaSet=rs0`;
    const client = new MongoClient(uri);
    await expect(client.connect()).rejects.toMatchObject({ code: 18 });
    await client.close();
  });

  test('a login sent along that fails leaves hello as it is', async () => {
    const client = open();
    const hello = { hello: 1, speculativeAuthenticate: { ...start('bob'), db: 'admin' } };
    const reply = plain(await client.ask(message(hello)));
    expect(reply).toMatchObject({ ok: asDouble(1), setName: 'rs0' });
    expect(reply).not.toHaveProperty('speculativeAuthenticate');
  });

  test('a proof is looked at once', async () => {
    const client = open();
    const go = {
      saslContinue: 1,
      conversationId: 1,
      payload: new Binary(Buffer.from('c=biws,r=x,p=AAAA')),
    };
    expect(plain(await client.ask(message(start('ann'))))).toMatchObject({
      ok: asDouble(1),
      done: false,
    });
    expect(plain(await client.ask(message(go)))).toMatchObject({ ok: asDouble(0), code: 18 });
    expect(plain(await client.ask(message(go)))).toMatchObject({ ok: asDouble(0), code: 17 });
    expect(plain(await client.ask(message({ ...start('ann'), mechanism: 'PLAIN' })))).toMatchObject(
      { code: 334 },
    );
  });

  test.each(['find', 'insert', 'listDatabases', 'getLog', 'replSetStepDown', 'configureFailPoint'])(
    '%s is refused by 13 before a login',
    async (name) => {
      const reply = plain(await open().ask(message({ [name]: 1 })));
      expect(reply).toMatchObject({ ok: asDouble(0), code: 13, codeName: 'Unauthorized' });
    },
  );

  test.each([
    'hello',
    'ping',
    'buildInfo',
    'connectionStatus',
    'whatsmyuri',
    'listCommands',
    'logout',
  ])('%s is answered before a login', async (name) => {
    expect(plain(await open().ask(message({ [name]: 1 })))).toMatchObject({ ok: asDouble(1) });
  });

  test('after logout the user is forgotten', async () => {
    const uri = `mongodb://ann:pencil@127.0.0.1:${member.port}/?replicaSet=rs0&maxPoolSize=1`;
    const client = new MongoClient(uri);
    const admin = client.db('admin');
    await admin.command({ getLog: '*' });
    await admin.command({ logout: 1 });
    await expect(admin.command({ getLog: '*' })).rejects.toMatchObject({ code: 13 });
    await client.close();
  });
});

describe('hello', () => {
  const helloOf = async (port: number): Promise<Record<string, unknown>> => {
    const client = new RawClient(port);
    const reply = await client.ask(message({ hello: 1 }));
    client.close();
    return Object.fromEntries(reply ?? []);
  };
  const processOf = ({ topologyVersion }: Record<string, unknown>): string =>
    String((topologyVersion as BsonDocument).get('processId'));

  test('tells a greater electionId in every term, and a new process after a restart', async () => {
    await using rs = await ReplicaSet.start({ members: 3 });
    const ids: string[] = [];
    const first = rs.primary;
    const before = await helloOf(first.port);
    for (let term = 0; term < 3; term++) {
      const hello = await helloOf(rs.primary.port);
      expect(hello).toMatchObject({ isWritablePrimary: true, setVersion: 1 });
      ids.push((hello.electionId as ObjectId).toHexString());
      await rs.stepDown(1);
    }
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(processOf(await helloOf(first.port))).toBe(processOf(before));
    await rs.kill(first);
    await rs.restart(first);
    await expect.poll(async () => (await helloOf(first.port)).setName).toBe('rs0');
    const after = await helloOf(first.port);
    expect(processOf(after)).not.toBe(processOf(before));
    expect(after).toMatchObject({ me: before.me, hosts: before.hosts, setVersion: 1 });
  });

  test('a secondary of three does not claim an election', async () => {
    await using rs = await ReplicaSet.start({ members: 3 });
    const secondary = rs.members.find(({ role }) => role === 'secondary');
    const hello = await helloOf(secondary?.port ?? 0);
    expect(hello).toMatchObject({ isWritablePrimary: false, secondary: true });
    expect(hello).not.toHaveProperty('electionId');
  });
});

test('a tool that asks about the server is answered, or refused by 59', async () => {
  await using rs = await ReplicaSet.start();
  const client = new MongoClient(rs.uri);
  const admin = client.db('admin');
  expect(await admin.command({ getLog: '*' })).toMatchObject({
    names: ['global', 'startupWarnings'],
  });
  expect(await admin.command({ getLog: 'startupWarnings' })).toMatchObject({ log: [] });
  await expect(admin.command({ getLog: 'no' })).rejects.toMatchObject({ code: 96 });
  expect(await admin.command({ getCmdLineOpts: 1 })).toMatchObject({ argv: ['holdfast'], ok: 1 });
  expect((await admin.command({ whatsmyuri: 1 })).you).toMatch(/^127\.0\.0\.1:\d+$/);
  const { commands } = await admin.command({ listCommands: 1 });
  expect(commands.insert).toMatchObject({ requiresAuth: true, secondaryOk: false });
  expect(Object.keys(commands).filter((name) => name.startsWith('holdfast'))).toEqual([]);
  for (const name of ['atlasVersion', 'isdbgrid', 'getShardVersion']) {
    await expect(admin.command({ [name]: 1 })).rejects.toMatchObject({ code: 59 });
  }
  await client.close();
});

test('a member that was down takes more than one message of large documents', async () => {
  await using rs = await ReplicaSet.start({ members: 3 });
  const client = new MongoClient(rs.uri);
  const [late] = rs.members.filter(({ role }) => role === 'secondary');
  await rs.kill(late ?? 0);
  const things = client.db('large').collection<{ _id: number; x: string }>('things');
  const x = 'x'.repeat(14_000_000);
  for (let _id = 0; _id < 5; _id++) await things.insertOne({ _id, x });
  await rs.restart(late ?? 0);
  const direct = new MongoClient(`mongodb://127.0.0.1:${late?.port}/?directConnection=true`);
  const there = direct.db('large').collection('things');
  const count = () => there.countDocuments({}, { readPreference: 'secondary' });
  await expect.poll(count, { timeout: 15_000 }).toBe(5);
  await direct.close();
  await client.close();
});
