import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { DeskError } from './desk-error.ts';
import { systemFault } from './system-fault.ts';

/**
 * Where the desk keeps its files: `given`, else `$XDG_DATA_HOME/holdfast`, else
 * `~/.local/share/holdfast`. Always absolute. A relative XDG_DATA_HOME is ignored, as the XDG
 * specification asks.
 */
export function dataDirectory(
  given: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  if (given !== undefined) return resolve(given);
  const xdg = environment.XDG_DATA_HOME;
  const home = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share');
  return join(home, 'holdfast');
}

/**
 * Makes sure that the directory is there and that only its owner may enter it (0700).
 *
 * @throws {DeskError} `data`, when it cannot be made or is a file
 */
export function makeDataDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  } catch (error) {
    throw new DeskError(
      'data',
      `the data directory ${path} cannot be used: ${systemFault(error) ?? String(error)}`,
      'Choose another with --data DIR.',
      { cause: error },
    );
  }
}
