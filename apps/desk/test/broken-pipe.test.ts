import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');

test('a command whose output nobody reads ends as if it were read', () => {
  const words = ['-o', 'pipefail', '-c', '"$0" "$1" --help | true', process.execPath, main];
  const { status, stderr } = spawnSync('bash', words, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.skipIf(!existsSync('/dev/full'))('a command whose output finds no room says so', () => {
  const words = ['-c', '"$0" "$1" --help > /dev/full', process.execPath, main];
  const { status, stderr } = spawnSync('bash', words, { encoding: 'utf8' });
  expect(status).toBe(3);
  expect(stderr).toMatch(/^holdfast: stdout: ENOSPC: no space left on device.*\n$/);
});
