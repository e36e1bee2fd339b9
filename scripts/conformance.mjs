// Holds the replica set against MongoDB's specifications; see packages/replica-set/README.md.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node24, prepare, root } from './prepare.mjs';

prepare();
const main = join(root, 'packages/replica-set/conformance/main.ts');
const { status } = spawnSync(node24, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
