import { expect, test } from 'vitest';
import {
  reachesTarget,
  reasonsOf,
  reportOn,
  shareOf,
  tableOf,
} from '../conformance/folder-report.ts';

const folder = { name: 'some', testFile: 'some/some.spec.test.ts', target: 0.5 };

const report = reportOn(folder, [
  ...['a', 'b', 'c', 'd'].map((title) => ({ what: 'planned' as const, title })),
  { what: 'passed', title: 'a' },
  { what: 'skipped', title: 'b', reason: 'needs more' },
  { what: 'begun', title: 'c' },
  { what: 'passed', title: 'd' },
  { what: 'failed', title: 'd', error: 'left a client open' },
]);

test('a test that failed after it passed, or never ended, has failed', () => {
  expect(report.passed).toEqual(['a']);
  expect([...report.failed.keys()].sort()).toEqual(['c', 'd']);
  expect([...report.notRun]).toEqual([['b', 'needs more']]);
});

test('what the runner cannot carry out is not run', () => {
  const error = 'Unknown operation: somethingNew';
  const { failed, notRun } = reportOn(folder, [
    { what: 'planned', title: 'a' },
    { what: 'failed', title: 'a', error },
    { what: 'planned', title: 'b' },
    { what: 'failed', title: 'b', error: `expected no error, got ${error}` },
  ]);
  expect([...notRun]).toEqual([['a', "the driver's runner knows no operation somethingNew"]]);
  expect([...failed.keys()]).toEqual(['b']);
});

test('the share counts what was run, and decides about the target', () => {
  expect(shareOf(report)).toBeCloseTo(1 / 3, 12);
  expect(reachesTarget(report)).toBe(false);
  expect(reachesTarget({ ...report, failed: new Map() })).toBe(true);
  expect(reachesTarget({ ...report, passed: [], failed: new Map() })).toBe(false);
});

test('the table has a line for each folder, and reasons are counted', () => {
  expect(tableOf([report]).split('\n').at(-1)).toMatch(
    /^\| some +\| 1 +\| 2 +\| 1 +\| 33.3 % \| 50.0 % \|$/,
  );
  expect(reasonsOf([report])).toBe('some, not run:\n     1  needs more');
});
