import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReplicaSet } from '@holdfast/replica-set';
import { expect, test } from 'vitest';
import { LockerRoom } from '../src/locker-room.ts';

const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');

test('a decorated method of a compiled class runs under the lock, one call at a time', async () => {
  const outDir = mkdtempSync(join(tmpdir(), 'decorated-'));
  const rs = await ReplicaSet.start({ members: 1 });
  const lockers = new LockerRoom({ uri: rs.uri });
  try {
    const options = ['--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler'];
    const loose = [
      '--noCheck',
      '--rewriteRelativeImportExtensions',
      '--skipLibCheck',
      '--ignoreConfig',
    ];
    const fixture = join(import.meta.dirname, 'fixtures/reports.ts');
    execFileSync(process.execPath, [
      ...[tsc, fixture, '--outDir', outDir, '--rootDir', join(import.meta.dirname, 'fixtures')],
      ...[...options, ...loose],
    ]);
    const { reportsOf } = await import(/* @vite-ignore */ join(outDir, 'reports.js'));
    const made: string[] = [];
    const reports = reportsOf(lockers, 'reports', made);
    const answers = await Promise.all([reports.make('Monday'), reports.make('Tuesday')]);
    expect(answers).toEqual(['report of Monday', 'report of Tuesday']);
    expect(made.map((line) => line.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends']);
  } finally {
    await lockers.close();
    await rs.stop();
    rmSync(outDir, { recursive: true });
  }
});
