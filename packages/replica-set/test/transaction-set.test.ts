/** Transactions and snapshots on three members, through step-downs, kills and restarts. */
import { Binary, UUID } from 'bson';
import { type Document, MongoClient, ReadPreference } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BsonDocument, EncodableDocument } from '../src/bson-document.ts';
import { ReplicaSet } from '../src/index.ts';
import { message, RawClient } from './raw-client.ts';

type Account = Document & { _id: number };

let rs: ReplicaSet;
let client: MongoClient;
let round = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 3, electionTimeoutMS: 2000 });
});

afterAll(() => rs.stop());

beforeEach(() => {
  round += 1;
  client = new MongoClient(rs.uri);
});

afterEach(() => client.close());

const accounts = () => client.db('bank').collection<Account>(`accounts${round}`);

const lsid: EncodableDocument = { id: new Binary(new UUID().buffer, 4) };

/** The fields by which a raw command belongs to a transaction. */
function fieldsOf(txnNumber: number, begins = false): EncodableDocument {
  return {
    lsid,
    txnNumber,
    autocommit: false,
    ...(begins && { startTransaction: true }),
  };
}

/** Sends a command to the primary as it is: a driver would put in a session of its own. */
async function onPrimary(command: EncodableDocument): Promise<BsonDocument> {
  for (;;) {
    const ports = [...rs.uri.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
    const primary = await rs.waitForPrimary();
    const raw = new RawClient(ports[primary.index] ?? 0);
    const reply = await raw.ask(message(command));
    raw.close();
    if (reply !== undefined && reply.get('code') !== 10107) return reply;
  }
}

test('transfers keep the sum that readers see', async () => {
  const all = accounts();
  await all.insertMany(Array.from({ length: 4 }, (_, _id) => ({ _id, money: 100 })));
  let isOver = false;
  const transfer = async (offset: number) => {
    for (let round = 0; round < 8; round++) {
      await client.withSession((session) =>
        session.withTransaction(async () => {
          const [from, to] = [(round + offset) % 4, (round * 3 + offset + 1) % 4];
          if (from === to) return;
          await all.updateOne({ _id: from }, { $inc: { money: -7 } }, { session });
          await all.updateOne({ _id: to }, { $inc: { money: 7 } }, { session });
        }),
      );
    }
  };
  const sumOf = (documents: Account[]) => documents.reduce((sum, { money }) => sum + money, 0);
  const read = async (readPreference: ReadPreference) => {
    const sums = new Set<number>();
    while (!isOver) {
      await client.withSession({ snapshot: true }, async (session) => {
        const cursor = all.find({}, { session, batchSize: 2, readPreference });
        sums.add(sumOf(await cursor.toArray()));
      });
    }
    return sums;
  };
  const readers = [read(ReadPreference.primary), read(ReadPreference.secondary)];
  await Promise.all([transfer(0), transfer(1), transfer(2)]);
  isOver = true;
  for (const sums of await Promise.all(readers)) {
    sums.delete(0); // a secondary may not have heard of the first documents
    expect([...sums]).toEqual([400]);
  }
});

test.each(['primary', 'secondary'] as const)(
  'a snapshot is read on in later batches and by later reads on a %s',
  async (readPreference) => {
    const all = accounts();
    await all.createIndex({ a: 1 });
    await all.insertMany(Array.from({ length: 30 }, (_, _id) => ({ _id, a: _id % 5 })));
    await client.withSession({ snapshot: true }, async (session) => {
      const options = { session, readPreference };
      const before = await all.find({}, options).sort({ _id: 1 }).toArray();
      const cursor = all.find({ a: { $gte: 2 } }, { ...options, batchSize: 2 });
      const seen: Account[] = [];
      for await (const document of cursor) {
        seen.push(document);
        if (seen.length % 4 !== 1) continue;
        await all.updateMany({ a: { $lt: 2 } }, { $inc: { a: 10 } });
        await all.updateOne({ _id: seen.length }, { $set: { a: 50 } });
        await all.deleteOne({ _id: 29 - seen.length });
        await all.insertOne({ _id: 1000 + seen.length, a: 3 });
      }
      const byId = (a: Account, b: Account) => a._id - b._id;
      expect(seen.sort(byId)).toEqual(before.filter(({ a }) => a >= 2));
      const sorted = await all.find({}, { session }).sort({ a: 1, _id: 1 }).toArray();
      expect(sorted).toEqual(before.sort((a, b) => a.a - b.a || a._id - b._id));
      expect(await all.distinct('a', {}, options)).toEqual([...new Set(before.map(({ a }) => a))]);
      expect(await all.countDocuments({}, { session })).toBe(before.length);
    });
  },
);

test.each([
  { what: 'a step-down', happen: () => rs.stepDown(1) },
  {
    what: 'a kill and a restart',
    happen: async () => {
      const fallen = rs.primary;
      await rs.kill(fallen);
      await rs.waitForPrimary();
      await rs.restart(fallen);
    },
  },
])('a commit sent again after $what is answered, not done again', async ({ happen }) => {
  const all = accounts();
  await all.insertOne({ _id: 1, money: 0 });
  const write: EncodableDocument = {
    update: all.collectionName,
    updates: [{ q: { _id: 1 }, u: { $inc: { money: 1 } } }],
    $db: 'bank',
  };
  const update = { ...write, ...fieldsOf(round, true) };
  expect(Number((await onPrimary(update)).get('ok'))).toBe(1);
  const commit = { commitTransaction: 1, ...fieldsOf(round), writeConcern: { w: 'majority' } };
  expect(Number((await onPrimary(commit)).get('ok'))).toBe(1);
  await happen();
  expect(Number((await onPrimary(commit)).get('ok'))).toBe(1);
  const refused: readonly [number, EncodableDocument][] = [
    [256, { abortTransaction: 1, ...fieldsOf(round) }],
    [256, { ...write, ...fieldsOf(round) }],
    [50911, update],
    [72, { ...write, lsid, txnNumber: round }],
    [225, { ...write, ...fieldsOf(round - 1) }],
    [225, { ...write, lsid, txnNumber: round - 1 }],
    [251, { ...write, ...fieldsOf(round + 1) }],
  ];
  for (const [code, command] of refused) {
    expect((await onPrimary(command)).get('code')).toBe(code);
  }
  expect(await all.findOne({ _id: 1 })).toEqual({ _id: 1, money: 1 });
});

test.each([
  { what: 'a step-down', happen: () => rs.stepDown(1) },
  {
    what: 'a kill',
    happen: async () => {
      const fallen = rs.primary;
      await rs.kill(fallen);
      await rs.restart(fallen);
    },
  },
])('a transaction that was open at $what leaves nothing', async ({ happen }) => {
  const all = accounts();
  await all.insertOne({ _id: 1, money: 0 });
  await client.withSession(async (session) => {
    session.startTransaction();
    await all.updateOne({ _id: 1 }, { $inc: { money: 1 } }, { session });
    await all.insertOne({ _id: 2, money: 0 }, { session });
    await happen();
    await expect(session.commitTransaction()).rejects.toMatchObject({
      code: 251,
      errorLabels: expect.arrayContaining(['TransientTransactionError']),
    });
  });
  expect(await all.find().toArray()).toEqual([{ _id: 1, money: 0 }]);
  // What it held is free again.
  await all.updateOne({ _id: 1 }, { $inc: { money: 5 } }, { maxTimeMS: 5000 });
});

test('a change stream tells a transaction change by change, and comes back in its middle', async () => {
  const all = accounts();
  await all.insertOne({ _id: 1, money: 1 });
  const stream = all.watch();
  await stream.tryNext();
  await client.withSession((session) =>
    session.withTransaction(async () => {
      await all.insertOne({ _id: 2, money: 2 }, { session });
      await client.db('bank').collection('others').insertOne({}, { session });
      await all.updateOne({ _id: 1 }, { $set: { money: 9 } }, { session });
      await all.deleteOne({ _id: 2 }, { session });
      await all.insertOne({ _id: 3, money: 3 }, { session });
    }),
  );
  await all.insertOne({ _id: 4, money: 4 });
  const take = async (source: typeof stream, count: number) => {
    const events: Document[] = [];
    while (events.length < count) events.push(await source.next());
    await source.close();
    return events;
  };
  const events = await take(stream, 5);
  expect(events.map(({ operationType, documentKey }) => [operationType, documentKey._id])).toEqual([
    ['insert', 2],
    ['update', 1],
    ['delete', 2],
    ['insert', 3],
    ['insert', 4],
  ]);
  const within = events.slice(0, 4);
  expect(new Set(within.map(({ clusterTime }) => clusterTime.toString())).size).toBe(1);
  expect(new Set(within.map(({ lsid, txnNumber }) => `${lsid.id} ${txnNumber}`)).size).toBe(1);
  expect(events[1]?.updateDescription.updatedFields).toEqual({ money: 9 });
  expect(events[4]).not.toHaveProperty('txnNumber');
  const tokens = events.map(({ _id }) => _id._data);
  expect([...tokens].sort()).toEqual(tokens);
  await rs.stepDown(1);
  for (const [at, { _id }] of events.entries()) {
    const rest = await take(all.watch([], { resumeAfter: _id, batchSize: 1 }), 4 - at);
    expect(rest).toEqual(events.slice(at + 1));
  }
});
