/**
 * exp and log on vectors, by range reduction and Taylor series: the same bits on every machine, and
 * the same as `src/elementary.ts` computes them one number at a time.
 */
import { type Element, element } from './element.ts';
import type { FunctionBuilder } from './function-builder.ts';
import {
  add,
  and,
  choose,
  constant,
  convert,
  div,
  ge,
  lane,
  lanesBelow,
  lanesFrom,
  mul,
  or,
  reinterpret,
  shl,
  shr,
  splat,
  sub,
  type Value,
} from './value.ts';

/** What the series and the reduction are made of, by precision. */
const constants = {
  f32: {
    // 1.5 · 2²³: a number added to it is rounded to a whole one, which its lowest bits then hold.
    rounder: 12582912,
    mantissa: 23,
    bias: 127,
    underflow: -87,
    expTerms: 7,
    logTerms: 5,
    ln2High: 0.693359375,
    ln2Low: -2.1219444e-4,
  },
  f64: {
    rounder: 6755399441055744,
    mantissa: 52,
    bias: 1023,
    underflow: -708,
    expTerms: 13,
    logTerms: 10,
    ln2High: 0.6931471803691238,
    ln2Low: 1.9082149292705877e-10,
  },
} as const;

/**
 * For v ≤ 0, the two parts of exp(v) = scale · (1 + rest), where scale is a power of 2; both are 0
 * where exp(v) is less than the smallest normal number.
 */
function exponential(f: FunctionBuilder, e: Element, v: Value): { scale: Value; rest: Value } {
  const { rounder, mantissa, bias, underflow, expTerms, ln2High, ln2Low } = constants[e.name];
  const integers = e.name === 'f32' ? 'i32x4' : 'i64x2';
  const tooSmall = f.let(lanesBelow(v, underflow));
  const shifted = f.let(add(mul(v, Math.LOG2E), rounder));
  const n = f.let(sub(shifted, rounder));
  const r = f.let(sub(sub(v, mul(n, ln2High)), mul(n, ln2Low)));
  const series = f.local(e.vector, inverseFactorial(expTerms));
  for (let term = expTerms - 1; term >= 2; term--) {
    f.set(series, e.madd(series, r, inverseFactorial(term)));
  }
  const rest = f.let(e.madd(mul(r, r), series, r));
  const exponent = shl(reinterpret(integers, shifted), mantissa);
  const one = constant(integers, BigInt(bias) << BigInt(mantissa));
  const scale = f.let(reinterpret(e.vector, add(exponent, one)));
  f.set(scale, choose(tooSmall, 0, scale));
  f.set(rest, choose(tooSmall, 0, rest));
  return { scale, rest };
}

/** exp(v), for v ≤ 0; 0 where it is less than the smallest normal number. */
export function exp(f: FunctionBuilder, e: Element, v: Value): Value {
  const { scale, rest } = exponential(f, e, v);
  return f.let(e.madd(scale, rest, scale));
}

/** exp(v) − 1, for v ≤ 0, exact also next to 0. */
export function expm1(f: FunctionBuilder, e: Element, v: Value): Value {
  const { scale, rest } = exponential(f, e, v);
  return f.let(e.madd(scale, rest, sub(scale, 1)));
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
  const terms = constants[e.name].logTerms;
  const s = f.let(div(x, add(x, 2)));
  const square = f.let(mul(s, s));
  const series = f.local(e.vector, 2 / (2 * terms + 1));
  for (let term = terms - 1; term >= 1; term--) {
    f.set(series, e.madd(series, square, 2 / (2 * term + 1)));
  }
  const half = f.let(mul(mul(x, x), 0.5));
  return f.let(sub(x, sub(half, mul(s, e.madd(square, series, half)))));
}

function inverseFactorial(n: number): number {
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return 1 / factorial;
}
