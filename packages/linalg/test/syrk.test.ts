import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gemm, syrk } from '../src/index.ts';
import { arrays, sample } from './sample.ts';

const cases = fc.record({
  n: fc.integer({ min: 0, max: 40 }),
  k: fc.integer({ min: 0, max: 20 }),
  transpose: fc.boolean(),
  alpha: fc.constantFrom(1, -0.5),
  beta: fc.constantFrom(0, 2),
  element: fc.constantFrom('f64' as const, 'f32' as const),
});

describe('syrk', () => {
  test('has the bits of gemm with the transposed', () => {
    fc.assert(
      fc.property(cases, ({ transpose, element, ...sizes }) => {
        const { n, k } = sizes;
        const a = arrays[element](sample(n + 1, n * k));
        const start = sample(5, n * n);
        const c = arrays[element](
          start.map((_, at) => (start[at % n] ?? 0) + (start[Math.floor(at / n)] ?? 0)),
        );
        const due = c.slice();
        const transposes = { transposeA: transpose, transposeB: !transpose };
        gemm({ ...sizes, m: n, a, b: a, c: due, ...transposes });
        syrk({ ...sizes, transpose, a, c });
        expect(c).toEqual(due);
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });

  test('takes a matrix of many tiles, in rows of any distance', () => {
    const [n, k] = [90, 33];
    const a = sample(1, n * (k + 2));
    const [c, due] = [new Float64Array(n * 100), new Float64Array(n * 100)];
    syrk({ n, k, a, lda: k + 2, c, ldc: 100, fma: false });
    gemm({ m: n, n, k, a, lda: k + 2, b: a, ldb: k + 2, transposeB: true, c: due, ldc: 100 });
    expect(c).toEqual(due);
  });

  test.each([
    { what: 'a short A', change: { a: new Float64Array(1) }, says: /a must have 2 entries/ },
    { what: 'a short C', change: { c: new Float64Array(3) }, says: /c must have 4 entries/ },
    { what: 'half a row', change: { n: 0.5 }, says: /n must be a whole number/ },
    {
      what: 'rows that overlap',
      change: { ldc: 1 },
      says: /ldc must be a whole number of at least 2/,
    },
  ])('refuses $what', ({ change, says }) => {
    const good = { n: 2, k: 1, a: new Float64Array(2), c: new Float64Array(4) };
    expect(() => syrk({ ...good, ...change })).toThrow(RangeError);
    expect(() => syrk({ ...good, ...change })).toThrow(says);
  });
});
