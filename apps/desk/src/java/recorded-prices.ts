import { readRecords } from '@holdfast/data-stream';
import { PriceFileError, type PriceTable, readPrices } from '@holdfast/portfolio';
import { DeskError } from '../desk-error.ts';
import { type Layout, parseLayout, type RecordLayout, type Row, rowTypeOf } from './layout.ts';
import { told } from './recording.ts';
import { csvLine } from './row-text.ts';

/** The fields that make a record a price. */
interface PriceFields {
  readonly symbol: string;
  readonly day: string;
  readonly close: string;
}

const names = {
  symbol: ['symbol', 'ticker'],
  day: ['day', 'date', 'at', 'time'],
  close: ['close', 'price'],
} as const;

/**
 * Understands the records of a Java program as prices, whole or not at all.
 *
 * A day is an int or long as 20221230, as days since 1970, or as milliseconds since 1970 (in UTC),
 * or a text as 2022-12-30.
 *
 * @throws {DeskError} `usage` when the layout names no prices, `data` with the record that is none
 */
export async function pricesOfRecording(
  path: string,
  bytes: Uint8Array,
  layoutText: string,
): Promise<PriceTable> {
  const layout = parseLayout(layoutText);
  const fields = priceFieldsOf(layout);
  // The rules for prices are those of the price file.
  const lines = ['date,symbol,close\n'];
  try {
    for await (const rows of readRecords(bytes, rowTypeOf(layout))) {
      for (const row of rows) lines.push(lineOf(row, fields, lines.length - 1));
    }
  } catch (error) {
    if (error instanceof DeskError)
      throw new DeskError('data', `${path}: ${error.message}`, error.mend);
    throw told(error, path);
  }
  try {
    return readPrices(lines.join(''));
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error;
    const message = error.message.replace(/^line \d+/, `record ${error.line - 2}`);
    throw new DeskError('data', `${path}, ${message}`, undefined, { cause: error });
  }
}

function priceFieldsOf({ fields }: RecordLayout): PriceFields {
  const find = (role: keyof typeof names, fits: (layout: Layout) => boolean): string => {
    const known: readonly string[] = names[role];
    const found = fields.find(({ name, layout }) => known.includes(name) && fits(layout));
    if (found !== undefined) return found.name;
    throw new DeskError(
      'usage',
      `the layout names no ${role} of a price`,
      "Prices need fields called symbol, day and close, as 'symbol:utf, day:int, close:double'.",
    );
  };
  const isOf =
    (...types: string[]) =>
    (layout: Layout): boolean =>
      layout.kind === 'primitive' && types.includes(layout.name);
  return {
    symbol: find('symbol', (layout) => layout.kind === 'enum' || isOf('utf')(layout)),
    day: find('day', isOf('int', 'long', 'utf')),
    close: find('close', isOf('double', 'float')),
  };
}

function lineOf(row: Row, { symbol, day, close }: PriceFields, record: number): string {
  const name = String(row[symbol]);
  if (/[\0\uFFFD]/.test(name)) {
    throw new DeskError('data', `record ${record}: ${JSON.stringify(name)} is no symbol`);
  }
  return csvLine([dateOf(row[day], record), name, decimal(row[close] as number)]);
}

const dayLength = 86_400_000;

function dateOf(value: unknown, record: number): string {
  if (typeof value === 'string') return value;
  const number = Number(value);
  if (number >= 19_000_101 && number <= 21_001_231) {
    const digits = String(number);
    return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  }
  const isDays = Math.abs(number) < 100_000;
  const isMilliseconds = typeof value === 'bigint' && number >= 1e10 && number < 1e13;
  if (!isDays && !isMilliseconds) {
    throw new DeskError('data', `record ${record}: ${number} is no day`);
  }
  return new Date(isDays ? number * dayLength : number).toISOString().slice(0, 10);
}

/** A number without an exponent. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}
