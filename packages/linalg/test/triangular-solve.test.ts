import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Floats, solveTriangular } from '../src/index.ts';
import { arrays, roundings, sample } from './sample.ts';

interface Case {
  readonly n: number;
  readonly columns: number;
  readonly upper: boolean;
  readonly transpose: boolean;
  readonly unitDiagonal: boolean;
}

/** By the definition, unknown by unknown: the oracle. */
function naive(a: Floats, b: Floats, one: Case, round: (value: number) => number): Floats {
  const { n, columns, upper, transpose, unitDiagonal } = one;
  const x = b.slice();
  const entry = (i: number, k: number) => a[transpose ? k * n + i : i * n + k] as number;
  const order = Array.from({ length: n }, (_, i) => (upper !== transpose ? n - 1 - i : i));
  for (const [at, i] of order.entries()) {
    for (let j = 0; j < columns; j++) {
      let value = b[i * columns + j] as number;
      for (const k of order.slice(0, at)) {
        value = round(value - round(entry(i, k) * (x[k * columns + j] as number)));
      }
      x[i * columns + j] = unitDiagonal ? value : value / entry(i, i);
    }
  }
  return x;
}

const cases = fc.record({
  n: fc.integer({ min: 0, max: 70 }),
  columns: fc.integer({ min: 0, max: 20 }),
  upper: fc.boolean(),
  transpose: fc.boolean(),
  unitDiagonal: fc.boolean(),
  element: fc.constantFrom('f64' as const, 'f32' as const),
});

describe('solveTriangular', () => {
  test('has the bits of the definition, whatever the triangle', () => {
    fc.assert(
      fc.property(cases, ({ element, ...one }) => {
        const { n, columns } = one;
        // A strong diagonal keeps the numbers finite; the other triangle must not be read.
        const a = arrays[element](sample(n + 1, n * n)).map((value, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          if (i === j) return 4 + value;
          return j > i === one.upper ? value / 4 : Number.NaN;
        });
        const b = arrays[element](sample(2, n * columns));
        const due = naive(a, b, one, roundings[element]);
        solveTriangular({ ...one, a, b });
        expect(b).toEqual(due);
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });

  test('leaves what lies between rows alone', () => {
    const a = Float64Array.of(2, 0, 7, 1, 4, 7);
    const b = Float64Array.of(2, 5, 5, 9);
    solveTriangular({ n: 2, a, lda: 3, b, ldb: 2 });
    expect([...b]).toEqual([1, 5, 1, 9]);
  });

  test.each([
    {
      what: 'a singular triangle',
      change: { a: Float64Array.of(1, 0, 1, 0) },
      says: /a\[1, 1\] is 0/,
    },
    { what: 'a short A', change: { a: new Float64Array(3) }, says: /a must have 4 entries/ },
    { what: 'a long B', change: { b: new Float64Array(3) }, says: /b must have 2 entries/ },
    { what: 'a fraction of columns', change: { columns: 0.5 }, says: /columns must be a whole/ },
  ])('refuses $what', ({ change, says }) => {
    const good = { n: 2, a: Float64Array.of(1, 0, 1, 1), b: Float64Array.of(1, 2) };
    expect(() => solveTriangular({ ...good, ...change })).toThrow(says);
    expect([...good.b]).toEqual([1, 2]);
  });
});
