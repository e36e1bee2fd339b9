/**
 * Decimal128 as digits and an exponent, and back, rounded to 34 digits.
 *
 * IEEE 754-2008 decimal128: a value is `digits × 10^exponent`, and values of one
 * cohort (`1.0`, `1.00`) differ in the exponent alone, which arithmetic keeps.
 */
import { Decimal128, type Double } from 'bson';
import { type BsonNumber, toDouble } from '../bson-order.ts';

export interface FiniteDecimal {
  readonly kind: 'finite';
  readonly negative: boolean;
  /** Never negative. */
  readonly digits: bigint;
  readonly exponent: number;
}

export type Decimal =
  | FiniteDecimal
  | { readonly kind: 'infinite'; readonly negative: boolean }
  | { readonly kind: 'nan' };

/** Which way a number goes that lies between two that can be written. */
export type Rounding = 'half-even' | 'toward-zero' | 'up' | 'down';

export const precision = 34;
const greatestDigits = 10n ** 34n - 1n;
export const leastExponent = -6176;
const greatestExponent = 6111;
const bias = 6176;

export const notANumber: Decimal = { kind: 'nan' };

export function infinity(negative: boolean): Decimal {
  return { kind: 'infinite', negative };
}

export function finite(digits: bigint, exponent = 0): FiniteDecimal {
  const negative = digits < 0n;
  return { kind: 'finite', negative, digits: negative ? -digits : digits, exponent };
}

export const zero: FiniteDecimal = finite(0n);
export const one: FiniteDecimal = finite(1n);

/** A number as a decimal, as MongoDB takes it into decimal arithmetic: of a double the first 15 digits. */
export function decimalOf(value: BsonNumber): Decimal {
  if (value instanceof Decimal128) return decode(value);
  if (typeof value === 'bigint') return finite(value);
  if (typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)) {
    return finite(BigInt(value));
  }
  return fromDouble(toDouble(value), 15);
}

/** The double's exact value to 34 digits, for rounding. */
export function exactDecimal(value: number | Double): Decimal {
  return fromDouble(toDouble(value), precision);
}

function fromDouble(value: number, most: 15 | 34): Decimal {
  if (Number.isNaN(value)) return notANumber;
  if (!Number.isFinite(value)) return infinity(value < 0);
  if (value === 0)
    return { kind: 'finite', negative: Object.is(value, -0), digits: 0n, exponent: 0 };
  const exact = doubleDigits(Math.abs(value));
  const rounded = round({ ...exact, negative: value < 0 }, precision);
  if (most === precision) return rounded;
  const short = round(rounded, most);
  const missingDigits = most - lengthOf(short.digits);
  return {
    ...short,
    digits: short.digits * powerOfTen(missingDigits),
    exponent: short.exponent - missingDigits,
  };
}

/** A positive double, all its digits. */
function doubleDigits(value: number): FiniteDecimal {
  let scaled = value;
  let halvings = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    halvings += 1;
  }
  return finite(BigInt(scaled) * 5n ** BigInt(halvings), -halvings);
}

const bytesView = new DataView(new ArrayBuffer(16));

function decode(value: Decimal128): Decimal {
  for (let index = 0; index < 16; index++) bytesView.setUint8(index, value.bytes[index] ?? 0);
  const high = bytesView.getBigUint64(8, true);
  const low = bytesView.getBigUint64(0, true);
  const negative = high >> 63n === 1n;
  const kind = (high >> 58n) & 0x1fn;
  if (kind === 0x1fn) return notANumber;
  if (kind === 0x1en) return infinity(negative);
  if (kind >> 3n === 3n) {
    // A coefficient past 34 digits is not canonical, and counts as zero.
    return {
      kind: 'finite',
      negative,
      digits: 0n,
      exponent: Number((high >> 47n) & 0x3fffn) - bias,
    };
  }
  const digits = ((high & ((1n << 49n) - 1n)) << 64n) | low;
  return {
    kind: 'finite',
    negative,
    digits: digits > greatestDigits ? 0n : digits,
    exponent: Number((high >> 49n) & 0x3fffn) - bias,
  };
}

/** The decimal as it is stored: rounded half to even where it has more than 34 digits or a greater range. */
export function toDecimal128(value: Decimal): Decimal128 {
  if (value.kind === 'nan') return fromParts(0x7c00000000000000n, 0n);
  if (value.kind === 'infinite') return fromParts(value.negative ? 0xf8n << 56n : 0x78n << 56n, 0n);
  let { digits, exponent } = round(value, precision);
  if (exponent > greatestExponent) {
    const shift = exponent - greatestExponent;
    if (digits !== 0n && lengthOf(digits) + shift > precision) {
      return toDecimal128(infinity(value.negative));
    }
    digits = digits === 0n ? 0n : digits * powerOfTen(shift);
    exponent = greatestExponent;
  }
  const sign = value.negative ? 1n << 63n : 0n;
  return fromParts(
    sign | (BigInt(exponent + bias) << 49n) | (digits >> 64n),
    digits & (2n ** 64n - 1n),
  );
}

function fromParts(high: bigint, low: bigint): Decimal128 {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, low, true);
  view.setBigUint64(8, high, true);
  return new Decimal128(bytes);
}

/**
 * At most `most` digits, and no exponent below the least. `inexact` says that the
 * number is a little greater in size than its digits tell.
 */
export function round(value: FiniteDecimal, most: number, inexact = false): FiniteDecimal {
  const excess = Math.max(lengthOf(value.digits) - most, leastExponent - value.exponent);
  if (excess <= 0) return value;
  const digits = cutDigits(value.digits, excess, 'half-even', value.negative, inexact);
  const rounded = { ...value, digits, exponent: value.exponent + excess };
  return lengthOf(digits) > most ? round(rounded, most) : rounded;
}

/** The digits without their last `count`, rounded. */
export function cutDigits(
  digits: bigint,
  count: number,
  rounding: Rounding,
  negative: boolean,
  inexact = false,
): bigint {
  if (count > lengthOf(digits) + 1) {
    const away = rounding === (negative ? 'down' : 'up');
    return away && (digits !== 0n || inexact) ? 1n : 0n;
  }
  const unit = powerOfTen(count);
  const kept = digits / unit;
  const rest = digits % unit;
  if (rest === 0n && !inexact) return kept;
  switch (rounding) {
    case 'toward-zero':
      return kept;
    case 'up':
      return negative ? kept : kept + 1n;
    case 'down':
      return negative ? kept + 1n : kept;
    default: {
      const twice = rest * 2n;
      const above = twice > unit || (twice === unit && (inexact || kept % 2n === 1n));
      return above ? kept + 1n : kept;
    }
  }
}

/** The same number with a lower exponent, as near to `exponent` as 34 digits allow, or without zeros at its end. */
export function towardExponent(value: FiniteDecimal, exponent: number): FiniteDecimal {
  let { digits, exponent: current } = value;
  if (digits === 0n) return { ...value, exponent: Math.max(exponent, leastExponent) };
  while (current < exponent && digits % 10n === 0n) {
    digits /= 10n;
    current += 1;
  }
  const room = Math.min(Math.max(0, current - exponent), precision - lengthOf(digits));
  if (room > 0) {
    digits *= powerOfTen(room);
    current -= room;
  }
  return { ...value, digits, exponent: current };
}

/** How many decimal digits; 1 for zero. */
export function lengthOf(digits: bigint): number {
  return digits.toString().length;
}

const powers: bigint[] = [];

/** 10^exponent, for `exponent` of 0 and more. */
export function powerOfTen(exponent: number): bigint {
  if (exponent > 200) return 10n ** BigInt(exponent);
  powers[exponent] ??= 10n ** BigInt(exponent);
  return powers[exponent];
}
