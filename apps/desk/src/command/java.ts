import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RecordingOptions } from '../java/recording.ts';
import type { Terminal } from '../terminal/terminal.ts';

type DumpOptions = RecordingOptions & {
  readonly as: string;
  readonly json?: true;
  readonly csv?: true;
};

interface WriteOptions {
  readonly as: string;
  readonly from: string;
  readonly gzip?: true;
}

type GuessOptions = RecordingOptions & { readonly json?: true };

const layoutHelp = `
A layout names the fields of a record in their order, each with its type: boolean,
byte, unsignedByte, short, unsignedShort, char, int, long, float, double, utf;
int[] is an array behind its count, utf? a value behind a boolean, byte(BUY|SELL)
a constant by its ordinal, utf(BUY|SELL) by its name, {a:int, b:utf} a record.
`;

/** `holdfast java`: files that Java's DataOutputStream wrote, or DataInputStream will read. */
export function addJava(program: Command, terminal: Terminal): void {
  const java = program
    .command('java')
    .summary('read and write the data files of Java programs')
    .description(
      'Reads and writes what Java programs exchange by DataOutputStream and DataInputStream.',
    );
  withRecordingOptions(java.command('dump <file>'))
    .summary('print the records of a file')
    .description(
      'Prints the records of a file, - being stdin. When one cannot be read, the ones before it ' +
        'are printed, and the command ends with 3. Messages count records from 0.',
    )
    .requiredOption('--as <layout>', 'the fields of a record; it is repeated to the end')
    .addOption(new Option('--json', 'print one JSON object, a record a line').conflicts('csv'))
    .option('--csv', 'print comma-separated values')
    .addHelpText(
      'after',
      `${layoutHelp}
Examples:
  holdfast java dump prices.bin --as 'symbol:utf, day:int, close:double'
  holdfast java dump trades.bin.gz --gzip --skip 4 --as 'at:long, side:byte(BUY|SELL)' --csv
  holdfast java dump order.bin --as 'id:int, lines:{name:utf, count:int}[]' --json`,
    )
    .action(async (file: string, options: DumpOptions) => {
      const { dumpRecording } = await import('../java/dump.ts');
      await dumpRecording(file, options, terminal);
    });
  java
    .command('write <file>')
    .summary('write records for a Java program')
    .description(
      'Writes a file that a Java program reads, from CSV with a header, from JSON, or from what ' +
        'dump --json printed. The file takes its place when all of it is written, not before; ' +
        '- is stdout.',
    )
    .requiredOption('--as <layout>', 'the fields of a record, in the order of the file')
    .option('--from <file>', 'the records as text, - being stdin', '-')
    .option('--gzip', 'gzip the file')
    .addHelpText(
      'after',
      `${layoutHelp}
Examples:
  holdfast java write prices.bin --as 'symbol:utf, day:int, close:double' < prices.csv
  holdfast java write order.bin --as 'id:int, lines:{name:utf, count:int}[]' --from order.json`,
    )
    .action(async (file: string, options: WriteOptions) => {
      const { writeRecording } = await import('../java/write.ts');
      await writeRecording(file, options, terminal);
    });
  withRecordingOptions(java.command('guess <file>'))
    .summary('find out what an unknown file holds')
    .description('Shows layouts that an unknown file may have, the likeliest first, and why.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  holdfast java guess unknown.bin')
    .action(async (file: string, options: GuessOptions) => {
      const { guessRecording } = await import('../java/guess.ts');
      await guessRecording(file, options, terminal);
    });
}

function withRecordingOptions(command: Command): Command {
  return command
    .option('--gzip', 'the file is gzipped')
    .option('--objects', 'the file was made by an ObjectOutputStream; its primitive data is read')
    .option('--skip <bytes>', 'bytes before the first record', byteCount);
}

function byteCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A number of bytes, as 4.');
}
