import { ReplicaSet } from '@holdfast/replica-set';
import {
  type AbstractCursor,
  type Collection,
  type CommandStartedEvent,
  type Document,
  MongoClient,
} from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { fresh } from '../src/fresh.ts';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { noteWrite } from '../src/own-writes.ts';
import { explainRead } from '../src/read-explanation.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { type Account, everyVerb, startAccounts } from './every-verb.ts';
import { type Entry, everyRead, watchAnswers } from './reads.ts';

const laggard = 2;
const lagging = { readPreference: 'secondary', tags: [{ lags: 'yes' }] } as const;

let rs: ReplicaSet;
let client: MongoClient;
let entries: Collection<Entry>;
let sent: Document[];
let collections = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: [{}, {}, { priority: 0, tags: { lags: 'yes' } }] });
  client = new MongoClient(rs.uri, { ...safeClientOptions, monitorCommands: true });
  client.on('commandStarted', ({ command }: CommandStartedEvent) => sent.push(command));
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(async () => {
  sent = [];
  entries = client.db('test').collection<Entry>(`entries-${++collections}`);
  await entries.insertOne({ _id: 'ada', n: 1 }, { writeConcern: { w: 3 } });
});

afterEach(() => rs.lag(laggard, 0));

/** Lets the member lag until the read has met it; its other readers see what was before. */
async function whileLagging<T>(write: () => Promise<unknown>, read: () => Promise<T>): Promise<T> {
  await rs.lag(laggard, 60_000);
  await write();
  const reading = read();
  expect(await fresh(entries, 'any', lagging).findOne({ _id: 'ada' })).toEqual({
    _id: 'ada',
    n: 1,
  });
  await rs.lag(laggard, 0);
  return reading;
}

const sessionsOf = (of: MongoClient) =>
  (of as unknown as { s: { activeSessions: Set<unknown> } }).s.activeSessions.size;
const readsSent = () => sent.filter((command) => 'find' in command || 'aggregate' in command);
const add = { $inc: { n: 1 } };

test('own writes are seen on a member that lags, which waits for them', async () => {
  const mine = fresh(entries, 'own-writes', lagging);
  const explained = async () => {
    const reading = mine.findOne({ _id: 'ada' });
    expect(await reading).toEqual({ _id: 'ada', n: 2 });
    return explainRead(reading);
  };
  const { kind, readConcern } = await whileLagging(
    () => mine.updateOne({ _id: 'ada' }, add),
    explained,
  );
  expect([kind, readConcern]).toEqual(['secondary', 'majority']);
});

test('through the proxy it is the same', async () => {
  const proxied = mongoProxy(client).db('test').collection<Entry>(entries.collectionName);
  const mine = fresh(proxied, 'own-writes', lagging);
  const found = await whileLagging(
    () => mine.updateOne({ _id: 'ada' }, add),
    () => mine.find().toArray(),
  );
  expect(found).toEqual([{ _id: 'ada', n: 2 }]);
});

test.each(everyVerb)('own writes by $verb are seen', async ({ write, after }) => {
  const accounts = fresh(
    mongoProxy(client).db('test').collection<Account>(`accounts-${++collections}`),
    'own-writes',
    lagging,
  );
  const found = await whileLagging(
    async () => {
      await accounts.insertMany(startAccounts());
      await write(accounts);
    },
    () => accounts.find().sort({ _id: 1 }).toArray(),
  );
  expect(found).toEqual(after);
});

test('own writes are those of all fresh collections of the client', async () => {
  const others = client.db('test').collection<Entry>(`others-${collections}`);
  const count = await whileLagging(
    () => fresh(others, 'any').insertOne({ _id: 'bob', n: 1 }),
    () => fresh(others, 'own-writes', lagging).countDocuments(),
  );
  expect(count).toBe(1);
});

test.each([
  { how: 'in a session, through a fresh collection', isNoted: false },
  { how: 'in a session that is noted', isNoted: true },
])('own writes are those $how', async ({ isNoted }) => {
  const others = client.db('test').collection<Entry>(`others-${collections}`);
  const count = await whileLagging(
    async () => {
      const session = client.startSession();
      const target = isNoted ? others : fresh(others, 'any');
      await target.insertOne({ _id: 'bob', n: 1 }, { session });
      if (isNoted) noteWrite(client, session);
      await session.endSession();
    },
    () => fresh(others, 'own-writes', lagging).countDocuments(),
  );
  expect(count).toBe(1);
});

test('a proxy and its client wait for each other’s writes', async () => {
  const own = new MongoClient(rs.uri, { ...safeClientOptions, monitorCommands: true });
  const found: Document[] = [];
  own.on('commandStarted', ({ command }) => found.push(command));
  const proxy = mongoProxy(own);
  const of = (each: MongoClient) =>
    fresh(each.db('test').collection<Entry>(entries.collectionName), 'own-writes');
  const waitsFor = async (each: MongoClient) => {
    await of(each).findOne();
    return found.at(-1)?.readConcern?.afterClusterTime;
  };
  await own.connect();
  expect(await waitsFor(own)).toBeUndefined();
  await of(proxy).updateOne({ _id: 'ada' }, add);
  const first = await waitsFor(own);
  expect(first).toBeDefined();
  await of(own).updateOne({ _id: 'ada' }, add);
  expect((await waitsFor(proxy)).greaterThan(first)).toBe(true);
  await own.close();
});

test("a session of the caller's is used, and lives on", async () => {
  const session = client.startSession();
  await entries.updateOne({ _id: 'ada' }, add, { session });
  const reading = fresh(entries, 'own-writes', lagging).findOne({}, { session });
  expect(await reading).toEqual({ _id: 'ada', n: 2 });
  expect(session.hasEnded).toBe(false);
  expect(explainRead(reading).operationTime).toBe(session.operationTime);
  expect(readsSent().at(-1)).toMatchObject({ lsid: session.id });
  await session.endSession();
});

test.each([
  { freshness: 'latest', readConcern: { level: 'linearizable' }, maxTimeMS: 10_000 },
  { freshness: 'any', readConcern: { level: 'local' } },
  { freshness: { maxStalenessSeconds: 90 }, readConcern: { level: 'majority' } },
] as const)('$freshness leaves as it says', async ({ freshness, readConcern, maxTimeMS }) => {
  await fresh(entries, freshness).find().toArray();
  const [command] = readsSent();
  expect(command).toMatchObject({ readConcern, ...(maxTimeMS && { maxTimeMS }) });
  expect(command).not.toHaveProperty('readConcern.afterClusterTime');
  await fresh(entries, freshness).findOne({}, { maxTimeMS: 700 });
  expect(readsSent().at(-1)).toMatchObject({ maxTimeMS: 700 });
});

test.each(everyRead)(
  '$verb is answered and explained under each freshness',
  async ({ begin, answer }) => {
    for (const freshness of ['latest', 'own-writes', 'any', { maxStalenessSeconds: 90 }] as const) {
      const { read, answer: given } = begin(fresh(entries, freshness));
      expect(await given).toEqual(answer);
      const { operationTime, kind } = explainRead(read);
      expect(operationTime?.toBigInt()).toBeGreaterThan(0n);
      if (freshness === 'latest') expect(kind).toBe('primary');
    }
  },
);

const readingWays: { way: string; read: (cursor: AbstractCursor<Entry>) => Promise<unknown> }[] = [
  { way: 'toArray', read: (cursor) => cursor.toArray() },
  {
    way: 'a loop that is left',
    read: async (cursor) => {
      for await (const { n } of cursor) if (n > 0) break;
    },
  },
  {
    way: 'next and close',
    read: async (cursor) => {
      await cursor.next();
      await cursor.close();
    },
  },
  { way: 'close alone', read: (cursor) => cursor.close() },
  {
    way: 'next to the end',
    read: async (cursor) => {
      while ((await cursor.next()) !== null);
    },
  },
  {
    way: 'tryNext to the end',
    read: async (cursor) => {
      while ((await cursor.tryNext()) !== null);
    },
  },
  {
    way: 'hasNext',
    read: async (cursor) => {
      while (await cursor.hasNext()) await cursor.next();
    },
  },
  {
    way: 'a stream',
    read: async (cursor) => {
      for await (const _ of cursor.stream());
    },
  },
  {
    way: 'a clone',
    read: async (cursor) => {
      await cursor.close();
      expect(await cursor.clone().toArray()).toHaveLength(6);
    },
  },
  {
    way: 'rewinding',
    read: async (cursor) => {
      expect(await cursor.toArray()).toHaveLength(6);
      cursor.rewind();
      expect(await cursor.toArray()).toHaveLength(6);
      expect(explainRead(cursor).kind).toBe('secondary');
    },
  },
  {
    way: 'rewinding in the middle',
    read: async (cursor) => {
      await cursor.next();
      cursor.rewind();
      expect(await cursor.toArray()).toHaveLength(6);
    },
  },
];

test.each(readingWays)('a cursor read by $way gives its session back', async ({ read }) => {
  const more = ['b', 'c', 'd', 'e', 'f'].map((_id) => ({ _id, n: 1 }));
  const mine = fresh(entries, 'own-writes', lagging);
  await mine.insertMany(more);
  const before = sessionsOf(client);
  await read(mine.find({}, { batchSize: 2 }));
  await read(mine.aggregate<Entry>([{ $match: {} }], { batchSize: 2 }));
  expect(sessionsOf(client)).toBe(before);
  for (const { readConcern } of readsSent()) expect(readConcern).toHaveProperty('afterClusterTime');
});

test('a cursor of many batches through the proxy begins again in a session of its own', async () => {
  const proxied = mongoProxy(client).db('test').collection<Entry>(entries.collectionName);
  const mine = fresh(proxied, 'own-writes');
  await mine.insertMany(Array.from({ length: 250 }, (_, n) => ({ _id: `e${n}`, n })));
  const before = sessionsOf(client);
  const cursor = mine.find();
  expect(sessionsOf(client)).toBe(before); // none before it is read
  for (const most of [251, 3, 251]) {
    const found = [];
    for await (const entry of cursor) if (found.push(entry) === most) break;
    expect(found).toHaveLength(most);
    cursor.rewind();
  }
  await cursor.close();
  expect(sessionsOf(client)).toBe(before);
});

test('a read that fails gives its session back, and is not explained', async () => {
  const before = sessionsOf(client);
  const cursor = fresh(entries, 'own-writes').find({ $nonsense: 1 });
  await expect(cursor.toArray()).rejects.toThrow();
  const reading = fresh(entries, 'own-writes').findOne({ $nonsense: 1 });
  await expect(reading).rejects.toThrow();
  expect(sessionsOf(client)).toBe(before);
  expect(() => explainRead(cursor)).toThrow('has not been answered');
  expect(() => explainRead(reading)).toThrow('has not been answered');
});

test('what the proxy repeats waits for own writes each time', async () => {
  const proxied = mongoProxy(client).db('test').collection<Entry>(entries.collectionName);
  const mine = fresh(proxied, 'own-writes', { readPreference: 'primary' });
  await mine.updateOne({ _id: 'ada' }, add);
  for (const read of [() => mine.findOne(), () => mine.find().next()]) {
    sent.length = 0;
    await rs.failCommand({ failCommands: ['find'], closeConnection: true, times: 5 });
    const before = sessionsOf(client);
    expect(await read()).toEqual({ _id: 'ada', n: 2 });
    expect(sessionsOf(client)).toBe(before);
    expect(readsSent()).toHaveLength(6);
    for (const { readConcern } of readsSent()) {
      expect(readConcern).toHaveProperty('afterClusterTime');
    }
  }
});

test('a read that the driver sends again is explained by who answered', async () => {
  const answered = watchAnswers(client);
  await rs.failCommand({ failCommands: ['find'], closeConnection: true });
  const mine = fresh(entries, 'own-writes');
  const cursor = mine.find();
  expect(await cursor.toArray()).toHaveLength(1);
  expect(explainRead(cursor)).toMatchObject({ server: answered.at(-1), kind: 'secondary' });
  await fresh(entries, 'latest').findOne(); // the primary is known again
  await rs.failCommand({ failCommands: ['distinct'], closeConnection: true });
  const reading = mine.distinct('n');
  expect(await reading).toEqual([1]);
  expect(explainRead(reading)).toMatchObject({ server: answered.at(-1), kind: 'secondary' });
});

test('reads at the same time are not mistaken for each other', async () => {
  const crowded = new MongoClient(rs.uri, { maxPoolSize: 2, monitorCommands: true });
  const addresses = new Map<unknown, string>();
  crowded.on('commandStarted', ({ command, address }) => addresses.set(command.comment, address));
  const crowd = crowded.db('test').collection<Entry>(entries.collectionName);
  const modes = ['primary', 'secondary', 'nearest'] as const;
  await Promise.all(
    Array.from({ length: 150 }, async (_, comment) => {
      const readPreference = modes[comment % 3] ?? 'nearest';
      const { begin } = everyRead[comment % everyRead.length] ?? {};
      const reading = begin?.(fresh(crowd, 'any', { readPreference }), { comment });
      if (reading === undefined) return;
      await reading.answer;
      expect(explainRead(reading.read).server).toBe(addresses.get(comment));
    }),
  );
  expect(new Set(addresses.values()).size).toBeGreaterThan(1);
  await crowded.close();
});

test('the latest is asked for again as it was at first', async () => {
  await rs.failCommand({ failCommands: ['find'], errorCode: 262 });
  await fresh(entries, 'latest').findOne();
  expect(readsSent().map(({ readConcern }) => readConcern)).toEqual([
    { level: 'linearizable' },
    { level: 'linearizable' },
  ]);
});

test('a write leaves as it would without a fresh collection, but for its session', async () => {
  const mine = fresh(entries, 'own-writes');
  await mine.updateOne({ _id: 'ada' }, add);
  sent.length = 0;
  await rs.failCommand({
    failCommands: ['update'],
    errorCode: 262,
    errorLabels: ['RetryableWriteError'],
  });
  await mine.updateOne({ _id: 'ada' }, add);
  expect(sent).toHaveLength(2);
  for (const command of sent) expect(command).not.toHaveProperty('readConcern');
  const options = { writeConcern: { w: 0 } };
  expect((await mine.insertOne({ _id: 'bob', n: 1 }, options)).acknowledged).toBe(false);
});

test('a transaction reads by itself', async () => {
  const session = client.startSession();
  session.startTransaction();
  const mine = fresh(entries, 'own-writes');
  await expect(mine.findOne({}, { session })).rejects.toThrow('as fresh as its transaction');
  expect(() => mine.find({}, { session })).toThrow(TypeError);
  await session.endSession();
});

test('refuses what would contradict it', async () => {
  const mine = fresh(entries, 'own-writes');
  await expect(mine.countDocuments({}, { readPreference: 'nearest' })).rejects.toThrow(TypeError);
  expect(() => mine.find({}, { readConcern: { level: 'local' } })).toThrow(
    'fresh(...) has decided',
  );
  const session = client.startSession({ causalConsistency: false });
  await expect(mine.findOne({}, { session })).rejects.toThrow('causalConsistency');
  await session.endSession();
  const snapshot = client.startSession({ snapshot: true });
  await expect(mine.findOne({}, { session: snapshot })).rejects.toThrow('snapshot session');
  await snapshot.endSession();
  expect(() => fresh(entries, { maxStalenessSeconds: 60 })).toThrow(RangeError);
});

test('explains only what it knows', async () => {
  const reading = fresh(entries, 'any').findOne();
  expect(() => explainRead(reading)).toThrow('has not been answered');
  await reading;
  expect(() => explainRead(reading.then((entry) => entry))).toThrow('not a read of a fresh');
  expect(() => explainRead(entries.find())).toThrow(TypeError);
});

test('a fresh collection is the collection, and can be made fresh in another way', async () => {
  const mine = fresh(entries, 'own-writes');
  expect(mine).toBeInstanceOf(Object.getPrototypeOf(entries).constructor);
  expect(mine.namespace).toBe(entries.namespace);
  expect(mine.readConcern?.level).toBe('majority');
  expect(mine.readPreference?.mode).toBe('primaryPreferred');
  expect(await fresh(mine, 'latest').findOne()).toEqual({ _id: 'ada', n: 1 });
  await mine.aggregate([{ $match: {} }, { $out: 'copies' }]).toArray();
  expect(await client.db('test').collection('copies').countDocuments()).toBe(1);
});
