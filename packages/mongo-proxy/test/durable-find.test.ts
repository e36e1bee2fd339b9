import {
  type Collection,
  type Document,
  FindCursor,
  type FindOptions,
  MongoServerError,
} from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CursorCutError } from '../src/cursor-cut-error.ts';
import type { CursorInside } from '../src/cursor-inside.ts';
import { failureOf } from './answers.ts';
import { type CursorSet, cursorSet, gathered } from './cursor-set.ts';
import { database } from './deployment.ts';

interface Item {
  _id: number;
  a: number | null;
  b: string;
}

let set: CursorSet;
let items: Collection<Item>;
let bareItems: Collection<Item>;
const count = 1_200;

beforeAll(async () => {
  set = await cursorSet();
  items = set.client.db(database).collection<Item>('items');
  bareItems = set.bare.db(database).collection<Item>('items');
  await bareItems.insertMany(
    // Stored in another order than that of _id.
    Array.from({ length: count }, (_, n) => (n * 7919) % count).map((_id) => ({
      _id,
      a: _id % 5 === 0 ? null : _id % 7,
      b: `b${_id % 100}`,
    })),
  );
  await bareItems.createIndex({ b: 1 });
});

afterAll(() => set?.stop());

beforeEach(async () => {
  vi.restoreAllMocks();
  await set.heal();
  set.meanwhile = async () => {};
  set.sent.length = 0;
});

const readers: { way: string; read: (cursor: FindCursor<Item>) => Promise<Item[]> }[] = [
  { way: 'toArray', read: (cursor) => cursor.toArray() },
  { way: 'for await', read: gathered },
  { way: 'stream', read: (cursor) => gathered(cursor.stream()) },
  {
    way: 'next',
    read: async (cursor) => {
      const found: Item[] = [];
      for (let next = await cursor.next(); next !== null; next = await cursor.next()) {
        found.push(next);
      }
      return found;
    },
  },
  {
    way: 'hasNext',
    read: async (cursor) => {
      const found: (Item | null)[] = [];
      while (await cursor.hasNext()) found.push(await cursor.next());
      return found as Item[];
    },
  },
  {
    way: 'tryNext',
    read: async (cursor) => {
      const found: Item[] = [];
      while (cursor.id?.isZero() !== true || cursor.bufferedCount() > 0) {
        const next = await cursor.tryNext();
        if (next !== null) found.push(next);
      }
      return found;
    },
  },
  {
    way: 'forEach',
    read: async (cursor) => {
      const found: Item[] = [];
      await cursor.forEach((each) => void found.push(each));
      return found;
    },
  },
];

/** What the bare driver reads of the same when it is asked for a total order. */
function truth(filter: Document, options: FindOptions): Promise<Item[]> {
  const sort = (options.sort ?? {}) as Document;
  const tie = '_id' in sort ? {} : { _id: Object.values(sort).at(-1) ?? 1 };
  const { batchSize: _, ...others } = options;
  return bareItems.find(filter, { ...others, sort: { ...sort, ...tie } }).toArray();
}

const orders: { order: string; sort: Record<string, 1 | -1> }[] = [
  { order: 'in no order', sort: {} },
  { order: 'by _id', sort: { _id: -1 } },
  { order: 'by another field', sort: { a: 1 } },
  { order: 'by two fields', sort: { b: -1, a: 1 } },
];

describe.each(orders)('$order', ({ sort }) => {
  test.each(readers)('$way reads all when each getMore is cut', async ({ read }) => {
    await set.fail({ closeConnection: true });
    const found = await read(items.find({}, { batchSize: 250 }).sort(sort));
    await set.heal();
    expect(found).toEqual(await truth({}, { sort }));
    expect(set.sent.filter(({ getMore }) => getMore).length).toBeGreaterThan(3);
  });
});

const cuts: { cut: string; failure: object }[] = [
  { cut: 'the cursor is not found', failure: { errorCode: 43 } },
  { cut: 'the host is not reached', failure: { errorCode: 6 } },
  { cut: 'the snapshot is gone', failure: { errorCode: 239 } },
  { cut: 'the snapshot is not to be had', failure: { errorCode: 246 } },
  { cut: 'a label says so', failure: { errorCode: 11601, errorLabels: ['RetryableError'] } },
];

const requests: { request: string; filter?: Document; options: FindOptions }[] = [
  { request: 'limit', options: { limit: 500 } },
  { request: 'limit that ends with a batch', options: { limit: 400 } },
  { request: 'limit of one batch and one', options: { limit: 201 } },
  { request: 'limit below a batch', options: { limit: 120, sort: { _id: 1 } } },
  { request: 'skip', options: { skip: 350 } },
  { request: 'skip and limit', options: { skip: 350, limit: 450 } },
  { request: 'skip and limit by a field', options: { skip: 350, limit: 450, sort: { a: -1 } } },
  { request: 'filter', filter: { a: { $gt: 2 } }, options: { sort: { b: 1 } } },
  {
    request: 'filter and projection',
    filter: { $or: [{ a: 1 }, { a: null }] },
    options: { projection: { b: 1 }, sort: { b: 1, a: -1 } },
  },
  { request: 'hidden _id', options: { projection: { _id: 0, a: 1, b: 1 }, limit: 700 } },
  { request: 'hint', options: { hint: { b: 1 }, sort: { b: 1 } } },
  { request: 'one document a batch', options: { batchSize: 1, limit: 9 } },
  { request: 'an empty first batch', options: { batchSize: 0, limit: 300 } },
];

const needsKeys = new Set(['hidden _id', 'filter and projection']);

describe.each(cuts)('when $cut', ({ failure }) => {
  test.each(requests)('$request is honoured', async ({ request, filter = {}, options }) => {
    const gone = 'errorCode' in failure && [239, 246].includes(Number(failure.errorCode));
    if (gone && needsKeys.has(request)) return;
    await set.fail(failure);
    const found = await items.find(filter, { batchSize: 200, ...options }).toArray();
    await set.heal();
    expect(found).toEqual(await truth(filter, options));
  });
});

test('what fits into the first batch is asked for once, as the driver asks', async () => {
  for (const [filter, options] of [
    [{ _id: { $lt: 100 } }, {}],
    [{}, { limit: 101 }],
    [{}, { limit: 700, batchSize: 700 }],
    [{}, { limit: -300 }],
    [{}, { singleBatch: true }],
  ] as [Document, FindOptions][]) {
    set.sent.length = 0;
    const found = await items.find(filter, options).toArray();
    expect(found).toEqual(await bareItems.find(filter, options).toArray());
    const finds = set.sent.filter(({ find }) => find);
    expect(finds).toHaveLength(2);
    const [ours, theirs] = finds.map(({ lsid: _lsid, $clusterTime: _time, ...command }) => command);
    if (Object.keys(options).length === 0) expect(ours).toEqual({ ...theirs, batchSize: 101 });
    else expect({ batchSize: 101, ...theirs }).toEqual({ batchSize: 101, ...ours });
  }
});

test('more than a first batch is read at the time of its answer, in a total order', async () => {
  await items.find({}, { batchSize: 500, comment: 'c', maxTimeMS: 9000 }).sort({ a: 1 }).toArray();
  const [first, second, third] = set.sent.filter(({ killCursors }) => !killCursors);
  expect(first).toMatchObject({ find: 'items', batchSize: 101, sort: new Map([['a', 1]]) });
  expect(first?.readConcern).toEqual({ level: 'majority' });
  expect(second).toMatchObject({
    find: 'items',
    batchSize: 500,
    comment: 'c',
    maxTimeMS: 9000,
    readConcern: { level: 'snapshot', atClusterTime: expect.anything() },
  });
  expect([...(second?.sort ?? [])]).toEqual([
    ['a', 1],
    ['_id', 1],
  ]);
  expect(third).toMatchObject({ getMore: expect.anything(), batchSize: 500, comment: 'c' });
  expect(set.sent.filter(({ killCursors }) => killCursors)).toHaveLength(1);
});

test('options are carried over a cut', async () => {
  await set.fail({ errorCode: 43, times: 1 });
  const options = {
    comment: 'why',
    hint: '_id_',
    maxTimeMS: 9_000,
    let: { most: 900 },
    batchSize: 150,
    allowDiskUse: true,
    sort: { _id: 1 },
  } as const;
  const found = await items.find({ $expr: { $lt: ['$_id', '$$most'] } }, options).toArray();
  expect(found).toHaveLength(900);
  const finds = set.sent.filter(({ find }) => find);
  expect(finds).toHaveLength(3);
  for (const find of finds.slice(1)) {
    const { sort: _, ...others } = options;
    expect(find).toMatchObject(others);
  }
  expect(finds[2]?.readConcern).toEqual(finds[1]?.readConcern);
});

test('a by-key resume skips no other type of _id', async () => {
  const mixed = set.client.db(database).collection<Document>('mixed');
  const ids = [...Array(150).keys()].flatMap((n) => [n, `s${n}`, { n }, new Date(n), n % 2 === 0]);
  await mixed.insertMany([...new Set(ids)].map((_id) => ({ _id }) as Document));
  for (const sort of [{ _id: 1 }, { _id: -1 }] as const) {
    await set.fail({ errorCode: 43 });
    const found = await mixed.find({}, { batchSize: 17, sort }).toArray();
    await set.heal();
    expect(found).toHaveLength(602);
    expect(found).toEqual(
      await set.bare.db(database).collection('mixed').find({}, { sort }).toArray(),
    );
  }
});

test('rewind reads anew, clone is protected, map maps', async () => {
  await set.fail({ errorCode: 43 });
  const cursor = items.find({}, { batchSize: 300, limit: 800 }).map(({ _id }) => _id);
  const ids = Array.from({ length: 800 }, (_, n) => n);
  for (let n = 0; n < 500; n++) expect(await cursor.next()).toBe(n);
  cursor.rewind();
  expect(await cursor.toArray()).toEqual(ids);
  cursor.rewind();
  expect(await cursor.toArray()).toEqual(ids);
  const clone = cursor.clone();
  expect((await clone.toArray()).map((each: unknown) => (each as Item)._id)).toEqual(ids);
});

test('raw and unpromoted documents come as they were asked for', async () => {
  await set.fail({ errorCode: 43 });
  const raw = await items.find({}, { batchSize: 400, raw: true }).toArray();
  expect(raw).toHaveLength(count);
  expect(raw.every((each) => each instanceof Uint8Array)).toBe(true);
  const exact = await items.find({}, { batchSize: 400, promoteValues: false }).toArray();
  expect(exact).toHaveLength(count);
  expect(exact[500]?._id).toMatchObject({ _bsontype: 'Int32', value: 500 });
});

test("a session of the caller's sees its own writes, stays its own, and rewinds", async () => {
  const session = set.bare.startSession();
  await set.fail({ errorCode: 43 });
  await bareItems.updateOne({ _id: 900 }, { $set: { b: 'own' } }, { session });
  const cursor = items.find({}, { session, batchSize: 400 });
  for (let round = 0; round < 2; round++) {
    const found = await cursor.toArray();
    expect(found).toHaveLength(count);
    expect(found[900]?.b).toBe('own');
    cursor.rewind();
  }
  expect(session.hasEnded).toBe(false);
  const own = JSON.stringify(session.id);
  const plain = set.sent.filter(
    ({ find, readConcern }) => find && readConcern.level !== 'snapshot',
  );
  expect(plain).toHaveLength(2);
  expect(plain.every(({ lsid }) => JSON.stringify(lsid) === own)).toBe(true);
  await session.endSession();
  await bareItems.updateOne({ _id: 900 }, { $set: { b: 'b0' } });
});

test('no session of ours is left open', async () => {
  const { activeSessions } = (set.bare as unknown as { s: { activeSessions: Set<unknown> } }).s;
  const before = activeSessions.size;
  await set.fail({ errorCode: 43 });
  const session = set.bare.startSession();
  await items.find({}, { session, batchSize: 500 }).toArray();
  await items.find({}, { batchSize: 500 }).toArray();
  const cursor = items.find({}, { session, batchSize: 500 });
  await cursor.next();
  await cursor.close();
  await session.endSession();
  expect(activeSessions.size).toBe(before);
});

/** Lets finds at a snapshot fail with each of the codes in turn, before they are sent. */
function refuseSnapshots(codes: number[]) {
  vi.restoreAllMocks();
  const prototype = FindCursor.prototype as unknown as CursorInside;
  const initialize = Reflect.get(prototype, '_initialize') as CursorInside['_initialize'];
  vi.spyOn(prototype, '_initialize').mockImplementation(function (this: CursorInside, session) {
    const code = this.cursorOptions.readConcern?.level === 'snapshot' ? codes.shift() : undefined;
    if (code === undefined) return initialize.call(this, session);
    return Promise.reject(new MongoServerError({ message: `code ${code}`, code }));
  });
}

test.each([
  { when: 'one first snapshot is gone', codes: [239], finds: 3 },
  { when: 'two first snapshots are gone', codes: [246, 239], finds: 4 },
])('when $when it takes another one', async ({ codes, finds }) => {
  refuseSnapshots(codes);
  expect(await items.find({}, { batchSize: 500 }).toArray()).toHaveLength(count);
  const levels = set.sent.filter(({ find }) => find).map(({ readConcern }) => readConcern.level);
  expect(levels).toEqual([...Array(finds - 1).fill('majority'), 'snapshot']);
});

test.each([72, 263, 50, 292, 246])('a snapshot refused with %i is done without', async (code) => {
  refuseSnapshots([code, code, code]);
  const found = await items.find({}, { batchSize: 500 }).toArray();
  expect(found).toEqual(await bareItems.find().toArray());
  refuseSnapshots([code, code, code]);
  await set.fail({ errorCode: 43 });
  const error = await failureOf(items.find({}, { batchSize: 500 }).toArray());
  expect(error).toBeInstanceOf(CursorCutError);
  expect(error).toMatchObject({ code: 'snapshot-refused', delivered: 101 });
});

test('a closed or aborted cursor ends as in the driver', async () => {
  await set.fail({ errorCode: 43 });
  const cursor = items.find({}, { batchSize: 200 });
  set.meanwhile = () => cursor.close();
  const error = await failureOf(gathered(cursor));
  expect(error).toMatchObject({ name: 'MongoServerError', code: 43 });
  const abort = new AbortController();
  const aborted = items.find({}, { batchSize: 200, signal: abort.signal });
  set.meanwhile = async () => abort.abort(new Error('enough'));
  await expect(gathered(aborted)).rejects.toThrow();
  expect(aborted.closed || aborted.killed).toBe(true);
});
