import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secularRoot } from '../src/secular-equation.ts';

const problems = fc
  .array(
    fc.tuple(
      fc.double({ min: 1e-9, max: 1, noNaN: true }),
      fc.double({ min: -12, max: 0, noNaN: true }),
    ),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((pairs) => {
    // Poles from their distances, which may be tiny; weights over many sizes.
    let pole = -3;
    const poles = pairs.map(([distance]) => {
      pole += distance;
      return pole;
    });
    return {
      poles: Float64Array.from(poles),
      weights: Float64Array.from(pairs, ([, log]) => 10 ** log),
    };
  });

test('each root lies between its poles and makes the sum 0', () => {
  fc.assert(
    fc.property(problems, ({ poles, weights }) => {
      const gaps = new Float64Array(poles.length);
      for (const [j, pole] of poles.entries()) {
        const root = secularRoot(poles, weights, j, gaps);
        expect(root).toBeGreaterThanOrEqual(pole);
        if (j + 1 < poles.length) expect(root).toBeLessThanOrEqual(poles[j + 1] ?? Number.NaN);
        // Gaps are to full precision, so the signs are strict and the sum is as small as they allow.
        const terms = weights.map((weight, i) => weight / (gaps[i] ?? Number.NaN));
        for (const [i, term] of terms.entries()) expect(Math.sign(term)).toBe(i <= j ? -1 : 1);
        const sum = terms.reduce((total, term) => total + term, 1);
        const size = terms.reduce((total, term) => total + Math.abs(term), 1);
        const slope = terms.reduce(
          (total, term, i) => total + (term * term) / (weights[i] ?? 1),
          0,
        );
        const distance = Math.min(...gaps.map(Math.abs));
        expect(Math.abs(sum)).toBeLessThan(1e-13 * size + 1e-15 * distance * slope);
      }
    }),
    { numRuns: 300, endOnFailure: true },
  );
});
