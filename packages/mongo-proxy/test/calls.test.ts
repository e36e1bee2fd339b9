import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mongoProxy, proxyCounts, proxyWithClock } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { failureOf } from './answers.ts';
import { type Deployment, database, deploy } from './deployment.ts';

let rs: Deployment;
let client: MongoClient;
let counters: Collection<{ _id: string; n: number }>;
let lines: string[];
let meanwhile: () => void;

beforeAll(async () => {
  rs = await deploy({ members: 1 });
  const sleep = async (): Promise<void> => meanwhile();
  client = proxyWithClock(
    new MongoClient(rs.uri, safeClientOptions),
    { logger: { warn: (line) => lines.push(line) } },
    { now: () => 0, random: () => 0, sleep },
  );
  counters = client.db(database).collection('counters');
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(async () => {
  lines = [];
  meanwhile = () => {};
  await counters.deleteMany({});
  await counters.insertOne({ _id: 'a', n: 0 });
});

const lost = { failCommands: ['find', 'aggregate'], closeConnection: true, times: 4 };

test.each([
  { call: 'findOne', run: () => counters.findOne({}, { patience: 0 }) },
  { call: 'countDocuments', run: () => counters.countDocuments({}, { patience: 0 }) },
])('$call may ask for a patience of its own', async ({ run }) => {
  await rs.failCommand({ ...lost, times: 2 });
  await expect(run()).rejects.toMatchObject({ name: 'PatienceExhaustedError', patience: 0 });
});

test('a write may ask for a patience of its own, and must ask for a possible one', async () => {
  await rs.loseReplies(2);
  const update = (patience: number) =>
    counters.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { patience });
  await expect(update(0)).rejects.toMatchObject({ code: 'patience-exhausted' });
  await expect(update(-1)).rejects.toThrow(TypeError);
  expect(await counters.findOne()).toEqual({ _id: 'a', n: 1 });
});

test('a signal that has aborted ends a call before anything is sent', async () => {
  const signal = AbortSignal.abort(new RangeError('enough'));
  await expect(counters.insertOne({ _id: 'b', n: 1 }, { signal })).rejects.toThrow('enough');
  await expect(counters.findOne({}, { signal })).rejects.toThrow('enough');
  await expect(counters.updateMany({}, { $inc: { n: 1 } }, { signal })).rejects.toThrow('enough');
  expect(await counters.countDocuments()).toBe(1);
});

test('a signal that aborts during a wait ends it: a read with its reason, a sent write unknown', async () => {
  let controller = new AbortController();
  meanwhile = () => controller.abort(new RangeError('enough'));
  await rs.failCommand(lost);
  const { signal } = controller;
  await expect(counters.findOne({}, { signal })).rejects.toThrow('enough');
  controller = new AbortController();
  await rs.failCommand({ failCommands: [], times: 1 });
  await rs.loseReplies(2);
  const error = await failureOf(
    counters.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { signal: controller.signal }),
  );
  expect(error).toMatchObject({ name: 'OutcomeUnknownError', code: 'interrupted' });
});

test('a signal that aborts while a write is under way ends it, and its session is not used again', async () => {
  await rs.failCommand({ failCommands: ['update'], blockConnection: true, blockTimeMS: 300 });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const error = await failureOf(
    counters.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { signal: controller.signal }),
  );
  expect(error).toMatchObject({ name: 'OutcomeUnknownError', code: 'interrupted' });
  await Promise.all(
    Array.from({ length: 5 }, () => counters.updateOne({ _id: 'a' }, { $inc: { n: 1 } })),
  );
  await expect.poll(() => counters.findOne()).toEqual({ _id: 'a', n: 6 });
});

test('each wait is logged in a line, and everything is counted', async () => {
  const before = proxyCounts(client);
  await rs.loseReplies(4);
  await counters.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^mongo-proxy: updateOne failed \(attempt 1: .+\), again in 0 ms$/);
  const after = proxyCounts(client);
  expect(after.operations - before.operations).toBe(1);
  expect(after.retries - before.retries).toBe(2);
  expect(() => proxyCounts(new MongoClient(rs.uri))).toThrow(TypeError);
});

test.each([
  { option: 'patience', options: { patience: -1 } },
  { option: 'patience', options: { patience: '5' as never } },
  { option: 'onRetry', options: { onRetry: 5 as never } },
  { option: 'logger', options: { logger: {} as never } },
])('a wrong $option is a TypeError that names it', ({ option, options }) => {
  expect(() => mongoProxy(new MongoClient(rs.uri), options)).toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(option) }),
  );
});

test('a client already closed, and what is no client of this driver, are TypeErrors', async () => {
  const closed = new MongoClient(rs.uri);
  await closed.connect();
  await closed.close();
  expect(() => mongoProxy(closed)).toThrow(/closed/);
  expect(() => mongoProxy({} as never)).toThrow(TypeError);
});
