import type { AggregateOptions, Collection, Document } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { failureOf } from './answers.ts';
import { type CursorSet, cursorSet, gathered } from './cursor-set.ts';
import { database } from './deployment.ts';

let set: CursorSet;
let sales: Collection<Document>;
let bareSales: Collection<Document>;
const count = 1_500;
const sale = (_id: number): Document => ({
  _id,
  shop: _id % 300,
  tags: [_id % 3, _id % 5],
  sum: _id % 17,
});

beforeAll(async () => {
  set = await cursorSet();
  sales = set.client.db(database).collection('sales');
  bareSales = set.bare.db(database).collection('sales');
});

afterAll(() => set?.stop());

beforeEach(async () => {
  await set.heal();
  set.meanwhile = async () => {};
  await bareSales.deleteMany({});
  await bareSales.insertMany(Array.from({ length: count }, (_, _id) => sale(_id)));
  set.sent.length = 0;
});

const disturb = async (): Promise<void> => {
  await bareSales.updateMany({ sum: { $gt: 8 } }, { $inc: { sum: -9 } });
  await bareSales.deleteMany({ _id: { $mod: [7, 3] } as never });
};

const pipelines: { pipeline: Document[]; total: Document[] }[] = [
  { pipeline: [{ $sort: { sum: 1 } }], total: [{ $sort: { sum: 1, _id: 1 } }] },
  {
    pipeline: [
      { $match: { sum: { $gt: 3 } } },
      { $sort: { sum: -1 } },
      { $skip: 40 },
      { $limit: 700 },
      { $project: { _id: 0 } },
    ],
    total: [
      { $match: { sum: { $gt: 3 } } },
      { $sort: { sum: -1, _id: -1 } },
      { $skip: 40 },
      { $limit: 700 },
      { $project: { _id: 0 } },
    ],
  },
  {
    pipeline: [{ $group: { _id: '$shop', total: { $sum: '$sum' } } }, { $sort: { total: -1 } }],
    total: [
      { $group: { _id: '$shop', total: { $sum: '$sum' } } },
      { $sort: { total: -1, _id: -1 } },
    ],
  },
];

test.each(pipelines)(
  '$pipeline gives its snapshot, cut at each getMore',
  async ({ pipeline, total }) => {
    const truth = await bareSales.aggregate(total).toArray();
    set.meanwhile = disturb;
    await set.fail({ closeConnection: true });
    const found = await gathered(sales.aggregate(pipeline, { batchSize: 110 }));
    await set.heal();
    expect(found).toEqual(truth);
    expect(truth.length).toBeGreaterThan(250);
  },
);

test.each<{ options: AggregateOptions }>([
  { options: { batchSize: 300, comment: 'why', allowDiskUse: true, maxTimeMS: 9_000 } },
  { options: { cursor: { batchSize: 300 }, hint: { _id: 1 }, let: { x: 1 } } },
])('$options are carried over a cut', async ({ options }) => {
  await set.fail({ errorCode: 43 });
  const cursor = sales.aggregate([{ $sort: { _id: 1 } }], options);
  const clone = cursor.clone();
  expect((await cursor.toArray()).map(({ _id }) => _id)).toEqual([...Array(count).keys()]);
  expect(await clone.toArray()).toHaveLength(count);
  const sent = set.sent.filter(({ aggregate }) => aggregate);
  expect(sent.length).toBeGreaterThan(3);
  const { batchSize: _, cursor: __, ...others } = options;
  for (const each of sent) expect(each).toMatchObject(others);
});

test('groups whose _id is an array come once each', async () => {
  const pipeline = [{ $group: { _id: '$tags', n: { $sum: 1 } } }, { $sort: { n: 1 } }];
  await set.fail({ errorCode: 43 });
  await bareSales.updateMany({}, [{ $set: { tags: ['$shop', 1] } }]);
  const found = await sales.aggregate(pipeline, { batchSize: 60 }).toArray();
  expect(new Set(found.map(({ _id }) => JSON.stringify(_id))).size).toBe(300);
  expect(found).toHaveLength(300);
  expect(found.every((each) => Object.keys(each).join() === '_id,n')).toBe(true);
});

test('a cut says why it cannot go on: no order, or the snapshot gone', async () => {
  await set.fail({ errorCode: 43 });
  const unsorted = sales.aggregate([{ $match: {} }]).toArray();
  expect(await failureOf(unsorted)).toMatchObject({
    name: 'CursorCutError',
    code: 'no-total-order',
    delivered: 101,
  });
  await set.fail({ errorCode: 239 });
  const sorted = sales.aggregate([{ $sort: { sum: 1 } }], { batchSize: 200 }).toArray();
  expect(await failureOf(sorted)).toMatchObject({ code: 'snapshot-gone', delivered: 200 });
  const demanded = sales.aggregate([{ $match: {} }], { durable: true }).toArray();
  expect(await failureOf(demanded)).toMatchObject({
    name: 'NotDurableError',
    code: 'no-total-order',
  });
});

test('$out and $merge are sent once, and what is not known of them is told', async () => {
  await set.rs.failCommand({ failCommands: ['aggregate'], errorCode: 11601 });
  const out = sales.aggregate([{ $sort: { sum: 1 } }]).out('copy');
  expect(await failureOf(out.toArray())).toMatchObject({ name: 'MongoServerError', code: 11601 });
  await set.rs.failCommand({ failCommands: ['aggregate'], closeConnection: true, times: 2 });
  expect(await failureOf(sales.aggregate([{ $out: 'copy' }]).toArray())).toMatchObject({
    name: 'OutcomeUnknownError',
    code: 'not-repeatable',
  });
  expect(set.sent.filter(({ aggregate }) => aggregate)).toHaveLength(2);
});
