import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mongoProxy } from '../src/mongo-proxy.ts';
import type { RetryNotice } from '../src/patience.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { type Deployment, database, deploy } from './deployment.ts';
import { type Account, everyVerb, startAccounts } from './every-verb.ts';

let rs: Deployment;
let client: MongoClient;
let accounts: Collection<Account>;
let retries: RetryNotice[];
let tests = 0;

beforeAll(async () => {
  rs = await deploy({ members: 3, electionTimeoutMS: 500 });
  client = mongoProxy(new MongoClient(rs.uri, safeClientOptions), {
    onRetry: (notice) => retries.push(notice),
  });
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(async () => {
  retries = [];
  accounts = client.db(database).collection<Account>(`accounts-${++tests}`);
  await accounts.insertMany(startAccounts());
});

test.each(everyVerb)('$verb rides out a step-down', async ({ write, after }) => {
  const steppingDown = rs.stepDown(0.1);
  await write(accounts);
  await steppingDown;
  expect(await accounts.find().sort({ _id: 1 }).toArray()).toEqual(after);
});

const everyRead: { verb: string; read: () => Promise<unknown>; answer: unknown }[] = [
  { verb: 'findOne', read: () => accounts.findOne({ _id: 'ada' }), answer: { _id: 'ada', n: 1 } },
  { verb: 'find', read: () => accounts.find().sort({ _id: 1 }).toArray(), answer: startAccounts() },
  { verb: 'countDocuments', read: () => accounts.countDocuments(), answer: 2 },
  { verb: 'estimatedDocumentCount', read: () => accounts.estimatedDocumentCount(), answer: 2 },
  { verb: 'distinct', read: () => accounts.distinct('n'), answer: [1] },
  {
    verb: 'aggregate',
    read: () => accounts.aggregate([{ $group: { _id: null, sum: { $sum: '$n' } } }]).toArray(),
    answer: [{ _id: null, sum: 2 }],
  },
];

test.each(everyRead)('$verb rides out a step-down', async ({ read, answer }) => {
  const steppingDown = rs.stepDown(0.1);
  expect(await read()).toEqual(answer);
  await steppingDown;
});

test.each([1, 2])('twenty increments in flight survive the death of the primary (%d)', async () => {
  let killing: Promise<() => Promise<void>> | undefined;
  let acknowledged = 0;
  const writer = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      const { modifiedCount } = await accounts.updateOne({ _id: 'ada' }, { $inc: { n: 1 } });
      acknowledged += modifiedCount;
      if (acknowledged > 50) killing ??= rs.losePrimary();
    }
  };
  await Promise.all(Array.from({ length: 20 }, writer));
  const restart = await killing;
  expect(acknowledged).toBe(200);
  expect(await accounts.findOne({ _id: 'ada' })).toEqual({ _id: 'ada', n: 201 });
  await restart?.();
});
