// Installs what is missing, builds the page and runs every test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from './build-web.mjs';
import { node24, prepare, root } from './prepare.mjs';

/** What some suites need beyond npm: a command that succeeds where it is there, and Debian's package that brings it. */
const tools = [
  { probe: 'command -v chromium', debianPackage: 'chromium' },
  { probe: 'command -v javac', debianPackage: 'default-jdk-headless' },
  { probe: '/usr/bin/python3 -c "import pymongo"', debianPackage: 'python3-pymongo' },
];

/** MongoDB's shell: too large to be installed with the house, and so kept apart. */
const mongosh = 'mongosh@2.12.0';
const shellFolder = join(root, 'node_modules/.mongosh');

prepare();
buildWeb();
installShell();
const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
if (canInstall) installTools();

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(node24, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  // Where everything can be installed, a suite that does not run is a failure.
  env: { ...process.env, HOLDFAST_SKIPS: canInstall ? 'fail' : 'report' },
});
process.exitCode = status ?? 1;

function installShell() {
  const stamp = join(shellFolder, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === mongosh) return;
  console.error(`Installing ${mongosh} for the test that needs it ...`);
  mkdirSync(shellFolder, { recursive: true });
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error', '--omit=optional'];
  const { status } = spawnSync('npm', ['install', '--prefix', shellFolder, ...quietly, mongosh], {
    cwd: shellFolder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0) writeFileSync(stamp, mongosh);
}

function installTools() {
  const missing = tools.filter(({ probe }) => !succeeds(probe));
  if (missing.length === 0) return;
  const packages = missing.map(({ debianPackage }) => debianPackage);
  console.error(`Installing ${packages.join(' and ')} for the tests that need them ...`);
  const quietly = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], quietly);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quietly);
}

function succeeds(probe) {
  return spawnSync('sh', ['-c', probe]).status === 0;
}
