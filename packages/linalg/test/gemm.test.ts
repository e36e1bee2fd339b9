import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Gemm, gemm } from '../src/index.ts';

type Floats = Float64Array | Float32Array;

/** The definition, entry by entry: the oracle. */
function naive(call: Gemm<Floats>): Floats {
  const { m, n, k, a, b, c, alpha = 1, beta = 0, transposeA, transposeB } = call;
  const { lda = transposeA ? m : k, ldb = transposeB ? k : n, ldc = n } = call;
  const round = c instanceof Float32Array ? Math.fround : (value: number) => value;
  return c.map((old, at) => {
    const i = Math.floor(at / ldc);
    const j = at % ldc;
    if (j >= n) return old;
    let sum = 0;
    for (let l = 0; l < k; l++) {
      const left = a[transposeA ? l * lda + i : i * lda + l] ?? Number.NaN;
      const right = b[transposeB ? j * ldb + l : l * ldb + j] ?? Number.NaN;
      sum = round(sum + round(left * right));
    }
    return beta === 0 ? alpha * sum : round(alpha * sum) + round(beta * old);
  });
}

const size = fc.integer({ min: 0, max: 11 });
const entry = fc.oneof(
  { weight: 20, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY) },
);

const calls = fc
  .tuple(size, size, size, fc.boolean(), fc.boolean(), fc.boolean())
  .chain(([m, n, k, transposeA, transposeB, single]) => {
    const floats = (length: number): fc.Arbitrary<Floats> =>
      fc
        .array(entry, { minLength: length, maxLength: length })
        .map((values) => (single ? Float32Array.from(values) : Float64Array.from(values)));
    return fc.record({
      m: fc.constant(m),
      n: fc.constant(n),
      k: fc.constant(k),
      a: floats(m * k),
      b: floats(k * n),
      c: floats(m * n),
      alpha: fc.constantFrom(1, -1, 0.5, 0),
      beta: fc.constantFrom(0, 1, -2),
      transposeA: fc.constant(transposeA),
      transposeB: fc.constant(transposeB),
    });
  });

describe('gemm', () => {
  test('agrees bit for bit with the plain triple loop, f64 and f32, every size up to 11', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const due = naive(call);
        gemm(call);
        expect([...call.c]).toEqual([...due]);
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  test('agrees with the plain triple loop on a matrix of many tiles', () => {
    const [m, n, k] = [37, 26, 131];
    const wave = (length: number) => Float64Array.from({ length }, (_, i) => Math.sin(i * i));
    const call = { m, n, k, a: wave(m * k), b: wave(k * n), c: new Float64Array(m * n) };
    const due = naive(call);
    gemm(call);
    expect(call.c).toEqual(due);
  });

  test.each([
    [1, 50, 40],
    [50, 1, 40],
    [50, 40, 1],
    [1, 1, 700],
    [1, 700, 1],
    [3, 33, 90],
  ])('agrees with the plain triple loop on thin matrices, %i × %i × %i', (m, n, k) => {
    const wave = (length: number) => Float64Array.from({ length }, (_, i) => Math.sin(i * i));
    for (const [transposeA, transposeB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const c = wave(m * n);
      const call = {
        m,
        n,
        k,
        a: wave(m * k),
        b: wave(k * n),
        c,
        beta: 0.5,
        transposeA,
        transposeB,
      };
      const due = naive(call);
      gemm(call);
      expect(c).toEqual(due);
    }
  });

  test.each([
    [9, 10, 11],
    [40, 41, 300],
    [130, 520, 7],
  ])('leading dimensions, fused or not, %i × %i × %i', (m, n, k) => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const [lda, ldb, ldc] = [(transposeA ? m : k) + 1, (transposeB ? k : n) + 2, n + 3];
        const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * i));
        const [a, b] = [wave((transposeA ? k : m) * lda), wave((transposeB ? n : k) * ldb)];
        const call = { m, n, k, a, b, lda, ldb, ldc, transposeA, transposeB };
        const c = wave(m * ldc);
        const due = naive({ ...call, c });
        gemm({ ...call, c });
        expect(c).toEqual(due);
        gemm({ ...call, c, fma: true });
        expect(Math.max(...c.map((value, at) => Math.abs(value - (due[at] ?? 0))))).toBeLessThan(
          1e-4,
        );
      }
    }
  });

  test('does not read C when beta is 0', () => {
    const c = Float64Array.of(Number.NaN);
    gemm({ m: 1, n: 1, k: 1, a: Float64Array.of(2), b: Float64Array.of(3), c });
    expect(c[0]).toBe(6);
  });

  test('scales C alone when k is 0', () => {
    const c = Float64Array.of(2, 3);
    gemm({ m: 1, n: 2, k: 0, a: new Float64Array(), b: new Float64Array(), c, beta: 3 });
    expect([...c]).toEqual([6, 9]);
  });

  const good = {
    m: 1,
    n: 1,
    k: 2,
    a: new Float64Array(2),
    b: new Float64Array(2),
    c: new Float64Array(1),
  };
  test.each([
    { wrong: 'a size below 0', change: { m: -1 }, message: /m must be a whole number/ },
    { wrong: 'a fraction', change: { k: 0.5 }, message: /k must be a whole number/ },
    { wrong: 'a short A', change: { a: new Float64Array(1) }, message: /a must have 2 entries/ },
    { wrong: 'a long B', change: { b: new Float64Array(3) }, message: /b must have 2 entries/ },
    {
      wrong: 'rows that overlap',
      change: { lda: 1 },
      message: /lda must be .* at least 2, the col/,
    },
    { wrong: 'rows too far apart', change: { ldb: 3 }, message: /b must have at least 4 entries/ },
    { wrong: 'a long C', change: { c: new Float64Array(2) }, message: /c must have 1 entries/ },
  ])('refuses $wrong', ({ change, message }) => {
    expect(() => gemm({ ...good, ...change })).toThrow(RangeError);
    expect(() => gemm({ ...good, ...change })).toThrow(message);
  });

  test('refuses arrays of two types', () => {
    const a: Floats = new Float32Array(2);
    expect(() => gemm<Floats>({ ...good, a })).toThrow('c and a must be arrays of one type');
  });

  test('refuses a C that shares memory, but not one that lies beside in the same buffer', () => {
    const buffer = new Float64Array(4);
    const [a, c] = [buffer.subarray(0, 2), buffer.subarray(2, 3)];
    expect(() => gemm({ ...good, a, c })).not.toThrow();
    expect(() => gemm({ ...good, a, c: buffer.subarray(1, 2) })).toThrow(TypeError);
  });
});
