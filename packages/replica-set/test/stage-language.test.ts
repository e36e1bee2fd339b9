import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { stageNames } from '../src/pipeline.ts';
import { stages } from './language/stages.ts';
import { bson, codeOf, PipelineData } from './pipeline-data.ts';

const data = new PipelineData({ c: [{ _id: 1 }] });
afterAll(() => data.close());

const tables = [
  'change-stream',
  'collection-source',
  'densify',
  'window',
  'lookup',
  'output-stage',
  'pipeline',
].map((name) => readFileSync(new URL(`${name}.test.ts`, import.meta.url), 'utf8'));

test('the list names all stages that are known, and no other one', () => {
  expect(new Set(stages.map(({ name }) => name))).toEqual(stageNames);
});

test.each(stages.filter(({ is }) => is === 'refused'))(
  '$name is refused with $code',
  ({ name, code }) => {
    expect(codeOf(() => data.run('c', [bson({ [name]: {} })]))).toBe(code);
  },
);

test.each(stages)('$name has cases in the tables', ({ name }) => {
  expect(tables.some((text) => text.includes(`${name}:`) || text.includes(`${name}'`))).toBe(true);
});
