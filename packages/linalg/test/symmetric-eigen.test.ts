import { describe, expect, test, vi } from 'vitest';
import { type Floats, symmetricEigen, symmetricEigenvalues } from '../src/index.ts';
import { arrays, difference, sample } from './sample.ts';

function symmetric(seed: number, n: number): Float64Array {
  const x = sample(seed, n * n);
  return x.map((_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return x[Math.max(i, j) * n + Math.min(i, j)] as number;
  });
}

/** V · diag(values) · Vᵀ, or Vᵀ · V without values. */
function recomposed(vectors: Floats, n: number, values?: Floats): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) {
      sum +=
        values === undefined
          ? (vectors[k * n + i] as number) * (vectors[k * n + j] as number)
          : (vectors[i * n + k] as number) * (values[k] as number) * (vectors[j * n + k] as number);
    }
    return sum;
  });
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
}

const special: Record<string, (i: number, j: number, n: number) => number> = {
  zeros: () => 0,
  'the identity': (i, j) => (i === j ? 1 : 0),
  ones: () => 1,
  'a diagonal in no order': (i, j, n) => (i === j ? (i * 7) % n : 0),
  'a tridiagonal one': (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0),
  'two clusters': (i, j, n) => (i === j ? (i < n / 2 ? 1 : 5) : 1e-9),
  'blocks that do not touch': (i, j, n) => (i < n / 2 === j < n / 2 ? 1 / (i + j + 1) : 0),
  'many equal values': (i, j) => (i === j ? (i % 3) + 1e-14 * i : 0) + 1e-15 * ((i * j) % 5),
  // Wilkinson's matrices: pairs of values that agree to many places.
  "Wilkinson's, glued": (i, j) =>
    i === j
      ? Math.abs((i % 21) - 10)
      : Math.abs(i - j) > 1
        ? 0
        : Math.max(i, j) % 21 === 0
          ? 1e-7
          : 1,
  'graded entries': (i, j) => 10 ** -(i + j),
  'graded entries upwards': (i, j, n) => 10 ** (i + j - 2 * n),
  'large entries': (i, j) => 1e300 / (i + j + 1),
  'tiny entries': (i, j) => 1e-300 / (i + j + 1),
};

describe.each(['f64', 'f32'] as const)('%s', (element) => {
  const close = element === 'f64' ? 1e-12 : 3e-4;
  const check = (a: Float64Array, n: number) => {
    const scale = Math.max(...a.map(Math.abs), Number.MIN_VALUE);
    const given = arrays[element](a);
    const { values, vectors } = symmetricEigen({ n, a: given });
    const back = recomposed(vectors, n, values).map((value) => value / scale);
    expect(
      difference(
        back,
        a.map((value) => value / scale),
      ),
    ).toBeLessThan(close * n);
    expect(difference(recomposed(vectors, n), identity(n))).toBeLessThan(close * n);
    expect([...values]).toEqual([...values].sort((x, y) => x - y));
    const alone = symmetricEigenvalues({ n, a: given });
    expect(difference(alone, values) / scale).toBeLessThan(close * n);
  };

  test.each([1, 2, 3, 4, 5, 8, 17, 33, 64, 101])('takes a matrix apart, n %i', (n) => {
    check(symmetric(n, n), n);
  });

  const names = Object.keys(special).filter(
    (name) => element === 'f64' || !name.includes('entries'),
  );
  test.each(names)('takes %s apart, small and large', (name) => {
    for (const n of [12, 90]) {
      const entry = special[name] ?? (() => Number.NaN);
      check(
        Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n, n)),
        n,
      );
    }
  });
});

test('the values of the second difference are known', () => {
  const n = 40;
  const a = Float64Array.from({ length: n * n }, (_, at) => {
    const apart = Math.abs(Math.floor(at / n) - (at % n));
    return apart === 0 ? 2 : apart === 1 ? -1 : 0;
  });
  const due = Float64Array.from(
    { length: n },
    (_, i) => 2 - 2 * Math.cos(((i + 1) * Math.PI) / (n + 1)),
  );
  expect(difference(symmetricEigenvalues({ n, a }), due)).toBeLessThan(1e-14);
});

test('a matrix of some hundred rows, with the bits of the plain loops', () => {
  const n = 150;
  const a = symmetric(3, n);
  const { values, vectors } = symmetricEigen({ n, a });
  expect(difference(recomposed(vectors, n, values), a)).toBeLessThan(1e-12);
  expect(difference(recomposed(vectors, n), identity(n))).toBeLessThan(1e-13);
  const fused = symmetricEigen({ n, a, fma: true });
  expect(difference(fused.values, values)).toBeLessThan(1e-13);
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  return import('../src/symmetric-eigen.ts')
    .then((plain) => expect(plain.symmetricEigen({ n, a })).toEqual({ values, vectors }))
    .finally(() => vi.unstubAllGlobals());
});

test('only the lower triangle is read, in rows of any distance', () => {
  const a = Float64Array.of(2, Number.NaN, 9, 1, 2, 9);
  expect(difference(symmetricEigen({ n: 2, a, lda: 3 }).values, [1, 3])).toBeLessThan(1e-15);
});

test('an empty matrix has nothing', () => {
  expect(symmetricEigen({ n: 0, a: new Float64Array() }).values).toHaveLength(0);
});

test.each([
  {
    what: 'infinity',
    n: 1,
    a: Float64Array.of(Number.POSITIVE_INFINITY),
    says: /a\[0, 0\] is Infinity/,
  },
  { what: 'a short array', n: 2, a: new Float64Array(3), says: /a must have 4 entries/ },
  { what: 'a negative size', n: -1, a: new Float64Array(1), says: /n must be a whole number/ },
])('refuses $what', ({ n, a, says }) => {
  expect(() => symmetricEigen({ n, a })).toThrow(says);
  expect(() => symmetricEigenvalues({ n, a })).toThrow(says);
});
