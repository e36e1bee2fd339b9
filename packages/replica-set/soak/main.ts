/** The command: `npm run soak -- replica-set`. */
import { parseArgs } from 'node:util';
import { showOperation } from './history.ts';
import { plants } from './plant.ts';
import { type SoakOptions, type SoakReport, soak } from './soak.ts';

const usage = `npm run soak -- replica-set [options]

  --minutes M        how long (5)
  --seed S           decides which faults and operations are drawn (a new one)
  --members N        3 or 5 (3)
  --round-seconds N  what is written is judged after so many seconds of faults (20)
  --planted NAME     puts a bug into the members and succeeds once it is found:
                     ${Object.keys(plants).join(', ')}, or all
  --json             prints the report as JSON

Exit codes: 0 nothing found (with --planted: found), 1 a promise was broken
(with --planted: the bug was not found), 2 usage, 3 the soak itself failed or covered nothing.`;

const exitCode = { passed: 0, finding: 1, usage: 2, failed: 3, interrupted: 130 } as const;

interface Arguments {
  readonly options: Omit<SoakOptions, 'signal' | 'onRound'>;
  readonly planted: readonly string[];
  readonly json: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      members: { type: 'string', default: '3' },
      'round-seconds': { type: 'string', default: '20' },
      planted: { type: 'string' },
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
  const members = Number(values.members);
  if (![3, 5].includes(members)) throw new RangeError(`--members is 3 or 5, not ${values.members}`);
  const { planted: name, json, seed } = values;
  const planted = name === 'all' ? Object.keys(plants) : name === undefined ? [] : [name];
  for (const each of planted) {
    if (!(each in plants))
      throw new RangeError(`--planted is one of ${Object.keys(plants)}, not ${each}`);
  }
  return { options: { minutes, roundSeconds, members, seed }, planted, json };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new RangeError(`--${name} is a positive number, not ${text}`);
}

function showReport(report: SoakReport): string {
  const { seed, members, minutes, rounds, faults, operations, findings, folder } = report;
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const rows = [
    ['workload', 'ok', 'failed', 'unknown'],
    ...Object.entries(operations).map(([name, { ok, failed, unknown }]) => [
      name,
      ok,
      failed,
      unknown,
    ]),
  ].map(
    ([name, ...counts]) =>
      `  ${String(name).padEnd(14)}${counts.map((count) => String(count).padStart(9)).join('')}`,
  );
  const kinds = Object.entries(faults).sort(([a], [b]) => a.localeCompare(b));
  return [
    `seed ${seed}, ${members} members, ${minutes} minutes, ${rounds} rounds`,
    `${total} faults: ${kinds.map(([name, count]) => `${name} ${count}`).join(', ')}`,
    ...rows,
    `  change stream: ${report.events} events, taken up again ${report.resumed} times`,
    ...(findings.length === 0
      ? ['checked:', ...report.promises.map((promise) => `  - ${promise}`)]
      : []),
    ...report.gaps.map((gap) => `NOT COVERED: ${gap}`),
    ...findings
      .slice(0, 5)
      .flatMap(({ promise, detail, operations: involved }) => [
        `BROKEN: ${promise}`,
        `  ${detail}`,
        ...involved.slice(0, 60).map((operation) => `  ${showOperation(operation)}`),
      ]),
    ...(findings.length > 5 ? [`and ${findings.length - 5} more findings`] : []),
    ...(folder === undefined ? [] : [`history and data: ${folder}`]),
  ].join('\n');
}

/** Soaks once; resolves to its exit code. */
async function run(
  { options, json }: Arguments,
  signal: AbortSignal,
  plant?: string,
): Promise<number> {
  if (plant !== undefined) {
    process.env.HOLDFAST_PLANT = plant;
    process.env.NODE_OPTIONS = `--import ${new URL('./planting.ts', import.meta.url).href}`;
  }
  const onRound = ({ rounds, minutes, faults }: SoakReport): void => {
    const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
    if (!json) console.error(`round ${rounds}: ${minutes} minutes, ${total} faults so far`);
  };
  const report = await soak({ ...options, signal, onRound });
  const found = report.findings.length > 0;
  console.log(
    json ? JSON.stringify({ ...report, ...(plant && { planted: plant }) }) : showReport(report),
  );
  if (plant !== undefined) {
    if (!json)
      console.log(
        `planted ${plant}: ${found ? 'found' : 'NOT found'} after ${report.minutes} minutes`,
      );
    return found ? exitCode.passed : exitCode.finding;
  }
  if (found) return exitCode.finding;
  return report.gaps.length > 0 ? exitCode.failed : exitCode.passed;
}

function stopAtInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGINT', () => {
    // By `exit` also members that stand still are ended.
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    console.error('ending the round ... (again to end at once)');
    controller.abort();
  });
  return controller.signal;
}

try {
  const given = readArguments();
  const signal = stopAtInterrupt();
  let code: number = exitCode.passed;
  for (const plant of given.planted.length > 0 ? given.planted : [undefined]) {
    if (!signal.aborted) code = Math.max(code, await run(given, signal, plant));
  }
  process.exitCode = code;
} catch (error) {
  const isUsage =
    error instanceof RangeError ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE'));
  console.error(isUsage ? `${(error as Error).message}\n\n${usage}` : error);
  process.exitCode = isUsage ? exitCode.usage : exitCode.failed;
}
