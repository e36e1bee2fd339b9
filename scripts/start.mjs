// Installs what is missing, builds the page when it is stale, and runs the demo.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildWeb } from './build-web.mjs';
import { node24, prepare, root } from './prepare.mjs';

prepare();
buildWeb();

const main = join(root, 'apps/desk/src/main.ts');
const desk = spawn(node24, [main, 'start', '--demo', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to both; the desk decides when it has shut down.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => desk.kill('SIGTERM'));
desk.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
});
