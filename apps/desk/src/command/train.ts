import { type Command, InvalidArgumentError, Option } from 'commander';
import { CommandEnded } from '../command-ended.ts';
import { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What `holdfast train` is told. */
export interface TrainOptions {
  readonly set: readonly ValueList[];
  readonly env?: true;
  readonly curves: string | boolean;
  readonly channels?: readonly string[];
  readonly study?: number;
  readonly workers?: number;
  readonly json?: true;
}

/** A name in a configuration and the values it is to have, one after the other. */
export interface ValueList {
  readonly name: string;
  readonly values: readonly string[];
}

/** `holdfast train`: trains the net that a file describes. */
export function addTrain(program: Command, terminal: Terminal): void {
  program
    .command('train <file>')
    .summary('train a neural net that a YAML file describes')
    .description(
      "Trains a neural net that a file describes in Pylearn2's YAML. Paths in the file start from " +
        'here. Ctrl-C ends the training after the epoch under way; the best net so far is kept where ' +
        'the MonitorBasedSaveBest of the file says.',
    )
    .addOption(
      new Option(
        '--set <name=value>',
        'fill in %(name)s; may be repeated. In a study several values may stand, as 0,0.01',
      )
        .argParser(collectValues)
        .default([], 'nothing'),
    )
    .option('--env', 'let $NAME in braces in the file stand for environment variables')
    .addOption(
      new Option('--curves <stem>', 'where the curves go, .csv and .svg added').default(
        true,
        "the file's name",
      ),
    )
    .option('--no-curves', 'write no curves')
    .option(
      '--channels <list>',
      'what to show: one to four channels, as valid_y_misclass,…',
      nameList,
    )
    .option('--study <n>', 'train on n random splits of the data, and sum up', count)
    .option('--workers <n>', 'threads of a study; all cores if not given', count)
    .option('--json', 'print one JSON object, at full precision')
    .addHelpText(
      'after',
      `
Examples:
  holdfast train examples/pima.yaml --set decay=0
  holdfast train examples/pima.yaml --set decay=0,0.003 --study 100
  holdfast train mlp.yaml --channels valid_y_misclass --curves out/mlp --json`,
    )
    .action((file: string, options: TrainOptions) => train(file, options, terminal));
}

async function train(file: string, options: TrainOptions, terminal: Terminal): Promise<void> {
  const { Interruption } = await import('./interruption.ts');
  using interruption = new Interruption();
  const { signal } = interruption;
  if (options.study !== undefined) {
    const { runStudy } = await import('../training/study-run.ts');
    await runStudy(file, { ...options, seeds: options.study }, terminal, signal);
  } else {
    const { runTraining } = await import('../training/training-run.ts');
    await runTraining(file, options, terminal, signal);
  }
  if (signal.aborted) throw new CommandEnded(ExitCode.interrupted);
}

function collectValues(text: string, before: readonly ValueList[]): readonly ValueList[] {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  if (at < 1) throw new InvalidArgumentError('A name and its value, as decay=0.01.');
  return [
    ...before.filter((each) => each.name !== name),
    { name, values: text.slice(at + 1).split(',') },
  ];
}

function nameList(text: string): readonly string[] {
  const names = text.split(',').filter((name) => name !== '');
  if (names.length >= 1 && names.length <= 4) return names;
  throw new InvalidArgumentError('One to four names of channels, with commas between.');
}

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1) return value;
  throw new InvalidArgumentError('A whole number above 0.');
}
