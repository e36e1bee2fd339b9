import { DataStreamError, readRecords } from '@holdfast/data-stream';
import { DeskError } from '../desk-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { parseLayout, type RecordLayout, type Row, rowTypeOf } from './layout.ts';
import { type RecordingOptions, recordingBytes, told } from './recording.ts';
import { cellOf, csvLine, jsonOf, refuseNested } from './row-text.ts';

/** One way to print records. */
interface Format {
  begin(): string;
  rows(rows: readonly Row[]): string;
  /** After the last record that could be read. */
  end(count: number, error: unknown): string;
}

/** Prints the records of a file, those before a bad one too. */
export async function dumpRecording(
  path: string,
  options: RecordingOptions & {
    readonly as: string;
    readonly json?: boolean;
    readonly csv?: boolean;
  },
  terminal: Terminal,
): Promise<void> {
  const layout = parseLayout(options.as);
  if (options.csv) refuseNested(layout);
  const format = options.json
    ? jsonFormat()
    : options.csv
      ? csvFormat(layout)
      : tableFormat(layout, terminal.bold);
  let count = 0;
  let failure: { readonly error: unknown } | undefined;
  using output = new Output(terminal);
  await output.print(format.begin());
  try {
    const source = recordingBytes(path, options);
    for await (const rows of readRecords(source, rowTypeOf(layout))) {
      count += rows.length;
      await output.print(format.rows(rows));
      if (output.isClosed) return;
    }
  } catch (error) {
    failure = { error: told(error, path) };
  }
  await output.print(format.end(count, failure?.error));
  if (failure !== undefined) throw failure.error;
  if (!options.json && !options.csv) terminal.say(`${count} ${count === 1 ? 'record' : 'records'}`);
}

/** Stdout no faster than it is read, until whoever reads it has seen enough. */
class Output implements Disposable {
  isClosed = false;
  readonly #terminal: Terminal;
  #onChange = (): void => {};

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    process.stdout.on('drain', this.#onDrain);
    process.stdout.on('error', this.#onError);
  }

  async print(text: string): Promise<void> {
    if (this.isClosed || text === '') return;
    this.#terminal.print(text);
    if (!process.stdout.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      this.#onChange = resolve;
    });
  }

  /** The error of a pipe that nobody reads may still come: its listener stays. */
  [Symbol.dispose](): void {
    process.stdout.off('drain', this.#onDrain);
    if (!this.isClosed) process.stdout.off('error', this.#onError);
  }

  readonly #onDrain = (): void => this.#onChange();

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    this.isClosed = true;
    this.#onChange();
  };
}

function jsonFormat(): Format {
  let isFirst = true;
  return {
    begin: () => '{"schema":"holdfast.java-dump/1","records":[',
    rows(rows) {
      const lines = rows.map((row) => {
        const lead = isFirst ? '\n' : ',\n';
        isFirst = false;
        return lead + JSON.stringify(jsonOf(row));
      });
      return lines.join('');
    },
    end(count, error) {
      const told = error === undefined ? '' : `,"error":${JSON.stringify(errorOf(error))}`;
      return `\n],"count":${count}${told}}\n`;
    },
  };
}

/** What a script may want of an error. */
function errorOf(error: unknown): object {
  const cause = error instanceof DeskError ? error.cause : error;
  const message = error instanceof Error ? error.message : String(error);
  if (!(cause instanceof DataStreamError)) return { message };
  const { name, code, record, field, offset } = cause;
  return { name, code, message, record, field, offset };
}

function csvFormat({ fields }: RecordLayout): Format {
  return {
    begin: () => csvLine(fields.map(({ name }) => name)),
    rows: (rows) => rows.map((row) => csvLine(cellsOf(fields, row))).join(''),
    end: () => '',
  };
}

/** Columns as wide as the first records need. */
function tableFormat({ fields }: RecordLayout, bold: Terminal['bold']): Format {
  let widths: readonly number[] | undefined;
  const isNumber = fields.map(
    ({ layout }) =>
      layout.kind === 'primitive' && !['utf', 'char', 'boolean'].includes(layout.name),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) =>
        isNumber[i] ? cell.padStart(widths?.[i] ?? 0) : cell.padEnd(widths?.[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return {
    begin: () => '',
    rows(rows) {
      const cells = rows.map((row) => cellsOf(fields, row).map(printable));
      let head = '';
      if (widths === undefined) {
        const names = fields.map(({ name }) => name);
        widths = names.map((name, i) =>
          cells.reduce((width, each) => Math.max(width, each[i]?.length ?? 0), name.length),
        );
        head = `${bold(line(names))}\n`;
      }
      return head + cells.map((each) => `${line(each)}\n`).join('');
    },
    end: () => '',
  };
}

function cellsOf(fields: RecordLayout['fields'], row: Row): string[] {
  return fields.map(({ name }) => cellOf(row[name]));
}

/** Line ends and other control characters as JSON writes them, so that they cannot move the cursor. */
function printable(cell: string): string {
  return /\p{Cc}/u.test(cell) ? JSON.stringify(cell).slice(1, -1) : cell;
}
