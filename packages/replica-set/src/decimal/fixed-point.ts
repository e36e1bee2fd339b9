/**
 * Real numbers as whole multiples of 10^-places, for the functions of decimals.
 *
 * Each result may be off by some units in the last places; callers take many
 * places more than they keep.
 */
import {
  type Decimal,
  type FiniteDecimal,
  finite,
  lengthOf,
  powerOfTen,
  round,
  towardExponent,
} from './decimal.ts';

export function toFixed({ negative, digits, exponent }: FiniteDecimal, places: number): bigint {
  const shift = exponent + places;
  const size = shift >= 0 ? digits * powerOfTen(shift) : digits / powerOfTen(-shift);
  return negative ? -size : size;
}

/** Rounded to 34 digits; what comes out even, within the last places, is taken for even. */
export function fromFixed(value: bigint, places: number, exponent = 0): Decimal {
  const whole = finite(value, exponent - places);
  const near = withoutZeros(round(whole, Math.max(40, lengthOf(whole.digits) - 20)));
  if (lengthOf(near.digits) <= 34) return towardExponent(near, 0);
  return round(whole, 34, true);
}

function withoutZeros(value: FiniteDecimal): FiniteDecimal {
  return towardExponent(value, value.exponent + lengthOf(value.digits) - 1);
}

/** The whole part of a square root. */
export function wholeRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** A constant to any number of places, kept once it was computed. */
function constant(compute: (places: number) => bigint): (places: number) => bigint {
  let known = 0n;
  let knownPlaces = 0;
  return (places) => {
    if (places > knownPlaces) {
      known = compute(places + 10) / powerOfTen(10);
      knownPlaces = places;
    }
    return known / powerOfTen(knownPlaces - places);
  };
}

/** arctan(1/n), or artanh(1/n) with `sign` 1. */
function arcOfInverse(n: bigint, sign: 1n | -1n, places: number): bigint {
  let power = powerOfTen(places) / n;
  let sum = power;
  for (let index = 3n, turn = sign; power !== 0n; index += 2n, turn *= sign) {
    power /= n * n;
    sum += (turn * power) / index;
  }
  return sum;
}

/** π by Machin's formula. */
export const pi: (places: number) => bigint = constant(
  (places) => 4n * (4n * arcOfInverse(5n, -1n, places) - arcOfInverse(239n, -1n, places)),
);

const ln2 = constant(
  (places) =>
    18n * arcOfInverse(26n, 1n, places) -
    2n * arcOfInverse(4801n, 1n, places) +
    8n * arcOfInverse(8749n, 1n, places),
);

export const ln10: (places: number) => bigint = constant(
  (places) => 3n * ln2(places) + 2n * arcOfInverse(9n, 1n, places),
);

const halvings = 12n;

/** e^x for x of moderate size. */
export function expFixed(x: bigint, places: number): bigint {
  const unit = powerOfTen(places + 8);
  const small = (x * powerOfTen(8)) >> halvings;
  let term = unit;
  let sum = unit;
  for (let index = 1n; term !== 0n; index += 1n) {
    term = (term * small) / unit / index;
    sum += term;
  }
  for (let index = 0n; index < halvings; index += 1n) sum = (sum * sum) / unit;
  return sum / powerOfTen(8);
}

/** ln x for any positive x. */
export function lnFixed(x: bigint, places: number): bigint {
  const exponent = lengthOf(x) - 1 - places;
  const mantissa = exponent >= 0 ? x / powerOfTen(exponent) : x * powerOfTen(-exponent);
  const unit = powerOfTen(places);
  const guess = Math.log(Number(mantissa / powerOfTen(places - 17)) / 1e17);
  let result = BigInt(Math.round(guess * 1e15)) * powerOfTen(places - 15);
  for (let right = 15; right < places; right *= 3) {
    const power = expFixed(result, places);
    result += (2n * unit * (mantissa - power)) / (mantissa + power);
  }
  return result + BigInt(exponent) * ln10(places);
}

/** The sine and the cosine of any angle. */
export function sineAndCosine(x: bigint, places: number): [sine: bigint, cosine: bigint] {
  const unit = powerOfTen(places);
  const quarter = pi(places) / 2n;
  const half = x >= 0n ? quarter / 2n : -quarter / 2n;
  const turns = (x + half) / quarter;
  const rest = x - turns * quarter;
  const sine = alternatingSeries(rest, rest, 2n, unit);
  const cosine = alternatingSeries(unit, rest, 1n, unit);
  switch (((turns % 4n) + 4n) % 4n) {
    case 0n:
      return [sine, cosine];
    case 1n:
      return [cosine, -sine];
    case 2n:
      return [-sine, -cosine];
    default:
      return [-cosine, sine];
  }
}

function alternatingSeries(first: bigint, x: bigint, from: bigint, unit: bigint): bigint {
  const square = (x * x) / unit;
  let term = first;
  let sum = first;
  for (let index = from; term !== 0n; index += 2n) {
    term = -(term * square) / unit / (index * (index + 1n));
    sum += term;
  }
  return sum;
}

export function arctanFixed(x: bigint, places: number): bigint {
  if (x < 0n) return -arctanFixed(-x, places);
  const unit = powerOfTen(places);
  if (x > unit) return pi(places) / 2n - arctanFixed((unit * unit) / x, places);
  let small = x;
  for (let index = 0; index < 3; index++) {
    small = (small * unit) / (unit + wholeRoot(unit * unit + small * small));
  }
  const square = (small * small) / unit;
  let power = small;
  let sum = small;
  for (let index = 3n; power !== 0n; index += 2n) {
    power = -(power * square) / unit;
    sum += power / index;
  }
  return sum * 8n;
}
