/** A sum of numbers of any kind, which loses nothing on the way. */
import { Decimal128 } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { type BsonNumber, toDouble } from '../bson-order.ts';
import {
  type Decimal,
  decimalOf,
  exactDecimal,
  finite,
  infinity,
  notANumber,
  toDecimal128,
  zero,
} from '../decimal/decimal.ts';
import { addDecimals, subtractDecimals } from '../decimal/decimal-arithmetic.ts';
import { fitsLong, intOrLong, kindOf, numberKind } from '../expression/number-kind.ts';

/**
 * Ints and longs are summed exactly, doubles with what rounding takes away kept
 * beside, decimals to 34 digits. What was added can be taken out again.
 */
export class NumberTotal {
  /** How many numbers of each kind are in. */
  readonly #counts = [0, 0, 0, 0];
  #small = 0;
  #large = 0n;
  #high = 0;
  #low = 0;
  #decimal: Decimal = zero;
  #infinite = 0;
  #minusInfinite = 0;
  #nan = 0;

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Adds a number, or with `times` -1 takes one out. */
  add(value: BsonNumber, times: 1 | -1 = 1): void {
    const kind = kindOf(value);
    this.#counts[kind] = (this.#counts[kind] ?? 0) + times;
    if (kind === numberKind.int) this.#addSmall((value as number) * times);
    else if (kind === numberKind.long) this.#large += (value as bigint) * BigInt(times);
    else if (!this.#isFinite(value, times)) return;
    else if (value instanceof Decimal128) {
      const change = times === 1 ? addDecimals : subtractDecimals;
      this.#decimal = change(this.#decimal, decimalOf(value));
    } else this.#addDouble(toDouble(value) * times);
  }

  #addSmall(value: number): void {
    this.#small += value;
    if (Number.isSafeInteger(this.#small)) return;
    this.#large += BigInt(this.#small - value) + BigInt(value);
    this.#small = 0;
  }

  #isFinite(value: BsonNumber, times: number): boolean {
    const double = toDouble(value);
    if (Number.isFinite(double)) return true;
    if (value instanceof Decimal128 && decimalOf(value).kind === 'finite') return true;
    if (Number.isNaN(double)) this.#nan += times;
    else if (double > 0) this.#infinite += times;
    else this.#minusInfinite += times;
    return false;
  }

  /** Knuth's two-sum: the rounding error of each step goes to the low part. */
  #addDouble(value: number): void {
    const sum = this.#high + value;
    const part = sum - this.#high;
    this.#low += this.#high - (sum - part) + (value - part);
    this.#high = sum;
  }

  get kind(): number {
    return this.#counts.findLastIndex((count) => count > 0);
  }

  /** The sum in the narrowest kind that MongoDB would give it. */
  value(): BsonNumber {
    const { kind } = this;
    if (kind === numberKind.decimal) return toDecimal128(this.decimal());
    if (kind === numberKind.double) return asDouble(this.double());
    const whole = this.#whole();
    if (!fitsLong(whole)) return asDouble(Number(whole));
    return kind === numberKind.long ? whole : intOrLong(whole);
  }

  #whole(): bigint {
    return this.#large + BigInt(this.#small);
  }

  #special(): number | undefined {
    if (this.#nan > 0 || (this.#infinite > 0 && this.#minusInfinite > 0)) return Number.NaN;
    if (this.#infinite > 0) return Number.POSITIVE_INFINITY;
    return this.#minusInfinite > 0 ? Number.NEGATIVE_INFINITY : undefined;
  }

  /** The sum without the decimals, as the nearest double. */
  double(): number {
    const special = this.#special();
    if (special !== undefined) return special;
    const whole = this.#whole();
    const high = Number(whole);
    const sum = this.#high + high;
    if (!Number.isFinite(sum)) return sum;
    const part = sum - this.#high;
    const lost = this.#high - (sum - part) + (high - part);
    return sum + (this.#low + lost + Number(whole - BigInt(high)));
  }

  decimal(): Decimal {
    const special = this.#special();
    if (special !== undefined) return Number.isNaN(special) ? notANumber : infinity(special < 0);
    const doubles = [this.#high, this.#low].filter((part) => part !== 0).map(exactDecimal);
    const whole = this.#whole();
    const rest = whole === 0n ? doubles : [...doubles, finite(whole)];
    return rest.reduce(addDecimals, this.#decimal);
  }
}
