/**
 * exp and log on vectors, by range reduction and Taylor series: the same bits on every machine, and
 * the same as `src/elementary.ts` computes them one number at a time.
 */
import { type Element, element } from './element.ts';
import type { FunctionBuilder } from './function-builder.ts';
import {
  add,
  and,
  atLeast,
  atMost,
  choose,
  constant,
  convert,
  div,
  ge,
  lane,
  lanesBelow,
  lanesFrom,
  mul,
  type Operand,
  operandOf,
  or,
  reinterpret,
  shl,
  shr,
  splat,
  sub,
  type Value,
  zeroWhere,
} from './value.ts';

/** What the series and the reduction are made of, by precision. */
const constants = {
  f32: {
    // 1.5 · 2²³ and the bias of an exponent: a number added to it is rounded to a whole one, and the
    // lowest bits then hold that as the exponent of a power of 2.
    rounder: 12582912 + 127,
    mantissa: 23,
    expLimit: 87,
    expTerms: [2, 3, 4, 5, 6, 7],
    logTerms: [3, 5, 7, 9, 11],
    ln2High: 0.693359375,
    ln2Low: -2.1219444e-4,
  },
  f64: {
    rounder: 6755399441055744 + 1023,
    mantissa: 52,
    expLimit: 708,
    expTerms: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    logTerms: [3, 5, 7, 9, 11, 13, 15, 17, 19, 21],
    ln2High: 0.6931471803691238,
    ln2Low: 1.9082149292705877e-10,
  },
} as const;

/** The two parts of exp(v) = scale · (1 + rest), where scale is a power of 2, for |v| ≤ `expLimit`. */
function exponential(f: FunctionBuilder, e: Element, v: Value): { scale: Value; rest: Value } {
  const { rounder, mantissa, expTerms, ln2High, ln2Low } = constants[e.name];
  const integers = e.name === 'f32' ? 'i32x4' : 'i64x2';
  const shifted = f.let(add(mul(v, Math.LOG2E), rounder));
  const n = f.let(sub(shifted, rounder));
  const r = f.let(sub(sub(v, mul(n, ln2High)), mul(n, ln2Low)));
  const square = f.let(mul(r, r));
  const series = polynomial(f, e, r, expTerms.map(inverseFactorial));
  const rest = f.let(e.madd(square, series, r));
  const scale = reinterpret(e.vector, shl(reinterpret(integers, shifted), mantissa));
  return { scale: f.let(scale), rest };
}

/** exp(v), for v up to `expLimit`; 0 below −`expLimit`. */
export function exp(f: FunctionBuilder, e: Element, v: Value): Value {
  const { scale, rest } = exponential(f, e, v);
  const tooSmall = lanesBelow(v, -constants[e.name].expLimit);
  return f.let(zeroWhere(tooSmall, e.madd(scale, rest, scale)));
}

/** exp(v) − 1, for v ≤ 0, exact also next to 0. */
export function expm1(f: FunctionBuilder, e: Element, v: Value): Value {
  const { scale, rest } = exponential(f, e, f.let(atLeast(v, -constants[e.name].expLimit)));
  return f.let(e.madd(scale, rest, sub(scale, 1)));
}

/** t / (1 + t), where t = exp(x), kept from overflow. */
export function sigmoid(f: FunctionBuilder, e: Element, x: Value): Value {
  const { expLimit } = constants[e.name];
  const { scale, rest } = exponential(f, e, f.let(atMost(atLeast(x, -expLimit), expLimit)));
  const t = f.let(e.madd(scale, rest, scale));
  return div(t, add(t, 1));
}

/** log(1 + t), for t from 0 to 1. */
export function log1p(f: FunctionBuilder, e: Element, t: Value): Value {
  const halved = f.let(lanesFrom(t, Math.SQRT2 - 1));
  const small = f.let(choose(halved, mul(sub(t, 1), 0.5), t));
  return f.let(add(logSeries(f, e, small), choose(halved, Math.LN2, 0)));
}

/** log(x) of a number x ≥ 1, in f64; NaN for NaN and infinity. */
export function log(f: FunctionBuilder, e: Element, x: Value): Value {
  const wide = element('f64', e.fused);
  const bits = f.let(reinterpret('i64', x));
  const fraction = or(and(bits, constant('i64', 0xfffffffffffffn)), constant('i64', 1023n << 52n));
  const mantissa = f.let(reinterpret('f64', fraction));
  const power = f.let(convert('f64', sub(shr(bits, constant('i64', 52)), constant('i64', 1023))));
  f.if(ge(mantissa, Math.SQRT2), () => {
    f.set(mantissa, mul(mantissa, 0.5));
    f.step(power, 1);
  });
  const series = logSeries(f, wide, splat('f64x2', sub(mantissa, 1)));
  return f.let(add(add(lane(series, 0), mul(power, Math.LN2)), sub(x, x)));
}

/** log(1 + x) for 1 + x between √½ and √2, by 2 · artanh(x / (2 + x)). */
function logSeries(f: FunctionBuilder, e: Element, x: Value): Value {
  const s = f.let(div(x, add(x, 2)));
  const square = f.let(mul(s, s));
  const series = polynomial(
    f,
    e,
    square,
    constants[e.name].logTerms.map((n) => 2 / n),
  );
  const half = f.let(mul(mul(x, x), 0.5));
  return f.let(sub(x, sub(half, mul(s, e.madd(square, series, half)))));
}

/**
 * Σ terms[i] · xⁱ by Estrin's scheme: neighbours are joined by x, then pairs of them by x², and so on,
 * so that few steps wait for the one before.
 */
function polynomial(f: FunctionBuilder, e: Element, x: Value, terms: readonly Operand[]): Value {
  const joined = terms.flatMap((low, i) => {
    const high = terms[i + 1];
    if (i % 2 === 1) return [];
    return [high === undefined ? low : f.let(e.madd(high, x, low))];
  });
  if (joined.length > 1) return polynomial(f, e, f.let(mul(x, x)), joined);
  return operandOf(e.vector, joined[0] ?? 0);
}

function inverseFactorial(n: number): number {
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return 1 / factorial;
}
