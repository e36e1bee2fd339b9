// Types, lint, format, unused code and floors, side by side; prints only what failed.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { node24, prepare, root } from './prepare.mjs';

prepare();

const checks = {
  types: ['tsc', '-p', '.'],
  'types of the web': ['tsc', '-p', 'apps/web'],
  'format and lint': ['biome', 'ci', '.'],
  promises: ['oxlint', '--type-aware', '--deny-warnings'],
  unused: ['knip'],
  floors: ['node', 'scripts/floors.ts'],
};

const failures = await Promise.all(
  Object.entries(checks).map(async ([name, [program, ...args]]) => {
    const began = performance.now();
    const { code, output } = await runQuietly(program, args);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (code !== 0) console.log(output);
    return code === 0 ? 0 : 1;
  }),
);
process.exitCode = failures.some(Boolean) ? 1 : 0;

function runQuietly(program, args) {
  const file = program === 'node' ? node24 : join(root, 'node_modules/.bin', program);
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stderr.on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
