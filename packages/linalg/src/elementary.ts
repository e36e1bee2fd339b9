/**
 * exp and log as the kernels compute them, one number at a time, operation by operation: their
 * oracle, and what nets use where there are no kernels.
 *
 * `Math.exp` differs from one engine to the next in its last bit; these do not.
 */
import { elementaryNumbers } from './elementary-numbers.ts';

/** The nearest number of the type: `Math.fround`, or the number itself. */
export type Rounding = (value: number) => number;

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
  const numbers = elementaryNumbers[element];
  const { rounder, expLimit } = numbers;
  const [ln2High, ln2Low] = [round(numbers.ln2High), round(numbers.ln2Low)];
  const log2e = round(Math.LOG2E);
  const ln2 = round(Math.LN2);
  const expSeries = numbers.expSeries.map(round);
  const logSeries = numbers.logSeries.map(round);

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
  return (
    nearOne(mantissa - 1, elementaryNumbers.f64.logSeries, (value) => value) + power * Math.LN2
  );
}

/** log(1 + x) for 1 + x between √½ and √2, by 2 · artanh(x / (2 + x)). */
function nearOne(x: number, coefficients: readonly number[], round: Rounding): number {
  const s = round(x / round(x + 2));
  const square = round(s * s);
  const series = polynomial(square, coefficients, round);
  const half = round(round(x * x) * 0.5);
  return round(x - round(half - round(s * round(round(square * series) + half))));
}

const joined = new Float64Array(16);

/** Σ terms[i] · xⁱ in the kernels' order: neighbours are joined, then pairs of them, and so on. */
function polynomial(x: number, terms: readonly number[], round: Rounding): number {
  joined.set(terms);
  let power = x;
  for (let count = terms.length; count > 1; count = Math.ceil(count / 2)) {
    for (let i = 0; i < count; i += 2) {
      const [low, high] = [joined[i] as number, joined[i + 1] as number];
      joined[i / 2] = i + 1 === count ? low : round(round(high * power) + low);
    }
    power = round(power * power);
  }
  return joined[0] as number;
}
