import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { MLP } from './mlp.ts';
import { MlpError } from './mlp-error.ts';
import { decodeModel, encodeModel, ModelFormatError } from './model-format.ts';
import { useModelStore } from './model-store.ts';

/** A model file that cannot be read or written. */
export class ModelFileError extends MlpError {
  override readonly name = 'ModelFileError';
  readonly code: 'unreadable' | 'unwritable';
  readonly path: string;

  constructor(code: 'unreadable' | 'unwritable', path: string, cause: Error) {
    super(
      `the model ${path} cannot be ${code === 'unreadable' ? 'read' : 'written'}: ${cause.message}`,
      { cause },
    );
    this.code = code;
    this.path = path;
  }
}

/**
 * Writes a net to a file, in the format of `encodeModel`.
 *
 * The file is replaced in one step: whoever reads it, and whatever fails, finds the old net or the new
 * one, whole. What is written has reached the disk when this returns.
 *
 * @throws {ModelFileError} when it cannot be written; the old file is left as it was
 */
export function saveModel(model: MLP, path: string): void {
  replaceFile(path, encodeModel(model));
}

/**
 * Reads a net that `saveModel` wrote.
 *
 * @throws {ModelFileError} when there is no such file or it cannot be read
 * @throws {ModelFormatError} when it is no model, of a later version, or damaged
 */
export function loadModel(path: string): MLP {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new ModelFileError('unreadable', path, cause as Error);
  }
  try {
    return decodeModel(bytes);
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    throw new ModelFormatError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

/** Replaces a file in one step; its directory is synced too, so that the new name survives a crash. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const draft = `${path}.${process.pid}.draft`;
  try {
    const file = openSync(draft, 'w', modeOf(path));
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    syncDirectory(dirname(resolve(path)));
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new ModelFileError('unwritable', path, cause as Error);
  }
}

function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0o666;
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

useModelStore({ save: saveModel, resolve: (path) => resolve(path) });
