import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findFloorViolations } from '../scripts/floors.ts';

const root = join(import.meta.dirname, '..');
let copy = '';

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'holdfast-floors-'));
  for (const folder of ['packages', 'apps']) {
    cpSync(join(root, folder), join(copy, folder), {
      recursive: true,
      filter: (path) => !/node_modules|\/dist$|\/test$/.test(path),
    });
  }
});

afterEach(() => rmSync(copy, { recursive: true, force: true }));

test('nobody in the house imports from a floor above', () => {
  expect(findFloorViolations(root)).toEqual([]);
});

test.each([
  {
    plant: 'packages/charts/src/planted.ts',
    text: "import { x } from '@holdfast/portfolio';",
    sentence: 'packages/charts/src/planted.ts may not import @holdfast/portfolio',
  },
  {
    plant: 'packages/mlp/src/planted.ts',
    text: "import {\n  x,\n} from '@holdfast/replica-set';",
    sentence: 'packages/mlp/src/planted.ts may not import @holdfast/replica-set',
  },
  {
    plant: 'packages/reader/src/planted.ts',
    text: "import { readFileSync } from 'node:fs';",
    sentence: 'packages/reader/src/planted.ts is browser-safe and may not import node:fs',
  },
  {
    plant: 'apps/web/src/planted.ts',
    text: "import { QueueReply } from '@holdfast/desk/api';",
    sentence: 'apps/web/src/planted.ts may import only types from @holdfast/desk',
  },
  {
    plant: 'apps/desk/src/planted.ts',
    text: "export { x } from '@holdfast/reader/src/line.ts';",
    sentence: 'apps/desk/src/planted.ts enters reader by a window: @holdfast/reader/src/line.ts',
  },
  {
    plant: 'packages/linalg/src/planted.ts',
    text: "export { x } from '../../mlp/src/index.ts';",
    sentence: 'packages/linalg/src/planted.ts reaches outside its package: ../../mlp/src/index.ts',
  },
  {
    plant: 'packages/linalg/src/planted.ts',
    text: "const x = await import('@holdfast/mlp');",
    sentence: 'packages/linalg/src/planted.ts may not import @holdfast/mlp',
  },
  {
    plant: 'packages/linalg/src/utils.ts',
    text: 'export const x = 1;',
    sentence: 'packages/linalg/src/utils.ts has a vague name: call it by what it holds',
  },
])('sees what is planted in $plant: $sentence', ({ plant, text, sentence }) => {
  writeFileSync(join(copy, plant), text);
  expect(findFloorViolations(copy)).toEqual([sentence]);
});

test('sees a cycle of two files', () => {
  writeFileSync(join(copy, 'packages/linalg/src/here.ts'), "import { b } from './there.ts';");
  writeFileSync(join(copy, 'packages/linalg/src/there.ts'), "import { a } from './here.ts';");
  expect(findFloorViolations(copy)).toEqual([
    'import cycle: packages/linalg/src/here.ts -> packages/linalg/src/there.ts -> packages/linalg/src/here.ts',
  ]);
});
