/** Writes `src/text-kernel-bytes.ts`: run by `npm run kernels -w packages/data-stream`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelSource } from './source.ts';

writeFileSync(join(import.meta.dirname, '../src/text-kernel-bytes.ts'), kernelSource());
