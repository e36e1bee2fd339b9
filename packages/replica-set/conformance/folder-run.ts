import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReplicaSet } from '@holdfast/replica-set';
import type { Checkouts } from './checkouts.ts';
import { type FolderReport, type ReporterLine, reportOn } from './folder-report.ts';
import type { Folder } from './folders.ts';

/** Milliseconds for one test; the driver itself allows 60,000. */
const testLimit = 20_000;
/** Milliseconds without any news after which the whole run of a folder is ended. */
const silenceLimit = 90_000;

/** How a folder is run. */
export interface FolderRunOptions {
  readonly members: number;
  /** Only tests whose full title holds this text. */
  readonly test?: string;
  /** Whether what the driver's mocha prints is passed on. */
  readonly verbose: boolean;
}

/** Starts a fresh set and lets the driver's own runner, in a process of its own, run the folder's tests on it. */
export async function runFolder(
  folder: Folder,
  checkouts: Checkouts,
  { members, test, verbose }: FolderRunOptions,
): Promise<FolderReport> {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-conformance-'));
  const results = join(scratch, 'results');
  await using set = await ReplicaSet.start({ members });
  try {
    const child = spawn(
      process.execPath,
      [
        ...['node_modules/mocha/bin/mocha.js', '--config', 'test/mocha_mongodb.js'],
        ...['--file', join(import.meta.dirname, 'spec-source.cjs')],
        ...['--reporter', join(import.meta.dirname, 'line-reporter.cjs')],
        ...['--timeout', String(testLimit), '--exit'],
        ...(test === undefined ? [] : ['--fgrep', test]),
        join('test/integration', folder.testFile),
      ],
      {
        cwd: checkouts.driver,
        // A group of its own: mocha starts itself once more with other flags.
        detached: true,
        stdio: ['ignore', verbose ? 2 : 'ignore', verbose ? 2 : 'pipe'],
        env: {
          ...process.env,
          AUTH: 'noauth',
          MONGODB_URI: set.uri,
          TS_NODE_TRANSPILE_ONLY: '1',
          HOLDFAST_SPECIFICATIONS: checkouts.specifications,
          HOLDFAST_RESULTS: results,
        },
      },
    );
    let complaint = '';
    child.stderr?.on('data', (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-4000);
    });
    const watch = setInterval(() => {
      const news = existsSync(results) ? statSync(results).mtimeMs : Date.now();
      if (Date.now() - news > silenceLimit && child.pid !== undefined)
        process.kill(-child.pid, 'SIGKILL');
    }, 1000);
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve());
    });
    clearInterval(watch);
    if (!existsSync(results))
      throw new Error(`The driver's runner did not start on ${folder.name}:\n${complaint}`);
    const lines = readFileSync(results, 'utf8').trimEnd().split('\n');
    return reportOn(
      folder,
      lines.map((line): ReporterLine => JSON.parse(line)),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
