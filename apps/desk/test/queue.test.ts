import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { countBySymbol, countUnread, readQueue, rescore } from '../src/store/queue.ts';
import { rankingTable } from '../src/store/ranking-table.ts';
import type { Store } from '../src/store/store.ts';
import {
  demoRanking,
  hoursLater,
  openStoreHouse,
  post,
  type StoreHouse,
  start,
} from './store-house.ts';

let house: StoreHouse;
let store: Store;

beforeAll(async () => {
  house = await openStoreHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  store = await house.fresh();
});

const ids = async (ranking = demoRanking, limit = 50) =>
  (await readQueue(store, ranking, limit, hoursLater(30))).map(({ id }) => id);

test('puts what could move the money first, unless it is old', async () => {
  await store.posts.insertMany([
    post('old apple', ['AAPL'], hoursLater(-240)),
    post('coke', ['KO']),
    post('nothing held', []),
    post('apple', ['AAPL']),
    post('late nothing', [], hoursLater(24)),
    post('windows', ['MSFT']),
    post('both', ['AAPL', 'MSFT']),
    { ...post('judged', ['AAPL']), queued: false },
  ]);
  expect(await ids()).toEqual([
    'x:both',
    'x:apple',
    'x:windows',
    'x:coke',
    'x:late nothing',
    'x:nothing held',
    'x:old apple',
  ]);
  expect(await ids(demoRanking, 2)).toEqual(['x:both', 'x:apple']);
  expect(await countUnread(store)).toBe(7);
  expect(await countBySymbol(store, ['AAPL', 'MSFT', 'KO', 'XOM'])).toEqual(
    new Map([
      ['AAPL', 3],
      ['MSFT', 2],
      ['KO', 1],
      ['XOM', 0],
    ]),
  );
});

test('tells the page why a post is where it is', async () => {
  await store.posts.insertOne(post('1', ['AAPL', 'KO']));
  const [found] = await readQueue(store, demoRanking, 1, hoursLater(24));
  expect(found).toMatchObject({
    id: 'x:1',
    source: 'x',
    author: { name: 'Ann Example', handle: 'ann' },
    text: 'Post 1',
    lang: 'en',
    createdAt: start.toISOString(),
    symbols: [
      { symbol: 'AAPL', term: '$AAPL' },
      { symbol: 'KO', term: '$KO' },
    ],
    why: {
      keepProbability: 0.5,
      floor: 0.05,
      holdings: [
        { symbol: 'AAPL', riskShare: 0.7034 },
        { symbol: 'KO', riskShare: 0.0644 },
      ],
      ageHours: 24,
      halfLifeHours: 24,
    },
  });
  expect(found?.why.riskSize).toBeCloseTo(0.7678, 12);
  expect(found?.why.priority).toBeCloseTo(0.25 * 0.8178, 12);
});

test('ranks anew when risk shares change', async () => {
  await store.posts.insertMany([
    post('apple', ['AAPL']),
    post('coke', ['KO']),
    { ...post('judged', ['KO']), queued: false },
  ]);
  expect(await rescore(store, demoRanking)).toBe(0);
  const other = rankingTable(
    new Map([
      ['AAPL', 0.1],
      ['KO', -0.9],
    ]),
  );
  expect(await rescore(store, other)).toBe(2);
  expect(await ids(other)).toEqual(['x:coke', 'x:apple']);
  expect(await rescore(store, other)).toBe(0);
});
