/**
 * exp and log as the kernels compute them, one number at a time, operation by operation: their
 * oracle, and what nets use where there are no kernels.
 *
 * `Math.exp` differs from one engine to the next in its last bit; these do not.
 */

/** The nearest number of the type: `Math.fround`, or the number itself. */
export type Rounding = (value: number) => number;

const precisions = {
  f32: {
    rounder: 12582912 + 127,
    expLimit: 87,
    expTerms: [2, 3, 4, 5, 6, 7],
    logTerms: [3, 5, 7, 9, 11],
    ln2High: 0.693359375,
    ln2Low: -2.1219444e-4,
  },
  f64: {
    rounder: 6755399441055744 + 1023,
    expLimit: 708,
    expTerms: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    logTerms: [3, 5, 7, 9, 11, 13, 15, 17, 19, 21],
    ln2High: 0.6931471803691238,
    ln2Low: 1.9082149292705877e-10,
  },
};

/** The functions of one precision. */
export interface Elementary {
  readonly round: Rounding;
  /** exp(v), for v ≤ 0; 0 where it is next to the smallest normal number, or below. */
  readonly exp: (v: number) => number;
  /** exp(v) − 1, for v ≤ 0. */
  readonly expm1: (v: number) => number;
  /** log(1 + t), for t from 0 to 1. */
  readonly log1p: (t: number) => number;
  /** 1 / (1 + exp(−x)), for any x. */
  readonly sigmoid: (x: number) => number;
}

/** exp and log with each step rounded to f32 or to f64. */
export function elementary(element: 'f32' | 'f64'): Elementary {
  const round: Rounding = element === 'f32' ? Math.fround : (value) => value;
  const { rounder, expLimit, expTerms, logTerms, ...rest } = precisions[element];
  const [ln2High, ln2Low] = [round(rest.ln2High), round(rest.ln2Low)];
  const log2e = round(Math.LOG2E);
  const ln2 = round(Math.LN2);
  const expSeries = expTerms.map(inverseFactorial).map(round);
  const logSeries = logTerms.map((n) => round(2 / n));

  function exponential(v: number): { readonly scale: number; readonly rest: number } {
    const n = round(round(round(v * log2e) + rounder) - rounder);
    const r = round(round(v - round(n * ln2High)) - round(n * ln2Low));
    const series = polynomial(r, expSeries, round);
    return { scale: powerOf2(n), rest: round(round(round(r * r) * series) + r) };
  }

  const whole = ({ scale, rest }: ReturnType<typeof exponential>) =>
    round(round(scale * rest) + scale);

  return {
    round,
    exp: (v) => (v < -expLimit ? 0 : whole(exponential(v))),
    expm1(v) {
      const { scale, rest } = exponential(Math.max(v, -expLimit));
      return round(round(scale * rest) + round(scale - 1));
    },
    log1p(t) {
      const halved = t >= round(Math.SQRT2 - 1);
      const x = halved ? round(round(t - 1) * 0.5) : t;
      return round(nearOne(x, logSeries, round) + (halved ? ln2 : 0));
    },
    sigmoid(x) {
      const t = whole(exponential(Math.max(-expLimit, Math.min(x, expLimit))));
      return round(t / round(t + 1));
    },
  };
}

const words = new Int32Array(2);
const double = new Float64Array(words.buffer);

/** 2 to the power n, a normal number, by its bits: `**` need not be exact. */
function powerOf2(n: number): number {
  words[1] = (n + 1023) << 20;
  return double[0] as number;
}

const wideLogSeries = precisions.f64.logTerms.map((n) => 2 / n);

/** log(x) of a number x ≥ 1, in f64; NaN for NaN and infinity. */
export function log(x: number): number {
  if (!(x < Number.POSITIVE_INFINITY)) return Number.NaN;
  let power = 0;
  let mantissa = x;
  while (mantissa >= 2) {
    mantissa /= 2;
    power += 1;
  }
  if (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    power += 1;
  }
  return nearOne(mantissa - 1, wideLogSeries, (value) => value) + power * Math.LN2;
}

/** log(1 + x) for 1 + x between √½ and √2, by 2 · artanh(x / (2 + x)). */
function nearOne(x: number, coefficients: readonly number[], round: Rounding): number {
  const s = round(x / round(x + 2));
  const square = round(s * s);
  const series = polynomial(square, coefficients, round);
  const half = round(round(x * x) * 0.5);
  return round(x - round(half - round(s * round(round(square * series) + half))));
}

/** Σ terms[i] · xⁱ in the kernels' order: neighbours are joined, then pairs of them, and so on. */
function polynomial(x: number, terms: readonly number[], round: Rounding): number {
  const joined = terms.flatMap((low, i) => {
    const high = terms[i + 1];
    if (i % 2 === 1) return [];
    return [high === undefined ? low : round(round(high * x) + low)];
  });
  return joined.length > 1 ? polynomial(round(x * x), joined, round) : (joined[0] ?? 0);
}

function inverseFactorial(n: number): number {
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return 1 / factorial;
}
