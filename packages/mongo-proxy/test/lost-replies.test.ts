import { type Collection, type Document, MongoBulkWriteError, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proxyWithClock } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { type Deployment, database, deploy } from './deployment.ts';
import { type Account, everyVerb, startAccounts } from './every-verb.ts';
import { type SentWrite, watchWrites } from './sent-writes.ts';
import { makeKindUnknownOnce } from './unknown-kind.ts';

let rs: Deployment;
let bare: MongoClient;
let sent: SentWrite[];
let accounts: Collection<Account>;
let bareAccounts: Collection<Account>;

// Waits of no length: what is repeated matters here, not when.
const atOnce = { now: () => 0, random: () => 0, sleep: () => Promise.resolve() };

beforeAll(async () => {
  rs = await deploy({ members: 1 });
  bare = new MongoClient(rs.uri, { ...safeClientOptions, monitorCommands: true });
  sent = watchWrites(bare);
  accounts = proxyWithClock(bare, {}, atOnce).db(database).collection<Account>('accounts');
  bareAccounts = bare.db(database).collection<Account>('accounts');
});

afterAll(async () => {
  await bare?.close();
  await rs?.stop();
});

beforeEach(async () => {
  await bareAccounts.deleteMany({});
  await bareAccounts.insertMany(startAccounts());
  sent.length = 0;
});

const all = () => bareAccounts.find().sort({ _id: 1 }).toArray();

/** An answer without what is another each time: the times of a raw command's reply. */
function facts(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('ok' in answer)) return answer;
  const {
    $clusterTime: _,
    operationTime: __,
    electionId: ___,
    opTime: ____,
    ...rest
  } = {
    ...(answer as Document),
  };
  return rest;
}

test.each(everyVerb)(
  '$verb answers as the driver does when nothing fails',
  async ({ write, after }) => {
    const answer = await write(accounts);
    expect(await all()).toEqual(after);
    await bareAccounts.deleteMany({});
    await bareAccounts.insertMany(startAccounts());
    expect(facts(answer)).toEqual(facts(await write(bareAccounts)));
  },
);

test.each(everyVerb)(
  '$verb is applied once and answered when five replies are lost',
  async ({ write, after, inTransaction }) => {
    const expected = await write(accounts);
    await bareAccounts.deleteMany({});
    await bareAccounts.insertMany(startAccounts());
    sent.length = 0;
    await rs.loseReplies(5);
    expect(facts(await write(accounts))).toEqual(facts(expected));
    expect(await all()).toEqual(after);
    if (inTransaction) return;
    // Every sending of the first command was the same one to the server.
    const [first, ...rest] = sent.slice(0, 6);
    expect(first?.txnNumber).toBeDefined();
    expect(rest).toEqual([first, first, first, first, first]);
  },
);

test('control: a retry without the number applies the write again', async () => {
  await rs.loseReplies(2); // one for the driver's own retry
  const increment = () => bareAccounts.updateOne({ _id: 'ada' }, { $inc: { n: 1 } });
  await increment().catch(increment);
  expect(await bareAccounts.findOne({ _id: 'ada' })).toEqual({ _id: 'ada', n: 3 });
});

test('a write carries its number even while the kind of the member is unknown', async () => {
  makeKindUnknownOnce(bare);
  await rs.loseReplies(3);
  await accounts.updateOne({ _id: 'ada' }, { $inc: { n: 1 } });
  expect(new Set(sent.map(({ txnNumber }) => txnNumber)).size).toBe(1);
  expect(sent[0]?.txnNumber).toBeDefined();
  expect(await bareAccounts.findOne({ _id: 'ada' })).toEqual({ _id: 'ada', n: 2 });
});

test('a repetition carries its number even while the kind of the member is unknown', async () => {
  const unknowing = { ...atOnce, sleep: async () => makeKindUnknownOnce(bare) };
  const collection = proxyWithClock(bare, {}, unknowing)
    .db(database)
    .collection<Account>('accounts');
  await rs.loseReplies(3);
  await collection.updateOne({ _id: 'ada' }, { $inc: { n: 1 } });
  expect(new Set(sent.map(({ txnNumber }) => txnNumber)).size).toBe(1);
  expect(await bareAccounts.findOne({ _id: 'ada' })).toEqual({ _id: 'ada', n: 2 });
});

test('each write has a number of its own, in one session of the caller too', async () => {
  const session = bare.startSession();
  for (let i = 1; i <= 3; i++) {
    await rs.loseReplies(3);
    await accounts.updateOne({ _id: 'ada' }, { $inc: { n: 1 } }, { session });
    await accounts.updateOne({ _id: 'bob' }, { $inc: { n: 1 } }, { session });
  }
  expect(session.operationTime).toBeDefined();
  await session.endSession();
  expect(await all()).toEqual([
    { _id: 'ada', n: 4 },
    { _id: 'bob', n: 4 },
  ]);
  expect(new Set(sent.map(({ session: id, txnNumber }) => `${id} ${txnNumber}`)).size).toBe(6);
});

test('writes that share a session of the caller do not swallow each other', async () => {
  const session = bare.startSession();
  await rs.loseReplies(5);
  const increments = Array.from({ length: 10 }, () =>
    accounts.updateOne({ _id: 'ada' }, { $inc: { n: 1 } }, { session }),
  );
  await Promise.all(increments);
  await session.endSession();
  expect(await bareAccounts.findOne({ _id: 'ada' })).toEqual({ _id: 'ada', n: 11 });
});

test('a server error that no retry mends is passed on as it is', async () => {
  await expect(accounts.insertOne({ _id: 'ada', n: 9 })).rejects.toMatchObject({
    name: 'MongoServerError',
    code: 11000,
  });
  expect(sent).toHaveLength(1);
});

test('a bulk write of several kinds reports its failure by the index of the caller', async () => {
  const operations = [
    { updateOne: { filter: { _id: 'ada' }, update: { $inc: { n: 1 } } } },
    { insertOne: { document: { _id: 'eve', n: 1 } } },
    { insertOne: { document: { _id: 'bob', n: 1 } } },
    { updateOne: { filter: { _id: 'ada' }, update: { $inc: { n: 1 } } } },
  ];
  await rs.loseReplies(3);
  const ours = await accounts.bulkWrite(operations).catch((error: unknown) => error);
  expect(await all()).toEqual([
    { _id: 'ada', n: 2 },
    { _id: 'bob', n: 1 },
    { _id: 'eve', n: 1 },
  ]);
  await bareAccounts.deleteMany({});
  await bareAccounts.insertMany(startAccounts());
  const theirs = await bareAccounts.bulkWrite(operations).catch((error: unknown) => error);
  const facts = (error: unknown) => {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const writeErrors = [error.writeErrors].flat().map(({ index, code }) => ({ index, code }));
    const { code, insertedCount, modifiedCount } = error;
    return { code, insertedCount, modifiedCount, writeErrors };
  };
  expect(facts(ours)).toEqual(facts(theirs));
  expect(facts(ours).writeErrors).toEqual([{ index: 2, code: 11000 }]);
});

test('an unordered bulk write goes on after a failure and reports every one', async () => {
  const failing = accounts.bulkWrite(
    [
      { insertOne: { document: { _id: 'ada', n: 1 } } },
      { updateOne: { filter: { _id: 'bob' }, update: { $inc: { n: 1 } } } },
      { insertOne: { document: { _id: 'bob', n: 1 } } },
      { insertOne: { document: { _id: 'eve', n: 1 } } },
    ],
    { ordered: false },
  );
  await expect(failing).rejects.toMatchObject({
    insertedCount: 1,
    modifiedCount: 1,
    writeErrors: [{ index: 0 }, { index: 2 }],
  });
});

test('unacknowledged writes pass as they are', async () => {
  const answer = await accounts.insertOne({ _id: 'eve', n: 1 }, { writeConcern: { w: 0 } });
  expect(answer.acknowledged).toBe(false);
});
