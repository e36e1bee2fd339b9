import { expect, test } from 'vitest';
import { asMatrix, multiply, rowsOf } from '../src/index.ts';

test('rows become a row-major matrix and come back the same', () => {
  const matrix = asMatrix([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(matrix).toEqual({ rows: 2, columns: 3, data: Float64Array.of(1, 2, 3, 4, 5, 6) });
  expect(rowsOf(matrix)).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

test('a matrix is handed through, not copied', () => {
  const matrix = { rows: 1, columns: 1, data: Float64Array.of(7) };
  expect(asMatrix(matrix)).toBe(matrix);
});

test('no rows make an empty matrix', () => {
  expect(asMatrix([])).toEqual({ rows: 0, columns: 0, data: new Float64Array() });
});

test.each([
  { what: 'ragged rows', like: [[1, 2], [3]], message: /row 1 has 1 entries where row 0 has 2/ },
  {
    what: 'data of another size',
    like: { rows: 2, columns: 2, data: new Float64Array(3) },
    message: /2 × 2 matrix has not 3 entries/,
  },
])('refuses $what', ({ like, message }) => {
  expect(() => asMatrix(like)).toThrow(RangeError);
  expect(() => asMatrix(like)).toThrow(message);
});

const a = asMatrix([
  [1, 2, 3],
  [4, 5, 6],
]);

test.each([
  {
    how: 'as they stand',
    left: a,
    right: asMatrix([[1], [0], [-1]]),
    options: {},
    due: [[-2], [-2]],
  },
  {
    how: 'the left transposed',
    left: a,
    right: asMatrix([[1], [-1]]),
    options: { transposeA: true },
    due: [[-3], [-3], [-3]],
  },
  {
    how: 'the right transposed',
    left: a,
    right: a,
    options: { transposeB: true },
    due: [
      [14, 32],
      [32, 77],
    ],
  },
])('multiplies $how', ({ left, right, options, due }) => {
  expect(rowsOf(multiply(left, right, options))).toEqual(due);
});

test('refuses factors that do not meet', () => {
  expect(() => multiply(a, a)).toThrow('cannot multiply 2 × 3 by 2 × 3');
});
