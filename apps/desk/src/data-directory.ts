import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { DeskError } from './desk-error.ts';
import { systemFault } from './system-fault.ts';

/**
 * Where the desk keeps its files: `given`, else `$XDG_DATA_HOME/holdfast`, else
 * `~/.local/share/holdfast`. Always absolute. A relative XDG_DATA_HOME is ignored, as the XDG
 * specification asks.
 *
 * @throws {DeskError} `usage`, when `given` is empty, as a variable without a value is
 */
export function dataDirectory(
  given: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  if (given === '') throw new DeskError('usage', '--data names no directory');
  if (given !== undefined) return resolve(given);
  const xdg = environment.XDG_DATA_HOME;
  const home = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share');
  return join(home, 'holdfast');
}

/**
 * Makes sure that the directory is there and that only its owner may enter it (0700).
 *
 * @throws {DeskError} `data`, when it cannot be made, is a file, or is the place of other files,
 * as /tmp is: others may enter it, and it is not empty
 */
export function makeDataDirectory(path: string): void {
  let isOthers: boolean;
  try {
    makeFolders(path);
    isOthers = (statSync(path).mode & 0o077) !== 0 && readdirSync(path).length > 0;
    if (!isOthers) chmodSync(path, 0o700);
  } catch (error) {
    throw new DeskError(
      'data',
      `the data directory ${path} cannot be used: ${systemFault(error) ?? String(error)}`,
      'Choose another with --data DIR.',
      { cause: error },
    );
  }
  if (!isOthers) return;
  throw new DeskError(
    'data',
    `the data directory ${path} cannot be used: it holds files, and others may enter it`,
    `Choose a new one with --data DIR. If this one is meant: chmod 700 '${path}'`,
  );
}

/** Node's own `recursive` never ends where a system without such folders refuses, as in /proc. */
function makeFolders(path: string): void {
  const above = dirname(path);
  if (!existsSync(above)) makeFolders(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // There already, perhaps since a moment ago: another desk may start as well.
    if (!existsSync(path) || !statSync(path).isDirectory()) throw error;
  }
}
