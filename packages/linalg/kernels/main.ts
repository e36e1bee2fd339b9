/** Writes `src/kernel-bytes.ts`: run by `npm run kernels -w packages/linalg`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelSource } from './source.ts';

writeFileSync(join(import.meta.dirname, '../src/kernel-bytes.ts'), kernelSource());
