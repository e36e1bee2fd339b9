import { type CsvRow, readCsvRows } from './csv-rows.ts';
import { readLongPrices } from './long-prices.ts';
import { PriceFileError } from './price-file-error.ts';
import type { PriceTable } from './price-table.ts';
import { readWidePrices } from './wide-prices.ts';

/**
 * Reads a file of prices, whole or not at all.
 *
 * Comma-separated UTF-8, rows in any order, dates as YYYY-MM-DD, prices as `1234.56` and above 0.
 * The header, in capitals or not, tells two layouts apart:
 *
 * - wide, `Date,AAPL,MSFT,…`: a row a day; an empty cell is a day without a price;
 * - long, `date,symbol,close[,adj_close,currency]`: a row a price; columns in any order, others
 *   are ignored. A filled `adj_close` is the price; a symbol has it on every row or on none.
 *
 * Symbols stay as written, in the order in which they appear.
 *
 * @param input text, or the bytes of a file
 * @param options `file` is the name that errors mention
 * @throws {PriceFileError} with code, line and file, for one fault, even if there are more
 * @example
 * const table = readPrices('Date,AAPL,MSFT\n2020-01-02,75.1,160.6\n2020-01-03,74.4,\n');
 * table.symbols; // => ['AAPL', 'MSFT']
 * table.prices.data; // => Float64Array [75.1, 160.6, 74.4, NaN]
 */
export function readPrices(
  input: string | Uint8Array,
  { file }: { readonly file?: string | undefined } = {},
): PriceTable {
  const [header, ...rows] = readCsvRows(input, file);
  if (header === undefined) {
    throw new PriceFileError(
      'empty-file',
      { file, line: 1 },
      'the file is empty. It needs a header, such as Date,AAPL,MSFT, and a row for each day.',
    );
  }
  const names = header.cells.map((name) => name.toLowerCase().replaceAll(' ', '_'));
  const layout = layoutOf(names, header);
  if (rows.length === 0) {
    throw new PriceFileError('no-prices', header.place, 'no row follows the header. Add prices.');
  }
  for (const row of rows) refuseRagged(row, names.length);
  return layout === 'long' ? readLongPrices(names, rows) : readWidePrices(header, rows);
}

function layoutOf(names: readonly string[], { place }: CsvRow): 'wide' | 'long' {
  const missing = ['date', 'symbol', 'close'].filter((name) => !names.includes(name));
  if (missing.length === 0) return 'long';
  // One share's history (Date,Open,High,Low,Close) is not a wide file of shares called Open and High.
  if (names.includes('symbol') || names.includes('close')) {
    throw new PriceFileError(
      'missing-header',
      place,
      `the header does not name ${missing.join(' and ')}. Name the columns date,symbol,close, or Date and then a symbol each.`,
    );
  }
  if (names[0] === 'date' && names.length > 1) return 'wide';
  throw new PriceFileError(
    'missing-header',
    place,
    'this is no header. Begin the file with Date,AAPL,MSFT,… or date,symbol,close, separated by commas.',
  );
}

function refuseRagged({ cells, place }: CsvRow, due: number): void {
  if (cells.length === due) return;
  throw new PriceFileError(
    'ragged-row',
    place,
    `this row has ${cells.length} cells where the header has ${due}. Add or remove commas; a decimal sign is a point.`,
  );
}
