import { type ClientSession, type Collection, MongoClient, MongoNetworkError } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proxyWithClock } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { transactionStep } from '../src/transaction-step.ts';
import { atOnce, failureOf } from './answers.ts';
import { type Deployment, database, deploy, isForeign } from './deployment.ts';

interface Account {
  _id: string;
  n: number;
}

let rs: Deployment;
let bare: MongoClient;
let client: MongoClient;
let accounts: Collection<Account>;
let bareAccounts: Collection<Account>;

beforeAll(async () => {
  rs = await deploy({ members: 3, electionTimeoutMS: 500 });
  bare = new MongoClient(rs.uri, safeClientOptions);
  client = proxyWithClock(bare, {}, { ...atOnce, sleep: () => new Promise(setImmediate) });
  accounts = client.db(database).collection<Account>('accounts');
  bareAccounts = bare.db(database).collection<Account>('accounts');
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(async () => {
  await bareAccounts.deleteMany({});
  await bareAccounts.insertMany([
    { _id: 'ada', n: 10 },
    { _id: 'bob', n: 0 },
  ]);
});

const balances = async () =>
  Object.fromEntries((await bareAccounts.find().toArray()).map(({ _id, n }) => [_id, n]));

const transfer = async (session: ClientSession): Promise<string> => {
  await accounts.updateOne({ _id: 'ada' }, { $inc: { n: -1 } }, { session });
  await accounts.updateOne({ _id: 'bob' }, { $inc: { n: 1 } }, { session });
  return 'moved';
};

test.each([
  { lost: 'the first step', fault: { failCommands: ['update'], closeConnection: true } },
  {
    lost: 'the commit, before it',
    fault: { failCommands: ['commitTransaction'], closeConnection: true, times: 5 },
  },
  {
    lost: 'the primary at the commit',
    fault: { failCommands: ['commitTransaction'], errorCode: 10107, times: 3 },
  },
  {
    lost: 'the majority at the commit',
    fault: {
      failCommands: ['commitTransaction'],
      writeConcernError: { code: 91, errmsg: 'shutting down' },
    },
  },
])('withTransaction takes effect once when it loses $lost', async ({ fault }) => {
  await rs.failCommand(fault);
  const session = client.startSession();
  expect(await session.withTransaction(transfer)).toBe('moved');
  expect(session.inTransaction()).toBe(false);
  await session.endSession();
  expect(await balances()).toEqual({ ada: 9, bob: 1 });
});

test('a connection that is lost between two steps makes the body run again', async () => {
  let bodies = 0;
  await client.withSession(async (session) => {
    await session.withTransaction(async () => {
      bodies += 1;
      await accounts.updateOne({ _id: 'ada' }, { $inc: { n: -1 } }, { session });
      if (bodies < 4) await rs.failCommand({ failCommands: ['update'], closeConnection: true });
      await accounts.updateOne({ _id: 'bob' }, { $inc: { n: 1 } }, { session });
    });
  });
  expect(bodies).toBe(4);
  expect(await balances()).toEqual({ ada: 9, bob: 1 });
});

test('replies of commits are lost, and the commit is repeated, never the body', async () => {
  let bodies = 0;
  await client.withSession(async (session) => {
    await session.withTransaction(async () => {
      bodies += 1;
      await transfer(session);
      await rs.loseReplies(4);
    });
  });
  expect(bodies).toBe(1);
  expect(await balances()).toEqual({ ada: 9, bob: 1 });
});

test('twenty writers move money through the death of the primary; none is made or lost', async () => {
  let killing: Promise<() => Promise<void>> | undefined;
  let moved = 0;
  const writer = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      await client.withSession((session) => session.withTransaction(transfer));
      moved += 1;
      if (moved > 20) killing ??= rs.losePrimary();
    }
  };
  await Promise.all(Array.from({ length: 20 }, writer));
  const restart = await killing;
  await restart?.();
  expect(await balances()).toEqual({ ada: 10 - 100, bob: 100 });
});

test('an error of the body ends the transaction, and nothing of it stays', async () => {
  const session = client.startSession();
  const failing = session.withTransaction(async () => {
    await transfer(session);
    throw new RangeError('no');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(session.inTransaction()).toBe(false);
  expect(await session.withTransaction(transfer)).toBe('moved');
  await session.endSession();
  expect(await balances()).toEqual({ ada: 9, bob: 1 });
});

test('a body that ends its transaction itself is not run again', async () => {
  const session = client.startSession();
  const answer = await session.withTransaction(async () => {
    await transfer(session);
    await session.abortTransaction();
    return 'thought better of it';
  });
  expect(answer).toBe('thought better of it');
  await session.endSession();
  expect(await balances()).toEqual({ ada: 10, bob: 0 });
});

test('a body must return a promise, as in the driver', async () => {
  const session = client.startSession();
  await expect(session.withTransaction((() => 5) as never)).rejects.toMatchObject({
    name: 'MongoInvalidArgumentError',
  });
  await session.endSession();
});

test('a commit by hand is repeated until it is answered', async () => {
  const session = client.startSession();
  session.startTransaction();
  await transfer(session);
  await rs.loseReplies(5);
  await session.commitTransaction();
  await session.endSession();
  expect(await balances()).toEqual({ ada: 9, bob: 1 });
});

test('a step whose error the driver left unlabelled says that its transaction may be repeated', async () => {
  const patience = { connection: { guard: (attempt: Promise<unknown>) => attempt } };
  // As from a connection that had been called stale before its error arrived; and a socket's own.
  for (const lost of [
    new MongoNetworkError('stale', {}),
    Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }),
  ]) {
    const error = await failureOf(transactionStep(patience as never, () => Promise.reject(lost)));
    expect(error).toBeInstanceOf(MongoNetworkError);
    expect((error as MongoNetworkError).hasErrorLabel('TransientTransactionError')).toBe(true);
  }
});

test('updateMany changes nothing when one of its documents cannot be changed', async () => {
  await bareAccounts.createIndex({ n: 1 }, { unique: true });
  await expect(accounts.updateMany({}, { $set: { n: 5 } })).rejects.toMatchObject({ code: 11000 });
  expect(await balances()).toEqual({ ada: 10, bob: 0 });
  await bareAccounts.dropIndex('n_1');
});

test('an unordered bulk goes on past an operation on many that fails', async () => {
  await bareAccounts.createIndex({ n: 1 }, { unique: true });
  const failing = accounts.bulkWrite(
    [
      { updateMany: { filter: {}, update: { $set: { n: 5 } } } },
      { updateMany: { filter: { _id: 'bob' }, update: { $inc: { n: 1 } } } },
      { insertOne: { document: { _id: 'eve', n: 7 } } },
    ],
    { ordered: false },
  );
  await expect(failing).rejects.toMatchObject({
    insertedCount: 1,
    modifiedCount: 1,
    writeErrors: [{ index: 0, code: 11000 }],
  });
  expect(await balances()).toEqual({ ada: 10, bob: 1, eve: 7 });
  await bareAccounts.dropIndex('n_1');
});

test.skipIf(isForeign)(
  'where a transaction cannot be had, it is sent once, and its loss is told',
  async () => {
    const refused = { failCommands: ['update'], errorCode: 263 };
    await rs.failCommand(refused);
    await expect(accounts.updateMany({}, { $inc: { n: 1 } })).resolves.toMatchObject({
      modifiedCount: 2,
    });
    await rs.failCommand(refused);
    await rs.loseReplies(1);
    const error = await failureOf(accounts.updateMany({}, { $inc: { n: 1 } }));
    expect(error).toMatchObject({ name: 'OutcomeUnknownError', code: 'not-repeatable' });
    expect(await balances()).toEqual({ ada: 12, bob: 2 });
  },
);

test('a transaction of many documents waits for a conflicting one, and both take effect', async () => {
  await Promise.all([
    ...Array.from({ length: 5 }, () => accounts.updateMany({}, { $inc: { n: 1 } })),
    ...Array.from({ length: 5 }, () => accounts.updateOne({ _id: 'bob' }, { $inc: { n: 1 } })),
  ]);
  expect(await balances()).toEqual({ ada: 15, bob: 10 });
});

test('a commit that too few members confirmed in time has an unknown outcome', async () => {
  await rs.failCommand({
    failCommands: ['commitTransaction'],
    writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
  });
  const error = await failureOf(accounts.updateMany({}, { $inc: { n: 1 } }));
  expect(error).toMatchObject({ name: 'OutcomeUnknownError', code: 'write-concern-timeout' });
});
