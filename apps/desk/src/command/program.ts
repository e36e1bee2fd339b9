import { Command, CommanderError } from 'commander';
import { CommandEnded } from '../command-ended.ts';
import { DeskError, type DeskErrorCode } from '../desk-error.ts';
import { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { version } from '../version.ts';
import { addImport } from './import.ts';
import { addJava } from './java.ts';
import { addLock } from './lock.ts';
import { addMongo } from './mongo.ts';
import { addRisk } from './risk.ts';
import { addStart } from './start.ts';
import { addStatus } from './status.ts';
import { addTrain } from './train.ts';

/**
 * Runs one command line and resolves with its exit code when the command has ended.
 *
 * @param words what follows the name `holdfast`
 */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const program = commandLine(terminal);
  if (words.length === 0) {
    terminal.say(`${program.helpInformation()}\nTry: holdfast start --demo`);
    return ExitCode.ok;
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    return explain(error, terminal);
  }
}

function commandLine(terminal: Terminal): Command {
  const program = new Command('holdfast')
    .description('Read first what could move your money.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('Run it with --help to see how it is used.')
    .configureOutput({
      writeOut: (text) => terminal.print(text),
      writeErr: (text) => terminal.say(text.trimEnd()),
    })
    .addHelpText(
      'after',
      `
Examples:
  holdfast start --demo
  holdfast risk --prices prices.csv --weights MSFT=0.3,AAPL=0.5,KO=0.2`,
    );
  const commands = [addStart, addRisk, addStatus, addTrain, addLock, addMongo, addJava, addImport];
  for (const add of commands) add(program, terminal);
  return program;
}

const exitCodes: Readonly<Record<DeskErrorCode, ExitCode>> = {
  usage: ExitCode.usage,
  data: ExitCode.data,
  condition: ExitCode.condition,
  unreachable: ExitCode.unreachable,
};

function explain(error: unknown, terminal: Terminal): number {
  if (error instanceof CommandEnded) return error.code;
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  if (error instanceof DeskError) {
    terminal.say(`holdfast: ${error.message}${error.mend === undefined ? '' : `\n${error.mend}`}`);
    return exitCodes[error.code];
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.say(`holdfast: something went wrong that should not have.\n${detail}`);
  return ExitCode.unexpected;
}
