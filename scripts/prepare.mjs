// Plain JavaScript on purpose: it runs on the machine's own Node, before Node 24 is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Node 24 that npm's `node` package brings. */
export const node24 = join(root, 'node_modules/node/bin/node');

const stamp = join(root, 'node_modules/.holdfast-installed');

/** Installs the npm packages when they are missing or when a package.json has changed since. */
export function prepare() {
  const wanted = fingerprint();
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed === wanted && existsSync(node24)) return;
  console.error('Installing packages (about a minute the first time) ...');
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--engine-strict=false']);
  if (!existsSync(node24)) run('npm', ['rebuild', 'node']);
  const version = spawnSync(node24, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '';
  if (!version.startsWith('v24.')) {
    console.error(`Node 24 could not be installed: ${node24} reports "${version}".`);
    console.error('Its install script may have been switched off; try: npm rebuild node');
    process.exit(1);
  }
  writeFileSync(stamp, fingerprint());
}

/** Runs a program in the root folder; ends this process when it fails. */
export function run(program, args) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error(`failed: ${program} ${args.join(' ')}${error ? ` (${error.message})` : ''}`);
  process.exit(1);
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of manifests()) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function manifests() {
  const workspaces = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}/package.json`),
  );
  return ['package.json', 'package-lock.json', ...workspaces].filter((file) =>
    existsSync(join(root, file)),
  );
}
