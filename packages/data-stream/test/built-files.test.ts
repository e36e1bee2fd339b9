import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtFiles } from '../kernels/built-files.ts';

test.each(Object.entries(builtFiles()))('src/%s is what its source builds', (name, text) => {
  const file = join(import.meta.dirname, '../src', name);
  expect(readFileSync(file, 'utf8') === text).toBe(true);
});
