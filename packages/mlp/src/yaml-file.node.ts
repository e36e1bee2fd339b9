import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadModel } from './model-file.node.ts';
import { Train } from './train.ts';
import { loadYaml, type YamlOptions } from './yaml-config.ts';
import { YamlError } from './yaml-error.ts';

/** What a configuration in a file may take from outside. */
export type YamlFileOptions = Omit<YamlOptions, 'readText' | 'loadModel'>;

/**
 * Makes what a file describes, as `loadYaml` does; paths in it start from the working directory.
 *
 * `${PYLEARN2_TRAIN_FILE_FULL_STEM}` is known as it is to Pylearn2's train.py: the file's whole path
 * without `.yaml`.
 *
 * @throws {YamlError} which tells the place, and what may have been meant
 */
export function loadYamlFile(path: string, options: YamlFileOptions = {}): unknown {
  const environ = {
    PYLEARN2_TRAIN_FILE_FULL_STEM: resolve(path).replace(/\.ya?ml$/, ''),
    ...options.environ,
  };
  return loadYaml(readFileSync(path, 'utf8'), { ...options, environ, readText, loadModel });
}

/** A file that the configuration names; the system's own message does not always name it. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Trains what a file describes to the end.
 *
 * @returns the `Train`, with the net as the last epoch left it
 * @throws {YamlError} which tells the place, and what may have been meant
 * @example
 * const { model } = trainFromYaml('pima.yaml', { values: { dim: 20 } });
 */
export function trainFromYaml(path: string, options: YamlFileOptions = {}): Train {
  const train = loadYamlFile(path, options);
  if (!(train instanceof Train))
    throw new YamlError(1, 1, 'this describes no pylearn2.train.Train');
  train.mainLoop();
  return train;
}
