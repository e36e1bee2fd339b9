import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { QueueCounts } from '../src/store/queue-counts.ts';
import { openStoreHouse, post, type StoreHouse } from './store-house.ts';

let house: StoreHouse;

beforeAll(async () => {
  house = await openStoreHouse();
});
afterAll(() => house.close());

const counted = (unread: number, apple: number, coke: number) => ({
  unread,
  bySymbol: new Map([
    ['AAPL', apple],
    ['KO', coke],
  ]),
});

test('counts what this desk moves at once, and what others do a little later', async () => {
  const store = await house.fresh();
  const [one, two, three] = [post('1', ['AAPL']), post('2', ['AAPL', 'KO']), post('3', [])];
  await store.posts.insertMany([one, two, three]);
  const counts = new QueueCounts(store, ['AAPL', 'KO']);
  counts.moved(one, 1); // before the first count there is nothing to move
  expect(await counts.read()).toEqual(counted(3, 2, 1));

  await store.posts.updateOne({ _id: two._id }, { $set: { queued: false } });
  counts.moved(two, -1);
  expect(await counts.read()).toEqual(counted(2, 1, 0));

  await store.posts.updateOne({ _id: three._id }, { $set: { queued: false } });
  await vi.waitFor(async () => expect(await counts.read()).toEqual(counted(1, 1, 0)), {
    timeout: 10_000,
  });
});
