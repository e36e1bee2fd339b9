import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { BsonDocument, BsonValue, EncodableDocument } from '../src/bson-document.ts';
import { values } from './bson-values.ts';
import { bson, codeOf, PipelineData } from './pipeline-data.ts';

const data = new PipelineData({
  orders: [
    { _id: 1, item: 'a', n: 2, tags: ['x', 'y'] },
    { _id: 2, item: 'b', n: 1, tags: [] },
    { _id: 3 },
    { _id: 4, item: null, n: 5 },
  ],
  stock: [
    { _id: 1, sku: 'a', tag: 'x', left: 5 },
    { _id: 2, sku: 'a', tag: 'y', left: 1 },
    { _id: 3, sku: null },
    { _id: 4 },
    { _id: 5, sku: ['b', 'a'], left: 0 },
  ],
  people: [
    { _id: 1, name: 'Dev' },
    { _id: 2, name: 'Eliot', boss: 'Dev' },
    { _id: 3, name: 'Ron', boss: ['Eliot', 'Dev'] },
    { _id: 4, name: 'Andrew', boss: 'Eliot' },
    { _id: 5, name: 'Loop', boss: 'Loop' },
    { _id: 6, boss: null },
  ],
});
data.view('many', 'stock', [{ $match: { left: { $gt: 0 } } }, { $set: { seen: true } }]);
afterAll(() => data.close());

const idsOf = (list: unknown) => (list as { _id: number }[]).map(({ _id }) => _id);

function joined(stage: EncodableDocument): unknown[] {
  const found = data.aggregate('orders', [{ $lookup: { as: 'found', ...stage } }]);
  return found.map((document) => idsOf((document as { found: unknown }).found));
}

test.each<[EncodableDocument, unknown[]]>([
  [{ from: 'stock', localField: 'item', foreignField: 'sku' }, [[1, 2, 5], [5], [3, 4], [3, 4]]],
  [
    { from: 'stock', localField: 'tags', foreignField: 'tag' },
    [
      [1, 2],
      [3, 4, 5],
      [3, 4, 5],
      [3, 4, 5],
    ],
  ],
  [{ from: 'none', localField: 'item', foreignField: 'sku' }, [[], [], [], []]],
  [{ from: 'many', localField: 'item', foreignField: 'sku' }, [[1, 2], [], [], []]],
  [{ from: 'stock', pipeline: [{ $match: { left: 5 } }] }, [[1], [1], [1], [1]]],
  [
    {
      from: 'stock',
      let: { wanted: '$n', item: '$item' },
      pipeline: [
        {
          $match: {
            $expr: { $and: [{ $eq: ['$sku', '$$item'] }, { $gte: ['$left', '$$wanted'] }] },
          },
        },
      ],
    },
    [[1], [], [4], []],
  ],
  [
    {
      from: 'stock',
      localField: 'item',
      foreignField: 'sku',
      let: { wanted: '$n' },
      pipeline: [{ $match: { $expr: { $gte: ['$left', '$$wanted'] } } }],
    },
    [[1], [], [3, 4], []],
  ],
  [
    { pipeline: [{ $documents: [{ _id: 7 }, { _id: 8 }] }] },
    [
      [7, 8],
      [7, 8],
      [7, 8],
      [7, 8],
    ],
  ],
  [
    { localField: 'n', foreignField: '_id', pipeline: [{ $documents: [{ _id: 1 }, { _id: 2 }] }] },
    [[2], [1], [], []],
  ],
])('$lookup %o finds %o', (stage, expected) => {
  expect(joined(stage)).toEqual(expected);
});

test('a foreign document with a value twice is found once, by the first document and those behind it', () => {
  const twice = new PipelineData({
    left: [
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
      { _id: 3, a: [1, 1] },
    ],
    right: [{ _id: 7, a: [1, 1] }],
  });
  const join = { from: 'right', localField: 'a', foreignField: 'a', as: 'found' };
  const found = twice.aggregate('left', [{ $lookup: join }]) as { found: unknown }[];
  expect(found.map((document) => idsOf(document.found))).toEqual([[7], [7], [7]]);
  twice.close();
});

test('$lookup puts what it finds at a path, in place of what is no document', () => {
  const [first] = data.aggregate('orders', [
    { $limit: 1 },
    { $lookup: { from: 'stock', localField: '_id', foreignField: '_id', as: 'item.found' } },
  ]);
  expect(first).toMatchObject({ n: 2, item: { found: [{ _id: 1 }] } });
});

test('a variable of the outer pipeline is known in the inner one, and an inner one hides it', () => {
  const [found] = data.aggregate('orders', [
    { $match: { _id: 1 } },
    {
      $lookup: {
        from: 'orders',
        let: { x: '$n' },
        pipeline: [
          { $match: { _id: 2 } },
          { $set: { outer: '$$x' } },
          {
            $lookup: {
              from: 'orders',
              let: { x: '$n' },
              pipeline: [{ $match: { _id: 3 } }, { $set: { inner: '$$x' } }],
              as: 'deeper',
            },
          },
        ],
        as: 'found',
      },
    },
  ]);
  expect(found).toMatchObject({ found: [{ outer: 2, deeper: [{ _id: 3, inner: 1 }] }] });
});

const graph = {
  from: 'people',
  startWith: '$boss',
  connectFromField: 'boss',
  connectToField: 'name',
  as: 'over',
};

test.each<[EncodableDocument, Record<number, number[]>]>([
  [{}, { 1: [], 2: [1], 3: [1, 2], 4: [2, 1], 5: [5], 6: [] }],
  [{ maxDepth: 0 }, { 1: [], 2: [1], 3: [1, 2], 4: [2], 5: [5], 6: [] }],
  [{ restrictSearchWithMatch: { name: 'Eliot' } }, { 1: [], 2: [], 3: [2], 4: [2], 5: [], 6: [] }],
])('$graphLookup with %o', (options, expected) => {
  const found = data.aggregate('people', [{ $graphLookup: { ...graph, ...options } }]);
  const reached = found.map((document) => {
    const { _id, over } = document as { _id: number; over: unknown };
    return [_id, idsOf(over)];
  });
  expect(Object.fromEntries(reached)).toEqual(expected);
});

test('$graphLookup tells the depth', () => {
  const [found] = data.aggregate('people', [
    { $match: { _id: 4 } },
    { $graphLookup: { ...graph, depthField: 'steps' } },
  ]);
  expect(found).toMatchObject({
    over: [
      { _id: 2, steps: 0n },
      { _id: 1, steps: 1n },
    ],
  });
});

test('$unionWith puts documents of other collections, views and none behind', () => {
  const found = data.aggregate('orders', [
    { $match: { _id: 1 } },
    { $unionWith: 'many' },
    { $unionWith: { coll: 'stock', pipeline: [{ $match: { _id: 4 } }, { $unionWith: 'none' }] } },
    { $unionWith: { pipeline: [{ $documents: [{ _id: 9 }] }] } },
    { $project: { _id: 1 } },
  ]);
  expect(idsOf(found)).toEqual([1, 1, 2, 4, 9]);
});

test('a view shows its pipeline, and a view on it both', () => {
  data.view('few', 'many', [{ $match: { left: 5 } }]);
  expect(data.aggregate('few', [{ $project: { seen: 1 } }])).toEqual([{ _id: 1, seen: true }]);
});

test('views that stand on each other without end are refused', () => {
  data.view('this', 'that', []);
  data.view('that', 'this', []);
  expect(codeOf(() => data.aggregate('this', []))).toBe(165);
});

test.each<[EncodableDocument, number]>([
  [{ $lookup: 1 }, 9],
  [{ $lookup: {} }, 9],
  [{ $lookup: { from: 1, as: 'a' } }, 9],
  [{ $lookup: { from: 'c', as: 1 } }, 9],
  [{ $lookup: { from: 'c', x: 'y' } }, 9],
  [{ $lookup: { from: 'c', localField: 'a', foreignField: 'b' } }, 9],
  [{ $lookup: { from: 'c', as: 'x', localField: 'a' } }, 9],
  [{ $lookup: { from: 'c', as: 'x', localField: 'a', pipeline: [] } }, 9],
  [{ $lookup: { from: 'c', as: 'x', localField: 'a', foreignField: 'b', let: {} } }, 9],
  [{ $lookup: { from: 'c', as: 'x', let: { 'A B': 1 }, pipeline: [] } }, 9],
  [{ $lookup: { from: 'c', as: 'x', let: 1, pipeline: [] } }, 9],
  [{ $lookup: { as: 'x', pipeline: [] } }, 9],
  [{ $lookup: { from: '', as: 'x', pipeline: [] } }, 73],
  [{ $lookup: { from: 'c', as: '$x', pipeline: [] } }, 16410],
  [{ $lookup: { from: 'c', as: 'x', pipeline: [{ $out: 'y' }] } }, 51047],
  [{ $lookup: { from: 'c', as: 'x', pipeline: [{ $merge: 'y' }] } }, 51047],
  [{ $lookup: { from: 'c', as: 'x', pipeline: [{ $bogus: 'y' }] } }, 40324],
  [{ $lookup: { from: 'c', as: 'x', pipeline: 1 } }, 14],
  [{ $lookup: { from: 'c', as: 'x', pipeline: [1] } }, 14],
  [{ $unionWith: 1 }, 9],
  [{ $unionWith: {} }, 9],
  [{ $unionWith: { coll: 1 } }, 14],
  [{ $unionWith: { coll: 'c', x: 1 } }, 40415],
  [{ $unionWith: { coll: 'c', pipeline: [{ $out: 'y' }] } }, 31441],
  [{ $graphLookup: 1 }, 9],
  [{ $graphLookup: {} }, 9],
  [{ $graphLookup: { from: 'c' } }, 40105],
  [{ $graphLookup: { ...graph, maxDepth: 'x' } }, 40100],
  [{ $graphLookup: { ...graph, maxDepth: -1 } }, 40101],
  [{ $graphLookup: { ...graph, maxDepth: 1.5 } }, 40102],
  [{ $graphLookup: { ...graph, as: 1 } }, 40103],
  [{ $graphLookup: { ...graph, x: 1 } }, 40104],
  [{ $graphLookup: { ...graph, restrictSearchWithMatch: 1 } }, 40185],
])('refuses %o with code %d', (stage, code) => {
  expect(codeOf(() => data.run('orders', [bson(stage)]))).toBe(code);
});

test('pipelines stand in each other up to 20 deep', () => {
  const nested = (depth: number): EncodableDocument =>
    depth === 0
      ? { $match: {} }
      : { $lookup: { from: 'none', as: 'x', pipeline: [nested(depth - 1)] } };
  expect(codeOf(() => data.run('orders', [bson(nested(20))]))).toBeUndefined();
  expect(codeOf(() => data.run('orders', [bson(nested(21))]))).toBe(232);
});

test('an element named by its place is joined as a whole, for the first document and the others', () => {
  const collections = new PipelineData();
  collections.insert('left', numbered([bson({ a: 0 }), bson({ a: 0 }), bson({ a: [[0]] })]));
  collections.insert('right', numbered([bson({ a: [[0]] }), bson({ a: [0] })]));
  const found = collections.run('left', [
    bson({ $lookup: { from: 'right', localField: 'a', foreignField: 'a.0', as: 'found' } }),
    bson({ $project: { ids: '$found._id' } }),
  ]);
  expect(found.map((each) => each.get('ids'))).toEqual([[1], [1], [0]]);
  collections.close();
});

const maybe = fc.option(fc.oneof(fc.nat(3), values), { nil: undefined });
const rows = fc.array(
  maybe.map((a): BsonDocument => new Map<string, BsonValue>(a === undefined ? [] : [['a', a]])),
  { maxLength: 8 },
);
const numbered = (documents: readonly BsonDocument[]): BsonDocument[] =>
  documents.map((document, _id) => new Map<string, BsonValue>([['_id', _id], ...document]));

test('an index on the foreign field changes nothing of a join', () => {
  fc.assert(
    fc.property(rows, rows, fc.constantFrom('a', 'a.b', 'a.0'), (left, right, field) => {
      const collections = new PipelineData();
      collections.insert('left', numbered(left));
      collections.insert('right', numbered(right));
      const join = bson({
        $lookup: { from: 'right', localField: 'a', foreignField: field, as: 'found' },
      });
      const sort = bson({ $sort: { _id: 1 } });
      const pairs = () =>
        collections.run('left', [
          join,
          bson({ $unwind: '$found' }),
          bson({ $sort: { _id: 1, 'found._id': 1 } }),
          sort,
        ]);
      const plain = pairs();
      if (codeOf(() => collections.index('right', { [field]: 1 })) === undefined) {
        expect(pairs()).toEqual(plain);
      }
      collections.close();
    }),
    { numRuns: 150 },
  );
});
