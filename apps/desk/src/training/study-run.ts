import { loadYamlFile, type Study, studyYaml } from '@holdfast/mlp';
import type { TrainOptions, ValueList } from '../command/train.ts';
import { DeskError } from '../desk-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { textTable } from '../terminal/text-table.ts';
import { asDeskError } from './configuration.ts';

type StudyOptions = TrainOptions & { readonly seeds: number };

interface Variant {
  readonly values: Readonly<Record<string, string>>;
  readonly study: Study;
}

/** Trains on random splits, once for each choice of values, on the same splits; tells the spreads. */
export async function runStudy(
  file: string,
  options: StudyOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  const choices = choicesOf(options.set);
  const variants: Variant[] = [];
  try {
    // What is wrong with the file is told before any thread starts.
    const environ = options.env ? process.env : {};
    loadYamlFile(file, { values: choices[0] ?? {}, environ, savesNets: false });
    for (const [which, values] of choices.entries()) {
      const study = await studyYaml(file, {
        ...{ seeds: options.seeds, values, environ, signal },
        ...(options.workers !== undefined && { workers: options.workers }),
        onDone: (done, of) =>
          terminal.progress(`${which * of + done} of ${choices.length * of} trainings`),
      });
      variants.push({ values, study });
    }
  } catch (error) {
    if (!signal.aborted) throw asDeskError(file, error);
    terminal.say('interrupted: only a whole study is summed up');
    return;
  } finally {
    terminal.progress('');
  }
  const seconds = (performance.now() - begun) / 1000;
  if (options.json) {
    const report = {
      schema: 'holdfast.train-study/1',
      splits: options.seeds,
      seconds,
      variants: variants.map(({ values, study }) => ({ values, ...study })),
    };
    terminal.print(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  terminal.print(
    textTable(
      columns,
      variants.flatMap((each) => rowsOf(each, options)),
      terminal.bold,
    ),
  );
  for (const line of comparisons(variants, options)) terminal.print(`${line}\n`);
  terminal.say(
    `${choices.length * options.seeds} trainings in ${seconds.toFixed(1)} s; ± is the standard error of the mean`,
  );
}

const columns = [
  { head: 'Values', align: 'left' },
  { head: 'Channel', align: 'left' },
  { head: 'Mean', align: 'right' },
  { head: '±', align: 'right' },
  { head: 'SD', align: 'right' },
  { head: 'Least', align: 'right' },
  { head: 'Median', align: 'right' },
  { head: 'Greatest', align: 'right' },
] as const;

function rowsOf({ values, study }: Variant, options: TrainOptions): string[][] {
  return shown(study, options).map((name, i) => {
    const spread = study.summary[name];
    if (spread === undefined) throw new DeskError('data', `there is no channel "${name}"`);
    const { mean, se, sd, min, median, max } = spread;
    const figures = [mean, se, sd, min, median, max].map((each) => each.toFixed(4));
    return [i === 0 ? labelOf(values) : '', name, ...figures];
  });
}

/** What is shown of a study: the channels asked for, else the errors and how many epochs it took. */
function shown({ summary }: Study, { channels }: TrainOptions): readonly string[] {
  if (channels !== undefined) return channels;
  const errors = Object.keys(summary).filter((name) => name.endsWith('_misclass'));
  const objectives = Object.keys(summary).filter((name) => name.endsWith('objective'));
  return [...(errors.length > 0 ? errors : objectives), 'epochs'];
}

/** How the others differ from the first choice, split by split. */
function comparisons([first, ...others]: readonly Variant[], options: TrainOptions): string[] {
  if (first === undefined) return [];
  return others.flatMap(({ values, study }) =>
    shown(study, options)
      .filter((name) => name !== 'epochs')
      .map((name) => {
        const differences = study.trainings.map(
          (training, i) =>
            (training[name] ?? Number.NaN) - (first.study.trainings[i]?.[name] ?? Number.NaN),
        );
        const n = differences.length;
        const mean = differences.reduce((sum, each) => sum + each, 0) / n;
        const square = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0);
        const se = n > 1 ? Math.sqrt(square / (n - 1) / n) : 0;
        const sign = mean < 0 ? '−' : '+';
        return `${name}: ${labelOf(values)} against ${labelOf(first.values)}, split by split: ${sign}${Math.abs(mean).toFixed(4)} ± ${se.toFixed(4)}`;
      }),
  );
}

function labelOf(values: Readonly<Record<string, string>>): string {
  const told = Object.entries(values).filter(([, value]) => value !== '');
  return told.map(([name, value]) => `${name}=${value}`).join(' ') || '(as it is)';
}

/** Every combination of the values that names have. */
function choicesOf(set: readonly ValueList[]): Record<string, string>[] {
  return set.reduce<Record<string, string>[]>(
    (choices, { name, values }) =>
      choices.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
    [{}],
  );
}
