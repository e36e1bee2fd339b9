/** The command: `npm run soak -- mongo-proxy`. */
import { parseArgs } from 'node:util';
import {
  type Control,
  controls,
  everyVerb,
  isCaught,
  type PartName,
  type PartReport,
  partNames,
  type SoakOptions,
  type SoakReport,
  soak,
} from './soak.ts';

const usage = `npm run soak -- mongo-proxy [options]

  --minutes M      how long, shared by the parts (5)
  --seed S         decides which operations and faults are drawn (a new one)
  --part NAME      ${partNames.join(', ')}, or all (all)
  --verbs A;B      only these writes, of:
                   ${everyVerb.join('; ')}
  --documents N    how many a cursor runs over (20000)
  --control NAME   puts a wrong way in the proxy's place and succeeds once it is caught:
                   naive (calls again whenever a call fails; part replies),
                   skip (goes on by skipping as many as there have been; part cursor)
  --json           prints the report as JSON; its counts may be added up over runs

Exit codes: 0 nothing found (with --control: caught), 1 a promise was broken
(with --control: not caught), 2 usage, 3 the soak itself failed or covered nothing.`;

const exitCode = { passed: 0, finding: 1, usage: 2, failed: 3, interrupted: 130 } as const;

interface Arguments {
  readonly options: Omit<SoakOptions, 'signal'>;
  readonly json: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      part: { type: 'string', default: 'all' },
      verbs: { type: 'string' },
      documents: { type: 'string', default: '20000' },
      control: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit(exitCode.passed);
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`--minutes is a positive number, not ${values.minutes}`);
  }
  const documents = Number(values.documents);
  if (!(Number.isInteger(documents) && documents >= 100)) {
    throw new RangeError(`--documents is a whole number from 100, not ${values.documents}`);
  }
  const verbs = values.verbs?.split(';').map((verb) => verb.trim());
  const unknown = verbs?.find((verb) => !everyVerb.includes(verb));
  if (unknown !== undefined) throw new RangeError(`--verbs knows no '${unknown}'`);
  const control = oneOf('control', values.control, Object.keys(controls) as Control[]);
  const part = values.part === 'all' ? undefined : oneOf('part', values.part, partNames);
  if (control !== undefined && part !== undefined && part !== controls[control]) {
    throw new RangeError(`--control ${control} is of the part ${controls[control]}`);
  }
  const parts: readonly PartName[] =
    control !== undefined ? [controls[control]] : part !== undefined ? [part] : partNames;
  return {
    options: { seed: values.seed, minutes, parts, control, verbs, documents },
    json: values.json,
  };
}

function oneOf<T extends string>(
  name: string,
  value: string | undefined,
  all: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = all.find((each) => each === value);
  if (found === undefined) throw new RangeError(`--${name} is one of ${all.join(', ')}`);
  return found;
}

function showReport({ seed, parts }: SoakReport): string {
  return [
    `seed ${seed}`,
    ...Object.entries(parts).flatMap(([name, part]) => showPart(name as PartName, part)),
  ].join('\n');
}

function showPart(name: PartName, part: PartReport): string[] {
  const { minutes, counts, findings, gaps, failure } = part;
  return [
    `${name}: ${minutes} minutes`,
    ...Object.entries(counts).map(([label, count]) => `  ${label.padEnd(24)}${count}`),
    ...rates(part).map(([label, rate]) => `  ${label.padEnd(24)}${rate}`),
    ...(findings.length === 0 && failure === undefined ? ['  nothing found'] : []),
    ...gaps.map((gap) => `  NOT COVERED: ${gap}`),
    ...findings.flatMap(({ promise, times, cases }) => [
      `  BROKEN ${times} times: ${promise}`,
      ...cases.slice(0, 3).map((each) => `    ${each}`),
    ]),
    ...(failure === undefined ? [] : [`  FAILED: ${failure}`]),
  ];
}

/** What a minute of each part brings. */
function rates({ counts }: PartReport): [string, string][] {
  return [
    ['proxy kills', 'proxy milliseconds'],
    ['operations', 'milliseconds'],
    ['documents', 'milliseconds'],
  ].flatMap(([what = '', time = '']) => {
    const count = counts[what];
    const minutes = (counts[time] ?? 0) / 60_000;
    return count === undefined || minutes === 0
      ? []
      : [[`${what} a minute`, (count / minutes).toFixed(1)] as [string, string]];
  });
}

function codeOf(report: SoakReport): number {
  const parts = Object.values(report.parts);
  if (parts.some(({ failure }) => failure !== undefined)) return exitCode.failed;
  if (report.control !== undefined) return isCaught(report) ? exitCode.passed : exitCode.finding;
  if (parts.some(({ findings }) => findings.length > 0)) return exitCode.finding;
  return parts.some(({ gaps }) => gaps.length > 0) ? exitCode.failed : exitCode.passed;
}

function stopAtInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    console.error('ending what is under way ... (again to end at once)');
    controller.abort();
  });
  return controller.signal;
}

try {
  const { options, json } = readArguments();
  const report = await soak({ ...options, signal: stopAtInterrupt() });
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
