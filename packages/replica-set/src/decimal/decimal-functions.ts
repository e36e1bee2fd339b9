/**
 * Powers, roots, logarithms and angles of decimals, rounded correctly to 34 digits. Results that
 * are exact have the zeros at their end that MongoDB's have: a root those that IEEE 754 prefers,
 * a power all that there is room for, what else is whole none.
 */
import {
  type Decimal,
  type FiniteDecimal,
  finite,
  infinity,
  leastExponent,
  lengthOf,
  notANumber,
  one,
  powerOfTen,
  precision,
  round,
  towardExponent,
} from './decimal.ts';
import { divideDecimals, isZero, multiplyDecimals, wholePart } from './decimal-arithmetic.ts';
import {
  arctanFixed,
  expFixed,
  fromFixed,
  ln10,
  lnFixed,
  pi,
  sineAndCosine,
  toFixed,
  wholeRoot,
} from './fixed-point.ts';

/** Enough for 34 digits of what is near a zero of the function. */
const places = 160;
const unit = powerOfTen(places);

/** Past this e^x and e^-x leave the range of decimals. */
const greatestExponent = 15_000;

/** The power of ten of the first digit. */
function magnitude({ digits, exponent }: FiniteDecimal): number {
  return lengthOf(digits) - 1 + exponent;
}

export function isNegativeNumber(value: Decimal): boolean {
  return value.kind !== 'nan' && value.negative && !isZero(value);
}

/** So small that f(x) = x, to 34 digits, for sine, tangent and the like. */
function isTiny(value: FiniteDecimal): boolean {
  return value.digits === 0n || magnitude(value) < -40;
}

function padded(value: FiniteDecimal): Decimal {
  return value.digits === 0n ? value : towardExponent(value, -7000);
}

export function expDecimal(x: Decimal): Decimal {
  if (x.kind === 'nan') return x;
  if (x.kind === 'infinite') return x.negative ? finite(0n) : x;
  if (x.digits === 0n || magnitude(x) < -precision) return one;
  if (magnitude(x) > 5) return beyond(x.negative);
  return expOfFixed(toFixed(x, places));
}

function beyond(small: boolean): Decimal {
  return small ? finite(0n, -6176) : infinity(false);
}

function expOfFixed(x: bigint): Decimal {
  if (x > BigInt(greatestExponent) * unit || x < -BigInt(greatestExponent) * unit) {
    return beyond(x < 0n);
  }
  const scale = x / ln10(places);
  return fromFixed(expFixed(x - scale * ln10(places), places), places, Number(scale));
}

/** ln of a positive number, in `places`. */
function lnOf(x: FiniteDecimal): bigint {
  const exponent = magnitude(x);
  const mantissa = toFixed({ ...x, exponent: x.exponent - exponent }, places);
  return lnFixed(mantissa, places) + BigInt(exponent) * ln10(places);
}

/** The natural logarithm of a number above zero. */
export function lnDecimal(x: Decimal): Decimal {
  return x.kind === 'finite' ? fromFixed(lnOf(x), places) : x;
}

/** The decimal logarithm of a number above zero. */
export function log10Decimal(x: Decimal): Decimal {
  return x.kind === 'finite' ? fromFixed((lnOf(x) * unit) / ln10(places), places) : x;
}

/**
 * The logarithm, to a base above zero and not 1, of a number above zero: as MongoDB's the quotient
 * of two natural ones, each rounded, so that log₃ 27 is a little less than 3.
 */
export function logDecimal(x: Decimal, base: Decimal): Decimal {
  return divideDecimals(lnDecimal(x), lnDecimal(base));
}

/** The square root of a number not below zero. */
export function sqrtDecimal(x: Decimal): Decimal {
  if (x.kind !== 'finite' || x.digits === 0n) {
    return x.kind === 'finite' ? { ...x, exponent: Math.floor(x.exponent / 2) } : x;
  }
  const shift = 2 * precision + 4 + (x.exponent % 2 === 0 ? 0 : 1);
  const scaled = x.digits * powerOfTen(shift);
  const digits = wholeRoot(scaled);
  const root = finite(digits, (x.exponent - shift) / 2);
  if (digits * digits !== scaled) return round(root, precision, true);
  return round(towardExponent(root, Math.floor(x.exponent / 2)), precision);
}

/** A power, with as many digits behind the point as there is room for; no zero is negative. */
export function powDecimal(base: Decimal, exponent: Decimal): Decimal {
  const result = powerOf(base, exponent);
  if (result.kind !== 'finite') return result;
  const negative = result.negative && result.digits !== 0n;
  return towardExponent({ ...result, negative }, leastExponent);
}

function powerOf(base: Decimal, exponent: Decimal): Decimal {
  if (isZero(exponent) || isOne(base)) return one;
  if (base.kind === 'nan' || exponent.kind === 'nan') return notANumber;
  const whole = wholeExponent(exponent);
  const odd = whole !== undefined && whole % 2n !== 0n;
  if (exponent.kind === 'infinite') return powInfinite(base, exponent.negative);
  if (base.kind === 'infinite' || base.digits === 0n) {
    const large = (base.kind === 'infinite') !== exponent.negative;
    const negative = base.negative && odd;
    return large ? infinity(negative) : { kind: 'finite', negative, digits: 0n, exponent: 0 };
  }
  if (base.negative && whole === undefined) return notANumber;
  const size = { ...base, negative: false };
  const exact = whole === undefined ? undefined : exactPower(size, whole);
  const result = exact ?? powReal(size, exponent);
  return result.kind === 'nan' ? result : { ...result, negative: base.negative && odd };
}

function powReal(base: FiniteDecimal, exponent: FiniteDecimal): Decimal {
  const log = lnOf(base);
  if (magnitude(exponent) > 60) {
    return log === 0n ? one : beyond(log > 0n === exponent.negative);
  }
  return expOfFixed((log * toFixed(exponent, places)) / unit);
}

function powInfinite(base: Decimal, small: boolean): Decimal {
  const order = compareToOne(base);
  if (order === 0) return one;
  return order > 0 === small ? finite(0n) : infinity(false);
}

function isOne(value: Decimal): boolean {
  return value.kind === 'finite' && !value.negative && compareToOne(value) === 0;
}

function compareToOne(value: Decimal): number {
  if (value.kind !== 'finite') return 1;
  const size = toFixed({ ...value, negative: false }, precision);
  return size > powerOfTen(precision) ? 1 : size < powerOfTen(precision) ? -1 : 0;
}

/** The exponent when it is a whole number. */
function wholeExponent(value: Decimal): bigint | undefined {
  if (value.kind !== 'finite' || magnitude(value) > 40)
    return value.kind === 'finite' ? 0n : undefined;
  const whole = wholePart(value, 'toward-zero');
  return whole !== undefined && toFixed(value, 40) % powerOfTen(40) === 0n ? whole : undefined;
}

/** Digit by digit, where that stays small; it is exact, or rounded once. */
function exactPower(base: FiniteDecimal, exponent: bigint): Decimal | undefined {
  const count = Number(exponent < 0n ? -exponent : exponent);
  if (count * lengthOf(base.digits) > 4000 || count > 20_000 || count === 0) return undefined;
  const power = finite(base.digits ** BigInt(count), base.exponent * count);
  return exponent < 0n ? divideDecimals(one, power) : round(power, precision);
}

/** A function whose value at x, near zero, is x. */
function odd(compute: (x: bigint, scale: number) => bigint): (x: Decimal) => Decimal {
  return (x) => {
    if (x.kind !== 'finite') return notANumber;
    if (isTiny(x)) return padded(x);
    const scale = places + Math.max(0, magnitude(x));
    return fromFixed(compute(toFixed(x, scale), scale), scale);
  };
}

export const sinDecimal: (x: Decimal) => Decimal = odd((x, scale) => sineAndCosine(x, scale)[0]);

export function cosDecimal(x: Decimal): Decimal {
  if (x.kind !== 'finite') return notANumber;
  if (isTiny(x)) return one;
  const scale = places + Math.max(0, magnitude(x));
  return fromFixed(sineAndCosine(toFixed(x, scale), scale)[1], scale);
}

export const tanDecimal: (x: Decimal) => Decimal = odd((x, scale) => {
  const [sine, cosine] = sineAndCosine(x, scale);
  return (sine * powerOfTen(scale)) / cosine;
});

/** Of a number from -1 to 1. */
export const asinDecimal: (x: Decimal) => Decimal = odd((x, scale) => arcsine(x, scale));

/** Of a number from -1 to 1. */
export function acosDecimal(x: Decimal): Decimal {
  if (x.kind !== 'finite') return notANumber;
  return fromFixed(pi(places) / 2n - arcsine(toFixed(x, places), places), places);
}

function arcsine(x: bigint, scale: number): bigint {
  const one = powerOfTen(scale);
  const root = wholeRoot(one * one - x * x);
  if (root === 0n) return x > 0n ? pi(scale) / 2n : -pi(scale) / 2n;
  return arctanFixed((x * one) / root, scale);
}

export function atanDecimal(x: Decimal): Decimal {
  if (x.kind === 'infinite')
    return fromFixed(x.negative ? -pi(places) / 2n : pi(places) / 2n, places);
  if (x.kind === 'finite' && magnitude(x) > 40) return atanDecimal(infinity(x.negative));
  return arctangent(x);
}

const arctangent = odd(arctanFixed);

/** The angle of the point (x, y), from -π to π. */
export function atan2Decimal(y: Decimal, x: Decimal): Decimal {
  if (y.kind === 'nan' || x.kind === 'nan') return notANumber;
  const half = pi(places) / 2n;
  const sign = y.negative ? -1n : 1n;
  if (isZero(y)) return x.negative ? fromFixed(sign * half * 2n, places) : y;
  if (isZero(x)) return fromFixed(sign * half, places);
  if (x.kind === 'infinite') {
    const quarters = y.kind === 'infinite' ? (x.negative ? 3n : 1n) : x.negative ? 4n : 0n;
    return quarters === 0n
      ? { ...finite(0n), negative: y.negative }
      : fromFixed((sign * half * quarters) / 2n, places);
  }
  if (y.kind === 'infinite') return fromFixed(sign * half, places);
  const distance = magnitude(y) - magnitude(x);
  if (distance > 60) return fromFixed(sign * half, places);
  if (distance < -60)
    return x.negative ? fromFixed(sign * half * 2n, places) : divideDecimals(y, x);
  const shift = -magnitude(x);
  const [top, below] = [y, x].map((value) =>
    toFixed({ ...value, exponent: value.exponent + shift }, places),
  ) as [bigint, bigint];
  const angle = arctanFixed((top * unit) / below, places);
  return fromFixed(below > 0n ? angle : angle + sign * half * 2n, places);
}

function hyperbolic(sign: 1n | -1n, x: bigint): bigint {
  const power = expFixed(x, places);
  return (power + sign * ((unit * unit) / power)) / 2n;
}

/** Past this e^-x is nothing beside e^x. */
const lonelyExponential = 2;

function halfExponential(x: FiniteDecimal, negative: boolean): Decimal {
  const power = expDecimal({ ...x, negative: false });
  const half = multiplyDecimals(power, finite(5n, -1));
  return half.kind === 'nan' ? half : { ...half, negative };
}

export function sinhDecimal(x: Decimal): Decimal {
  if (x.kind !== 'finite') return x;
  if (isTiny(x)) return padded(x);
  if (magnitude(x) >= lonelyExponential) return halfExponential(x, x.negative);
  return fromFixed(hyperbolic(-1n, toFixed(x, places)), places);
}

export function coshDecimal(x: Decimal): Decimal {
  if (x.kind !== 'finite') return x.kind === 'nan' ? x : infinity(false);
  if (isTiny(x)) return one;
  if (magnitude(x) >= lonelyExponential) return halfExponential(x, false);
  return fromFixed(hyperbolic(1n, toFixed(x, places)), places);
}

export function tanhDecimal(x: Decimal): Decimal {
  if (x.kind === 'nan') return x;
  if (x.kind === 'infinite' || magnitude(x) >= lonelyExponential) {
    return { ...one, negative: x.negative };
  }
  if (isTiny(x)) return padded(x);
  const value = toFixed(x, places);
  return fromFixed((hyperbolic(-1n, value) * unit) / hyperbolic(1n, value), places);
}

export function asinhDecimal(x: Decimal): Decimal {
  if (x.kind !== 'finite') return x;
  if (isTiny(x)) return padded(x);
  const size = arsinhOfSize({ ...x, negative: false }, 1n);
  return fromFixed(x.negative ? -size : size, places);
}

/** Of a number not below 1. */
export function acoshDecimal(x: Decimal): Decimal {
  return x.kind === 'finite' ? fromFixed(arsinhOfSize(x, -1n), places) : x;
}

/** ln(x + √(x² ± 1)). */
function arsinhOfSize(x: FiniteDecimal, sign: 1n | -1n): bigint {
  if (magnitude(x) > 60) return lnOf({ ...x, digits: x.digits * 2n });
  const value = toFixed(x, places);
  return lnFixed(value + wholeRoot(value * value + sign * unit * unit), places);
}

/** Of a number from -1 to 1; infinite at its ends. */
export function atanhDecimal(x: Decimal): Decimal {
  if (x.kind !== 'finite') return notANumber;
  if (isTiny(x)) return padded(x);
  const value = toFixed(x, places);
  if (value === unit || value === -unit) return infinity(x.negative);
  return fromFixed(lnFixed(((unit + value) * unit) / (unit - value), places) / 2n, places);
}
