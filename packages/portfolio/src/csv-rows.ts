import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { type FilePlace, PriceFileError } from './price-file-error.ts';

/** One row of a file: its cells without outer blanks, and where it stands. */
export interface CsvRow {
  readonly cells: readonly string[];
  readonly place: FilePlace;
}

interface CsvRecord {
  readonly cells: readonly string[];
  /** The last line of the record. */
  readonly line: number;
}

/**
 * Reads comma-separated text (RFC 4180; any line ends; a byte order mark and blank lines are
 * skipped) into rows, which may differ in length.
 *
 * @throws {PriceFileError} `not-text`, `broken-quotes`
 */
export function readCsvRows(input: string | Uint8Array, file: string | undefined): CsvRow[] {
  const decoded = typeof input === 'string' ? input : new TextDecoder().decode(input);
  const text = decoded.replace(/^\uFEFF/, '');
  refuseBinary(text, file);
  const records = splitUnquoted(text) ?? parseQuoted(text, file);
  return records.map(({ cells, line }) => ({
    cells: cells.map((cell) => cell.trim()),
    place: { file, line },
  }));
}

/** U+FFFD is what a decoder leaves in the place of bytes that are not UTF-8. */
function refuseBinary(text: string, file: string | undefined): void {
  const at = text.search(/[\0\uFFFD]/);
  if (at < 0) return;
  const line = text.slice(0, at).split(/\r\n|\n|\r/).length;
  throw new PriceFileError(
    'not-text',
    { file, line },
    'this is not UTF-8 text. Save the prices as CSV in UTF-8; a spreadsheet (.xlsx) or an archive has to be exported first.',
  );
}

/**
 * The records of text without a quotation mark, where a line is a record; else undefined.
 *
 * Price files hardly ever quote, and this takes a small part of the parser's time.
 */
function splitUnquoted(text: string): CsvRecord[] | undefined {
  if (text.includes('"')) return undefined;
  return text
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ cells: line === '' ? [] : line.split(','), line: i + 1 }))
    .filter(({ cells }) => cells.length > 0);
}

/** The records of any text. */
function parseQuoted(text: string, file: string | undefined): CsvRecord[] {
  const records: CsvRecord[] = [];
  try {
    // As bytes, since the parser's browser build turns a string into bytes by a slow loop.
    parse(new TextEncoder().encode(text), {
      on_record: (cells: string[], { lines }) => {
        records.push({ cells, line: lines });
        return null;
      },
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { lines?: unknown };
    throw new PriceFileError(
      'broken-quotes',
      { file, line: typeof lines === 'number' ? lines : 1 },
      'a quotation mark (") is not closed, or stands inside a cell. Remove it, or double it within quotes.',
    );
  }
  return records;
}
