import { type Matrix, syrk } from '@holdfast/linalg';
import type { ReturnTable } from './returns.ts';

/**
 * The sample standard deviation (ddof 1) of a series; of daily returns, the daily volatility.
 *
 * Times √252 it is the yearly volatility of shares that trade 252 days a year.
 *
 * @throws {RangeError} when the series has fewer than two entries
 * @example
 * volatility([0.01, -0.01, 0.03]); // => 0.02
 */
export function volatility(series: ArrayLike<number>): number {
  const returns = { rows: series.length, columns: 1, data: Float64Array.from(series) };
  return Math.sqrt(covarianceOf(returns)[0] as number);
}

/**
 * The sample covariance (ddof 1) of daily returns: symbols × symbols, exactly symmetric.
 *
 * Each mean is taken off before products are summed, so a large mean costs no digits.
 *
 * @throws {RangeError} when there are fewer than two days
 */
export function covarianceMatrix({ returns }: ReturnTable): Matrix {
  return { rows: returns.columns, columns: returns.columns, data: covarianceOf(returns) };
}

/**
 * The Pearson correlation of daily returns: symbols × symbols, within ±1, 1 on the diagonal.
 *
 * A symbol that never moved has no correlation: its row and column, diagonal too, are NaN.
 * It says how shares move together, never how much: risk is computed from the covariance.
 *
 * @throws {RangeError} when there are fewer than two days
 */
export function correlationMatrix(table: ReturnTable): Matrix {
  const { rows: n, data } = covarianceMatrix(table);
  const deviations = Float64Array.from({ length: n }, (_, i) =>
    Math.sqrt(data[i * n + i] as number),
  );
  const correlation = data.map((covariance, at) => {
    const [one, other] = [Math.floor(at / n), at % n];
    const scale = (deviations[one] as number) * (deviations[other] as number);
    if (scale === 0) return Number.NaN;
    return one === other ? 1 : Math.max(-1, Math.min(1, covariance / scale));
  });
  return { rows: n, columns: n, data: correlation };
}

function covarianceOf({ rows, columns, data }: Matrix): Float64Array {
  if (rows < 2) throw new RangeError(`a deviation needs two days or more, not ${rows}`);
  const means = meansOf({ rows, columns, data });
  const centred = data.map((value, at) => value - (means[at % columns] as number));
  const covariance = new Float64Array(columns * columns);
  const alpha = 1 / (rows - 1);
  syrk({ n: columns, k: rows, a: centred, c: covariance, alpha, transpose: true });
  return covariance;
}

function meansOf({ rows, columns, data }: Matrix): Float64Array {
  const sums = new Float64Array(columns);
  for (const [at, value] of data.entries()) {
    const column = at % columns;
    sums[column] = (sums[column] as number) + value;
  }
  return sums.map((sum) => sum / rows);
}
