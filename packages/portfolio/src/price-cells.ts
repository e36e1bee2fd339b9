import type { CsvRow } from './csv-rows.ts';
import { isIsoDate } from './iso-date.ts';
import { PriceFileError } from './price-file-error.ts';

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The cell, if it is a day of the calendar. */
export function readDate(cell: string, { place }: CsvRow): string {
  if (isIsoDate(cell)) return cell;
  throw new PriceFileError(
    'unreadable-date',
    place,
    `the date ${quote(cell)} is no day of the calendar that can be read. Write it as YYYY-MM-DD, such as 2022-12-28.`,
  );
}

/** The cell as a number above 0, or undefined: `priceFault` then says why. */
export function readPrice(cell: string): number | undefined {
  const price = Number(cell);
  return price > 0 && price < Infinity && decimal.test(cell) ? price : undefined;
}

/** The error for a cell that `readPrice` does not read; `what` names the price. */
export function priceFault(cell: string, what: string, { place }: CsvRow): PriceFileError {
  return decimal.test(cell) && Number(cell) <= 0
    ? new PriceFileError(
        'not-positive',
        place,
        `${what} is ${quote(cell)}; a price must be above 0. Correct it, or leave out a day without a price.`,
      )
    : new PriceFileError(
        'not-a-number',
        place,
        `${what} is ${quote(cell)}, which is no number. Write it as 1234.56: a decimal point, no other separators, no currency sign.`,
      );
}

/** The error for what an earlier line has said already. */
export function duplicatePrice(what: string, earlier: CsvRow, { place }: CsvRow): PriceFileError {
  return new PriceFileError(
    'duplicate-price',
    place,
    `${what} stands already in line ${earlier.place.line}. Remove one of the two.`,
  );
}

/** The cell as a message may show it: short, and with nothing that a terminal acts on. */
export function quote(cell: string): string {
  return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 39)}…` : cell);
}
