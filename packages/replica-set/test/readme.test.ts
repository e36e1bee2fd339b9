import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'replica-set-readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the first code of the README runs, and prints what it says', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'first.ts'), code);
  const run = await promisify(execFile)(process.execPath, ['first.ts'], { cwd: folder });
  const said = [...code.matchAll(/^console\.log\(.*\); \/\/ (\w+).*$/gm)].map(([, text]) => text);
  expect(said.length).toBe(2);
  expect(run.stdout.trim().split('\n')).toEqual(said);
});
