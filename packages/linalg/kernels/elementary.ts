/**
 * exp and log on vectors, by range reduction and Taylor series: the same bits on every machine, and
 * the same as `src/elementary.ts` computes them one number at a time.
 */
import { elementaryNumbers as numbers } from '../src/elementary-numbers.ts';
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
  or,
  reinterpret,
  shl,
  shr,
  splat,
  sub,
  type Value,
  zeroWhere,
} from './value.ts';

/** The two parts of exp(v) = scale · (1 + rest), where scale is a power of 2, for |v| ≤ `expLimit`. */
function exponential(f: FunctionBuilder, e: Element, v: Value): { scale: Value; rest: Value } {
  const { rounder, mantissaBits, expSeries, ln2High, ln2Low } = numbers[e.name];
  const all = lanes(f, e);
  const integers = e.name === 'f32' ? 'i32x4' : 'i64x2';
  const shifted = f.let(add(mul(v, all(Math.LOG2E)), all(rounder)));
  const n = f.let(sub(shifted, all(rounder)));
  const r = f.let(sub(sub(v, mul(n, all(ln2High))), mul(n, all(ln2Low))));
  const square = f.let(mul(r, r));
  const series = polynomial(f, e, r, expSeries.map(all));
  const rest = f.let(e.madd(square, series, r));
  const scale = reinterpret(e.vector, shl(reinterpret(integers, shifted), mantissaBits));
  return { scale: f.let(scale), rest };
}

/** exp(v), for v up to `expLimit`; 0 below −`expLimit`. */
export function exp(f: FunctionBuilder, e: Element, v: Value): Value {
  const { scale, rest } = exponential(f, e, v);
  const tooSmall = lanesBelow(v, lanes(f, e)(-numbers[e.name].expLimit));
  return f.let(zeroWhere(tooSmall, e.madd(scale, rest, scale)));
}

/** exp(v) − 1, for v ≤ 0, exact also next to 0. */
export function expm1(f: FunctionBuilder, e: Element, v: Value): Value {
  const all = lanes(f, e);
  const kept = f.let(atLeast(v, all(-numbers[e.name].expLimit)));
  const { scale, rest } = exponential(f, e, kept);
  return f.let(e.madd(scale, rest, sub(scale, all(1))));
}

/** t / (1 + t), where t = exp(x), kept from overflow. */
export function sigmoid(f: FunctionBuilder, e: Element, x: Value): Value {
  const all = lanes(f, e);
  const { expLimit } = numbers[e.name];
  const kept = f.let(atMost(atLeast(x, all(-expLimit)), all(expLimit)));
  const { scale, rest } = exponential(f, e, kept);
  const t = f.let(e.madd(scale, rest, scale));
  return div(t, add(t, all(1)));
}

/** log(1 + t), for t from 0 to 1. */
export function log1p(f: FunctionBuilder, e: Element, t: Value): Value {
  const all = lanes(f, e);
  const halved = f.let(lanesFrom(t, all(Math.SQRT2 - 1)));
  const small = f.let(choose(halved, mul(sub(t, all(1)), all(0.5)), t));
  return f.let(add(logSeries(f, e, small), choose(halved, all(Math.LN2), 0)));
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
  const all = lanes(f, e);
  const s = f.let(div(x, add(x, all(2))));
  const square = f.let(mul(s, s));
  const half = f.let(mul(mul(x, x), all(0.5)));
  const series = polynomial(f, e, square, numbers[e.name].logSeries.map(all));
  const rest = e.madd(square, series, half);
  return f.let(sub(x, sub(half, mul(s, rest))));
}

/**
 * Σ terms[i] · xⁱ by Estrin's scheme: neighbours are joined by x, then pairs of them by x², and so on,
 * so that few steps wait for the one before.
 */
function polynomial(f: FunctionBuilder, e: Element, x: Value, terms: readonly Value[]): Value {
  const joined = terms.flatMap((low, i) => {
    const high = terms[i + 1];
    if (i % 2 === 1) return [];
    return [high === undefined ? low : f.let(e.madd(high, x, low))];
  });
  const [first] = joined;
  if (joined.length === 1 && first !== undefined) return first;
  return polynomial(f, e, f.let(mul(x, x)), joined);
}

/** Gives numbers in all lanes, for use in loops. */
function lanes(f: FunctionBuilder, e: Element): (value: number) => Value {
  return (value) => f.constant(e.vector, value);
}
