import type { PriceTable } from '@holdfast/portfolio';

/** The prices of one symbol in one year. */
export interface PriceYear {
  readonly symbol: string;
  readonly year: number;
  /** `YYYY-MM-DD`, ascending; each has the close at the same place. */
  readonly dates: readonly string[];
  readonly closes: readonly number[];
}

/**
 * Sorts a table of prices into years, so that decades of many symbols are few documents.
 *
 * The table has been read whole, so nothing is planned of a file with a fault. Days without a
 * price are left out.
 */
export function planPrices(table: PriceTable): readonly PriceYear[] {
  return table.symbols.flatMap((symbol, column) => {
    const years = new Map<number, { dates: string[]; closes: number[] }>();
    for (const [row, date] of table.dates.entries()) {
      const close = table.prices.data[row * table.prices.columns + column] ?? Number.NaN;
      if (Number.isNaN(close)) continue;
      const year = Number(date.slice(0, 4));
      const entry = years.get(year) ?? { dates: [], closes: [] };
      entry.dates.push(date);
      entry.closes.push(close);
      years.set(year, entry);
    }
    return [...years].map(([year, { dates, closes }]) => ({ symbol, year, dates, closes }));
  });
}

/** Puts years of prices together again; a day without a price of a symbol is NaN. */
export function joinPrices(years: readonly PriceYear[]): PriceTable {
  const symbols = [...new Set(years.map(({ symbol }) => symbol))];
  const dates = [...new Set(years.flatMap((year) => year.dates))].sort();
  const rows = new Map(dates.map((date, row) => [date, row]));
  const columns = new Map(symbols.map((symbol, column) => [symbol, column]));
  const data = new Float64Array(dates.length * symbols.length).fill(Number.NaN);
  for (const { symbol, dates: days, closes } of years) {
    const column = columns.get(symbol) ?? 0;
    for (const [place, date] of days.entries()) {
      data[(rows.get(date) ?? 0) * symbols.length + column] = closes[place] ?? Number.NaN;
    }
  }
  return {
    dates,
    symbols,
    prices: { rows: dates.length, columns: symbols.length, data },
    currencies: symbols.map(() => undefined),
  };
}
