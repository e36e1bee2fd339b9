/**
 * The series of preferred numbers that `$bucketAuto` rounds its boundaries to:
 * MongoDB manual, "$bucketAuto", "Granularity".
 */
import { Decimal128 } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { isInt32 } from '../bson-document.ts';
import { type BsonNumber, compareNumbers, toDouble } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';

/** Rounds a number that is not negative to the next one of a series. */
export interface Granularity {
  /** The next one above it; 0 stays 0. */
  readonly up: (value: BsonNumber) => BsonNumber;
  /** The next one below it; 0 stays 0. */
  readonly down: (value: BsonNumber) => BsonNumber;
}

/** The granularity of a name; throws 40257. */
export function granularityOf(name: string): Granularity {
  if (name === 'POWERSOF2') return powersOfTwo;
  const numbers = series.get(name);
  if (numbers === undefined) throw new ServerError(40257, `Unknown rounding granularity '${name}'`);
  return preferred(numbers);
}

const e192 = [
  100, 101, 102, 104, 105, 106, 107, 109, 110, 111, 113, 114, 115, 117, 118, 120, 121, 123, 124,
  126, 127, 129, 130, 132, 133, 135, 137, 138, 140, 142, 143, 145, 147, 149, 150, 152, 154, 156,
  158, 160, 162, 164, 165, 167, 169, 172, 174, 176, 178, 180, 182, 184, 187, 189, 191, 193, 196,
  198, 200, 203, 205, 208, 210, 213, 215, 218, 221, 223, 226, 229, 232, 234, 237, 240, 243, 246,
  249, 252, 255, 258, 261, 264, 267, 271, 274, 277, 280, 284, 287, 291, 294, 298, 301, 305, 309,
  312, 316, 320, 324, 328, 332, 336, 340, 344, 348, 352, 357, 361, 365, 370, 374, 379, 383, 388,
  392, 397, 402, 407, 412, 417, 422, 427, 432, 437, 442, 448, 453, 459, 464, 470, 475, 481, 487,
  493, 499, 505, 511, 517, 523, 530, 536, 542, 549, 556, 562, 569, 576, 583, 590, 597, 604, 612,
  619, 626, 634, 642, 649, 657, 665, 673, 681, 690, 698, 706, 715, 723, 732, 741, 750, 759, 768,
  777, 787, 796, 806, 816, 825, 835, 845, 856, 866, 876, 887, 898, 909, 920, 931, 942, 953, 965,
  976, 988,
];
const e24 = [
  10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91,
];
const r20 = [
  100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800,
  900,
];
/** MongoDB's R40 goes without 335, and its R80 without the numbers of R40. */
const r40 = [
  100, 106, 112, 118, 125, 132, 140, 150, 160, 170, 180, 190, 200, 212, 224, 236, 250, 265, 280,
  300, 315, 355, 375, 400, 425, 450, 475, 500, 530, 560, 600, 630, 670, 710, 750, 800, 850, 900,
  950,
];
const r80 = [
  103, 109, 115, 122, 128, 136, 145, 155, 165, 175, 185, 195, 206, 218, 230, 243, 258, 272, 290,
  307, 325, 345, 365, 387, 412, 437, 462, 487, 515, 545, 575, 615, 650, 690, 730, 775, 825, 875,
  925, 975,
];

const every = (step: number, numbers: readonly number[]): number[] =>
  numbers.filter((_, index) => index % step === 0);

const series: ReadonlyMap<string, readonly number[]> = new Map([
  ['R5', [10, 16, 25, 40, 63]],
  ['R10', every(2, r20)],
  ['R20', r20],
  ['R40', r40],
  ['R80', r80],
  ['1-2-5', [10, 20, 50]],
  ['E6', every(4, e24)],
  ['E12', every(2, e24)],
  ['E24', e24],
  ['E48', every(4, e192)],
  ['E96', every(2, e192)],
  ['E192', e192],
]);

/** The multiples by powers of ten of a series, as doubles or, for decimals, exactly. */
function preferred(numbers: readonly number[]): Granularity {
  const first = numbers[0] ?? 1;
  const last = numbers.at(-1) ?? 1;
  return {
    up(value) {
      if (toDouble(value) === 0) return value;
      const { scaled, compare } = scaleOf(value);
      const reached = (number: number, power: number) => compare(scaled(number, power)) >= 0;
      let power = 0;
      while (reached(last, power)) power += 1;
      while (!reached(first, power)) {
        if (reached(last, power - 1)) return scaled(first, power);
        power -= 1;
      }
      const next = numbers.find((number) => !reached(number, power)) ?? last;
      return scaled(next, power);
    },
    down(value) {
      if (toDouble(value) === 0) return value;
      const { scaled, compare } = scaleOf(value);
      const within = (number: number, power: number) => compare(scaled(number, power)) <= 0;
      let power = 0;
      while (within(first, power)) power -= 1;
      while (!within(last, power)) {
        if (within(first, power + 1)) return scaled(last, power);
        power += 1;
      }
      const above = numbers.findIndex((number) => within(number, power));
      return scaled(numbers[above - 1] ?? first, power);
    },
  };
}

/** How the multiples of a series are reckoned beside a value, and how the value compares with one. */
function scaleOf(value: BsonNumber): {
  scaled: (number: number, power: number) => BsonNumber;
  compare: (multiple: BsonNumber) => number;
} {
  const scaled = (number: number, power: number): BsonNumber =>
    value instanceof Decimal128
      ? Decimal128.fromString(`${number}E${power}`)
      : asDouble(number * multiplier(power));
  return { scaled, compare: (multiple) => compareNumbers(value, multiple) };
}

/** Multiplied or divided step by step, as MongoDB has it: the last digits are the same then. */
function multiplier(power: number): number {
  let result = 1;
  for (let step = 0; step < power; step++) result *= 10;
  for (let step = 0; step > power; step--) result /= 10;
  return result;
}

const powersOfTwo: Granularity = {
  up: (value) => (toDouble(value) === 0 ? value : powerOfTwo(exponentBelow(value) + 1, value)),
  down(value) {
    if (toDouble(value) === 0) return value;
    const exponent = exponentBelow(value);
    const isPower = compareNumbers(powerOfTwo(exponent, value), value) === 0;
    return powerOfTwo(isPower ? exponent - 1 : exponent, value);
  },
};

/** The exponent of the greatest power of two that is not above the value. */
function exponentBelow(value: BsonNumber): number {
  let exponent = Math.floor(Math.log2(toDouble(value)));
  while (compareNumbers(2 ** exponent, value) > 0) exponent -= 1;
  while (compareNumbers(2 ** (exponent + 1), value) <= 0) exponent += 1;
  return exponent;
}

/** An int or a long where it is whole and fits, a decimal beside a decimal, else a double. */
function powerOfTwo(exponent: number, beside: BsonNumber): BsonNumber {
  if (beside instanceof Decimal128) {
    const digits = exponent >= 0 ? 2n ** BigInt(exponent) : 5n ** BigInt(-exponent);
    return Decimal128.fromStringWithRounding(`${digits}E${Math.min(0, exponent)}`);
  }
  const power = 2 ** exponent;
  if (exponent < 0 || exponent > 62) return asDouble(power);
  return isInt32(power) ? power : BigInt(power);
}
