import type { CsvRow } from './csv-rows.ts';
import { duplicatePrice, priceFault, quote, readDate, readPrice } from './price-cells.ts';
import { PriceFileError } from './price-file-error.ts';
import type { PriceTable } from './price-table.ts';

/** Reads rows under `Date,AAPL,MSFT,…`: a row a day, an empty cell where there is no price. */
export function readWidePrices(header: CsvRow, rows: readonly CsvRow[]): PriceTable {
  const symbols = header.cells.slice(1);
  checkSymbols(symbols, header);
  const days = daysInOrder(rows);
  const data = new Float64Array(days.length * symbols.length).fill(Number.NaN);
  let at = 0;
  for (const [date, row] of days) {
    for (let j = 1; j <= symbols.length; j++, at++) {
      const cell = row.cells[j] ?? '';
      if (cell === '') continue;
      const price = readPrice(cell);
      if (price === undefined) throw priceFault(cell, `${symbols[j - 1]} on ${date}`, row);
      data[at] = price;
    }
  }
  return {
    dates: days.map(([date]) => date),
    symbols,
    prices: { rows: days.length, columns: symbols.length, data },
    currencies: symbols.map(() => undefined),
  };
}

function checkSymbols(symbols: readonly string[], { place }: CsvRow): void {
  const empty = symbols.indexOf('');
  if (empty >= 0) {
    throw new PriceFileError(
      'missing-symbol',
      place,
      `column ${empty + 2} has no name. Give it a symbol, or remove the column.`,
    );
  }
  const twice = symbols.find((symbol, i) => symbols.indexOf(symbol) !== i);
  if (twice !== undefined) {
    throw new PriceFileError(
      'duplicate-symbol',
      place,
      `two columns are called ${quote(twice)}. Keep one.`,
    );
  }
}

function daysInOrder(rows: readonly CsvRow[]): [string, CsvRow][] {
  const days = new Map<string, CsvRow>();
  for (const row of rows) {
    const date = readDate(row.cells[0] ?? '', row);
    const earlier = days.get(date);
    if (earlier !== undefined) throw duplicatePrice(date, earlier, row);
    days.set(date, row);
  }
  return [...days].sort(([one], [other]) => (one < other ? -1 : 1));
}
