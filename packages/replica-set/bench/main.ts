/** The command: `npm run bench -- replica-set`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureMatcher } from './matcher.ts';
import {
  type Measurement,
  measureIndexes,
  measureInserts,
  measureMany,
  measureStart,
  measureStepDown,
} from './measurement.ts';

const usage = `npm run bench -- replica-set [options]

  --rounds N     rounds of each figure, of which the median counts (9)
  --documents N  how many are written to measure memory and the start with them (1000000)
  --record       writes figures.json, and the table of the README from it`;

const readme = join(import.meta.dirname, '../README.md');
const record = join(import.meta.dirname, 'figures.json');
const table = /<!-- figures -->\n[\s\S]*?<!-- \/figures -->/;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    documents: { type: 'string', default: '1000000' },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const documents = Number(values.documents);

if (values.help) console.log(usage);
else if (!(rounds > 0 && documents >= 0)) {
  console.error(`rounds and documents are numbers\n\n${usage}`);
  process.exitCode = 2;
} else await measureAll();

async function measureAll(): Promise<void> {
  const [load = 0] = loadavg();
  const measurements: Measurement[] = [];
  const sink = (measurement: Measurement) => {
    measurements.push(measurement);
    console.log(rowOf(measurement));
  };
  await measureStart(rounds, sink);
  await measureStepDown(rounds, sink);
  await measureInserts(rounds, sink);
  measureMatcher(rounds, sink);
  if (documents > 0) {
    await measureMany(documents, sink);
    await measureIndexes(documents, rounds, sink);
  }
  if (!values.record) return;
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${process.platform}`;
  const context = { day, machine, node: process.version, loadBefore: load };
  writeFileSync(record, `${JSON.stringify({ ...context, measurements }, undefined, 2)}\n`);
  const lines = [
    `${day}, ${machine}, Node ${process.version}, load before ${load.toFixed(1)}; medians (least to greatest).`,
    '',
    '| Figure | Median | Rounds |',
    '| --- | ---: | ---: |',
    ...measurements.map(rowOf),
  ];
  const block = ['<!-- figures -->', ...lines, '<!-- /figures -->'].join('\n');
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(table, () => block),
  );
}

function rowOf({ name, rounds: taken }: Measurement): string {
  const sorted = [...taken].sort((a, b) => a - b);
  const show = (value = Number.NaN) => (value < 10 ? value.toFixed(2) : value.toFixed(0));
  const median = show(sorted[Math.floor(sorted.length / 2)]);
  const range = sorted.length > 1 ? ` (${show(sorted[0])} to ${show(sorted.at(-1))})` : '';
  return `| ${name} | ${median}${range} | ${sorted.length} |`;
}
