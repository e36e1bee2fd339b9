import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planted, plants } from '../soak/plant.ts';
import { soak } from '../soak/soak.ts';

test('a short soak breaks the set, covers every workload and finds nothing', async () => {
  const report = await soak({
    seed: 'test',
    minutes: 0.1,
    members: 3,
    roundSeconds: 6,
    signal: new AbortController().signal,
    onRound: () => {},
  });
  expect(report).toMatchObject({ findings: [], gaps: [], folder: undefined });
}, 120_000);

test.each(Object.entries(plants))('the source still has what %s changes', (name, plant) => {
  const source = readFileSync(join(import.meta.dirname, '../src', plant.file), 'utf8');
  expect(planted(name, plant, source)).not.toBe(source);
  expect(() => planted(name, plant, '')).toThrow(`${name}: src/${plant.file} holds the text`);
});
