import type { Collection, Document } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CursorSet, cursorSet } from './cursor-set.ts';
import { database } from './deployment.ts';

let set: CursorSet;
let bare: Collection<Document>;
let collection: Collection<Document>;
const count = 2_000;

beforeAll(async () => {
  set = await cursorSet();
  bare = set.bare.db(database).collection('moving');
  collection = set.client.db(database).collection('moving');
  await bare.createIndex({ rank: 1 });
});

afterAll(() => set?.stop());

beforeEach(async () => {
  await set.heal();
  set.meanwhile = async () => {};
  await bare.deleteMany({});
  await bare.insertMany(
    Array.from({ length: count }, (_, _id) => ({ _id, rank: _id % 50 })) as Document[],
  );
});

/** Writes that move what is still to be read in front of what was read, and back. */
let round = 0;
async function disturb(): Promise<void> {
  round += 1;
  await bare.bulkWrite([
    { updateMany: { filter: { rank: { $gt: 40 } }, update: { $set: { rank: -round } } } },
    { updateMany: { filter: { rank: 10 + (round % 20) }, update: { $set: { rank: 60 } } } },
    { deleteMany: { filter: { _id: { $mod: [11, round % 11] } as never } } },
  ]);
  await bare.insertMany([
    { _id: -round, rank: 0 },
    { _id: count + round, rank: 99 },
  ] as Document[]);
}

test.each<{ order: string; sort: Record<string, 1 | -1> }>([
  { order: 'in no order', sort: {} },
  { order: 'by _id, last first', sort: { _id: -1 } },
  { order: 'by a field that moves', sort: { rank: 1 } },
  { order: 'by a field that moves, and _id', sort: { rank: -1, _id: 1 } },
])('writers in between change nothing $order', async ({ sort }) => {
  const session = set.bare.startSession({ snapshot: true });
  const tie = '_id' in sort ? {} : { _id: Object.values(sort)[0] ?? 1 };
  const truth = await bare.find({}, { session, sort: { ...sort, ...tie } }).toArray();
  await session.endSession();
  set.meanwhile = disturb;
  await set.fail({ errorCode: 43 });
  const found = await collection.find({}, { sort, batchSize: 170 }).toArray();
  expect(await bare.countDocuments()).not.toBe(count);
  expect(found).toEqual(truth);
});

test('control: resuming by count without a snapshot goes wrong', async () => {
  const found: Document[] = [];
  while (found.length < count) {
    const more = await bare
      .find({}, { sort: { rank: 1, _id: 1 }, skip: found.length, limit: 170 })
      .toArray();
    if (more.length === 0) break;
    found.push(...more);
    await disturb();
  }
  const ids = new Set(found.map(({ _id }) => _id));
  expect(ids.size !== found.length || ids.size !== count).toBe(true);
});

test('at a later snapshot the rest by _id comes once, as it is by then', async () => {
  set.meanwhile = disturb;
  await set.fail({ errorCode: 239 });
  const ids = (await collection.find({}, { batchSize: 170 }).toArray()).map(({ _id }) => _id);
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(a) - Number(b)));
  const left = await bare.distinct('_id', { _id: { $gte: 0, $lt: count } as never });
  expect(left.every((id) => ids.includes(id))).toBe(true);
});
