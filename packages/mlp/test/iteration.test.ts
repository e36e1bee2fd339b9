import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DenseDesignMatrix, type IterationMode, RandomState } from '../src/index.ts';

const data = (size: number) =>
  new DenseDesignMatrix({
    X: Array.from({ length: size }, (_, i) => [i]),
    y: Array.from({ length: size }, () => [0]),
  });

const batches = (
  size: number,
  mode: IterationMode,
  batchSize: number,
  numBatches?: number,
  seed = 1,
) =>
  [...data(size).iterator({ mode, batchSize, numBatches, rng: new RandomState(seed) })].map(
    ({ X }) => [...X.data],
  );

test('in order, with what is left as a short batch', () => {
  expect(batches(7, 'sequential', 3)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  expect(batches(7, 'sequential', 3, 2)).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  expect(batches(7, 'even_sequential', 3)).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test("a shuffled pass is NumPy's shuffle", () => {
  const order = [
    ...data(10).iterator({
      mode: 'shuffled_sequential',
      batchSize: 4,
      rng: new RandomState([2012, 10, 5]),
    }),
  ];
  expect(order.map(({ X }) => [...X.data])).toEqual([
    [4, 7, 0, 9],
    [2, 6, 3, 8],
    [1, 5],
  ]);
});

test('batches of neighbours come in the order of a shuffle, the short one too', () => {
  const which = [0, 1, 2, 3];
  new RandomState(1).shuffle(which);
  const due = which.map((batch) => [0, 1, 2].map((i) => batch * 3 + i).filter((i) => i < 10));
  expect(batches(10, 'batchwise_shuffled_sequential', 3)).toEqual(due);
});

test('slices and single examples are drawn by randint', () => {
  const rng = new RandomState(1);
  const slices = Array.from({ length: 5 }, () => rng.randint(0, 8)).map((start) => [
    start,
    start + 1,
    start + 2,
  ]);
  expect(batches(10, 'random_slice', 3, 5)).toEqual(slices);
  const again = new RandomState(1);
  const due = Array.from({ length: 4 }, () =>
    Array.from({ length: 3 }, () => again.randint(0, 10)),
  );
  expect(batches(10, 'random_uniform', 3, 4)).toEqual(due);
});

const modes = ['sequential', 'shuffled_sequential', 'batchwise_shuffled_sequential'] as const;
test('each example comes once in a pass; the even modes leave out what fills no batch', () => {
  const passes = fc.record({
    size: fc.integer({ min: 1, max: 40 }),
    batchSize: fc.integer({ min: 1, max: 12 }),
    mode: fc.constantFrom(...modes),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(passes, ({ size, batchSize, mode, seed }) => {
      const all = batches(size, mode, batchSize, undefined, seed).flat();
      expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      const even = batches(size, `even_${mode}`, batchSize, undefined, seed);
      expect(even).toHaveLength(Math.floor(size / batchSize));
      expect(even.every(({ length }) => length === batchSize)).toBe(true);
      expect(new Set(even.flat()).size).toBe(even.length * batchSize);
    }),
  );
});

describe('refuses', () => {
  test.each<{ what: string; make: () => unknown; says: string }>([
    {
      what: 'an unknown mode',
      make: () => batches(3, 'backwards' as 'sequential', 1),
      says: 'there are sequential, ',
    },
    {
      what: 'more batches than there are',
      make: () => batches(5, 'sequential', 2, 4),
      says: '5 examples give 3 batches of 2, not 4',
    },
    {
      what: 'random slices without a number',
      make: () => batches(5, 'random_slice', 2),
      says: 'needs a number of batches',
    },
    {
      what: 'slices that are too long',
      make: () => batches(5, 'random_slice', 6, 1),
      says: 'a slice of 6 does not fit into 5',
    },
    { what: 'half an example', make: () => batches(5, 'sequential', 0.5), says: 'batchSize' },
    {
      what: 'a shuffle of nothing',
      make: () => [...data(3).iterator({ mode: 'shuffled_sequential', batchSize: 1 })],
      says: 'give rng',
    },
  ])('$what', ({ make, says }) => {
    expect(make).toThrow(says);
  });
});
