import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusals } from '../src/commands/refused-commands.ts';
import { type LoneMember, startLoneMember } from './lone-member.ts';

let member: LoneMember;
let client: MongoClient;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
  const things = client.db('shop').collection('things');
  await things.insertMany(Array.from({ length: 10 }, (_, n) => ({ n, text: 'x'.repeat(100) })));
  await things.createIndex({ n: 1 });
  await client.db('shop').createCollection('few', { viewOn: 'things', pipeline: [{ $limit: 2 }] });
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

const admin = (command: Document) => client.db('admin').command(command);
const shop = (command: Document) => client.db('shop').command(command);

test('listDatabases tells sizes, or names alone, of those that pass a filter', async () => {
  const all = await admin({ listDatabases: 1 });
  expect(all.databases).toMatchObject([
    { name: 'admin', empty: true, sizeOnDisk: 0 },
    { name: 'config', empty: true, sizeOnDisk: 0 },
    { name: 'local', empty: true, sizeOnDisk: 0 },
    { name: 'shop', empty: false, sizeOnDisk: expect.any(Number) },
  ]);
  expect(all.databases[3].sizeOnDisk).toBeGreaterThan(1000);
  expect(all.totalSize).toBe(all.databases[3].sizeOnDisk);
  const names = await admin({ listDatabases: 1, nameOnly: true });
  expect(names.databases).toEqual(['admin', 'config', 'local', 'shop'].map((name) => ({ name })));
  expect((await admin({ listDatabases: 1, filter: { name: /^x/ } })).databases).toEqual([]);
  await expect(shop({ listDatabases: 1 })).rejects.toMatchObject({ code: 13 });
});

test('listCollections filters, tells names alone, and comes in batches', async () => {
  const db = client.db('shop');
  const names = async (filter: Document) =>
    (await db.listCollections(filter, { nameOnly: true }).toArray()).map(({ name, type }) => [
      name,
      type,
    ]);
  expect(await names({})).toEqual([
    ['things', 'collection'],
    ['few', 'view'],
  ]);
  expect(await names({ type: 'view' })).toEqual([['few', 'view']]);
  expect(await names({ name: { $in: ['things', 'other'] } })).toEqual([['things', 'collection']]);
  expect(await db.listCollections({}, { batchSize: 1 }).toArray()).toHaveLength(2);
  expect(await db.collection('things').listIndexes({ batchSize: 1 }).toArray()).toHaveLength(2);
});

test('statistics count documents, bytes and keys', async () => {
  const stats = await shop({ collStats: 'things' });
  expect(stats).toMatchObject({
    ns: 'shop.things',
    count: 10,
    nindexes: 2,
    capped: false,
    scaleFactor: 1,
  });
  expect(stats.avgObjSize).toBe(Math.floor(stats.size / 10));
  expect(Object.keys(stats.indexSizes)).toEqual(['_id_', 'n_1']);
  expect(await shop({ collStats: 'nothing' })).toMatchObject({ count: 0, size: 0 });
  expect((await shop({ collStats: 'things', scale: 1024 })).size).toBe(
    Math.floor(stats.size / 1024),
  );
  await expect(shop({ collStats: 'few' })).rejects.toMatchObject({ code: 166 });
  expect(await shop({ dbStats: 1 })).toMatchObject({
    db: 'shop',
    collections: 1,
    views: 1,
    objects: 10,
    indexes: 2,
    dataSize: stats.size,
  });
  expect(await shop({ dataSize: 'shop.things' })).toMatchObject({
    size: stats.size,
    numObjects: 10,
  });
});

test('validate compares documents with keys, and finds a key that is missing', async () => {
  expect(await shop({ validate: 'things' })).toMatchObject({
    valid: true,
    nrecords: 10,
    nIndexes: 2,
    keysPerIndex: { _id_: 10, n_1: 10 },
    errors: [],
  });
  const { file, catalog } = member.state;
  const index = catalog.get('shop.things')?.indexes[1]?.id ?? 0;
  file.writeAtomically(() => {
    file.statement('delete from entries where "index" = ? and record = 1').run(index);
  });
  const found = await shop({ validate: 'things' });
  expect(found).toMatchObject({ valid: false, keysPerIndex: { n_1: 9 } });
  expect(found.errors[0]).toContain('n_1');
  await expect(shop({ validate: 'nothing' })).rejects.toMatchObject({ code: 26 });
});

test('the server tells of itself', async () => {
  expect(await admin({ buildInfo: 1 })).toMatchObject({
    version: '8.0.0',
    versionArray: [8, 0, 0, 0],
  });
  expect(await admin({ hostInfo: 1 })).toMatchObject({ system: { numCores: expect.any(Number) } });
  expect(await admin({ serverStatus: 1 })).toMatchObject({
    version: '8.0.0',
    connections: { current: expect.any(Number) },
    opcounters: { insert: expect.any(Number) },
    metrics: { ttl: { passes: 0 } },
  });
  expect(await admin({ getCmdLineOpts: 1 })).toMatchObject({ argv: ['holdfast'] });
  expect(await admin({ getLog: '*' })).toMatchObject({ names: ['global', 'startupWarnings'] });
  expect(await admin({ connectionStatus: 1 })).toMatchObject({
    authInfo: { authenticatedUsers: [] },
  });
  expect((await admin({ listCommands: 1 })).commands.find).toBeDefined();
  expect(await admin({ usersInfo: 1 })).toMatchObject({ users: [] });
  const { totals } = await admin({ top: 1 });
  expect(totals['shop.things'].insert.count).toBe(1);
  expect(await shop({ dbHash: 1 })).toMatchObject({ collections: { things: expect.any(String) } });
});

test('parameters are told one by one, all, and with details', async () => {
  expect(await admin({ getParameter: 1, ttlMonitorEnabled: 1 })).toMatchObject({
    ttlMonitorEnabled: true,
  });
  expect(await admin({ getParameter: '*' })).toMatchObject({
    featureCompatibilityVersion: { version: '8.0' },
  });
  expect(await admin({ getParameter: { showDetails: true }, requireApiVersion: 1 })).toMatchObject({
    requireApiVersion: { value: false, settableAtRuntime: false },
  });
  await expect(admin({ getParameter: 1, bogus: 1 })).rejects.toMatchObject({ code: 72 });
  await expect(admin({ setParameter: 1, bogus: 1 })).rejects.toMatchObject({ code: 72 });
  await expect(admin({ setParameter: 1 })).rejects.toMatchObject({ code: 72 });
  await expect(admin({ setParameter: 1, requireApiVersion: true })).rejects.toMatchObject({
    code: 20,
  });
});

test('the level of the profile is 0 and stays so', async () => {
  expect(await shop({ profile: -1 })).toMatchObject({ was: 0 });
  expect(await shop({ profile: 0 })).toMatchObject({ was: 0 });
  await expect(shop({ profile: 2 })).rejects.toMatchObject({ code: 238 });
});

test('what a client waits for is seen by another', async () => {
  const log = await client.db('shop').createCollection('log', { capped: true, size: 10_000 });
  await log.insertOne({ a: 1 });
  const cursor = log.find({}, { tailable: true, awaitData: true, maxAwaitTimeMS: 20_000 });
  await cursor.next();
  const waiting = cursor.next();
  let inprog: Document[] = [];
  while (inprog.length === 0)
    ({ inprog } = await admin({ currentOp: 1, 'command.getMore': { $exists: true } }));
  expect(inprog).toMatchObject([{ op: 'getmore', active: true, ns: expect.any(String) }]);
  await log.insertOne({ a: 2 });
  await waiting;
  await cursor.close();
  expect(await admin({ killOp: 1, op: inprog[0]?.opid })).toMatchObject({ ok: 1 });
});

test('an index build is seen and ended', async () => {
  const big = client.db('shop').collection('big');
  await big.insertMany(Array.from({ length: 20_000 }, (_, n) => ({ n })));
  const building = expect(big.createIndex({ n: 1 })).rejects.toMatchObject({ code: 11601 });
  let inprog: Document[] = [];
  while (inprog.length === 0)
    ({ inprog } = await admin({ currentOp: 1, 'command.createIndexes': 'big' }));
  await admin({ killOp: 1, op: inprog[0]?.opid });
  await building;
  expect(await big.indexes()).toHaveLength(1);
});

test.each(Object.keys(refusals))('%s is refused by name', async (name) => {
  await expect(admin({ [name]: 1 })).rejects.toMatchObject({
    code: 115,
    codeName: 'CommandNotSupported',
    message: expect.stringContaining(name),
  });
});

test.each<[string, Document, number]>([
  ['no such command', { bogus: 1 }, 59],
  ['a field that find does not know', { find: 'things', bogus: 1 }, 40415],
  ['a field that count does not know', { count: 'things', bogus: 1 }, 40415],
  ['a field that distinct does not know', { distinct: 'things', key: 'a', bogus: 1 }, 40415],
  ['dropping what is the server’s own', { dropDatabase: 1, $db: 'admin' }, 20],
])('%s is refused', async (_, command, code) => {
  const { $db = 'shop', ...rest } = command;
  await expect(client.db($db as string).command(rest)).rejects.toMatchObject({ code });
});
