import { type Matrix, multiply } from '@holdfast/linalg';
import type { PriceTable } from './price-table.ts';

/** Returns of several symbols, a row a day. */
export interface ReturnTable {
  /** The day on which each return is complete: one fewer than there are prices. */
  readonly dates: readonly string[];
  readonly symbols: readonly string[];
  /** dates × symbols; 0.01 is one percent. */
  readonly returns: Matrix;
}

/**
 * The simple return of each symbol from each day of the table to the next: p(t)/p(t−1) − 1.
 *
 * The first day has none: no 0 is made up for it.
 *
 * @throws {RangeError} when a price is missing (`alignPrices` sees to that) or there are no two days
 */
export function dailyReturns({ dates, symbols, prices }: PriceTable): ReturnTable {
  const { rows, columns, data } = prices;
  if (rows < 2) throw new RangeError(`returns need prices of two days or more, not of ${rows}`);
  const gap = data.findIndex(Number.isNaN);
  if (gap >= 0) {
    const where = `${symbols[gap % columns]} on ${dates[Math.floor(gap / columns)]}`;
    throw new RangeError(`there is no price for ${where}: use alignPrices first`);
  }
  const later = data.subarray(columns);
  return {
    dates: dates.slice(1),
    symbols,
    returns: {
      rows: rows - 1,
      columns,
      data: later.map((price, i) => price / (data[i] as number) - 1),
    },
  };
}

/**
 * The returns of one symbol, day by day, as a copy.
 *
 * @throws {RangeError} when the table has no such symbol
 */
export function returnsOf({ symbols, returns }: ReturnTable, symbol: string): Float64Array {
  const column = symbols.indexOf(symbol);
  if (column < 0) throw new RangeError(`there are no returns of ${symbol}`);
  const { rows, columns, data } = returns;
  return Float64Array.from({ length: rows }, (_, i) => data[i * columns + column] as number);
}

/**
 * The return of a whole portfolio, day by day, when its weights are restored every day.
 *
 * @param weights one a symbol, in the table's order
 * @throws {RangeError} when there are more or fewer weights than symbols
 */
export function portfolioReturns(
  weights: ArrayLike<number>,
  { returns }: ReturnTable,
): Float64Array {
  if (weights.length !== returns.columns) {
    throw new RangeError(`${weights.length} weights do not fit ${returns.columns} symbols`);
  }
  const column = { rows: weights.length, columns: 1, data: Float64Array.from(weights) };
  return multiply(returns, column).data;
}
