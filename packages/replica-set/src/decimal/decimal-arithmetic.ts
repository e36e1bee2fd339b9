/** Exact arithmetic on decimals, rounded once at the end, half to even. */
import {
  cutDigits,
  type Decimal,
  type FiniteDecimal,
  infinity,
  lengthOf,
  notANumber,
  powerOfTen,
  precision,
  type Rounding,
  round,
  towardExponent,
} from './decimal.ts';

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return notANumber;
  if (a.kind === 'infinite') {
    return b.kind === 'infinite' && a.negative !== b.negative ? notANumber : a;
  }
  if (b.kind === 'infinite') return b;
  if (a.digits === 0n || b.digits === 0n) return addZero(a, b);
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = signedDigits(a, exponent) + signedDigits(b, exponent);
  if (sum === 0n)
    return { kind: 'finite', negative: a.negative && b.negative, digits: 0n, exponent };
  const digits = sum < 0n ? -sum : sum;
  return round({ kind: 'finite', negative: sum < 0n, digits, exponent }, precision);
}

function addZero(a: FiniteDecimal, b: FiniteDecimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  if (a.digits !== 0n) return towardExponent(a, exponent);
  if (b.digits !== 0n) return towardExponent(b, exponent);
  return { kind: 'finite', negative: a.negative && b.negative, digits: 0n, exponent };
}

function signedDigits(value: FiniteDecimal, exponent: number): bigint {
  const digits = value.digits * powerOfTen(value.exponent - exponent);
  return value.negative ? -digits : digits;
}

function negateDecimal(value: Decimal): Decimal {
  return value.kind === 'nan' ? value : { ...value, negative: !value.negative };
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, negateDecimal(b));
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return notANumber;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    return isZero(a) || isZero(b) ? notANumber : infinity(negative);
  }
  const exponent = a.exponent + b.exponent;
  return round({ kind: 'finite', negative, digits: a.digits * b.digits, exponent }, precision);
}

export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return notANumber;
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite') return b.kind === 'infinite' ? notANumber : infinity(negative);
  if (b.kind === 'infinite') return { kind: 'finite', negative, digits: 0n, exponent: -6176 };
  if (b.digits === 0n) return a.digits === 0n ? notANumber : infinity(negative);
  const wanted = a.exponent - b.exponent;
  if (a.digits === 0n) return { kind: 'finite', negative, digits: 0n, exponent: wanted };
  const shift = Math.max(0, precision + 2 + lengthOf(b.digits) - lengthOf(a.digits));
  const scaled = a.digits * powerOfTen(shift);
  const quotient: FiniteDecimal = {
    kind: 'finite',
    negative,
    digits: scaled / b.digits,
    exponent: wanted - shift,
  };
  const inexact = scaled % b.digits !== 0n;
  return inexact
    ? round(quotient, precision, true)
    : round(towardExponent(quotient, wanted), precision);
}

/** What is left of `a` after whole multiples of `b`; it has the sign of `a`. */
export function moduloDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.kind !== 'finite' || b.kind === 'nan' || isZero(b)) return notANumber;
  if (b.kind === 'infinite') return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.digits * powerOfTen(a.exponent - exponent);
  const right = b.digits * powerOfTen(b.exponent - exponent);
  return round({ kind: 'finite', negative: a.negative, digits: left % right, exponent }, precision);
}

/**
 * The number rounded at a place: at most with the 34 digits that there are, which it has too where
 * the place is beyond them.
 */
export function roundAt(value: Decimal, exponent: number, rounding: Rounding): Decimal {
  if (value.kind !== 'finite' || value.digits === 0n) return quantize(value, exponent, rounding);
  const last = value.exponent + lengthOf(value.digits) - precision;
  return quantize(value, Math.max(exponent, last), rounding);
}

/** The number with this exponent; not a number where that takes more than 34 digits. */
export function quantize(value: Decimal, exponent: number, rounding: Rounding): Decimal {
  if (value.kind !== 'finite') return notANumber;
  const { negative } = value;
  const digits =
    value.exponent >= exponent
      ? value.digits === 0n
        ? 0n
        : value.digits * powerOfTen(value.exponent - exponent)
      : cutDigits(value.digits, exponent - value.exponent, rounding, negative);
  if (lengthOf(digits) > precision) return notANumber;
  return { kind: 'finite', negative, digits, exponent };
}

export function isZero(value: Decimal): boolean {
  return value.kind === 'finite' && value.digits === 0n;
}

/** The whole number nearest to it, half to even, or cut; nothing where there is none. */
export function wholePart(value: Decimal, rounding: Rounding): bigint | undefined {
  if (value.kind !== 'finite') return undefined;
  const digits =
    value.exponent >= 0
      ? value.digits * powerOfTen(Math.min(value.exponent, 40))
      : cutDigits(value.digits, -value.exponent, rounding, value.negative);
  return value.negative ? -digits : digits;
}
