import { createWriteStream, realpathSync, statSync } from 'node:fs';
import { writeRecords } from '@holdfast/data-stream';
import { fileSink } from '@holdfast/data-stream/node';
import { CsvError, parse } from 'csv-parse/sync';
import { DeskError } from '../desk-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { parseLayout, type RecordLayout, type Row, rowTypeOf } from './layout.ts';
import { told, wholeRecording } from './recording.ts';
import { cellValue, refuseNested, rowOf } from './row-text.ts';

/**
 * Writes records given as text to a file for Java, whole or not at all; `-` is stdout. What is no
 * file, as a pipe or /dev/stdout, is written into; a link goes on to where it leads.
 *
 * @throws {DeskError} `data`, with the record's number and field
 */
export async function writeRecording(
  path: string,
  {
    as,
    from,
    gzip = false,
  }: { readonly as: string; readonly from: string; readonly gzip?: boolean },
  terminal: Terminal,
): Promise<void> {
  if (gzip && !isPlaceForFile(path)) {
    throw new DeskError('usage', '--gzip needs a file', 'Pipe it: | gzip');
  }
  const layout = parseLayout(as);
  const name = from === '-' ? '(stdin)' : from;
  const rows = rowsOf(layout, await textOf(from), name);
  try {
    const count = await writeRecords(sinkAt(path, gzip), rowTypeOf(layout), rows, {
      checked: true,
    });
    terminal.say(
      `${count} ${count === 1 ? 'record' : 'records'} written to ${path === '-' ? 'stdout' : path}.`,
    );
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      const mend = isPlaceForFile(path) ? 'Nothing was written.' : undefined;
      throw new DeskError('data', `${name}: ${error.message}`, mend, { cause: error });
    }
    throw told(error, path);
  }
}

/** Whether a file stands there, or nothing does. */
function isPlaceForFile(path: string): boolean {
  return path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() !== false;
}

function sinkAt(path: string, gzip: boolean) {
  if (path === '-') return process.stdout;
  if (!isPlaceForFile(path)) return createWriteStream(path);
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  return fileSink(isThere ? realpathSync(path) : path, { gzip });
}

async function textOf(from: string): Promise<string> {
  return new TextDecoder().decode(await wholeRecording(from, {}));
}

/** JSON begins with a brace or a bracket; anything else is CSV. */
function rowsOf(layout: RecordLayout, text: string, from: string): Row[] {
  const [first] = /\S/.exec(text) ?? [];
  if (first === undefined)
    throw new DeskError('data', `${from}: it is empty`, 'CSV needs a header.');
  return first === '{' || first === '['
    ? recordsOf(text, from).map((json) => rowOf(layout, json))
    : csvRows(layout, text, from);
}

/** An array, an object with `records`, one record, or a record a line. */
function recordsOf(text: string, from: string): unknown[] {
  try {
    const json: unknown = JSON.parse(text);
    if (Array.isArray(json)) return json;
    const { records } = json as { records?: unknown };
    return Array.isArray(records) ? records : [json];
  } catch {
    return text.split('\n').flatMap((line, i) => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line)];
      } catch (error) {
        const detail = (error as SyntaxError).message;
        throw new DeskError('data', `${from}, line ${i + 1}: this is no JSON: ${detail}`);
      }
    });
  }
}

function csvRows(layout: RecordLayout, text: string, from: string): Row[] {
  refuseNested(layout);
  const [header = [], ...lines] = csvCells(text, from);
  const columns = layout.fields.map(({ name }) => {
    const column = header.indexOf(name);
    if (column >= 0) return column;
    throw new DeskError(
      'data',
      `${from}: the header has no ${name}`,
      `It has ${header.join(', ')}.`,
    );
  });
  return lines.map((cells) =>
    Object.fromEntries(
      layout.fields.map(({ name, layout: of }, i) => [
        name,
        cellValue(of, cells[columns[i] ?? 0] ?? ''),
      ]),
    ),
  );
}

function csvCells(text: string, from: string): string[][] {
  try {
    return parse(text, { skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new DeskError('data', `${from}: ${error.message}`, undefined, { cause: error });
  }
}
