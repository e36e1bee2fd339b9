import { Decimal128, Double } from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BsonNumber, compareNumbers, compareValues } from '../src/bson-order.ts';
import { encodeKey } from '../src/key-string.ts';
import { numbers, values } from './bson-values.ts';

test('the bytes of keys stand in the order of their values', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const order = Buffer.compare(encodeKey([a]), encodeKey([b]));
      expect(Math.sign(order)).toBe(Math.sign(compareValues(a, b)));
    }),
    { numRuns: 2000 },
  );
});

test('numbers of all kinds have one key when they are equal, and their order when not', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const order = Buffer.compare(encodeKey([a]), encodeKey([b]));
      expect(Math.sign(order)).toBe(Math.sign(compareValues(a, b)));
    }),
    { numRuns: 5000 },
  );
});

test('several values, each with a direction of its own', () => {
  fc.assert(
    fc.property(values, values, values, values, (a, b, c, d) => {
      const order = Buffer.compare(encodeKey([a, b], [1, -1]), encodeKey([c, d], [1, -1]));
      expect(Math.sign(order)).toBe(Math.sign(compareValues(a, c) || 0 - compareValues(b, d)));
    }),
    { numRuns: 2000 },
  );
});

test('the order is total: it never contradicts itself', () => {
  fc.assert(
    fc.property(values, values, values, (a, b, c) => {
      expect(Math.sign(compareValues(a, b))).toBe(0 - Math.sign(compareValues(b, a)));
      if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) {
        expect(compareValues(a, c)).toBeLessThanOrEqual(0);
      }
    }),
  );
});

test.each<[BsonNumber, BsonNumber, number]>([
  [1, new Double(1), 0],
  [1, 1n, 0],
  [1, Decimal128.fromString('1.0'), 0],
  [2 ** 53, 2n ** 53n + 1n, -1],
  [0.1, Decimal128.fromString('0.1'), 1],
  [Number.NaN, Number.NEGATIVE_INFINITY, -1],
  [new Double(-0), 0, 0],
  [2n ** 63n - 1n, 2 ** 63, -1],
  [Decimal128.fromString('1E6000'), Number.MAX_VALUE, 1],
  [Decimal128.fromString('1E6000'), Number.POSITIVE_INFINITY, -1],
  [Decimal128.fromString('-1E6000'), Number.NEGATIVE_INFINITY, 1],
  [Decimal128.fromString('1E6000'), Decimal128.fromString('1E6001'), -1],
  [Decimal128.fromString('Infinity'), Number.POSITIVE_INFINITY, 0],
  [Decimal128.fromString('NaN'), Number.NaN, 0],
  [Decimal128.fromString('1E-6000'), 0, 1],
  [Decimal128.fromString('1E-6000'), Number.MIN_VALUE, -1],
  [Decimal128.fromString('4E-324'), Number.MIN_VALUE, -1],
])('compares %s with %s exactly', (a, b, order) => {
  expect(Math.sign(compareNumbers(a, b))).toBe(order);
  expect(Buffer.compare(encodeKey([a]), encodeKey([b]))).toBe(order);
});
