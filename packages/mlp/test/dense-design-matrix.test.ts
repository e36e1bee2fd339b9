import { asMatrix } from '@holdfast/linalg';
import { describe, expect, test } from 'vitest';
import { DenseDesignMatrix, StandardScaler } from '../src/index.ts';
import { expectWithin } from './nets.ts';

test('holds copies, a row an example', () => {
  const X = asMatrix([
    [1, 2],
    [3, 4],
  ]);
  const data = new DenseDesignMatrix({ X, y: [[1], [0]] });
  X.data[0] = 9;
  expect(data.size).toBe(2);
  expect(data.features).toBe(2);
  expect(data.X).toEqual({ rows: 2, columns: 2, data: Float64Array.of(1, 2, 3, 4) });
  expect(data.y).toEqual({ rows: 2, columns: 1, data: Float64Array.of(1, 0) });
});

test('class numbers become columns', () => {
  const due = { rows: 3, columns: 3, data: Float64Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0) };
  const X = [[1], [2], [3]];
  expect(new DenseDesignMatrix({ X, y: [2, 0, 1], yLabels: 3 }).y).toEqual(due);
  expect(new DenseDesignMatrix({ X, y: asMatrix([[2], [0], [1]]), yLabels: 3 }).y).toEqual(due);
});

test('splits after int(size · proportion) rows', () => {
  const rows = Array.from({ length: 231 }, (_, i) => [i]);
  const [one, two] = new DenseDesignMatrix({ X: rows, y: rows }).split(0.7);
  expect([one.size, two.size]).toEqual([161, 70]);
  expect([one.X.data[160], two.X.data[0], two.y.data[69]]).toEqual([160, 161, 230]);
});

test('takes rows in any order, more than once', () => {
  const rows = [[1], [2], [3]];
  const taken = new DenseDesignMatrix({ X: rows, y: rows }).take([2, 0, 2]);
  expect([...taken.X.data]).toEqual([3, 1, 3]);
});

test.each([
  { what: 'no examples', X: [], y: [], message: 'there is no example' },
  { what: 'more rows of X', X: [[1], [2]], y: [[1]], message: 'X has 2 rows, y has 1' },
  { what: 'ragged rows', X: [[1, 2], [2]], y: [[1], [0]], message: 'row 1 has 1 entries' },
  { what: 'NaN', X: [[1], [Number.NaN]], y: [[1], [0]], message: 'X holds NaN in row 1, column 0' },
  { what: 'infinity', X: [[1]], y: [[Infinity]], message: 'y holds Infinity in row 0' },
])('refuses $what', ({ X, y, message }) => {
  expect(() => new DenseDesignMatrix({ X, y })).toThrow(RangeError);
  expect(() => new DenseDesignMatrix({ X, y })).toThrow(message);
});

describe('refuses labels', () => {
  test.each([
    { y: [0, 3], yLabels: 3, says: 'row 1 has label 3; labels go from 0 to 2' },
    { y: [-1, 0], yLabels: 3, says: 'row 0 has label -1' },
    { y: [0.5, 0], yLabels: 3, says: 'row 0 has label 0.5' },
    { y: [0, 0], yLabels: 0, says: 'yLabels' },
  ])('$y of $yLabels', ({ y, yLabels, says }) => {
    const make = () => new DenseDesignMatrix({ X: [[1], [2]], y, yLabels });
    expect(make).toThrow(RangeError);
    expect(make).toThrow(says);
  });

  test('whose classes nobody has counted', () => {
    expect(() => new DenseDesignMatrix({ X: [[1]], y: [1] })).toThrow('give yLabels');
  });
});

test('refuses parts that would be empty, and rows that are not there', () => {
  const data = new DenseDesignMatrix({ X: [[1], [2]], y: [[1], [2]] });
  expect(() => data.split(0.1)).toThrow('leaves a part of 2 examples empty');
  expect(() => data.split(1)).toThrow(RangeError);
  expect(() => data.take([2])).toThrow('there is no example 2 of 2');
});

describe('StandardScaler', () => {
  const rows = [
    [1, 5, -3],
    [2, 5, 1],
    [4, 5, 8],
  ];

  test('scales to mean 0 and deviation 1; what never changes is only centred', () => {
    const scaler = new StandardScaler().fit(rows);
    const { data } = scaler.transform(rows);
    for (const j of [0, 2]) {
      const column = [0, 1, 2].map((i) => data[3 * i + j] as number);
      expectWithin(1e-15, [column.reduce((a, b) => a + b)], [0]);
      expectWithin(1e-15, [column.reduce((a, b) => a + b * b, 0) / 3], [1]);
    }
    expect([data[1], data[4], data[7]]).toEqual([0, 0, 0]);
    expect([...scaler.mean]).toEqual([7 / 3, 5, 2]);
    expect(scaler.scale[1]).toBe(1);
  });

  test('scales other rows by what it has learnt', () => {
    const scaler = new StandardScaler().fit([[0], [2]]);
    expect([...scaler.transform([[5]]).data]).toEqual([4]);
  });

  test.each<{ what: string; make: () => unknown; says: string }>([
    { what: 'no rows', make: () => new StandardScaler().fit([]), says: 'no rows' },
    { what: 'NaN', make: () => new StandardScaler().fit([[1], [Number.NaN]]), says: 'feature 0' },
    {
      what: 'another width',
      make: () => new StandardScaler().fit(rows).transform([[1]]),
      says: 'knows 3 features, the rows have 1',
    },
    {
      what: 'to scale before it has learnt',
      make: () => new StandardScaler().transform(rows),
      says: 'call fit',
    },
  ])('refuses $what', ({ make, says }) => {
    expect(make).toThrow(says);
  });
});
