import { type Document, Long, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

let rs: ReplicaSet;
let client: MongoClient;
let txn = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start();
  client = new MongoClient(rs.uri, { appName: 'tests', retryWrites: false, retryReads: false });
});

afterAll(async () => {
  await client.close();
  await rs.stop();
});

const things = () => client.db('faults').collection<Document>('things');

async function configure(name: string, mode: unknown, data: Document = {}): Promise<void> {
  await client.db('admin').command({ configureFailPoint: name, mode, data });
}

beforeEach(async () => {
  for (const name of ['failCommand', 'onPrimaryTransactionalWrite']) await configure(name, 'off');
  await things().deleteMany({});
});

/** Whether each of four finds fails. */
async function failures(): Promise<boolean[]> {
  const outcomes: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    outcomes.push(
      await things()
        .findOne()
        .then(
          () => false,
          () => true,
        ),
    );
  }
  return outcomes;
}

test.each([
  { mode: { times: 2 }, failing: [true, true, false, false] },
  { mode: { skip: 2 }, failing: [false, false, true, true] },
  { mode: 'alwaysOn', failing: [true, true, true, true] },
  { mode: 'off', failing: [false, false, false, false] },
  { mode: { times: 0 }, failing: [false, false, false, false] },
])('mode $mode', async ({ mode, failing }) => {
  await configure('failCommand', mode, { failCommands: ['find'], errorCode: 2 });
  expect(await failures()).toEqual(failing);
});

test.each(['sometimes', { times: -1 }, {}])('refuses mode %j', async (mode) => {
  await expect(configure('failCommand', mode)).rejects.toMatchObject({ code: 9 });
});

test.each([
  { appName: 'tests', failing: true },
  { appName: 'others', failing: false },
])('appName $appName', async ({ appName, failing }) => {
  const data = { failCommands: ['find'], errorCode: 2, appName };
  await configure('failCommand', 'alwaysOn', data);
  expect(await failures()).toEqual(Array(4).fill(failing));
});

test('errorCode gives the name and the labels of the code, errorLabels others', async () => {
  const session = client.startSession();
  const insert = () =>
    client
      .db('faults')
      .command(
        { insert: 'things', documents: [{}], txnNumber: Long.fromNumber(++txn) },
        { session },
      )
      .catch(({ code, codeName, errorLabels }) => ({ code, codeName, errorLabels }));
  await configure('failCommand', { times: 1 }, { failCommands: ['insert'], errorCode: 6 });
  expect(await insert()).toEqual({
    code: 6,
    codeName: 'HostUnreachable',
    errorLabels: ['RetryableWriteError'],
  });
  const labelled = { failCommands: ['insert'], errorCode: 6, errorLabels: ['Mine'] };
  await configure('failCommand', { times: 1 }, labelled);
  expect(await insert()).toMatchObject({ errorLabels: ['Mine'] });
  await session.endSession();
  expect(await things().countDocuments()).toBe(0);
});

test.each([
  { given: {}, code: 91, labels: ['RetryableWriteError'] },
  { given: {}, code: 64, labels: undefined },
  { given: { errorLabels: ['Mine'] }, code: 64, labels: ['Mine'] },
])('writeConcernError $code leaves the write done, labels $labels', async (row) => {
  const { given, code, labels } = row;
  const session = client.startSession();
  const writeConcernError = { code, errmsg: 'not replicated' };
  const data = { failCommands: ['insert'], writeConcernError, ...given };
  await configure('failCommand', { times: 1 }, data);
  const command = { insert: 'things', documents: [{}], txnNumber: Long.fromNumber(++txn) };
  const reply = client.db('faults').command(command, { session });
  const seen = await reply.catch((error) => error.result ?? error);
  expect(seen).toMatchObject({ writeConcernError: { code } });
  expect(seen.errorLabels).toEqual(labels);
  expect(await things().countDocuments()).toBe(1);
  await session.endSession();
});

test('closeConnection and blockConnection, alone and together with an error', async () => {
  await configure('failCommand', { times: 1 }, { failCommands: ['find'], closeConnection: true });
  await expect(things().findOne()).rejects.toMatchObject({ name: 'MongoNetworkError' });
  const block = { failCommands: ['find'], blockConnection: true, blockTimeMS: 30 };
  await configure('failCommand', { times: 1 }, block);
  const before = performance.now();
  await things().findOne();
  expect(performance.now() - before).toBeGreaterThanOrEqual(29);
  await configure('failCommand', { times: 1 }, { ...block, errorCode: 2 });
  await expect(things().findOne()).rejects.toMatchObject({ code: 2 });
});

test('a command is met under its alias as well', async () => {
  await configure('failCommand', { times: 1 }, { failCommands: ['isMaster'], errorCode: 2 });
  await expect(client.db('admin').command({ ismaster: 1 })).rejects.toMatchObject({ code: 2 });
});

test('onPrimaryTransactionalWrite: nothing is done before the commit fails', async () => {
  const again = new MongoClient(rs.uri, { retryReads: false });
  const retried = again.db('faults').collection<Document>('things');
  const data = { failBeforeCommitExceptionCode: 1, closeConnection: false };
  await configure('onPrimaryTransactionalWrite', { times: 1 }, data);
  await expect(retried.insertOne({ n: 1 })).rejects.toMatchObject({ code: 1 });
  expect(await retried.countDocuments()).toBe(0);

  // The connection is cut by default: the driver tries again, and the write is done once.
  await configure(
    'onPrimaryTransactionalWrite',
    { times: 1 },
    { failBeforeCommitExceptionCode: 1 },
  );
  await retried.insertOne({ n: 2 });
  await configure('onPrimaryTransactionalWrite', { times: 1 });
  await retried.insertOne({ n: 3 });
  await configure('onPrimaryTransactionalWrite', { times: 1 });
  await retried.findOneAndUpdate({ n: 3 }, { $inc: { m: 1 } });
  expect(await retried.find({}, { projection: { _id: 0 } }).toArray()).toEqual([
    { n: 2 },
    { n: 3, m: 1 },
  ]);
  // A write without a number does not meet it.
  await configure('onPrimaryTransactionalWrite', { times: 1 }, data);
  await things().insertOne({ n: 4 });
  await again.close();
});

test('failGetMoreAfterCursorCheckout fails a getMore', async () => {
  await things().insertMany(Array.from({ length: 5 }, (_, n) => ({ n })));
  const cursor = things().find({}, { batchSize: 2 });
  await cursor.next();
  await configure('failGetMoreAfterCursorCheckout', { times: 1 }, { errorCode: 43 });
  await expect(cursor.toArray()).rejects.toMatchObject({ code: 43 });
  expect(await things().find({}, { batchSize: 2 }).toArray()).toHaveLength(5);
});

test('rs.failCommand counts, skips and ends', async () => {
  const failure = { failCommands: ['find'], errorCode: 2 };
  await rs.failCommand({ ...failure, times: Number.POSITIVE_INFINITY });
  expect(await failures()).toEqual([true, true, true, true]);
  await rs.failCommand({ ...failure, skip: 3 });
  expect(await failures()).toEqual([false, false, false, true]);
  await rs.failCommand({ ...failure, times: 0 });
  expect(await failures()).toEqual([false, false, false, false]);
});
