import { expect, test } from 'vitest';
import type { EncodableDocument } from '../src/bson-document.ts';
import { bson, codeOf, PipelineData } from './pipeline-data.ts';

function densified(documents: EncodableDocument[], stage: EncodableDocument): unknown[] {
  const data = new PipelineData({ c: documents.map((each, _id) => ({ _id, ...each })) });
  const found = data.aggregate('c', [{ $densify: { field: 'n', ...stage } }, { $unset: '_id' }]);
  data.close();
  return found;
}

const n = (...values: number[]) => values.map((each) => ({ n: each }));
const of = (p: string, ...values: number[]) => values.map((each) => ({ p, n: each }));

test.each<[EncodableDocument[], EncodableDocument, unknown[]]>([
  [n(1, 4), { range: { step: 1, bounds: 'full' } }, n(1, 2, 3, 4)],
  [n(1, 4, 6), { range: { step: 2, bounds: 'full' } }, n(1, 3, 4, 5, 6)],
  [n(6, 1), { range: { step: 10, bounds: 'full' } }, n(1, 6)],
  [
    [{}, { n: null }, { n: 1 }, { n: 3 }],
    { range: { step: 1, bounds: 'full' } },
    [{}, { n: null }, ...n(1, 2, 3)],
  ],
  [n(3, 5), { range: { step: 1, bounds: [2, 8] } }, n(2, 3, 4, 5, 6, 7)],
  [n(0, 3, 9), { range: { step: 2, bounds: [2, 8] } }, n(0, 2, 3, 4, 6, 9)],
  [[], { range: { step: 1, bounds: [0, 3] } }, n(0, 1, 2)],
  [
    [...of('a', 1, 3), ...of('b', 2, 4)],
    { partitionByFields: ['p'], range: { step: 1, bounds: 'partition' } },
    [...of('a', 1, 2, 3), ...of('b', 2, 3, 4)],
  ],
  [
    [...of('a', 1, 3), ...of('b', 2, 4)],
    { partitionByFields: ['p'], range: { step: 1, bounds: 'full' } },
    [...of('a', 1), ...of('b', 1, 2), ...of('a', 2, 3), ...of('b', 3, 4), ...of('a', 4)],
  ],
  [
    [...of('a', 1), ...of('b', 2)],
    { partitionByFields: ['p'], range: { step: 1, bounds: [0, 3] } },
    [...of('a', 0, 1), ...of('b', 0, 1, 2), ...of('a', 2)],
  ],
])('%o by %o', (documents, stage, expected) => {
  expect(densified(documents, stage)).toEqual(expected);
});

test('dates go on by months, days of the month kept', () => {
  const date = (text: string) => ({ n: new Date(`${text}T00:00:00Z`) });
  const found = densified([date('2024-01-31'), date('2024-04-30')], {
    range: { step: 1, unit: 'month', bounds: 'full' },
  });
  expect(found[0]).toEqual(date('2024-01-31'));
  expect(found[1]).toEqual(date('2024-02-29'));
  expect(found.at(-1)).toEqual(date('2024-04-30'));
});

test('generated documents have their field at its path', () => {
  const data = new PipelineData({
    c: [
      { _id: 1, a: { n: 1, x: 5 } },
      { _id: 2, a: { n: 3 } },
    ],
  });
  expect(
    data.aggregate('c', [{ $densify: { field: 'a.n', range: { step: 1, bounds: 'full' } } }]),
  ).toEqual([{ _id: 1, a: { n: 1, x: 5 } }, { a: { n: 2 } }, { _id: 2, a: { n: 3 } }]);
  data.close();
});

const range = (given: EncodableDocument) => ({ range: { step: 1, bounds: 'full', ...given } });

test.each<[EncodableDocument, number]>([
  [{ range: 1 }, 14],
  [{}, 40414],
  [{ range: { step: 1 } }, 40414],
  [range({ x: 1 }), 40415],
  [{ ...range({}), x: 1 }, 40415],
  [range({ step: 0 }), 5733401],
  [range({ step: 'x' }), 5733401],
  [range({ step: 1.5, unit: 'day' }), 6586400],
  [range({ unit: 'bogus' }), 9],
  [range({ bounds: 'x' }), 5946802],
  [range({ bounds: 1 }), 5733404],
  [range({ bounds: [1] }), 5733403],
  [range({ bounds: [2, 1] }), 5733402],
  [range({ bounds: [1, 2], unit: 'day' }), 5733409],
  [range({ bounds: [1, 'x'] }), 5733406],
  [range({ bounds: [1, 2n] }), 5876900],
  [range({ bounds: [new Date(1), new Date(2)] }), 5733410],
  [range({ bounds: ['a', 'b'] }), 5946800],
  [range({ bounds: 'partition' }), 5733408],
  [{ ...range({}), partitionByFields: ['n'] }, 8993000],
  [{ ...range({}), partitionByFields: [1] }, 14],
  [{ ...range({}), field: 'text' }, 5733201],
  [{ ...range({}), field: 'date' }, 6053600],
  [range({ unit: 'day' }), 6053600],
  [range({ bounds: [0, 1_000_000] }), 5897900],
])('refuses %o with code %d', (stage, code) => {
  const data = new PipelineData({ c: [{ _id: 1, n: 1, text: 'x', date: new Date(0) }] });
  expect(codeOf(() => data.run('c', [bson({ $densify: { field: 'n', ...stage } })]))).toBe(code);
  data.close();
});
