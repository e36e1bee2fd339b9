import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The two folders the check needs, both outside the project. */
export interface Checkouts {
  readonly specifications: string;
  readonly driver: string;
}

/** Makes sure that both are what they should be, and installs the driver's packages where they are missing. */
export function prepareCheckouts(specifications: string, driver: string): Checkouts {
  const checkouts = { specifications: resolve(specifications), driver: resolve(driver) };
  if (!existsSync(join(checkouts.specifications, 'source/crud/tests/unified')))
    throw new RangeError(`${specifications} is no checkout of mongodb/specifications.`);
  if (!existsSync(join(checkouts.driver, 'test/tools/unified-spec-runner/runner.ts')))
    throw new RangeError(`${driver} is no checkout of mongodb/node-mongodb-native.`);
  if (!existsSync(join(checkouts.driver, 'node_modules/mocha'))) install(checkouts.driver);
  return checkouts;
}

/** The driver's version, and the commits of both where git knows them. */
export function versionsOf({ specifications, driver }: Checkouts): string {
  const { version } = JSON.parse(readFileSync(join(driver, 'package.json'), 'utf8'));
  return `driver ${version} at ${commitOf(driver)}, specifications at ${commitOf(specifications)}`;
}

function install(driver: string): void {
  console.error(`Installing the driver's packages in ${driver} (about a minute) ...`);
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: driver,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0)
    throw new RangeError(`"npm ci --ignore-scripts" failed in ${driver}; run it there yourself.`);
}

function commitOf(folder: string): string {
  const { status, stdout } = spawnSync('git', ['-C', folder, 'rev-parse', '--short=7', 'HEAD'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : 'an unknown commit';
}
