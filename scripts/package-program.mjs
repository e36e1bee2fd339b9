// Runs a package's bench or soak on Node 24; without a package's name it lists those that have one.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { node24, prepare, root } from './prepare.mjs';

const [kind, name, ...args] = process.argv.slice(2);
const programOf = (packageName) => join(root, 'packages', packageName, kind, 'main.ts');
const packages = readdirSync(join(root, 'packages')).filter((each) => existsSync(programOf(each)));

if (name === undefined || !packages.includes(name)) {
  const lines = packages.map((each) => `  npm run ${kind} -- ${each}`);
  console.log([`What has a ${kind} (--help tells more):`, ...lines].join('\n'));
  process.exitCode = name === undefined ? 0 : 2;
} else {
  prepare();
  const child = spawn(node24, [programOf(name), ...args], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the program decides when it has ended.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGINT'));
  child.on('exit', (code) => {
    process.exitCode = code ?? 3;
  });
}
