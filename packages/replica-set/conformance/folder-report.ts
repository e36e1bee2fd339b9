import type { Folder } from './folders.ts';

/** What the reporter in the driver's mocha wrote about a test, a line each. */
export type ReporterLine =
  | { readonly what: 'planned' | 'begun' | 'passed'; readonly title: string }
  | { readonly what: 'skipped'; readonly title: string; readonly reason: string }
  | {
      readonly what: 'failed';
      readonly title: string;
      readonly error: string;
      readonly stack?: string;
    };

/** What became of the tests of one folder. A test that failed in any way has not passed. */
export interface FolderReport {
  readonly folder: Folder;
  readonly passed: readonly string[];
  readonly failed: ReadonlyMap<string, { readonly error: string; readonly stack?: string }>;
  /** Title to reason. */
  readonly notRun: ReadonlyMap<string, string>;
}

const unknownOperation = /^Unknown operation: (\w+)$/;

/** Adds the lines of one run up; a test that was planned and never ended has failed. */
export function reportOn(folder: Folder, lines: readonly ReporterLine[]): FolderReport {
  const planned = new Set<string>();
  const passed = new Set<string>();
  const failed = new Map<string, { error: string; stack?: string }>();
  const notRun = new Map<string, string>();
  for (const line of lines) {
    if (line.what === 'planned') planned.add(line.title);
    if (line.what === 'passed') passed.add(line.title);
    if (line.what === 'skipped') notRun.set(line.title, line.reason);
    if (line.what !== 'failed') continue;
    // No server whatever passes a test that its runner cannot carry out.
    const unknown = unknownOperation.exec(line.error);
    if (unknown) notRun.set(line.title, `the driver's runner knows no operation ${unknown[1]}`);
    else if (!failed.has(line.title)) failed.set(line.title, line);
  }
  for (const title of planned)
    if (!passed.has(title) && !failed.has(title) && !notRun.has(title))
      failed.set(title, { error: 'the run ended before this test did' });
  for (const title of failed.keys()) {
    passed.delete(title);
    notRun.delete(title);
  }
  return { folder, passed: [...passed], failed, notRun };
}

/** Passed of those run, 0 to 1; 1 where nothing ran. */
export function shareOf({ passed, failed }: FolderReport): number {
  const run = passed.length + failed.size;
  return run === 0 ? 1 : passed.length / run;
}

/** Whether the folder's target is reached; a folder without one always does. */
export function reachesTarget(report: FolderReport): boolean {
  const { target } = report.folder;
  return target === undefined || (shareOf(report) >= target && report.passed.length > 0);
}

/** The reports as a table in Markdown, a line each, and below it why tests were not run. */
export function tableOf(reports: readonly FolderReport[]): string {
  const rows = reports.map((report) => [
    report.folder.name,
    String(report.passed.length),
    String(report.failed.size),
    String(report.notRun.size),
    report.passed.length + report.failed.size === 0 ? '-' : percent(shareOf(report)),
    report.folder.target === undefined ? '' : percent(report.folder.target),
  ]);
  const lines = [
    ['folder', 'passed', 'failed', 'not run', 'share', 'target'],
    ['---', '---:', '---:', '---:', '---:', '---:'],
    ...rows,
  ];
  const widths = lines[0]?.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => `| ${line.map((cell, i) => cell.padEnd(widths?.[i] ?? 0)).join(' | ')} |`)
    .join('\n');
}

/** Why tests were not run, the commonest reason first, with how many it kept from running. */
export function reasonsOf(reports: readonly FolderReport[]): string {
  return reports
    .filter(({ notRun }) => notRun.size > 0)
    .map(({ folder, notRun }) => {
      const counts = Map.groupBy(notRun.values(), (reason) => reason);
      const lines = [...counts]
        .sort(([, a], [, b]) => b.length - a.length)
        .map(([reason, { length }]) => `  ${String(length).padStart(4)}  ${reason}`);
      return [`${folder.name}, not run:`, ...lines].join('\n');
    })
    .join('\n');
}

function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
