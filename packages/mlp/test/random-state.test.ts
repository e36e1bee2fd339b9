import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomState } from '../src/index.ts';

/** Calls a method as often as wanted. */
function draws(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

describe('against NumPy', () => {
  test.each([
    {
      seed: [2013, 1, 4],
      due: [0.6252567701613894, 0.3840026101798222, 0.9597336288197106],
    },
    { seed: 42, due: [0.3745401188473625, 0.9507143064099162] },
  ])('RandomState($seed) begins with the same doubles', ({ seed, due }) => {
    const rng = new RandomState(seed);
    expect(draws(due.length, () => rng.uniform())).toEqual(due);
  });

  test('normal numbers are the same, the spare ones too', () => {
    const rng = new RandomState(42);
    expect(draws(3, () => rng.randn())).toEqual([
      0.4967141530112327, -0.13826430117118466, 0.6476885381006925,
    ]);
  });

  test('normal numbers of any mean and deviation are loc + scale · randn', () => {
    const [one, two] = [new RandomState(42), new RandomState(42)];
    for (let i = 0; i < 4; i++) expect(one.normal(3, 0.5)).toBe(3 + 0.5 * two.randn());
  });

  test('whole numbers are the same', () => {
    const rng = new RandomState(42);
    expect(draws(5, () => rng.randint(0, 10))).toEqual([6, 3, 7, 4, 6]);
  });

  test('shuffles are the same', () => {
    const order = [...new Array(10).keys()];
    new RandomState([2012, 10, 5]).shuffle(order);
    expect(order).toEqual([4, 7, 0, 9, 2, 6, 3, 8, 1, 5]);
    const many = new RandomState([2012, 10, 5]).permutation(1000);
    expect([...many.subarray(0, 10)]).toEqual([278, 139, 511, 638, 792, 972, 332, 313, 82, 571]);
  });

  test('a range is low + (high − low) · double', () => {
    expect(new RandomState([2013, 1, 4]).uniform(-0.05, 0.05)).toBe(0.012525677016138936);
  });
});

describe('against the published MT19937', () => {
  const bits = (rng: RandomState) => rng.randint(0, 2 ** 32);

  test('seed 5489 gives 4123659995 at place 10000, as std::mt19937 has to', () => {
    const rng = new RandomState(5489);
    expect(draws(10_000, () => bits(rng)).at(-1)).toBe(4_123_659_995);
  });

  test('the list of the reference program gives its output', () => {
    const rng = new RandomState([0x123, 0x234, 0x345, 0x456]);
    expect(draws(5, () => bits(rng))).toEqual([
      1067595299, 955945823, 477289528, 4107218783, 4228976476,
    ]);
  });

  test('a list longer than the state seeds too', () => {
    const long = Array.from({ length: 700 }, (_, i) => i);
    const [one, other] = [new RandomState(long), new RandomState([...long.slice(0, -1), 0])];
    expect(bits(one)).not.toBe(bits(other));
  });
});

test('whole numbers stay within their bounds and reach both', () => {
  const bounds = fc.record({
    seed: fc.nat(),
    low: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    span: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(bounds, ({ seed, low, span }) => {
      const rng = new RandomState(seed);
      const seen = new Set(draws(300, () => rng.randint(low, low + span)));
      expect([...seen].sort((a, b) => a - b)).toEqual(draws(span, () => 0).map((_, i) => low + i));
    }),
    { numRuns: 50 },
  );
});

test('a range of one number costs no draw', () => {
  const [one, other] = [new RandomState(1), new RandomState(1)];
  expect(one.randint(7, 8)).toBe(7);
  expect(one.uniform()).toBe(other.uniform());
});

test('a permutation holds each number once', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 200 }), (seed, count) => {
      const order = [...new RandomState(seed).permutation(count)];
      expect(order.sort((a, b) => a - b)).toEqual([...new Array(count).keys()]);
    }),
  );
});

test.each([-1, 1.5, 2 ** 32, Number.NaN, [], [1, -1]])('refuses the seed %j', (seed) => {
  expect(() => new RandomState(seed)).toThrow(RangeError);
});

test.each([
  [5, 5],
  [5, 4],
  [0, 2 ** 32 + 1],
  [0.5, 2],
  [0, Number.NaN],
])('refuses whole numbers from %d to below %d', (low, high) => {
  expect(() => new RandomState(0).randint(low, high)).toThrow(RangeError);
});

test('refuses to permute what is no count', () => {
  expect(() => new RandomState(0).permutation(-1)).toThrow(RangeError);
  expect(() => new RandomState(0).permutation(1.5)).toThrow(RangeError);
});
