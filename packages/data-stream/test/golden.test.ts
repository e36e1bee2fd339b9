import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blockData } from '../src/index.ts';
import { compareValues, endingOf } from './differential.ts';

const golden = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'golden', name));
const linesOf = (name: string): string[] => golden(name).toString('utf8').trimEnd().split('\n');

test('values that a JDK wrote are read, and written again to the byte', () => {
  const lines = linesOf('values.txt');
  expect(lines).toHaveLength(1500);
  compareValues(golden('values.bin'), lines);
});

test('values in the blocks of an object stream that a JDK wrote', () => {
  const bytes = golden('blocks.bin');
  const { data } = blockData.decode(bytes);
  compareValues(data, linesOf('blocks.txt'));
  expect(Buffer.compare(blockData.encode(data), bytes)).toBe(0);
});

test('inputs end as they did in a JDK, with as many bytes left', () => {
  const lines = linesOf('endings.txt');
  expect(lines).toHaveLength(1500);
  for (const line of lines) {
    const [input = '', ending] = line.split(' | ');
    const [kind = '', bytes = ''] = input.split(' ');
    expect(`${input} | ${endingOf(kind, bytes)}`).toBe(`${input} | ${ending}`);
  }
});
