import {
  type ChangeStream,
  type ChangeStreamInsertDocument,
  type Collection,
  type Document,
  MongoClient,
} from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ChangeStreamHistoryLostError } from '../src/change-stream-history-lost-error.ts';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { failureOf } from './answers.ts';
import { type Deployment, database, deploy } from './deployment.ts';

let rs: Deployment;
let client: MongoClient;
let log: Collection<{ _id: number }>;
let tests = 0;
const count = 60;

beforeAll(async () => {
  rs = await deploy({ members: 3, electionTimeoutMS: 500 });
  client = mongoProxy(
    new MongoClient(rs.uri, { ...safeClientOptions, minHeartbeatFrequencyMS: 10 }),
  );
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(async () => {
  await rs.failCommand({ failCommands: ['getMore'], errorCode: 1, times: 0 });
  log = client.db(database).collection<{ _id: number }>(`log-${++tests}`);
  await log.insertOne({ _id: -1 });
});

type Insert = ChangeStreamInsertDocument<Document>;
type Seen = (event: unknown) => void;

/** Reads a stream until it has told of the last document; each mode in its own way. */
const modes: { mode: string; read: (stream: ChangeStream, seen: Seen) => Promise<void> }[] = [
  {
    mode: 'next',
    read: async (stream, seen) => {
      for (;;) {
        const event = await stream.next();
        seen(event);
        if (isLast(event)) return;
      }
    },
  },
  {
    mode: 'tryNext',
    read: async (stream, seen) => {
      for (;;) {
        const event = await stream.tryNext();
        if (event !== null) seen(event);
        if (event !== null && isLast(event)) return;
      }
    },
  },
  {
    mode: 'events',
    read: (stream, seen) =>
      new Promise((resolve, reject) => {
        stream.on('change', (event) => {
          seen(event);
          if (isLast(event)) resolve();
        });
        stream.on('error', reject);
      }),
  },
  {
    mode: 'stream()',
    read: async (stream, seen) => {
      for await (const event of stream.stream()) {
        seen(event);
        if (isLast(event as Document)) return;
      }
    },
  },
];

function isLast(event: Document): boolean {
  return event.documentKey?._id === count - 1;
}

const disasters: { disaster: string; strike: (n: number) => Promise<unknown> }[] = [
  {
    disaster: 'connections that close',
    strike: () => rs.failCommand({ failCommands: ['getMore'], closeConnection: true, times: 4 }),
  },
  {
    disaster: 'lost cursors',
    strike: () => rs.failCommand({ failCommands: ['getMore'], errorCode: 43, times: 3 }),
  },
  {
    disaster: 'resumes that fail as well',
    strike: () =>
      rs.failCommand({ failCommands: ['getMore', 'aggregate'], closeConnection: true, times: 9 }),
  },
  { disaster: 'a step-down', strike: (n) => (n === 20 ? rs.stepDown(0.1) : Promise.resolve()) },
  {
    disaster: 'the death of the primary',
    strike: async (n) => {
      if (n === 20) await (await rs.losePrimary())();
    },
  },
];

test.each(disasters.flatMap((disaster) => modes.map((mode) => ({ ...disaster, ...mode }))))(
  '$mode tells every change once, in order, through $disaster',
  async ({ read, strike }) => {
    const stream = log.watch([], { maxAwaitTimeMS: 200, batchSize: 7 });
    const seen: number[] = [];
    const opened = new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
    const reading = read(stream as ChangeStream, (event) =>
      seen.push((event as Insert).documentKey._id as unknown as number),
    );
    await opened;
    let striking: Promise<unknown> | undefined;
    for (let n = 0; n < count; n++) {
      if (n % 10 === 0) striking = Promise.all([striking, strike(n)]);
      await log.insertOne({ _id: n });
    }
    await striking;
    await reading;
    await stream.close();
    expect(seen).toEqual([...Array(count).keys()]);
  },
);

test.each([
  { of: 'a database', watch: () => client.db(database).watch() },
  { of: 'the whole deployment', watch: () => client.watch() },
])('a stream of $of goes on as well', async ({ watch }) => {
  const stream = watch();
  const first = stream.next();
  await new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
  await log.insertOne({ _id: 0 });
  expect(await first).toMatchObject({ documentKey: { _id: 0 } });
  await rs.failCommand({ failCommands: ['getMore'], closeConnection: true, times: 3 });
  const second = stream.next();
  await log.insertOne({ _id: 1 });
  expect(await second).toMatchObject({ documentKey: { _id: 1 } });
  await stream.close();
});

test('its first request is repeated', async () => {
  await rs.failCommand({ failCommands: ['aggregate'], closeConnection: true, times: 5 });
  const stream = log.watch();
  const first = stream.next();
  await new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
  await log.insertOne({ _id: 0 });
  expect(await first).toMatchObject({ documentKey: { _id: 0 } });
  await stream.close();
});

test('a stream that starts after a token, or at a time, goes on from there', async () => {
  const watching = log.watch();
  const first = watching.next();
  await new Promise((resolve) => watching.once('resumeTokenChanged', resolve));
  await log.insertMany([{ _id: 0 }, { _id: 1 }, { _id: 2 }]);
  const { _id: token, clusterTime } = (await first) as Insert;
  await watching.close();
  for (const start of [
    { resumeAfter: token },
    { startAfter: token },
    { startAtOperationTime: clusterTime },
  ] as Document[]) {
    const stream = log.watch([], { ...start, batchSize: 1 });
    await rs.failCommand({ failCommands: ['getMore'], errorCode: 43, times: 3 });
    const ids: unknown[] = [];
    while (ids.at(-1) !== 2) ids.push(((await stream.next()) as Insert).documentKey._id);
    expect(ids).toEqual('startAtOperationTime' in start ? [0, 1, 2] : [1, 2]);
    await stream.close();
  }
});

test.each([286, 280, 136])('%i of a running stream says that history is lost', async (code) => {
  const stream = log.watch();
  const first = stream.next();
  await new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
  await log.insertOne({ _id: 0 });
  await first;
  const token = stream.resumeToken;
  await rs.failCommand({ failCommands: ['getMore'], errorCode: code });
  const error = await failureOf(stream.next());
  expect(error).toBeInstanceOf(ChangeStreamHistoryLostError);
  expect(error).toMatchObject({ code: 'history-lost', cause: { code } });
  expect((error as ChangeStreamHistoryLostError).resumeToken).toEqual(token);
  expect((error as Error).message).toMatch(/read the collection afresh/);
  expect(stream.closed).toBe(true);
});

test('286 of a stream that is to go on after a token says the same', async () => {
  const token = { _data: '00' };
  await rs.failCommand({ failCommands: ['aggregate'], errorCode: 286 });
  const error = await failureOf(log.watch([], { resumeAfter: token }).next());
  expect(error).toMatchObject({ name: 'ChangeStreamHistoryLostError', resumeToken: token });
});

test('control: stream() of the bare driver ends at the first cut', async () => {
  const bare = new MongoClient(rs.uri);
  const stream = bare.db(database).collection(log.collectionName).watch();
  const events = stream.stream()[Symbol.asyncIterator]();
  const first = events.next();
  await new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
  await log.insertOne({ _id: 0 });
  await first;
  await rs.failCommand({ failCommands: ['getMore'], closeConnection: true, times: 1 });
  await log.insertOne({ _id: 1 });
  const rest = async (): Promise<void> => {
    while ((await events.next()).done !== true);
  };
  expect(await failureOf(rest())).toMatchObject({ name: 'MongoNetworkError' });
  await bare.close();
});
