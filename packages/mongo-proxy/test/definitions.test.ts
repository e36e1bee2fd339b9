import { type Collection, type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proxyWithClock } from '../src/mongo-proxy.ts';
import { OutcomeUnknownError } from '../src/outcome-unknown-error.ts';
import type { Clock } from '../src/patience.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { atOnce, failureOf } from './answers.ts';
import { type Deployment, database, deploy, isForeign } from './deployment.ts';

let rs: Deployment;
let bare: Db;
let client: MongoClient;
let db: Db;
let rows: Collection<{ _id: number }>;
let meanwhile: () => Promise<unknown>;

beforeAll(async () => {
  rs = await deploy({ members: 1 });
  const bareClient = new MongoClient(rs.uri, safeClientOptions);
  const clock: Clock = {
    ...atOnce,
    async sleep() {
      const once = meanwhile;
      meanwhile = async () => {};
      await once();
    },
  };
  client = proxyWithClock(bareClient, {}, clock);
  bare = bareClient.db(database);
  db = client.db(database);
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(async () => {
  meanwhile = async () => {};
  await rs.loseReplies(0);
  await bare.dropDatabase();
  rows = db.collection<{ _id: number }>('rows');
  await bare.collection<{ _id: number }>('rows').insertOne({ _id: 1 });
});

const names = async () => (await bare.listCollections().toArray()).map(({ name }) => name).sort();

test.each<{ operation: string; run: () => Promise<unknown>; left: string[] }>([
  { operation: 'drop', run: () => rows.drop(), left: [] },
  { operation: 'dropCollection', run: () => db.dropCollection('rows'), left: [] },
  { operation: 'rename', run: () => rows.rename('lines'), left: ['lines'] },
  {
    operation: 'renameCollection',
    run: () => db.renameCollection('rows', 'lines'),
    left: ['lines'],
  },
  { operation: 'dropDatabase', run: () => db.dropDatabase(), left: [] },
  { operation: 'createCollection', run: () => db.createCollection('new'), left: ['new', 'rows'] },
])(
  '$operation is done once and answered when its reply is lost',
  async ({ operation, run, left }) => {
    await rs.loseReplies(3);
    const answer = await run();
    await rs.loseReplies(0);
    expect(await names()).toEqual(left);
    if (operation.startsWith('rename')) {
      const renamed = answer as Collection;
      expect(renamed.collectionName).toBe('lines');
      await rs.loseReplies(5); // what comes back is protected too
      await renamed.insertOne({ _id: 2 as never });
      await rs.loseReplies(0);
    }
  },
);

test.skipIf(isForeign).each<{ operation: string; run: () => Promise<unknown> }>([
  { operation: 'drop', run: () => rows.drop() },
  { operation: 'dropDatabase', run: () => db.dropDatabase() },
])('$operation never takes what somebody made after it', async ({ run }) => {
  meanwhile = () => bare.collection<{ _id: number }>('rows').insertOne({ _id: 2 });
  await rs.loseReplies(1);
  await run();
  expect(await bare.collection('rows').find().toArray()).toEqual([{ _id: 2 }]);
});

test.each<{ operation: string; run: () => Promise<unknown> }>([
  { operation: 'rename', run: () => rows.rename('lines') },
  { operation: 'renameCollection', run: () => db.renameCollection('rows', 'lines') },
])('$operation does not take the work of somebody else for its own', async ({ run }) => {
  meanwhile = () => bare.dropCollection('rows');
  await rs.failCommand({ failCommands: ['renameCollection'], closeConnection: true });
  expect(await failureOf(run())).toBeInstanceOf(OutcomeUnknownError);
  expect(await names()).toEqual([]);
});

test('rename of a collection that is gone when it is repeated is not known to be done', async () => {
  await rs.failCommand({ failCommands: ['renameCollection'], closeConnection: true });
  const lookFirst = { failCommands: ['renameCollection'], errorCode: 26 };
  meanwhile = () => rs.failCommand(lookFirst);
  expect(await failureOf(rows.rename('lines'))).toBeInstanceOf(OutcomeUnknownError);
  await expect(db.collection('none').rename('lines')).rejects.toMatchObject({ code: 26 });
});

test('dropDatabase that stopped half-way leaves what somebody made after it', async () => {
  await bare.collection('others').insertOne({});
  meanwhile = async () => {
    await bare.dropCollection('rows');
    await bare.createCollection('new');
  };
  await rs.failCommand({ failCommands: ['dropDatabase'], closeConnection: true });
  expect(await failureOf(db.dropDatabase())).toBeInstanceOf(OutcomeUnknownError);
  expect(await names()).toEqual(['new', 'others']);
});

test.skipIf(isForeign)(
  'control: a drop that is blindly repeated takes what somebody made after it',
  async () => {
    await rs.loseReplies(1);
    await failureOf(bare.dropCollection('rows'));
    await bare.collection<{ _id: number }>('rows').insertOne({ _id: 2 });
    await bare.dropCollection('rows');
    expect(await names()).toEqual([]);
  },
);

test.each<{ operation: string; run: () => Promise<unknown> }>([
  { operation: 'createIndex', run: () => rows.createIndex({ a: 1 }) },
  { operation: 'createIndexes', run: () => rows.createIndexes([{ key: { a: 1 } }]) },
  { operation: 'db.createIndex', run: () => db.createIndex('rows', { a: 1 }) },
])('$operation answers as the driver does when its replies are lost', async ({ run }) => {
  await rs.loseReplies(4);
  expect([await run()].flat()).toEqual(['a_1']);
  expect(Object.keys(await rows.indexInformation())).toEqual(['_id_', 'a_1']);
});

test.skipIf(isForeign)('dropIndex is done when only its repetition says so', async () => {
  await rows.createIndex({ a: 1 });
  await rs.loseReplies(1);
  await rows.dropIndex('a_1');
  expect(await rows.indexExists('a_1')).toBe(false);
  await expect(rows.dropIndex('a_1')).rejects.toMatchObject({ code: 27 });
});

test('looking at what there is is repeated until it is answered', async () => {
  const lost = {
    failCommands: ['listCollections', 'listIndexes'],
    closeConnection: true,
    times: 3,
  };
  for (const look of [
    () => db.listCollections().toArray(),
    () => db.collections(),
    () => rows.indexes(),
    () => rows.listIndexes().toArray(),
    () => rows.isCapped(),
    () => rows.options(),
  ]) {
    await rs.failCommand(lost);
    await look();
  }
});
