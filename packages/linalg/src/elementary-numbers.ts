/** What exp and log of one precision are made of. */
interface ElementaryNumbers {
  /**
   * 1.5 · 2^mantissaBits and the bias of an exponent: a number added to it is rounded to a whole one,
   * and the lowest bits then hold that as the exponent of a power of 2.
   */
  readonly rounder: number;
  readonly mantissaBits: number;
  /** exp of a number up to this size is a normal number. */
  readonly expLimit: number;
  /** ln 2 as a number of few bits, whose products are exact, and the rest. */
  readonly ln2High: number;
  readonly ln2Low: number;
  /** exp(r) = 1 + r + r² · Σ expSeries[i] · rⁱ. */
  readonly expSeries: readonly number[];
  /** 2 · artanh(s) = 2s + s³ · Σ logSeries[i] · s²ⁱ. */
  readonly logSeries: readonly number[];
}

/** Those by which the kernels and their oracle both compute. */
export const elementaryNumbers: Readonly<Record<'f32' | 'f64', ElementaryNumbers>> = {
  f32: {
    ...{ rounder: 12582912 + 127, mantissaBits: 23, expLimit: 87 },
    ...{ ln2High: 0.693359375, ln2Low: -2.1219444e-4 },
    ...{ expSeries: inverseFactorials(7), logSeries: oddFractions(5) },
  },
  f64: {
    ...{ rounder: 6755399441055744 + 1023, mantissaBits: 52, expLimit: 708 },
    ...{ ln2High: 0.6931471803691238, ln2Low: 1.9082149292705877e-10 },
    ...{ expSeries: inverseFactorials(13), logSeries: oddFractions(10) },
  },
};

/** 1/2!, 1/3! and so on to 1/last!. */
function inverseFactorials(last: number): readonly number[] {
  let factorial = 1;
  return Array.from({ length: last - 1 }, (_, i) => {
    factorial *= i + 2;
    return 1 / factorial;
  });
}

/** 2/3, 2/5, 2/7 and so on. */
function oddFractions(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => 2 / (2 * i + 3));
}
