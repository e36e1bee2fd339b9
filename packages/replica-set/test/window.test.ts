import { Decimal128, Double } from 'bson';
import { expect, test } from 'vitest';
import type { EncodableDocument } from '../src/bson-document.ts';
import { bson, codeOf, PipelineData } from './pipeline-data.ts';

/** What a window function gives for documents in the order of their numbers. */
function column(documents: readonly EncodableDocument[], stage: EncodableDocument): unknown[] {
  const data = new PipelineData({ c: documents.map((each, _id) => ({ _id, ...each })) });
  const found = data.aggregate('c', [{ $setWindowFields: stage }, { $sort: { _id: 1 } }]);
  data.close();
  return found.map((document) => (document as { out: unknown }).out);
}

const five = [1, 2, 3, 4, 5].map((n) => ({ n }));
const documents = (lower: unknown, upper: unknown) => ({
  window: { documents: [lower, upper] as never },
});
const range = (lower: unknown, upper: unknown, unit?: string) => ({
  window: { range: [lower, upper] as never, ...(unit && { unit }) },
});

test.each<[EncodableDocument, unknown[]]>([
  [{ $sum: '$n' }, [15, 15, 15, 15, 15]],
  [{ $sum: '$n', window: {} }, [15, 15, 15, 15, 15]],
  [{ $sum: '$n', ...documents('unbounded', 'current') }, [1, 3, 6, 10, 15]],
  [{ $sum: '$n', ...documents('current', 'unbounded') }, [15, 14, 12, 9, 5]],
  [{ $sum: '$n', ...documents(-1, 1) }, [3, 6, 9, 12, 9]],
  [{ $sum: '$n', ...documents(-3, -2) }, [0, 0, 1, 3, 5]],
  [{ $sum: '$n', ...documents(2, 'unbounded') }, [12, 9, 5, 0, 0]],
  [{ $avg: '$n', ...documents(1, 2) }, [2.5, 3.5, 4.5, new Double(5), null]],
  [{ $min: '$n', ...documents(-1, 1) }, [1, 1, 2, 3, 4]],
  [{ $max: '$n', ...documents(-1, 1) }, [2, 3, 4, 5, 5]],
  [{ $push: '$n', ...documents(-1, 'current') }, [[1], [1, 2], [2, 3], [3, 4], [4, 5]]],
  [
    { $push: '$n', ...documents('unbounded', 'current') },
    [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5]],
  ],
  [
    { $push: ['$n', 0], ...documents('current', 'current') },
    [[[1, 0]], [[2, 0]], [[3, 0]], [[4, 0]], [[5, 0]]],
  ],
  [{ $first: '$n', ...documents(-1, 0) }, [1, 1, 2, 3, 4]],
  [{ $last: '$n', ...documents(1, 1) }, [2, 3, 4, 5, null]],
  [{ $count: {}, ...documents(-1, 'current') }, [1, 2, 2, 2, 2]],
  [{ $sum: '$n', ...range(-1, 1) }, [3, 6, 9, 12, 9]],
  [{ $sum: '$n', ...range(-1.5, 0) }, [1, 3, 5, 7, 9]],
  [{ $sum: '$n', ...range('unbounded', -2) }, [0, 0, 1, 3, 6]],
  [{ $sum: '$n', ...range('current', 'unbounded') }, [15, 14, 12, 9, 5]],
  [{ $shift: { output: '$n', by: 1 } }, [2, 3, 4, 5, null]],
  [{ $shift: { output: '$n', by: -2, default: 'none' } }, ['none', 'none', 1, 2, 3]],
  [{ $documentNumber: {} }, [1n, 2n, 3n, 4n, 5n]],
  [
    { $derivative: { input: { $multiply: ['$n', 3] } }, ...documents(-1, 0) },
    [null, new Double(3), new Double(3), new Double(3), new Double(3)],
  ],
  [
    { $integral: { input: '$n' }, ...documents('unbounded', 'current') },
    [0, 1.5, new Double(4), 7.5, new Double(12)],
  ],
  [{ $integral: { input: '$n' }, ...documents(-1, 'current') }, [0, 1.5, 2.5, 3.5, 4.5]],
  [
    { $covariancePop: ['$n', { $multiply: ['$n', 2] }], ...documents(-1, 0) },
    [new Double(0), 0.5, 0.5, 0.5, 0.5],
  ],
  [{ $covarianceSamp: ['$n', '$n'], ...documents(-1, 0) }, [null, 0.5, 0.5, 0.5, 0.5]],
  [{ $covarianceSamp: ['$n', 'x'] }, [null, null, null, null, null]],
  [
    { $addToSet: { $mod: ['$n', 2] }, ...documents('unbounded', 'current') },
    [[1], [1, 0], [1, 0], [1, 0], [1, 0]],
  ],
  [{ $stdDevPop: '$n', ...documents(-1, 0) }, [new Double(0), 0.5, 0.5, 0.5, 0.5]],
  [{ $stdDevSamp: '$n', ...documents(-2, -2) }, [null, null, null, null, null]],
  [{ $firstN: { input: '$n', n: 2 }, ...documents(0, 2) }, [[1, 2], [2, 3], [3, 4], [4, 5], [5]]],
  [{ $lastN: { input: '$n', n: 2 }, ...documents(0, 2) }, [[2, 3], [3, 4], [4, 5], [4, 5], [5]]],
  [
    { $minN: { input: '$n', n: 2 }, ...documents(-1, 1) },
    [
      [1, 2],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
    ],
  ],
  [
    { $maxN: { input: '$n', n: 2 }, ...documents(-1, 1) },
    [
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 4],
      [5, 4],
    ],
  ],
  [{ $top: { output: '$n', sortBy: { n: -1 } }, ...documents(-1, 1) }, [2, 3, 4, 5, 5]],
  [{ $bottom: { output: '$n', sortBy: { n: -1 } }, ...documents(-1, 1) }, [1, 1, 2, 3, 4]],
  [
    { $topN: { output: '$n', sortBy: { n: 1 }, n: 1 }, ...documents(0, 1) },
    [[1], [2], [3], [4], [5]],
  ],
  [
    { $bottomN: { output: '$n', sortBy: { n: 1 }, n: 1 }, ...documents(0, 1) },
    [[2], [3], [4], [5], [5]],
  ],
  [
    { $median: { input: '$n', method: 'approximate' }, ...documents(-1, 1) },
    [new Double(1), new Double(2), new Double(3), new Double(4), new Double(4)],
  ],
  [
    { $percentile: { input: '$n', p: [0, 1], method: 'approximate' }, ...documents(-1, 1) },
    [
      [1, 2],
      [1, 3],
      [2, 4],
      [3, 5],
      [4, 5],
    ].map((pair) => pair.map((each) => new Double(each))),
  ],
])('%o over 1 to 5', (output, expected) => {
  expect(column(five, { sortBy: { n: 1 }, output: { out: output } })).toEqual(expected);
});

test.each<[EncodableDocument, unknown[]]>([
  [{ $rank: {} }, [1n, 4n, 2n, 2n, 1n]],
  [{ $denseRank: {} }, [1n, 3n, 2n, 2n, 1n]],
])('%o ranks equals alike within a partition', (output, expected) => {
  const given = [
    { p: 'x', n: 9 },
    { p: 'x', n: 5 },
    { p: 'x', n: 7 },
    { p: 'x', n: new Double(7) },
    { p: 'y', n: 1 },
  ];
  const found = column(given, { partitionBy: '$p', sortBy: { n: -1 }, output: { out: output } });
  expect(found).toEqual(expected);
});

test('partitions stand in the order of their keys, null and missing in one', () => {
  const data = new PipelineData({
    c: [
      { _id: 1, p: 'b', n: 2 },
      { _id: 2, p: 'a', n: 1 },
      { _id: 3, n: 1 },
      { _id: 4, p: null, n: 0 },
      { _id: 5, p: 'b', n: 1 },
    ],
  });
  const found = data.aggregate('c', [
    {
      $setWindowFields: {
        partitionBy: '$p',
        sortBy: { n: 1 },
        output: { 'w.ids': { $push: '$_id' } },
      },
    },
    { $project: { ids: '$w.ids' } },
  ]);
  expect(found).toEqual([
    { _id: 4, ids: [4, 3] },
    { _id: 3, ids: [4, 3] },
    { _id: 2, ids: [2] },
    { _id: 5, ids: [5, 1] },
    { _id: 1, ids: [5, 1] },
  ]);
  data.close();
});

const day = 86_400_000;
const dated = [0, 1, 3, 4].map((days) => ({ t: new Date(days * day), n: days }));

test.each<[EncodableDocument, unknown[]]>([
  [{ $sum: '$n', ...range(-1, 0, 'day') }, [0, 1, 3, 7]],
  [{ $sum: '$n', ...range(-1, 1, 'month') }, [8, 8, 8, 8]],
  [
    { $derivative: { input: '$n', unit: 'day' }, ...documents(-1, 0) },
    [null, new Double(1), new Double(1), new Double(1)],
  ],
  [
    { $integral: { input: '$n', unit: 'day' }, ...documents('unbounded', 'current') },
    [new Double(0), 0.5, 4.5, new Double(8)],
  ],
])('%o over dates', (output, expected) => {
  expect(column(dated, { sortBy: { t: 1 }, output: { out: output } })).toEqual(expected);
});

const gaps = [
  { t: 0 },
  { t: 1, n: 10 },
  { t: 2, n: null },
  { t: 3 },
  { t: 4, n: 40 },
  { t: 5, n: null },
];

test.each<[EncodableDocument, unknown[]]>([
  [{ $locf: '$n' }, [null, 10, 10, 10, 40, 40]],
  [{ $linearFill: '$n' }, [null, 10, new Double(20), new Double(30), 40, null]],
])('%o fills gaps', (output, expected) => {
  expect(column(gaps, { sortBy: { t: 1 }, output: { out: output } })).toEqual(expected);
});

test('$fill by methods, by values, and by partition', () => {
  const data = new PipelineData({
    c: [
      { _id: 1, p: 'a', t: 1, n: 1 },
      { _id: 2, p: 'a', t: 2 },
      { _id: 3, p: 'a', t: 3, n: 5, m: null },
      { _id: 4, p: 'b', t: 1 },
    ],
  });
  const found = data.aggregate('c', [
    {
      $fill: {
        partitionByFields: ['p'],
        sortBy: { t: 1 },
        output: { n: { method: 'linear' }, m: { value: 'none' } },
      },
    },
  ]);
  expect(found).toEqual([
    { _id: 1, p: 'a', t: 1, n: 1, m: 'none' },
    { _id: 2, p: 'a', t: 2, n: new Double(3), m: 'none' },
    { _id: 3, p: 'a', t: 3, n: 5, m: 'none' },
    { _id: 4, p: 'b', t: 1, n: null, m: 'none' },
  ]);
  data.close();
});

const sorted = (output: EncodableDocument, sortBy: EncodableDocument = { n: 1 }) => ({
  $setWindowFields: { sortBy, output: { out: output } },
});
const unsorted = (output: EncodableDocument) => ({ $setWindowFields: { output: { out: output } } });

test.each<[EncodableDocument, number]>([
  [{ $setWindowFields: 1 }, 9],
  [{ $setWindowFields: {} }, 40414],
  [{ $setWindowFields: { output: {}, x: 1 } }, 40415],
  [{ $setWindowFields: { output: 1 } }, 14],
  [{ $setWindowFields: { output: {}, sortBy: 1 } }, 14],
  [{ $setWindowFields: { output: {}, partitionBy: [1] } }, 14],
  [{ $setWindowFields: { output: { a: { $sum: 1 }, 'a.b': { $sum: 1 } } } }, 6307900],
  [{ $setWindowFields: { output: { $a: { $sum: 1 } } } }, 16410],
  [unsorted({ $bogus: 1 }), 9],
  [unsorted({ window: {} }), 9],
  [unsorted({ $sum: 1, $avg: 1 }), 9],
  [unsorted({ $sum: 1, x: 1 }), 9],
  [unsorted({ $sum: 1, window: 1 }), 9],
  [unsorted({ $sum: 1, window: { x: 1 } }), 9],
  [unsorted({ $sum: 1, ...documents(-1, 1) }), 5339901],
  [unsorted({ $sum: 1, ...range(-1, 1) }), 5339902],
  [sorted({ $sum: 1, ...documents(1, -1) }), 5339900],
  [sorted({ $sum: 1, ...documents(1.5, 2) }), 9],
  [sorted({ $sum: 1, ...documents('x', 2) }), 9],
  [sorted({ $sum: 1, ...documents('$n', 2) } as never), 9],
  [sorted({ $sum: 1, window: { documents: [1] } }), 9],
  [sorted({ $sum: 1, window: { documents: [0, 1], range: [0, 1] } }), 9],
  [sorted({ $sum: 1, window: { documents: [0, 1], unit: 'day' } }), 9],
  [sorted({ $sum: 1, ...range(0.5, 1, 'day') }), 9],
  [sorted({ $sum: 1, ...range(0, 1, 'bogus') }), 9],
  [sorted({ $sum: 1, ...range('unbounded', 1) }, { n: -1 }), 8947401],
  [sorted({ $sum: 1, ...range(0, 1) }, { n: 1, m: 1 }), 5339902],
  [sorted({ $sum: 1, ...range(0, 1) }, { text: 1 }), 5429414],
  [sorted({ $sum: 1, ...range(0, 1) }, { date: 1 }), 5429413],
  [sorted({ $sum: 1, ...range(0, 1, 'day') }), 5429513],
  [unsorted({ $rank: {} }), 5371602],
  [sorted({ $rank: {} }, { n: 1, m: 1 }), 5371602],
  [sorted({ $rank: 1 }), 5371603],
  [sorted({ $rank: {}, window: {} }), 5371601],
  [unsorted({ $shift: { output: '$n', by: 1 } }), 9],
  [sorted({ $shift: { output: '$n' } }), 9],
  [sorted({ $shift: { by: 1 } }), 9],
  [sorted({ $shift: { output: '$n', by: 1.5 } }), 9],
  [sorted({ $shift: { output: '$n', by: 1, default: '$n' } }), 9],
  [sorted({ $shift: { output: '$n', by: 1 }, window: {} }), 9],
  [unsorted({ $expMovingAvg: { input: '$n', N: 2 } }), 9],
  [sorted({ $expMovingAvg: { input: '$n' } }), 9],
  [sorted({ $expMovingAvg: { input: '$n', N: 0 } }), 9],
  [sorted({ $expMovingAvg: { input: '$n', alpha: 1 } }), 9],
  [unsorted({ $derivative: { input: '$n' }, window: {} }), 9],
  [sorted({ $derivative: { input: '$n' } }), 9],
  [sorted({ $derivative: { input: '$n', unit: 'month' }, window: {} }), 5490710],
  [sorted({ $derivative: { input: '$n', unit: 'day' }, window: {} }), 5624900],
  [sorted({ $derivative: { input: '$n' }, window: {} }, { date: 1 }), 5624901],
  [sorted({ $derivative: { input: '$n' }, window: {} }, { text: 1 }), 5624902],
  [sorted({ $derivative: { input: '$none' }, window: {} }), 5624903],
  [sorted({ $integral: { input: '$text' } }), 5423900],
  [sorted({ $integral: { input: '$n', unit: 'day' } }), 5423901],
  [sorted({ $integral: { input: '$n' } }, { date: 1 }), 5423902],
  [unsorted({ $linearFill: '$n' }), 605001],
  [sorted({ $linearFill: '$text' }), 14],
  [sorted({ $linearFill: '$none' }, { text: 1 }), 14],
  [sorted({ $linearFill: '$none' }, { same: 1 }), 6050106],
  [{ $fill: 1 }, 9],
  [{ $fill: {} }, 40414],
  [{ $fill: { output: {} } }, 6050203],
  [{ $fill: { output: { a: 1 } } }, 6050200],
  [{ $fill: { output: { a: { method: 'locf', value: 1 } } } }, 6050201],
  [{ $fill: { output: { a: { method: 'x' } } } }, 6050202],
  [
    { $fill: { output: { a: { value: 1 } }, partitionBy: '$a', partitionByFields: ['a'] } },
    6050204,
  ],
])('refuses %o with code %d', (stage, code) => {
  const data = new PipelineData({
    c: [1, 2].map((n) => ({ _id: n, n, text: `t${n}`, date: new Date(n), same: 1 })),
  });
  expect(codeOf(() => data.run('c', [bson(stage)]))).toBe(code);
  data.close();
});

test('$expMovingAvg weighs the last value by 2 / (N + 1)', () => {
  const given = [13, 15.4, 12, 11.7, 10.1].map((n) => ({ n }));
  const stage = (how: EncodableDocument) => ({
    sortBy: { _id: 1 },
    output: { out: { $expMovingAvg: { input: '$n', ...how } } },
  });
  const expected = [new Double(13), 14.2, 13.1, 12.4, 11.25];
  expect(column(given, stage({ alpha: 0.5 }))).toEqual(expected);
  expect(column(given, stage({ N: 3 }))).toEqual(expected);
  const decimal = column([{ n: 'x' }, { n: Decimal128.fromString('1.5') }], stage({ N: 3 }));
  expect(decimal.map(String)).toEqual(['null', '1.5']);
});
