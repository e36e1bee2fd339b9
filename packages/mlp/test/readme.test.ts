import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

const folder = mkdtempSync(join(tmpdir(), 'mlp-readme-'));
afterAll(() => rmSync(folder, { recursive: true }));
symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
for (const [i, code] of blocks.entries()) {
  const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? `block-${i}.ts`;
  writeFileSync(join(folder, name), code);
}

/** What a block prints, and what its remarks say it prints. */
async function outcome(block: number): Promise<{ printed: string; said: string[] }> {
  const run = promisify(execFile)(process.execPath, [`block-${block}.ts`], { cwd: folder });
  const said = (blocks[block] ?? '').matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm);
  return { printed: (await run).stdout, said: [...said].map(([, text = '']) => text) };
}

test('the first net of the README has learnt XOR', async () => {
  const { printed, said } = await outcome(0);
  const rounded = printed
    .trim()
    .replaceAll(' ', '')
    .replaceAll(/\d\.\d+/g, (each) => Number(each).toFixed(3));
  expect([`about ${rounded.replace(',', ', ')}`]).toEqual(said);
});

test('the second is stopped early, saved and loaded', async () => {
  const { printed, said } = await outcome(1);
  expect(printed.trim().replace('[ 1 ]', '[1]').split('\n')).toEqual(said);
});

test('the recipe is tried on ten folds', async () => {
  const { printed, said } = await outcome(3);
  expect([[...printed.matchAll(/^ {2}(\w+): \d/gm)].map(([, name]) => name).join(', ')]).toEqual(
    said,
  );
});
