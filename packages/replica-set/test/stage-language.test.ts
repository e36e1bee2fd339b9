import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { stageNames } from '../src/pipeline.ts';
import { stages, windowOperators } from './language/stages.ts';
import { bson, codeOf, PipelineData } from './pipeline-data.ts';

const data = new PipelineData({ c: [{ _id: 1 }] });
afterAll(() => data.close());

const tables = [
  'change-stream',
  'collection-source',
  'densify',
  'lookup',
  'output-stage',
  'pipeline',
  'window',
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

test.each([...stages, ...windowOperators])('$name has cases in the tables', ({ name }) => {
  expect(tables.some((text) => text.includes(`${name}:`) || text.includes(`${name}'`))).toBe(true);
});

const operands: Record<string, unknown> = {
  $bottom: { output: '$_id', sortBy: { _id: 1 } },
  $bottomN: { n: 1, output: '$_id', sortBy: { _id: 1 } },
  $count: {},
  $denseRank: {},
  $derivative: { input: '$_id' },
  $documentNumber: {},
  $expMovingAvg: { input: '$_id', N: 1 },
  $firstN: { n: 1, input: '$_id' },
  $integral: { input: '$_id' },
  $lastN: { n: 1, input: '$_id' },
  $maxN: { n: 1, input: '$_id' },
  $median: { input: '$_id', method: 'approximate' },
  $minN: { n: 1, input: '$_id' },
  $percentile: { input: '$_id', p: [0.5], method: 'approximate' },
  $rank: {},
  $shift: { output: '$_id', by: 1 },
  $top: { output: '$_id', sortBy: { _id: 1 } },
  $topN: { n: 1, output: '$_id', sortBy: { _id: 1 } },
};

test.each(windowOperators)('$name is known as a window operator', ({ name }) => {
  const operand = (operands[name] ?? '$_id') as never;
  const out = { [name]: operand, ...(name === '$derivative' && { window: {} }) };
  const stage = { $setWindowFields: { sortBy: { _id: 1 }, output: { out } } };
  expect(data.run('c', [bson(stage)])[0]?.has('out')).toBe(true);
});
