import { asMatrix } from '@holdfast/linalg';
import { expect, test } from 'vitest';
import { DenseDesignMatrix } from '../src/index.ts';

test('holds copies, a row an example', () => {
  const X = asMatrix([
    [1, 2],
    [3, 4],
  ]);
  const data = new DenseDesignMatrix({ X, y: [[1], [0]] });
  X.data[0] = 9;
  expect(data.size).toBe(2);
  expect(data.X).toEqual({ rows: 2, columns: 2, data: Float64Array.of(1, 2, 3, 4) });
  expect(data.y).toEqual({ rows: 2, columns: 1, data: Float64Array.of(1, 0) });
});

test.each([
  { what: 'no examples', X: [], y: [], message: 'there is no example' },
  { what: 'more rows of X', X: [[1], [2]], y: [[1]], message: 'X has 2 rows, y has 1' },
  { what: 'ragged rows', X: [[1, 2], [2]], y: [[1], [0]], message: 'row 1 has 1 entries' },
  { what: 'NaN', X: [[1], [Number.NaN]], y: [[1], [0]], message: 'X holds NaN in row 1' },
  { what: 'infinity', X: [[1]], y: [[Infinity]], message: 'y holds Infinity in row 0' },
])('refuses $what', ({ X, y, message }) => {
  expect(() => new DenseDesignMatrix({ X, y })).toThrow(RangeError);
  expect(() => new DenseDesignMatrix({ X, y })).toThrow(message);
});
