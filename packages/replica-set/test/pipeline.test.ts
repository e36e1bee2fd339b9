import { Decimal128, Double } from 'bson';
import { afterAll, expect, test } from 'vitest';
import type { EncodableDocument } from '../src/bson-document.ts';
import { compilePipeline } from '../src/pipeline.ts';
import { bson, codeOf, PipelineData } from './pipeline-data.ts';

function run(documents: EncodableDocument[], stages: EncodableDocument[]): unknown[] {
  const data = new PipelineData({
    c: documents.map((document, index) => ({ _id: index, ...document })),
  });
  const hidden: EncodableDocument[] = documents.every((document) => !('_id' in document))
    ? [{ $unset: '_id' }]
    : [];
  const result = data.aggregate('c', [...hidden, ...stages]);
  data.close();
  return result;
}

type Case = readonly [EncodableDocument[], EncodableDocument[], unknown[]];

test.each<Case>([
  [[{ a: 1 }, { a: 2 }], [{ $match: { a: 2 } }], [{ a: 2 }]],
  [[{ a: 2 }, { a: 1 }, { a: 3 }], [{ $sort: { a: -1 } }, { $skip: 1 }, { $limit: 1 }], [{ a: 2 }]],
  [
    [{ a: 3 }, { a: 1 }, { a: 2 }],
    [{ $sort: { a: 1 } }, { $limit: 2 }, { $limit: (1n << 63n) - 1n }],
    [{ a: 1 }, { a: 2 }],
  ],
  [[{ _id: 1, a: 1, b: 2 }], [{ $project: { a: 1 } }], [{ _id: 1, a: 1 }]],
  [[{ _id: 1, a: 1, b: 2 }], [{ $project: { _id: 0, c: '$b' } }], [{ c: 2 }]],
  [[{ _id: 1, a: 1, b: 2 }], [{ $project: { b: 0 } }], [{ _id: 1, a: 1 }]],
  [[{ a: { b: 1, c: 2 } }], [{ $project: { 'a.b': 1 } }], [{ a: { b: 1 } }]],
  [[{ a: [{ b: 1, c: 2 }, 5] }], [{ $project: { a: { b: 1 } } }], [{ a: [{ b: 1 }] }]],
  [[{ a: [{ b: 1, c: 2 }, 5] }], [{ $unset: 'a.b' }], [{ a: [{ c: 2 }, 5] }]],
  [[{ a: 1, b: 2, c: 3 }], [{ $unset: ['a', 'c'] }], [{ b: 2 }]],
  [[{ a: { b: 1 } }], [{ $replaceRoot: { newRoot: '$a' } }], [{ b: 1 }]],
  [[{ a: { b: 1 } }], [{ $replaceWith: { x: '$a.b' } }], [{ x: 1 }]],
  [[{}, {}], [{ $count: 'n' }], [{ n: 2 }]],
  [[], [{ $count: 'n' }], []],
  [
    [{ a: 1 }, { a: 2 }, { a: 1 }],
    [{ $sortByCount: '$a' }],
    [
      { _id: 1, count: 2 },
      { _id: 2, count: 1 },
    ],
  ],
])('%o through %o gives %o', (documents, stages, expected) => {
  expect(run(documents, stages)).toEqual(expected);
});

test.each<Case>([
  [[{ a: 1 }], [{ $set: { 'b.c': { $add: ['$a', 1] } } }], [{ a: 1, b: { c: 2 } }]],
  [[{ a: 1 }], [{ $addFields: { a: { b: { c: 5 } } } }], [{ a: { b: { c: 5 } } }]],
  [[{ a: { x: 1 } }], [{ $set: { a: { b: 2 } } }], [{ a: { x: 1, b: 2 } }]],
  [[{ a: { x: 1 } }], [{ $set: { a: {} } }], [{ a: {} }]],
  [
    [{ a: [{ x: 1 }, 2, [{ x: 3 }]] }],
    [{ $set: { 'a.b': 0 } }],
    [{ a: [{ x: 1, b: 0 }, { b: 0 }, [{ x: 3, b: 0 }]] }],
  ],
  [[{ a: 1, b: 2 }], [{ $set: { a: '$$REMOVE', c: '$none' } }], [{ b: 2 }]],
  [[{ a: 1 }], [{ $set: { 'b.c': '$none' } }], [{ a: 1, b: {} }]],
  [[{ a: 1, b: 2 }], [{ $set: { a: '$b', b: '$a' } }], [{ a: 2, b: 1 }]],
  [[{ a: 1 }], [{ $set: {} }], [{ a: 1 }]],
])('fields: %o through %o gives %o', (documents, stages, expected) => {
  expect(run(documents, stages)).toEqual(expected);
});

test.each<Case>([
  [[{ a: [1, 2] }, { a: [] }], [{ $unwind: '$a' }], [{ a: 1 }, { a: 2 }]],
  [[{ a: 5 }, { a: null }, {}], [{ $unwind: { path: '$a' } }], [{ a: 5 }]],
  [
    [{ a: [] }, { a: null }, {}, { a: 7 }],
    [{ $unwind: { path: '$a', preserveNullAndEmptyArrays: true } }],
    [{}, { a: null }, {}, { a: 7 }],
  ],
  [
    [{ a: ['x', 'y'] }, { a: [] }, { a: 1 }],
    [{ $unwind: { path: '$a', includeArrayIndex: 'at.i', preserveNullAndEmptyArrays: true } }],
    [
      { a: 'x', at: { i: 0n } },
      { a: 'y', at: { i: 1n } },
      { at: { i: null } },
      { a: 1, at: { i: null } },
    ],
  ],
  [
    [{ a: { b: [1, [2]] }, c: 1 }],
    [{ $unwind: '$a.b' }],
    [
      { a: { b: 1 }, c: 1 },
      { a: { b: [2] }, c: 1 },
    ],
  ],
  [[{ a: [{ b: [1, 2] }] }], [{ $unwind: '$a.b' }], []],
])('unwinds %o by %o to %o', (documents, stages, expected) => {
  expect(run(documents, stages)).toEqual(expected);
});

const secret = { $cond: [{ $in: ['$level', ['low', 'none']] }, '$$DESCEND', '$$PRUNE'] };

test.each<Case>([
  [
    [
      {
        level: 'low',
        a: { level: 'high', x: 1 },
        b: [{ level: 'none', y: 2 }, { level: 'high' }, 3],
      },
    ],
    [{ $redact: secret }],
    [{ level: 'low', b: [{ level: 'none', y: 2 }, 3] }],
  ],
  [[{ level: 'high' }], [{ $redact: secret }], []],
  [
    [{ level: 'low', a: [[{ level: 'high' }, { level: 'low' }]] }],
    [{ $redact: secret }],
    [{ level: 'low', a: [[{ level: 'low' }]] }],
  ],
  [
    [{ top: 1, a: { b: 1 } }],
    [{ $redact: { $cond: [{ $eq: ['$$ROOT.top', '$b'] }, '$$KEEP', '$$DESCEND'] } }],
    [{ top: 1, a: { b: 1 } }],
  ],
])('redacts %o by %o to %o', (documents, stages, expected) => {
  expect(run(documents, stages)).toEqual(expected);
});

const decimal = (text: string) => Decimal128.fromString(text);

test.each<Case>([
  [
    [
      { k: 1, n: 1 },
      { k: 1n, n: 2 },
      { k: new Double(1), n: 3 },
      { k: decimal('1.0'), n: 4 },
      { k: 'x', n: 5 },
    ],
    [{ $group: { _id: '$k', all: { $push: '$n' } } }],
    [
      { _id: 1, all: [1, 2, 3, 4] },
      { _id: 'x', all: [5] },
    ],
  ],
  [
    [{ k: 0 }, { k: -0 }, { k: Number.NaN }, { k: Number.NaN }, { k: null }, {}],
    [{ $group: { _id: '$k', n: { $sum: 1 } } }],
    [
      { _id: 0, n: 2 },
      { _id: Number.NaN, n: 2 },
      { _id: null, n: 2 },
    ],
  ],
  [
    [{ k: 2n ** 53n }, { k: 2n ** 53n + 1n }, { k: 2 ** 53 }],
    [{ $group: { _id: '$k', n: { $sum: 1 } } }],
    [
      { _id: 2n ** 53n, n: 2 },
      { _id: 2n ** 53n + 1n, n: 1 },
    ],
  ],
  [
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }],
    [{ $group: { _id: { a: '$a', b: '$b' }, n: { $sum: 1 } } }],
    [
      { _id: { a: 1, b: 2 }, n: 2 },
      { _id: { a: 1 }, n: 1 },
    ],
  ],
  [
    [{ k: { a: 1, b: 2 } }, { k: { b: 2, a: 1 } }],
    [{ $group: { _id: '$k' } }],
    [{ _id: { a: 1, b: 2 } }, { _id: { b: 2, a: 1 } }],
  ],
  [
    [{ n: 1 }, { n: 2 }, { n: 1 }],
    [{ $group: { _id: null, f: { $first: '$n' }, l: { $last: '$n' }, s: { $addToSet: '$n' } } }],
    [{ _id: null, f: 1, l: 1, s: [1, 2] }],
  ],
  [[], [{ $group: { _id: null, n: { $sum: 1 } } }], []],
])('groups %o by %o to %o', (documents, stages, expected) => {
  expect(run(documents, stages)).toEqual(expected);
});

const points = [0, 1, 2, 5, 10, 10, 20].map((n) => ({ n }));

test.each<Case>([
  [
    points,
    [{ $bucket: { groupBy: '$n', boundaries: [0, 2, 10], default: 'more' } }],
    [
      { _id: 0, count: 2 },
      { _id: 2, count: 2 },
      { _id: 'more', count: 3 },
    ],
  ],
  [
    [{ n: 'a' }, { n: 1 }, {}],
    [
      {
        $bucket: {
          groupBy: '$n',
          boundaries: [0, 5],
          default: -1,
          output: { all: { $push: '$n' } },
        },
      },
    ],
    [
      { _id: -1, all: ['a'] },
      { _id: 0, all: [1] },
    ],
  ],
  [
    points,
    [{ $bucketAuto: { groupBy: '$n', buckets: 3 } }],
    [
      { _id: { min: 0, max: 2 }, count: 2 },
      { _id: { min: 2, max: 10 }, count: 2 },
      { _id: { min: 10, max: 20 }, count: 3 },
    ],
  ],
  [
    [{ n: 1 }, { n: 1 }, { n: 1 }],
    [{ $bucketAuto: { groupBy: '$n', buckets: 5 } }],
    [{ _id: { min: 1, max: 1 }, count: 3 }],
  ],
  [
    [{ n: 7 }, { n: 3 }, { n: 12 }, { n: 1 }],
    [
      {
        $bucketAuto: {
          groupBy: '$n',
          buckets: 2,
          output: { all: { $push: '$n' } },
          granularity: '1-2-5',
        },
      },
    ],
    [
      { _id: { min: 0.5, max: new Double(5) }, all: [3, 1] },
      { _id: { min: new Double(5), max: new Double(20) }, all: [7, 12] },
    ],
  ],
  [
    [{ n: 0 }, { n: 3 }, { n: 8 }],
    [{ $bucketAuto: { groupBy: '$n', buckets: 3, granularity: 'POWERSOF2' } }],
    [
      { _id: { min: 0, max: 2 }, count: 1 },
      { _id: { min: 2, max: 4 }, count: 1 },
      { _id: { min: 4, max: 16 }, count: 1 },
    ],
  ],
  [[], [{ $bucketAuto: { groupBy: '$n', buckets: 3 } }], []],
])('spreads %o over %o to %o', (documents, stages, expected) => {
  expect(run(documents, stages)).toEqual(expected);
});

test.each<Case>([
  [
    [{ a: 1 }, { a: 2 }, { a: 3 }],
    [{ $facet: { odd: [{ $match: { a: { $ne: 2 } } }], n: [{ $count: 'n' }], none: [] } }],
    [{ odd: [{ a: 1 }, { a: 3 }], n: [{ n: 3 }], none: [{ a: 1 }, { a: 2 }, { a: 3 }] }],
  ],
  [[], [{ $facet: { n: [{ $count: 'n' }] } }], [{ n: [] }]],
])('%o through the facets %o gives %o', (documents, stages, expected) => {
  expect(run(documents, stages)).toEqual(expected);
});

test('a sample has so many documents, each once', () => {
  const data = new PipelineData({ c: Array.from({ length: 50 }, (_, _id) => ({ _id })) });
  const ids = (size: number) =>
    data.run('c', [bson({ $sample: { size } })]).map((document) => document.get('_id'));
  expect(new Set(ids(10)).size).toBe(10);
  expect(ids(80).sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 50 }, (_, n) => n),
  );
  data.close();
});

const things = new PipelineData({
  c: [{ _id: 1, a: 1 }],
  arrays: [
    {
      _id: 1,
      a: [3, 1],
      b: [
        { x: 1, y: 5 },
        { x: 2, y: 0 },
      ],
    },
    { _id: 2, a: [2], b: [{ x: 1, y: 4 }] },
    { _id: 3, a: [], b: [] },
    { _id: 4 },
    { _id: 5, a: null, b: { x: 0 } },
  ],
  nested: [
    { _id: 1, a: [[5, 1]] },
    { _id: 2, a: [[2, 4]] },
    { _id: 3, a: [[0], [9]] },
    { _id: 4, a: [{ 0: 7 }] },
  ],
});
afterAll(() => things.close());

test.each([
  [{ a: 1 }, [3, 4, 5, 1, 2]],
  [{ a: -1 }, [1, 2, 4, 5, 3]],
  [{ 'b.x': 1, 'b.y': 1 }, [3, 4, 5, 2, 1]],
  [{ 'b.x': -1, _id: 1 }, [1, 2, 5, 3, 4]],
])('sorts arrays by %o as %o', (sort, ids) => {
  const found = things.run('arrays', [bson({ $sort: sort })]);
  expect(found.map((document) => document.get('_id'))).toEqual(ids);
});

test.each([
  [{ 'a.0': 1 }, [3, 1, 2]],
  [{ 'a.0': -1 }, [1, 2, 3]],
])('sorts by an element that is an array by %o as %o', (sort, ids) => {
  const found = things.run('nested', [
    bson({ $match: { _id: { $lt: 4 } } }),
    bson({ $sort: sort }),
  ]);
  expect(found.map((document) => document.get('_id'))).toEqual(ids);
  expect(codeOf(() => things.run('nested', [bson({ $sort: sort })]))).toBe(16746);
});

test('parallel arrays have no order', () => {
  expect(codeOf(() => things.run('arrays', [bson({ $sort: { a: 1, b: 1 } })]))).toBe(2);
});

test.each<[EncodableDocument, number]>([
  [{ $bogus: {} }, 40324],
  [{ $rankFusion: {} }, 40324],
  [{ $match: {}, $sort: { a: 1 } }, 40323],
  [{}, 40323],
  [{ $match: 1 }, 15959],
  [{ $project: {} }, 51272],
  [{ $project: 1 }, 15969],
  [{ $project: { a: 1, b: 0 } }, 31254],
  [{ $project: { a: 1, 'a.b': 1 } }, 31249],
  [{ $addFields: 1 }, 40272],
  [{ $set: { a: 1, 'a.b': 1 } }, 40176],
  [{ $set: { 'a.b': 1, a: 1 } }, 40176],
  [{ $set: { a: { $add: [1], b: 1 } } }, 40181],
  [{ $set: { a: { 'b.c': 1 } } }, 40183],
  [{ $set: { $a: 1 } }, 16410],
  [{ $set: { 'a.': 1 } }, 40353],
  [{ $set: { 'a..b': 1 } }, 15998],
  [{ $set: { '': 1 } }, 40352],
  [{ $unset: 1 }, 31002],
  [{ $unset: [] }, 31119],
  [{ $unset: [1] }, 31120],
  [{ $unset: ['a', 'a'] }, 31250],
  [{ $replaceRoot: 1 }, 40229],
  [{ $replaceRoot: {} }, 40414],
  [{ $replaceRoot: { newRoot: '$a', x: 1 } }, 40415],
  [{ $replaceRoot: { newRoot: '$a' } }, 40228],
  [{ $replaceWith: '$a' }, 40228],
  [{ $limit: 0 }, 15958],
  [{ $limit: -1 }, 5107201],
  [{ $limit: 'x' }, 5107201],
  [{ $limit: 1.5 }, 5107201],
  [{ $limit: 2 ** 63 }, 5107201],
  [{ $skip: -1 }, 5107200],
  [{ $count: 1 }, 40156],
  [{ $count: '' }, 40157],
  [{ $count: '$a' }, 40158],
  [{ $count: 'a.b' }, 40160],
  [{ $group: 1 }, 15947],
  [{ $group: { n: { $sum: 1 } } }, 15955],
  [{ $group: { _id: { a: 1 } } }, 17390],
  [{ $group: { _id: null, n: { $bogus: '$n' } } }, 15952],
  [{ $group: { _id: null, n: 1 } }, 40234],
  [{ $group: { _id: null, 'a.b': { $sum: 1 } } }, 40235],
  [{ $sort: 1 }, 15973],
  [{ $sort: {} }, 15976],
  [{ $sort: { a: 2 } }, 15975],
  [{ $sort: { a: 'up' } }, 15974],
  [{ $sort: { a: { $meta: 'textScore' } } }, 40218],
  [{ $sort: { a: { $meta: 'bogus' } } }, 31138],
  [{ $sort: { a: { $add: [1] } } }, 17312],
  [{ $sortByCount: 1 }, 40149],
  [{ $sortByCount: 'a' }, 40148],
  [{ $sortByCount: { a: 1 } }, 40147],
  [{ $sample: 1 }, 28745],
  [{ $sample: { size: 'x' } }, 28746],
  [{ $sample: { size: 0 } }, 28747],
  [{ $sample: { x: 1 } }, 28748],
  [{ $sample: {} }, 28749],
  [{ $unwind: 1 }, 15981],
  [{ $unwind: 'a' }, 28818],
  [{ $unwind: {} }, 28812],
  [{ $unwind: { path: 1 } }, 28808],
  [{ $unwind: { path: '$a', preserveNullAndEmptyArrays: 1 } }, 28809],
  [{ $unwind: { path: '$a', includeArrayIndex: '' } }, 28810],
  [{ $unwind: { path: '$a', includeArrayIndex: '$b' } }, 28822],
  [{ $unwind: { path: '$a', x: 1 } }, 28811],
  [{ $bucket: 1 }, 40201],
  [{ $bucket: { groupBy: 'a' } }, 40202],
  [{ $bucket: { groupBy: '$a', boundaries: 1 } }, 40200],
  [{ $bucket: { groupBy: '$a', boundaries: [1, '$a'] } }, 40191],
  [{ $bucket: { groupBy: '$a', boundaries: [1] } }, 40192],
  [{ $bucket: { groupBy: '$a', boundaries: [1, 'x'] } }, 40193],
  [{ $bucket: { groupBy: '$a', boundaries: [2, 1] } }, 40194],
  [{ $bucket: { groupBy: '$a', boundaries: [1, 2], default: '$a' } }, 40195],
  [{ $bucket: { groupBy: '$a', boundaries: [1, 2], output: 1 } }, 40196],
  [{ $bucket: { groupBy: '$a', boundaries: [1, 2], x: 1 } }, 40197],
  [{ $bucket: { groupBy: '$a' } }, 40198],
  [{ $bucket: { groupBy: '$a', boundaries: [1, 5], default: 2 } }, 40199],
  [{ $bucket: { groupBy: '$a', boundaries: [5, 6] } }, 40066],
  [{ $bucketAuto: 1 }, 40240],
  [{ $bucketAuto: { groupBy: 'a', buckets: 1 } }, 40239],
  [{ $bucketAuto: { groupBy: '$a', buckets: 'x' } }, 40241],
  [{ $bucketAuto: { groupBy: '$a', buckets: 1.5 } }, 40242],
  [{ $bucketAuto: { groupBy: '$a', buckets: 0 } }, 40243],
  [{ $bucketAuto: { groupBy: '$a', buckets: 1, output: 1 } }, 40244],
  [{ $bucketAuto: { groupBy: '$a', buckets: 1, x: 1 } }, 40245],
  [{ $bucketAuto: { groupBy: '$a' } }, 40246],
  [{ $bucketAuto: { groupBy: '$a', buckets: 1, granularity: 'R3' } }, 40257],
  [{ $bucketAuto: { groupBy: { $literal: 'x' }, buckets: 1, granularity: 'R5' } }, 40258],
  [{ $bucketAuto: { groupBy: { $literal: Number.NaN }, buckets: 1, granularity: 'R5' } }, 40259],
  [{ $bucketAuto: { groupBy: { $literal: -1 }, buckets: 1, granularity: 'R5' } }, 40260],
  [{ $bucketAuto: { groupBy: '$a', buckets: 1, granularity: 5 } }, 40261],
  [{ $facet: {} }, 40169],
  [{ $facet: { a: 1 } }, 40170],
  [{ $facet: { a: [1] } }, 40171],
  [{ $facet: { $a: [] } }, 16410],
  [{ $facet: { 'a.b': [] } }, 16412],
  [{ $facet: { a: [{ $facet: { b: [] } }] } }, 40600],
  [{ $facet: { a: [{ $out: 'x' }] } }, 40600],
  [{ $facet: { a: [{ $collStats: {} }] } }, 40600],
  [{ $facet: { a: [{ $bogus: 1 }] } }, 40324],
  [{ $redact: 'x' }, 17053],
  [{ $search: {} }, 31082],
  [{ $searchMeta: {} }, 31082],
  [{ $vectorSearch: {} }, 31082],
  [{ $listSearchIndexes: {} }, 31082],
  [{ $geoNear: {} }, 291],
  [{ $shardedDataDistribution: {} }, 40644],
  [{ $queryStats: {} }, 238],
  [{ $changeStreamSplitLargeEvent: {} }, 20],
  [{ $indexStats: 1 }, 28803],
  [{ $collStats: 1 }, 5447000],
  [{ $collStats: { x: {} } }, 40415],
  [{ $planCacheStats: 1 }, 9],
])('refuses %o with code %d', (stage, code) => {
  expect(codeOf(() => things.run('c', [bson(stage)]))).toBe(code);
});

test.each<[EncodableDocument[], number]>([
  [[{ $match: {} }, { $collStats: {} }], 40602],
  [[{ $match: {} }, { $documents: [] }], 40602],
  [[{ $out: 'x' }, { $match: {} }], 40601],
  [[{ $merge: 'x' }, { $match: {} }], 40601],
  [[{ $match: {} }, { $changeStream: {} }], 40602],
  [Array.from({ length: 1001 }, () => ({ $match: {} })), 9],
])('stages where they may not stand: %o, %d', (stages, code) => {
  expect(codeOf(() => compilePipeline(stages.map(bson), { database: 'db' }))).toBe(code);
});

test('a blocking stage that may not use the disk holds 100 MB at most', () => {
  const data = new PipelineData({ c: Array.from({ length: 120 }, (_, _id) => ({ _id })) });
  const grow = bson({ $set: { text: { $literal: 'x'.repeat(2 ** 20) } } });
  const stages = [
    [grow, bson({ $sort: { _id: -1 } })],
    [grow, bson({ $group: { _id: null, all: { $push: '$text' } } })],
  ];
  for (const each of stages) {
    expect(codeOf(() => data.run('c', each, { allowDiskUse: false }))).toBe(292);
  }
  const first = bson({ $limit: 3 });
  const sort = bson({ $sort: { _id: -1 } });
  expect(data.run('c', [grow, sort, first], { allowDiskUse: false })).toHaveLength(3);
  data.close();
});

test.each<[EncodableDocument[], string]>([
  [[{ $set: { b: 1 } }, { $match: { a: 1 } }], '$match $set'],
  [[{ $set: { 'a.b': 1 } }, { $match: { 'a.c': 1 } }], '$set $match'],
  [[{ $set: { b: 1 } }, { $match: { $or: [{ a: 1 }, { b: 1 }] } }], '$set $match'],
  [[{ $set: { b: 1 } }, { $match: { $expr: '$a' } }], '$set $match'],
  [[{ $project: { a: 1 } }, { $match: { a: 1, _id: 1 } }], '$match $project'],
  [[{ $project: { a: '$b' } }, { $match: { a: 1 } }], '$project $match'],
  [[{ $project: { a: 1, _id: 0 } }, { $match: { _id: 1 } }], '$project $match'],
  [[{ $project: { b: 0 } }, { $match: { a: 1 } }], '$match $project'],
  [[{ $project: { a: 0 } }, { $match: { 'a.b': 1 } }], '$project $match'],
  [[{ $unset: ['b'] }, { $sort: { a: 1 } }, { $match: { a: 1 } }], '$match $unset $sort'],
  [[{ $unwind: '$b' }, { $match: { a: 1 } }], '$match $unwind'],
  [[{ $unwind: { path: '$b', includeArrayIndex: 'a.i' } }, { $match: { a: 1 } }], '$unwind $match'],
  [[{ $lookup: { from: 'c', pipeline: [], as: 'b.c' } }, { $match: { a: 1 } }], '$match $lookup'],
  [[{ $limit: 1 }, { $match: { a: 1 } }], '$limit $match'],
  [[{ $group: { _id: '$a' } }, { $match: { _id: 1 } }], '$group $match'],
  [[{ $match: { a: 1 } }, { $set: { c: 1 } }, { $match: { b: 1 } }], '$match $match $set'],
])('%o runs as %s', (stages, order) => {
  const { stages: compiled } = compilePipeline(stages.map(bson), { database: 'db' });
  expect(compiled.map(({ name }) => name).join(' ')).toBe(order);
});
