// Runs a package's soak on Node 24; without a name it lists what can be soaked.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { node24, prepare, root } from './prepare.mjs';

const [name, ...args] = process.argv.slice(2);
const programOf = (packageName) => join(root, 'packages', packageName, 'soak/main.ts');
const soaked = readdirSync(join(root, 'packages')).filter((each) => existsSync(programOf(each)));

if (name === undefined || !soaked.includes(name)) {
  const lines = soaked.map((each) => `  npm run soak -- ${each} --minutes 5 --seed 1`);
  console.log(['What can be soaked (--help tells more):', ...lines].join('\n'));
  process.exitCode = name === undefined ? 0 : 2;
} else {
  prepare();
  const child = spawn(node24, [programOf(name), ...args], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the soak decides when it has ended.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGINT'));
  child.on('exit', (code) => {
    process.exitCode = code ?? 3;
  });
}
