import { loadYamlFile, MlpError, Train, YamlError } from '@holdfast/mlp';
import type { TrainOptions, ValueList } from '../command/train.ts';
import { DeskError } from '../desk-error.ts';
import { systemFault } from '../system-fault.ts';

/**
 * Reads what a file describes.
 *
 * @throws {DeskError} `data`, which names the file and the place in it
 */
export function readConfiguration(file: string, { set, env }: TrainOptions): Train {
  const several = set.find(({ values }) => values.length > 1);
  if (several !== undefined) {
    throw new DeskError(
      'usage',
      `${several.name} has ${several.values.length} values`,
      'Give it one, or compare them with --study.',
    );
  }
  const train = told(file, () =>
    loadYamlFile(file, { values: valuesOf(set), environ: env ? process.env : {} }),
  );
  if (train instanceof Train) return train;
  throw new DeskError(
    'data',
    `${file} describes no training`,
    'It has to be a pylearn2.train.Train.',
  );
}

/** Each name with its first value. */
function valuesOf(set: readonly ValueList[]): Record<string, string> {
  return Object.fromEntries(set.map(({ name, values }) => [name, values[0] ?? '']));
}

/**
 * Does some work of a training; what is wrong with the file is told as the user's to mend.
 *
 * @throws {DeskError} `data`
 */
export function told<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asDeskError(file, error);
  }
}

/** An error of a training as the user's to mend, if it is. */
export function asDeskError(file: string, error: unknown): unknown {
  const options = { cause: error };
  if (error instanceof YamlError) {
    const [, name] = /there is no value for %\((\w+)\)/.exec(error.message) ?? [];
    const mend = name === undefined ? undefined : `Give it with --set ${name}=VALUE.`;
    return new DeskError('data', `${file}, ${error.message}`, mend, options);
  }
  if (error instanceof MlpError || error instanceof RangeError || error instanceof TypeError) {
    return new DeskError('data', `${file}: ${error.message}`, undefined, options);
  }
  const fault = systemFault(error);
  if (fault === undefined) return error;
  // A folder that is read as a file is the one error that does not say its path.
  const path = error instanceof Error && 'path' in error ? error.path : file;
  return new DeskError('data', `${path}: ${fault}`, undefined, options);
}
