import { type Document, MongoClient, MongoNetworkError, MongoServerSelectionError } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MongoProxyOptions, mongoProxy, proxyWithClock } from '../src/mongo-proxy.ts';
import { OutcomeUnknownError } from '../src/outcome-unknown-error.ts';
import type { Clock } from '../src/patience.ts';
import { PatienceExhaustedError } from '../src/patience-exhausted-error.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { type Deployment, database, deploy, isForeign } from './deployment.ts';

let rs: Deployment;
const clients: MongoClient[] = [];

beforeAll(async () => {
  rs = await deploy({ members: 1 });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await rs?.stop();
});

/** A protected client; between two attempts `meanwhile` happens, and no time passes. */
function protectedClient(
  options: MongoProxyOptions,
  meanwhile: () => Promise<void> = async () => {},
) {
  const clock: Clock = { now: () => 0, random: () => 0, sleep: meanwhile };
  const client = proxyWithClock(new MongoClient(rs.uri, safeClientOptions), options, clock);
  clients.push(client);
  return client;
}

const failureOf = async (write: Promise<unknown>): Promise<unknown> =>
  write.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a write whose answers are lost until patience ends has an unknown outcome', async () => {
  const counters = protectedClient({ patience: 0 })
    .db(database)
    .collection<{ _id: string; n: number }>('c');
  await counters.insertOne({ _id: 'lost', n: 0 });
  await rs.loseReplies(2); // the driver sends each attempt twice
  const error = await failureOf(counters.updateOne({ _id: 'lost' }, { $inc: { n: 1 } }));
  expect(error).toBeInstanceOf(OutcomeUnknownError);
  expect(error).toMatchObject({
    code: 'patience-exhausted',
    operation: 'updateOne',
    attempts: [{ elapsed: 0 }],
    cause: expect.any(MongoNetworkError),
  });
  const patient = protectedClient({}).db(database).collection('c');
  expect(await patient.findOne<Document>()).toEqual({ _id: 'lost', n: 1 });
});

test('a write that never reached a server had no effect, and says so', async () => {
  const nowhere = new MongoClient('mongodb://127.0.0.1:1/?replicaSet=rs0', {
    ...safeClientOptions,
    serverSelectionTimeoutMS: 5,
  });
  clients.push(nowhere);
  const counters = mongoProxy(nowhere, { patience: 20 }).db(database).collection('c');
  const error = await failureOf(counters.insertOne({ n: 1 }));
  expect(error).toBeInstanceOf(PatienceExhaustedError);
  expect(error).toMatchObject({
    code: 'patience-exhausted',
    patience: 20,
    cause: expect.any(MongoServerSelectionError),
  });
});

test('a read that is never answered ends when patience does', async () => {
  const counters = protectedClient({ patience: 0 }).db(database).collection('c');
  await rs.failCommand({ failCommands: ['find'], closeConnection: true, times: 2 });
  const error = await failureOf(counters.find().toArray());
  expect(error).toBeInstanceOf(PatienceExhaustedError);
  expect(error).toMatchObject({ operation: 'find' });
});

test('a write that enough members did not confirm in time has an unknown outcome at once', async () => {
  const counters = protectedClient({}).db(database).collection('c');
  const writeConcernError = { code: 64, errmsg: 'waiting for replication timed out' };
  for (const write of [
    () => counters.updateOne({}, { $inc: { n: 1 } }),
    () => counters.insertMany([{ n: 5 }]),
  ]) {
    await rs.failCommand({ failCommands: ['update', 'insert'], writeConcernError });
    const error = await failureOf(write());
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toMatchObject({ code: 'write-concern-timeout' });
  }
});

test('a write whose number the server forgot has an unknown outcome', async () => {
  const counters = protectedClient({}, () =>
    rs.failCommand({ failCommands: ['insert'], errorCode: 217 }),
  )
    .db(database)
    .collection('c');
  await rs.loseReplies(2);
  const error = await failureOf(counters.insertOne({ n: 1 }));
  expect(error).toMatchObject({ name: 'OutcomeUnknownError', code: 'history-lost' });
});

test('closing the client ends the waits; what was sent by then has an unknown outcome', async () => {
  const client: MongoClient = protectedClient({}, () => client.close());
  const counters = client.db(database).collection('c');
  await rs.loseReplies(2);
  const error = await failureOf(counters.insertOne({ n: 1 }));
  expect(error).toMatchObject({ name: 'OutcomeUnknownError', code: 'interrupted' });
  await expect(counters.insertOne({ n: 2 })).rejects.toMatchObject({
    name: 'MongoNotConnectedError',
  });
  await expect(counters.insertMany([{ n: 2 }])).rejects.toMatchObject({
    name: 'MongoNotConnectedError',
  });
});

test.skipIf(isForeign)(
  'a client told not to number its writes sends them once, and says what it does not know',
  async () => {
    const plain = new MongoClient(rs.uri, { retryWrites: false });
    clients.push(plain);
    const counters = mongoProxy(plain).db(database).collection('c');
    for (const write of [
      () => counters.insertOne({ n: 1 }),
      () => counters.updateMany({}, { $inc: { n: 1 } }),
      () => counters.insertMany([{ n: 1 }]),
    ]) {
      await rs.loseReplies(1);
      const error = await failureOf(write());
      expect(error).toMatchObject({ name: 'OutcomeUnknownError', code: 'not-repeatable' });
    }
    await rs.failCommand({ failCommands: ['insert'], errorCode: 10107 });
    await expect(counters.insertOne({ n: 1 })).resolves.toMatchObject({ acknowledged: true });
  },
);

test('a cursor repeats its first request', async () => {
  const numbers = protectedClient({}).db(database).collection<{ _id: number }>('numbers');
  await numbers.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
  const fresh = () => numbers.find().sort({ _id: 1 }).batchSize(2);

  for (const way of [
    () => fresh().toArray(),
    () => read(fresh()),
    () => read(fresh().stream()),
    () => fresh().clone().toArray(),
    async () => {
      const cursor = fresh();
      const found: unknown[] = [];
      while (await cursor.hasNext()) found.push(await cursor.next());
      return found;
    },
  ]) {
    await rs.failCommand({ failCommands: ['find'], closeConnection: true, times: 5 });
    expect(await way()).toEqual([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
  }
});

async function read(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const each of source) found.push(each);
  return found;
}

test.each<{ bulk: string; write: (client: MongoClient) => Promise<unknown> }>([
  {
    bulk: 'bulkWrite',
    write: (client) =>
      client
        .db(database)
        .collection<{ _id: string; n: number }>('parts')
        .bulkWrite([
          { updateOne: { filter: { _id: 'a' }, update: { $inc: { n: 1 } } } },
          { insertOne: { document: { _id: 'b', n: 0 } } },
        ]),
  },
  {
    bulk: 'client.bulkWrite',
    write: (client) => {
      const namespace = `${database}.parts`;
      const update = { $inc: { n: 1 } };
      return client.bulkWrite<Record<string, { _id: string; n: number }>>([
        { name: 'updateOne', namespace, filter: { _id: 'a' }, update },
        { name: 'updateMany', namespace, filter: {}, update },
      ]);
    },
  },
])('$bulk whose later command nobody answered says what was applied', async ({ write }) => {
  const parts = protectedClient({}).db(database).collection<{ _id: string; n: number }>('parts');
  await parts.replaceOne({ _id: 'a' }, { n: 0 }, { upsert: true });
  await rs.failCommand({
    failCommands: ['insert', 'commitTransaction'],
    errorCode: 10107,
    errorLabels: ['RetryableWriteError', 'NoWritesPerformed'],
    times: 2,
  });
  const error = await failureOf(write(protectedClient({ patience: 0 })));
  expect(error).toMatchObject({
    name: 'OutcomeUnknownError',
    code: 'partly-applied',
    partialResult: { modifiedCount: 1 },
  });
  await rs.failCommand({ failCommands: [], times: 0 });
  expect(await parts.findOne({ _id: 'a' })).toMatchObject({ n: 1 });
});

test('operations on many documents that go one by one say what was applied', async () => {
  const parts = protectedClient({}).db(database).collection<{ _id: string; n: unknown }>('ones');
  await parts.insertMany([
    { _id: 'a', n: 0 },
    { _id: 'b', n: 0 },
    { _id: 'words', n: 'none' },
  ]);
  const add = (_id: string) => ({
    ...{ name: 'updateMany' as const, namespace: `${database}.ones` },
    ...{ filter: { _id }, update: { $inc: { n: 1 } } },
  });
  // The second commit alone is answered so; what cannot be added to undoes them all together first.
  await rs.failCommand({
    failCommands: ['commitTransaction'],
    errorCode: 10107,
    errorLabels: ['RetryableWriteError'],
    skip: 1,
  });
  const impatient = protectedClient({ patience: 0 });
  const models = [add('a'), add('b'), add('words')];
  const error = await failureOf(impatient.bulkWrite<Record<string, { _id: string }>>(models));
  await rs.failCommand({ failCommands: [], times: 0 });
  expect(error).toMatchObject({ code: 'partly-applied', partialResult: { modifiedCount: 1 } });
  expect(await parts.findOne({ _id: 'a' })).toMatchObject({ n: 1 });
});
