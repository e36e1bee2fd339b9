import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandClass } from '../src/command-class.ts';
import { proxyWithClock } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { atOnce, failureOf } from './answers.ts';
import { type Deployment, database, deploy, isForeign } from './deployment.ts';

test.each<{ command: Document; is: string }>([
  { command: { ping: 1 }, is: 'read' },
  { command: { ISMASTER: 1 }, is: 'read' },
  { command: { aggregate: 'c', pipeline: [{ $match: {} }], cursor: {} }, is: 'read' },
  { command: { aggregate: 'c', pipeline: [{ $out: 'd' }], cursor: {} }, is: 'once' },
  { command: { aggregate: 'c', pipeline: [{ $merge: 'd' }], cursor: {} }, is: 'once' },
  { command: { explain: { update: 'c', updates: [] } }, is: 'read' },
  { command: { validate: 'c' }, is: 'read' },
  { command: { validate: 'c', repair: true }, is: 'once' },
  { command: { insert: 'c', documents: [{}, {}] }, is: 'single' },
  { command: { update: 'c', updates: [{ q: {}, u: {} }] }, is: 'single' },
  {
    command: {
      update: 'c',
      updates: [
        { q: {}, u: {} },
        { q: {}, u: {}, multi: true },
      ],
    },
    is: 'many',
  },
  { command: { delete: 'c', deletes: [{ q: {}, limit: 1 }] }, is: 'single' },
  { command: { delete: 'c', deletes: [{ q: {}, limit: 0 }] }, is: 'many' },
  { command: { bulkWrite: 1, ops: [{ insert: 0, document: {} }], nsInfo: [] }, is: 'single' },
  { command: { bulkWrite: 1, ops: [{ update: 0, multi: true }], nsInfo: [] }, is: 'many' },
  { command: { insert: 'c', documents: [{}], writeConcern: { w: 0 } }, is: 'driver' },
  { command: { insert: 'c', documents: [{}], txnNumber: 1 }, is: 'driver' },
  { command: { getMore: 1, collection: 'c' }, is: 'driver' },
  { command: { create: 'c' }, is: 'settled' },
  { command: { dropDatabase: 1 }, is: 'once' },
  { command: { shutdown: 1 }, is: 'once' },
  { command: { somethingNew: 1 }, is: 'once' },
  { command: {}, is: 'once' },
])('$command is of the class $is', ({ command, is }) => {
  expect(commandClass(command)).toBe(is);
});

let rs: Deployment;
let client: MongoClient;

beforeAll(async () => {
  rs = await deploy({ members: 1 });
  client = proxyWithClock(new MongoClient(rs.uri, safeClientOptions), {}, atOnce);
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

test('a read is repeated, whether the connection or the primary is lost', async () => {
  const db = client.db(database);
  await db.collection<{ _id: number }>('c').insertOne({ _id: 1 });
  for (const fault of [{ closeConnection: true }, { errorCode: 10107 }]) {
    await rs.failCommand({ failCommands: ['count', 'ping'], ...fault, times: 6 });
    expect(await db.command({ count: 'c' })).toMatchObject({ n: 1 });
    expect(await db.admin().ping()).toMatchObject({ ok: 1 });
    expect(await db.admin().command({ ping: 1 })).toMatchObject({ ok: 1 });
  }
});

test.skipIf(isForeign)(
  'a command of which nothing is known is sent again when refused, and never when lost',
  async () => {
    const db = client.db('dropped');
    await db.collection('c').insertOne({});
    await rs.failCommand({ failCommands: ['dropDatabase'], errorCode: 10107 });
    expect(await db.command({ dropDatabase: 1 })).toMatchObject({ ok: 1 });
    await rs.loseReplies(1);
    await rs.failCommand({ failCommands: ['dropDatabase'], closeConnection: true });
    const error = await failureOf(db.command({ dropDatabase: 1 }));
    expect(error).toMatchObject({ name: 'OutcomeUnknownError', code: 'not-repeatable' });
    await rs.loseReplies(0);
  },
);

test.skipIf(isForeign)(
  'create, sent again after its reply was lost, is done and not an error',
  async () => {
    const db = client.db(database);
    await rs.loseReplies(1);
    expect(await db.command({ create: 'made', capped: false })).toMatchObject({ ok: 1 });
    await expect(db.command({ create: 'made', size: 4096, capped: true })).rejects.toThrow();
  },
);

test('a command that fails for good fails as it does with the driver', async () => {
  await expect(client.db(database).command({ nonsense: 1 })).rejects.toMatchObject({ code: 59 });
});
