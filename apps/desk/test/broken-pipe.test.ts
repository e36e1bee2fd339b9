import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');

test('a command whose output nobody reads ends as if it were read', () => {
  const words = ['-o', 'pipefail', '-c', '"$0" "$1" --help | true', process.execPath, main];
  const { status, stderr } = spawnSync('bash', words, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
