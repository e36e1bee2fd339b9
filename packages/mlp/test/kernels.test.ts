import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomState } from '../src/index.ts';
import * as plain from '../src/kernels/affine.ts';
import { affine, biasGradient, inputGradient, weightGradient } from '../src/kernels/affine.ts';
import { exponential } from '../src/kernels/exponential.ts';
import * as products from '../src/products.ts';
import { expectWithin } from './nets.ts';

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 7 }),
  inputs: fc.integer({ min: 1, max: 9 }),
  units: fc.integer({ min: 1, max: 11 }),
  seed: fc.nat(),
  hasBias: fc.boolean(),
});

const drawn = (count: number, rng: RandomState) =>
  Float64Array.from({ length: count }, () => rng.randn());

/** Entry by entry, the sum of products in order. */
function naive(
  rows: number,
  columns: number,
  count: number,
  product: (i: number, j: number, k: number) => number,
) {
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += product(Math.floor(at / columns), at % columns, k);
    return sum;
  });
}

test('the unrolled products are the plain sums, bit for bit, whatever the shape', () => {
  fc.assert(
    fc.property(shapes, ({ rows, inputs, units, seed, hasBias }) => {
      const rng = new RandomState(seed);
      // A row more than is used: it must not be looked at.
      const [x, d] = [drawn((rows + 1) * inputs, rng), drawn((rows + 1) * units, rng)];
      const [W, b] = [drawn(inputs * units, rng), drawn(hasBias ? units : 0, rng)];
      const at = (values: Float64Array, i: number) => values[i] as number;

      const z = new Float64Array(rows * units);
      affine(x, W, b, z, rows, inputs, units);
      const dueZ = naive(
        rows,
        units,
        inputs,
        (i, j, k) => at(x, i * inputs + k) * at(W, k * units + j),
      );
      expect(z).toEqual(dueZ.map((sum, i) => (hasBias ? sum + at(b, i % units) : sum)));

      const gW = new Float64Array(inputs * units);
      weightGradient(x, d, gW, rows, inputs, units);
      expect(gW).toEqual(
        naive(inputs, units, rows, (k, j, i) => at(x, i * inputs + k) * at(d, i * units + j)),
      );

      const gb = new Float64Array(units);
      biasGradient(d, gb, rows, units);
      expect(gb).toEqual(naive(1, units, rows, (_, j, i) => at(d, i * units + j)));

      const dx = new Float64Array(rows * inputs);
      inputGradient(d, W, dx, rows, inputs, units);
      expect(dx).toEqual(
        naive(rows, inputs, units, (i, k, j) => at(d, i * units + j) * at(W, k * units + j)),
      );
    }),
    { numRuns: 300 },
  );
});

test.each([
  { hasBias: true, fma: false },
  { hasBias: false, fma: true },
])(
  'large products, by gemm, are those of the plain loops; biases $hasBias, fused $fma',
  ({ hasBias, fma }) => {
    const [rows, inputs, units] = [41, 50, 43];
    const rng = new RandomState(3);
    // Room for more rows than are used, as at the end of an epoch.
    const [x, d] = [drawn((rows + 5) * inputs, rng), drawn((rows + 5) * units, rng)];
    const [W, b] = [drawn(inputs * units, rng), drawn(hasBias ? units : 0, rng)];
    const results = [products, plain].map((of) => {
      const z = new Float64Array((rows + 5) * units);
      const gW = new Float64Array(inputs * units);
      const dx = new Float64Array((rows + 5) * inputs);
      of.affine(x, W, b, z, rows, inputs, units, fma);
      of.weightGradient(x, d, gW, rows, inputs, units, fma);
      of.inputGradient(d, W, dx, rows, inputs, units, fma);
      return [...z, ...gW, ...dx];
    });
    expectWithin(1e-12, results[0] ?? [], results[1] ?? []);
  },
);

describe('exponential', () => {
  /** e^x in whole numbers of 2^-160, by its series after halving x. */
  function exact(x: number): bigint {
    const one = 1n << 160n;
    const halvings = 12n;
    const argument = BigInt(Math.round(x * 2 ** 40)) << 120n;
    const small = argument >> halvings;
    let [sum, term] = [one, one];
    for (let n = 1n; term !== 0n && n < 60n; n++) {
      term = (term * small) / one / n;
      sum += term;
    }
    for (let i = 0n; i < halvings; i++) sum = (sum * sum) / one;
    return sum;
  }

  test('is within 0.6 units in the last place of the true value', () => {
    fc.assert(
      fc.property(fc.integer({ min: -30 * 2 ** 40, max: 30 * 2 ** 40 }), (fraction) => {
        const x = fraction / 2 ** 40;
        const found = exponential(x);
        const ulp = 2 ** (Math.floor(Math.log2(found)) - 52);
        const scaled = BigInt(found / ulp) * BigInt(Math.round(ulp * 2 ** 160));
        const error = Number(scaled - exact(x)) / 2 ** 160 / ulp;
        expect(Math.abs(error)).toBeLessThan(0.6);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    [0, 1],
    [-0, 1],
    [710, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY, 0],
    [-800, 0],
    [Number.NaN, Number.NaN],
    [-720, Math.exp(-720)],
    [709, Math.exp(709)],
  ])('of %d is %d', (x, due) => {
    expect(exponential(x)).toBe(due);
  });

  test('is near Math.exp over its whole range', () => {
    for (let x = -707.9; x < 708; x += 0.37) {
      expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(3e-16);
    }
  });
});
