import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Floats, gemv } from '../src/index.ts';
import { arrays, difference, roundings, sample } from './sample.ts';

const cases = fc.record({
  m: fc.integer({ min: 0, max: 40 }),
  n: fc.integer({ min: 0, max: 40 }),
  gap: fc.integer({ min: 0, max: 3 }),
  transpose: fc.boolean(),
  alpha: fc.constantFrom(1, -0.5),
  beta: fc.constantFrom(0, 2),
  element: fc.constantFrom('f64' as const, 'f32' as const),
});

type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

/** By the definition: the oracle. */
function naive(
  a: Floats,
  x: Floats,
  y: Floats,
  { m, n, gap, transpose, alpha, beta, element }: Case,
) {
  const round = roundings[element];
  return y.map((old, i) => {
    let sum = 0;
    for (let k = 0; k < (transpose ? m : n); k++) {
      const entry = a[transpose ? k * (n + gap) + i : i * (n + gap) + k] as number;
      sum = round(sum + round(entry * (x[k] as number)));
    }
    return beta === 0 ? alpha * sum : round(alpha * sum) + round(beta * old);
  });
}

describe('gemv', () => {
  test('has the bits of the definition', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { m, n, gap, transpose, element } = one;
        const a = arrays[element](sample(m + 1, m * (n + gap)));
        const x = arrays[element](sample(2, transpose ? m : n));
        const y = arrays[element](sample(3, transpose ? n : m));
        const due = naive(a, x, y, one);
        gemv({ ...one, a, x, y, lda: n + gap });
        expect(y).toEqual(due);
      }),
      { numRuns: 400, endOnFailure: true },
    );
  });

  test.each([false, true])('takes a matrix that passes in parts, transposed %s', (transpose) => {
    const [m, n] = [300, 301];
    const one: Case = { m, n, gap: 0, transpose, alpha: 1, beta: 0, element: 'f64' };
    const [a, x] = [sample(1, m * n), sample(2, transpose ? m : n)];
    const y = new Float64Array(transpose ? n : m);
    gemv({ ...one, a, x, y });
    expect(y).toEqual(naive(a, x, y, one));
    const fused = y.slice();
    gemv({ ...one, a, x, y: fused, fma: true });
    expect(difference(fused, y)).toBeLessThan(1e-12);
  });

  test.each([
    { what: 'a short A', change: { a: new Float64Array(1) }, says: /a must have 2 entries/ },
    { what: 'a long x', change: { x: new Float64Array(3) }, says: /x must have 2 entries/ },
    { what: 'a long y', change: { y: new Float64Array(3) }, says: /y must have 1 entries/ },
    { what: 'half a row', change: { m: 0.5 }, says: /m must be a whole number/ },
    {
      what: 'rows that overlap',
      change: { lda: 1 },
      says: /lda must be a whole number of at least 2/,
    },
  ])('refuses $what', ({ change, says }) => {
    const good = {
      m: 1,
      n: 2,
      a: new Float64Array(2),
      x: new Float64Array(2),
      y: new Float64Array(1),
    };
    expect(() => gemv({ ...good, ...change })).toThrow(RangeError);
    expect(() => gemv({ ...good, ...change })).toThrow(says);
  });
});
