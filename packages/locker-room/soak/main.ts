/** The command: `npm run soak -- locker-room`. */
import { parseArgs } from 'node:util';
import { type Control, controls } from './control.ts';
import { promises } from './promise.ts';
import { isCaught, type SoakOptions, type SoakReport, soak } from './soak.ts';

const usage = `npm run soak -- locker-room [options]

  --minutes M        how long (5)
  --seed S           decides what is asked for and which faults are drawn (a new one)
  --round-seconds N  what was done is judged after so many seconds (60)
  --control NAME     uses locks in a wrong way and succeeds once it is caught:
${Object.entries(controls)
  .map(([name, what]) => `                     ${name} (${what})`)
  .join('\n')}
  --json             prints the report as JSON; its counts may be added up over runs

redlock is held beside it where there is a redis-server on the path.

Exit codes: 0 nothing found (with --control: caught), 1 a promise was broken
(with --control: not caught), 2 usage, 3 the soak itself failed or covered too little.`;

const exitCode = { passed: 0, finding: 1, usage: 2, failed: 3, interrupted: 130 } as const;

interface Arguments {
  readonly options: Omit<SoakOptions, 'signal' | 'onRound'>;
  readonly json: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'round-seconds': { type: 'string', default: '60' },
      control: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit(exitCode.passed);
  }
  const minutes = positive('minutes', values.minutes);
  const roundSeconds = positive('round-seconds', values['round-seconds']);
  const control = (Object.keys(controls) as Control[]).find((name) => name === values.control);
  if (control !== values.control) {
    throw new RangeError(`--control is one of ${Object.keys(controls).join(', ')}`);
  }
  return { options: { seed: values.seed, minutes, roundSeconds, control }, json: values.json };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new RangeError(`--${name} is a positive number, not ${text}`);
}

function showReport({
  seed,
  minutes,
  rounds,
  faults,
  sides,
  findings,
  ...rest
}: SoakReport): string {
  const columns = Object.keys(sides);
  const rows = [...new Set(Object.values(sides).flatMap((counts) => Object.keys(counts)))];
  const rate = (sides['locker-room']?.['pauses of holders'] ?? 0) / minutes;
  const cell = (text: unknown) => String(text ?? '-').padStart(14);
  return [
    `seed ${seed}, ${minutes} minutes, ${rounds} rounds, ${rate.toFixed(0)} pauses of holders a minute`,
    ...Object.entries(faults).map(([name, count]) => `  ${name.padEnd(40)}${cell(count)}`),
    `  ${''.padEnd(40)}${columns.map(cell).join('')}`,
    ...rows.map((name) => {
      const counts = Object.values(sides).map((side) => cell(side[name]));
      return `  ${name.padEnd(40)}${counts.join('')}`;
    }),
    ...(columns.includes('redlock') ? [] : ['redlock was left out: no redis-server on the path']),
    ...(findings.length > 0
      ? []
      : ['checked:', ...Object.values(promises).map((promise) => `  - ${promise}`)]),
    ...(rest.control === undefined ? rest.gaps : []).map((gap) => `NOT COVERED: ${gap}`),
    ...findings.flatMap(({ promise, times, cases }) => [
      `BROKEN ${times} times: ${promise}`,
      ...cases.slice(0, 5).map((each) => `  ${each}`),
    ]),
    ...(rest.folder === undefined ? [] : [`history and data: ${rest.folder}`]),
  ].join('\n');
}

function codeOf(report: SoakReport): number {
  if (report.control !== undefined) return isCaught(report) ? exitCode.passed : exitCode.finding;
  if (report.findings.length > 0) return exitCode.finding;
  return report.gaps.length > 0 ? exitCode.failed : exitCode.passed;
}

function stopAtInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGINT', () => {
    // By `exit` also processes that stand still are ended.
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    console.error('ending the round ... (again to end at once)');
    controller.abort();
  });
  return controller.signal;
}

try {
  const { options, json } = readArguments();
  const onRound = ({ rounds, minutes, sides }: SoakReport): void => {
    const pauses = sides['locker-room']?.['pauses of holders'] ?? 0;
    if (!json)
      console.error(`round ${rounds}: ${minutes} minutes, ${pauses} pauses of holders so far`);
  };
  const report = await soak({ ...options, signal: stopAtInterrupt(), onRound });
  console.log(json ? JSON.stringify(report) : showReport(report));
  if (options.control !== undefined && !json) {
    console.log(`control ${options.control}: ${isCaught(report) ? 'caught' : 'NOT caught'}`);
  }
  process.exitCode = codeOf(report);
} catch (error) {
  const isUsage =
    error instanceof RangeError ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE'));
  console.error(isUsage ? `${(error as Error).message}\n\n${usage}` : error);
  process.exitCode = isUsage ? exitCode.usage : exitCode.failed;
}
