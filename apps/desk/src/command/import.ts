import { basename } from 'node:path';
import type { Command } from 'commander';
import { DeskError } from '../desk-error.ts';
import type { RecordingOptions } from '../java/recording.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type DatabaseChoice, withDatabase, withDatabaseChoice } from './database-choice.ts';

type ImportOptions = DatabaseChoice &
  Pick<RecordingOptions, 'gzip'> & {
    readonly prices: string;
    readonly java?: string;
    readonly json?: true;
  };

/** `holdfast import`: prices of one's own for a desk. */
export function addImport(program: Command, terminal: Terminal): void {
  withDatabaseChoice(program.command('import'))
    .summary('take prices of your own into a running desk')
    .description(
      'Takes prices into the database of a running desk, all of a file or nothing. A year of a ' +
        'share replaces the same year from a file of the same name. A desk counts with them from ' +
        'its next start on.',
    )
    .requiredOption(
      '--prices <file>',
      'CSV of prices (Date,AAPL,… or date,symbol,close), or a recording',
    )
    .option('--java <layout>', 'the file is a recording that a Java program made of such records')
    .option('--gzip', 'the recording is gzipped')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  holdfast import --prices prices.csv
  holdfast import --prices prices.bin --java 'symbol:utf, day:int, close:double'`,
    )
    .action((options: ImportOptions) => importFile(options, terminal));
}

async function importFile(
  { prices: path, java, gzip, json, ...choice }: ImportOptions,
  terminal: Terminal,
): Promise<void> {
  if (gzip && java === undefined) {
    throw new DeskError('usage', '--gzip is for recordings', 'Add --java LAYOUT.');
  }
  const source = `file:${path === '-' ? 'stdin' : basename(path)}`;
  const { openStore } = await import('../store/store.ts');
  const { importAs } = await import('../store/portfolio-shelf.ts');
  const file = java === undefined ? await csvFile(path) : await recording(path, java, gzip);
  const { imported, prices } = await withDatabase(choice, async (db) =>
    importAs(await openStore(db), file.bytes, source, file.manner, file.understand),
  );
  if (json) {
    const report = { schema: 'holdfast.import/1', source, imported, prices };
    terminal.print(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const count = `${prices.toLocaleString('en-GB')} ${prices === 1 ? 'price' : 'prices'}`;
  terminal.say(imported ? `Stored ${count}.` : `Nothing new: ${count}, there already.`);
}

async function csvFile(path: string) {
  const { parsePrices } = await import('../portfolio/price-file.ts');
  const { wholeRecording } = await import('../java/recording.ts');
  const bytes = await wholeRecording(path, {});
  return { bytes, manner: '', understand: () => parsePrices(path, bytes) };
}

async function recording(path: string, layout: string, gzip: true | undefined) {
  const { wholeRecording } = await import('../java/recording.ts');
  const { pricesOfRecording } = await import('../java/recorded-prices.ts');
  const bytes = await wholeRecording(path, gzip === undefined ? {} : { gzip });
  return {
    bytes,
    manner: layout,
    understand: () => pricesOfRecording(path, bytes, layout),
  };
}
