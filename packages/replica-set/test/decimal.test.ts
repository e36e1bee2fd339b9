import { Decimal128 } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decimal, decimalOf, finite, round, toDecimal128 } from '../src/decimal/decimal.ts';
import {
  addDecimals,
  divideDecimals,
  moduloDecimals,
  multiplyDecimals,
  quantize,
  subtractDecimals,
} from '../src/decimal/decimal-arithmetic.ts';
import {
  expDecimal,
  lnDecimal,
  log10Decimal,
  logDecimal,
  powDecimal,
  sinDecimal,
  sqrtDecimal,
} from '../src/decimal/decimal-functions.ts';

const read = (text: string): Decimal => decimalOf(Decimal128.fromString(text));
const show = (value: Decimal): string => toDecimal128(value).toString();

const decimals = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }),
    fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -3000, max: 3000 })),
  )
  .map(([digits, exponent]) => finite(digits, exponent));

/** A number as a fraction of whole numbers. */
type Fraction = readonly [top: bigint, bottom: bigint];

function fraction(value: Decimal): Fraction {
  if (value.kind !== 'finite') throw new TypeError('not finite');
  const digits = value.negative ? -value.digits : value.digits;
  return value.exponent >= 0
    ? [digits * 10n ** BigInt(value.exponent), 1n]
    : [digits, 10n ** BigInt(-value.exponent)];
}

const size = (value: bigint) => (value < 0n ? -value : value);

/** True when no number of 34 digits lies nearer to the fraction, and ties went to the even one. */
function isNearest(result: Decimal, [top, bottom]: Fraction): boolean {
  if (result.kind !== 'finite') return false;
  const [a, b] = fraction(result);
  const distance = size(a * bottom - top * b);
  if (distance === 0n) return true;
  const full = result.digits.toString().length === 34;
  const [unitTop, unitBottom] = fraction(finite(1n, result.exponent));
  const half = unitTop * b * bottom;
  const twice = 2n * distance * unitBottom;
  return full && (twice < half || (twice === half && result.digits % 2n === 0n));
}

describe('against fractions of whole numbers', () => {
  test.each<[string, (a: Decimal, b: Decimal) => Decimal, (a: Fraction, b: Fraction) => Fraction]>([
    ['the sum', addDecimals, ([a, b], [c, d]) => [a * d + c * b, b * d]],
    ['the difference', subtractDecimals, ([a, b], [c, d]) => [a * d - c * b, b * d]],
    ['the product', multiplyDecimals, ([a, b], [c, d]) => [a * c, b * d]],
    [
      'the quotient',
      divideDecimals,
      ([a, b], [c, d]) => (c < 0n ? [-a * d, -b * c] : [a * d, b * c]),
    ],
  ])('%s is the nearest decimal', (_, apply, exact) => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        fc.pre(apply !== divideDecimals || b.digits !== 0n);
        return isNearest(apply(a, b), exact(fraction(a), fraction(b)));
      }),
    );
  });

  test('the rest of a division is what whole multiples leave', () => {
    const near = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -9, max: 9 }))
      .map(([digits, exponent]) => finite(digits, exponent));
    fc.assert(
      fc.property(near, near, (a, b) => {
        fc.pre(b.digits !== 0n);
        const [p, q] = fraction(a);
        const [r, s] = fraction(b);
        const rest = (p * s) % (r * q);
        return isNearest(moduloDecimals(a, b), [rest, q * s]);
      }),
    );
  });

  test('a square root is the nearest decimal', () => {
    fc.assert(
      fc.property(decimals, (value) => {
        fc.pre(value.digits !== 0n);
        const root = sqrtDecimal({ ...value, negative: false });
        if (root.kind !== 'finite') return false;
        const [top, bottom] = fraction({ ...value, negative: false });
        const halfUnit = { ...root, digits: 5n, exponent: root.exponent - 1 };
        const [low, lowBottom] = fraction(subtractExactly(root, halfUnit));
        const [high, highBottom] = fraction(addExactly(root, halfUnit));
        return (
          low * low * bottom <= top * lowBottom * lowBottom &&
          high * high * bottom >= top * highBottom * highBottom
        );
      }),
    );
  });
});

function addExactly(a: Decimal, b: Decimal): Decimal {
  const [p, q] = fraction(a);
  const [r, s] = fraction(b);
  return scaled(p * s + r * q, q * s);
}

function subtractExactly(a: Decimal, b: Decimal): Decimal {
  const [p, q] = fraction(a);
  const [r, s] = fraction(b);
  return scaled(p * s - r * q, q * s);
}

/** Both are sums of multiples of powers of ten. */
function scaled(top: bigint, bottom: bigint): Decimal {
  const places = bottom.toString().length - 1;
  return finite(top, -places);
}

test('what is read of a Decimal128 is written back the same', () => {
  fc.assert(
    fc.property(decimals, (value) => {
      const written = toDecimal128(value);
      expect(toDecimal128(decimalOf(written)).bytes).toEqual(written.bytes);
      const text = `${value.negative ? '-' : ''}${value.digits}E${value.exponent}`;
      expect(written.toString()).toBe(Decimal128.fromString(text).toString());
    }),
  );
});

test.each([
  ['1E+6144', '9E+6144', 'Infinity'],
  ['-9.999999999999999999999999999999999E+6144', '-1E+6144', '-Infinity'],
  ['Infinity', '-Infinity', 'NaN'],
  ['NaN', '1', 'NaN'],
  ['-0', '-0', '-0'],
  ['1', '-1', '0'],
  ['0E+3', '1.5', '1.5'],
  ['1E+40', '1', '1.000000000000000000000000000000000E+40'],
])('%s + %s = %s', (a, b, sum) => {
  expect(show(addDecimals(read(a), read(b)))).toBe(sum);
});

test.each([
  ['1E-6176', '0.5', '0E-6176'],
  ['3E-6176', '0.5', '2E-6176'],
  ['1.0', '1.00', '1.000'],
  ['0', 'Infinity', 'NaN'],
  ['-2', 'Infinity', '-Infinity'],
])('%s × %s = %s', (a, b, product) => {
  expect(show(multiplyDecimals(read(a), read(b)))).toBe(product);
});

test.each([
  ['2.5', 0, 'half-even', '2'],
  ['3.5', 0, 'half-even', '4'],
  ['-2.1', 0, 'up', '-2'],
  ['-2.1', 0, 'down', '-3'],
  ['2.19', -1, 'toward-zero', '2.1'],
  ['2', -2, 'half-even', '2.00'],
  ['1E+40', 0, 'half-even', 'NaN'],
  ['0.00000000000000000000000000000000000000001', 0, 'up', '1'],
] as const)('%s with exponent %d, %s, is %s', (value, exponent, rounding, result) => {
  expect(show(quantize(read(value), exponent, rounding))).toBe(result);
});

// From Python's decimal module, to 34 digits.
test.each<[string, (x: Decimal) => Decimal, string, string]>([
  ['exp', expDecimal, '1', '2.718281828459045235360287471352662'],
  ['exp', expDecimal, '-100.5', '2.256340135917036313202818282415344E-44'],
  ['exp', expDecimal, '0', '1'],
  ['exp', expDecimal, '1E-40', '1'],
  ['exp', expDecimal, '20000', 'Infinity'],
  ['exp', expDecimal, '-20000', '0E-6176'],
  ['ln', lnDecimal, '1.00', '0'],
  ['log10', log10Decimal, '1E-7', '-7'],
  ['ln', lnDecimal, '2', '0.6931471805599453094172321214581766'],
  [
    'ln',
    lnDecimal,
    '1.000000000000000000000000000000001',
    '9.999999999999999999999999999999995E-34',
  ],
  ['sqrt', sqrtDecimal, '2', '1.414213562373095048801688724209698'],
  ['sqrt', sqrtDecimal, '1.00', '1.0'],
  ['sqrt', sqrtDecimal, '1E+2', '1E+1'],
  ['sqrt', sqrtDecimal, '10E+1', '10'],
  ['sin', sinDecimal, '1E+100', '-0.3723761236612766882620866955531643'],
])('$0 of $2 is $3', (_, apply, x, result) => {
  expect(show(apply(read(x)))).toBe(result);
});

test.each([
  ['2', '10', '1024.000000000000000000000000000000'],
  ['1.5', '1000.5', '1.511139943175572903001820444768586E+176'],
  ['-2', '3', '-8.000000000000000000000000000000000'],
  ['-2', '0.5', 'NaN'],
  ['2', '-2', '0.2500000000000000000000000000000000'],
  ['5', '-112', '5.192296858534827628530496329220096E-79'],
  ['10', '40', '1.000000000000000000000000000000000E+40'],
  ['0', '5', '0E-6176'],
  ['-0', '3', '0E-6176'],
  ['2', 'Infinity', 'Infinity'],
  ['0.5', 'Infinity', '0E-6176'],
  ['NaN', '0', '1.000000000000000000000000000000000'],
  ['1.0', 'NaN', '1.000000000000000000000000000000000'],
  ['2', '1E+50', 'Infinity'],
])('%s to the power of %s is %s', (base, exponent, power) => {
  expect(show(powDecimal(read(base), read(exponent)))).toBe(power);
});

test.each([
  ['8', '2', '3.000000000000000000000000000000000'],
  ['27', '3', '2.999999999999999999999999999999999'],
  ['100', '10', '2'],
  ['1', '3', '0E+33'],
  ['Infinity', '2', 'Infinity'],
])('the logarithm of %s to the base %s is %s', (x, base, logarithm) => {
  expect(show(logDecimal(read(x), read(base)))).toBe(logarithm);
});

test('e to the logarithm is the number again, but for the last digits', () => {
  const moderate = fc
    .tuple(fc.bigInt({ min: 1n, max: 10n ** 34n - 1n }), fc.integer({ min: -60, max: 20 }))
    .map(([digits, exponent]) => finite(digits, exponent));
  fc.assert(
    fc.property(moderate, (value) => {
      const again = expDecimal(lnDecimal(value));
      if (again.kind !== 'finite') return false;
      const near = (number: Decimal) =>
        number.kind === 'finite' && show(round(number, 30)) === show(round(value, 30));
      const [p, q] = fraction(again);
      const [r, s] = fraction(value);
      return near(again) || size(p * s - r * q) * 10n ** 30n < size(r * q);
    }),
    { numRuns: 50 },
  );
});
