import { describe, expect, test } from 'vitest';
import { Cholesky, type Floats, LinalgError } from '../src/index.ts';
import { arrays, difference, positiveDefinite, roundings, sample } from './sample.ts';

/** The textbook's loops: the oracle. */
function naive(a: Floats, n: number, round: (value: number) => number): Floats {
  const l = a.slice().fill(0);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j] as number;
      for (let k = 0; k < j; k++) {
        sum = round(sum - round((l[i * n + k] as number) * (l[j * n + k] as number)));
      }
      l[i * n + j] = i === j ? Math.sqrt(sum) : round(sum / (l[j * n + j] as number));
    }
  }
  return l;
}

function product(l: Floats, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) {
      sum += (l[Math.floor(at / n) * n + k] as number) * (l[(at % n) * n + k] as number);
    }
    return sum;
  });
}

// The last is large enough for the kernels to keep its factor.
const sizes = [1, 2, 3, 5, 31, 33, 64, 65, 100, 131, 203];

describe.each(['f64', 'f32'] as const)('%s', (element) => {
  const close = element === 'f64' ? 1e-11 : 1e-3;
  const matrix = (n: number) => arrays[element](positiveDefinite(n, n));

  test.each(sizes)('the factor has the bits of the textbook loops, n %i', (n) => {
    expect(new Cholesky({ n, a: matrix(n) }).lower).toEqual(
      naive(matrix(n), n, roundings[element]),
    );
  });

  test.each(sizes)('solves, n %i', (n) => {
    const columns = (n % 19) + 1;
    const x = sample(3, n * columns);
    const a = matrix(n);
    const b = Float64Array.from({ length: n * columns }, (_, at) => {
      const [i, j] = [Math.floor(at / columns), at % columns];
      let sum = 0;
      for (let k = 0; k < n; k++) sum += (a[i * n + k] as number) * (x[k * columns + j] as number);
      return sum;
    });
    const cholesky = new Cholesky({ n, a });
    expect(difference(cholesky.solve(arrays[element](b), columns), x)).toBeLessThan(close);
  });

  test.each(sizes)('an update and its downdate, n %i', (n) => {
    const x = arrays[element](sample(5, n));
    const cholesky = new Cholesky({ n, a: matrix(n) });
    const before = cholesky.lower;
    cholesky.update(x);
    const updated = matrix(n).map((value, at) => {
      return value + (x[Math.floor(at / n)] as number) * (x[at % n] as number);
    });
    expect(difference(product(cholesky.lower, n), updated)).toBeLessThan(close);
    cholesky.downdate(x);
    expect(difference(cholesky.lower, before)).toBeLessThan(close);
  });
});

test('only the lower triangle is read, in rows of any distance', () => {
  const a = Float64Array.of(4, Number.NaN, 9, 2, 3, 9);
  expect([...new Cholesky({ n: 2, a, lda: 3 }).lower]).toEqual([2, 0, 1, Math.sqrt(2)]);
});

test('the log of the determinant', () => {
  const { logDeterminant } = new Cholesky({ n: 2, a: Float64Array.of(4, 2, 2, 3) });
  expect(logDeterminant).toBeCloseTo(Math.log(8), 14);
});

test('fused kernels agree within rounding', () => {
  const a = positiveDefinite(7, 150);
  const [steady, fused] = [false, true].map((fma) => new Cholesky({ n: 150, a, fma }).lower);
  expect(difference(steady ?? [], fused ?? [])).toBeLessThan(1e-12);
});

/** What a call throws. */
function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('refuses', () => {
  test.each([2, 40, 100])('a matrix that is not positive definite, with its row, n %i', (n) => {
    const a = positiveDefinite(n, n);
    a[(n - 1) * (n + 1)] = -1;
    const error = thrown(() => new Cholesky({ n, a }));
    expect(error).toBeInstanceOf(LinalgError);
    expect(error).toMatchObject({ code: 'not-positive-definite', row: n - 1 });
  });

  test.each([3, 60, 203])('a downdate that would not be, leaving the factor alone, n %i', (n) => {
    const cholesky = new Cholesky({ n, a: positiveDefinite(n, n) });
    const before = cholesky.lower;
    const x = sample(1, n).map((value) => value * 100);
    expect(thrown(() => cholesky.downdate(x))).toMatchObject({ code: 'not-positive-definite' });
    expect(cholesky.lower).toEqual(before);
  });

  test('a downdate to a singular matrix', () => {
    const cholesky = new Cholesky({ n: 2, a: Float64Array.of(4, 2, 2, 3) });
    const x = Float64Array.of(2, 1);
    expect(thrown(() => cholesky.downdate(x))).toMatchObject({ code: 'not-positive-definite' });
  });

  const good = { n: 2, a: Float64Array.of(4, 2, 2, 3) };
  test.each([
    {
      what: 'NaN',
      act: () => new Cholesky({ n: 1, a: Float64Array.of(Number.NaN) }),
      says: /a\[0, 0\] is NaN/,
    },
    {
      what: 'a short array',
      act: () => new Cholesky({ n: 3, a: good.a }),
      says: /a must have 9 entries/,
    },
    {
      what: 'rows that overlap',
      act: () => new Cholesky({ ...good, lda: 1 }),
      says: /lda must be .* at least 2/,
    },
    {
      what: 'a negative size',
      act: () => new Cholesky({ ...good, n: -1 }),
      says: /n must be a whole number/,
    },
    {
      what: 'an update of another size',
      act: () => new Cholesky(good).update([1]),
      says: /x must have 2 entries/,
    },
    {
      what: 'an update by infinity',
      act: () => new Cholesky(good).update([1, Infinity]),
      says: /x\[1\] is Infinity/,
    },
    {
      what: 'a right side too short',
      act: () => new Cholesky(good).solve(Float64Array.of(1)),
      says: /b must have 2/,
    },
  ])('$what', ({ act, says }) => {
    expect(act).toThrow(RangeError);
    expect(act).toThrow(says);
  });
});
