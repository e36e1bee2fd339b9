import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { compileFunction } from 'node:vm';
import { expect, test } from 'vitest';
import * as door from '../src/index.ts';

const root = join(import.meta.dirname, '..');

/** A value as examples write it: `Float64Array [1, 2]`. */
function shown(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY })
    .replace(/\(\d+\) /g, ' ')
    .replace(/\[ /g, '[')
    .replace(/ \]/g, ']');
}

/** Runs code that may use the door, and gives what it hands to `show`. */
function run(code: string): string[] {
  const values: string[] = [];
  const show = (value: unknown) => values.push(shown(value));
  const body: unknown = compileFunction(code, [...Object.keys(door), 'show']);
  if (typeof body === 'function') Reflect.apply(body, undefined, [...Object.values(door), show]);
  return values;
}

const examples = readdirSync(join(root, 'src')).flatMap((file) => {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  return [...text.matchAll(/@example\n([\s\S]*?)\*\//g)].map(([, block = '']) => {
    return { file, lines: block.split('\n').map((line) => line.replace(/^\s*\* ?/, '')) };
  });
});

test('every part of the door that computes has an example', () => {
  expect(examples.length).toBeGreaterThanOrEqual(8);
});

test.each(examples)('the example in $file gives what it says', ({ lines }) => {
  const due = lines.flatMap((line) => /\/\/ => (.*)$/.exec(line)?.[1] ?? []);
  expect(due.length).toBeGreaterThan(0);
  const code = lines.map((line) => line.replace(/^(.*); \/\/ => .*$/, 'show($1);')).join('\n');
  expect(run(code)).toEqual(due.map((text) => text.trim()));
});

test('the code of the README prints what it says', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const due = [...code.matchAll(/\/\/ (.*)$/gm)].map(([, text]) => text);
  const runnable = code.replace(/^import .*$/m, '').replaceAll('console.log(', 'show(');
  const found = run(runnable).map((text) => text.replace(/^Float64Array /, ''));
  expect(found).toEqual(due);
  expect(due.length).toBeGreaterThan(3);
});
