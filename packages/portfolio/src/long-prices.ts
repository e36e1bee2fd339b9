import type { CsvRow } from './csv-rows.ts';
import { duplicatePrice, priceFault, quote, readDate, readPrice } from './price-cells.ts';
import { PriceFileError } from './price-file-error.ts';
import type { PriceTable } from './price-table.ts';

interface Series {
  readonly prices: Map<string, { readonly price: number; readonly row: CsvRow }>;
  readonly currency: string;
  readonly isAdjusted: boolean;
}

/** Reads rows under `date,symbol,close[,adj_close,currency]`: a row a price. */
export function readLongPrices(names: readonly string[], rows: readonly CsvRow[]): PriceTable {
  const serieses = new Map<string, Series>();
  for (const row of rows) addPrice(serieses, names, row);

  const dates = [...new Set([...serieses.values()].flatMap(({ prices }) => [...prices.keys()]))];
  dates.sort();
  const rowOf = new Map(dates.map((date, i) => [date, i]));
  const columns = serieses.size;
  const data = new Float64Array(dates.length * columns).fill(Number.NaN);
  for (const [j, { prices }] of [...serieses.values()].entries()) {
    for (const [date, { price }] of prices) data[(rowOf.get(date) ?? 0) * columns + j] = price;
  }
  return {
    dates,
    symbols: [...serieses.keys()],
    prices: { rows: dates.length, columns, data },
    currencies: [...serieses.values()].map(({ currency }) => currency || undefined),
  };
}

function addPrice(serieses: Map<string, Series>, names: readonly string[], row: CsvRow): void {
  const cell = (name: string) => row.cells[names.indexOf(name)] ?? '';
  const date = readDate(cell('date'), row);
  const symbol = cell('symbol');
  if (symbol === '') {
    throw new PriceFileError(
      'missing-symbol',
      row.place,
      'this row names no symbol. Add one, or remove the row.',
    );
  }
  const [close, adjusted] = [cell('close'), cell('adj_close')];
  const isAdjusted = adjusted !== '';
  const closePrice = readPrice(close);
  if (closePrice === undefined) throw priceFault(close, `the close of ${symbol} on ${date}`, row);
  const price = isAdjusted ? readPrice(adjusted) : closePrice;
  if (price === undefined) throw priceFault(adjusted, `the adj_close of ${symbol} on ${date}`, row);

  const series = serieses.get(symbol) ?? {
    prices: new Map(),
    currency: cell('currency'),
    isAdjusted,
  };
  serieses.set(symbol, series);
  const earlier = series.prices.get(date);
  if (earlier !== undefined) throw duplicatePrice(`${symbol} on ${date}`, earlier.row, row);
  if (isAdjusted !== series.isAdjusted) {
    throw new PriceFileError(
      'mixed-adjustment',
      row.place,
      `${symbol} has an adj_close on some days only. Fill it on every row of ${symbol}, or on none.`,
    );
  }
  if (cell('currency') !== series.currency) {
    throw new PriceFileError(
      'mixed-currencies',
      row.place,
      `${symbol} is in ${quote(cell('currency'))} here and in ${quote(series.currency)} above. Give one symbol one currency.`,
    );
  }
  series.prices.set(date, { price, row });
}
