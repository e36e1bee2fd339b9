/** Writes what is built in `src/`: run by `npm run kernels -w packages/data-stream`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtFiles } from './built-files.ts';

for (const [name, text] of Object.entries(builtFiles())) {
  writeFileSync(join(import.meta.dirname, '../src', name), text);
}
