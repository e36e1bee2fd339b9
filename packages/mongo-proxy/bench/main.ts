/** The command: `npm run bench -- mongo-proxy`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Comparison } from './comparison.ts';
import { type MemoryMark, measureMemory } from './memory.ts';
import { compareRates } from './rates.ts';

const usage = `npm run bench -- mongo-proxy [options]

  --rounds N       rounds of each comparison, of which the median counts (9)
  --memory         measures memory instead of rates
  --operations N   after how many operations, at last (1000000)
  --record         writes figures.json, and the tables of the README from it`;

const readme = join(import.meta.dirname, '../README.md');
const record = join(import.meta.dirname, 'figures.json');
const table = /<!-- figures -->\n[\s\S]*?<!-- \/figures -->/;

/** Where and when figures were taken. */
interface Context {
  readonly day: string;
  readonly machine: string;
  readonly node: string;
  readonly loadBefore: number;
}

/** What `figures.json` holds; each kind is taken in a run of its own. */
interface Figures {
  rates?: Context & { readonly comparisons: readonly Comparison[] };
  memory?: Context & { readonly marks: readonly MemoryMark[] };
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    memory: { type: 'boolean', default: false },
    operations: { type: 'string', default: '1000000' },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const operations = Number(values.operations);

if (values.help) console.log(usage);
else if (!(rounds > 0 && operations >= 100)) {
  console.error(`rounds are from 1, and operations from 100\n\n${usage}`);
  process.exitCode = 2;
} else {
  const taken = values.memory ? await takeMemory() : await takeRates();
  if (values.record) writeRecord(taken);
}

async function takeRates(): Promise<Figures> {
  const context = here();
  const comparisons: Comparison[] = [];
  await compareRates(rounds, (comparison) => {
    comparisons.push(comparison);
    console.log(rateRow(comparison));
  });
  return { rates: { ...context, comparisons } };
}

async function takeMemory(): Promise<Figures> {
  const context = here();
  const marks: MemoryMark[] = [];
  await measureMemory([operations / 100, operations / 10, operations], (mark) => {
    marks.push(mark);
    console.log(memoryRow(mark));
  });
  return { memory: { ...context, marks } };
}

function here(): Context {
  return {
    day: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${process.platform}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  };
}

function writeRecord(taken: Figures): void {
  const known: Figures = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
  const figures: Figures = { ...known, ...taken };
  writeFileSync(record, `${JSON.stringify(figures, undefined, 2)}\n`);
  const { rates, memory } = figures;
  const lines: string[] = [];
  if (rates !== undefined) {
    lines.push(
      `${textOf(rates)}; medians of ${rates.comparisons[0]?.bare.rates.length} rounds (ratios: least to greatest); CPU is this process's, in microseconds for a call or document.`,
      '',
      '| Figure | Bare driver | Proxy | Ratio | Bare CPU | Proxy CPU | Ratio |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
      ...rates.comparisons.map(rateRow),
    );
  }
  if (memory !== undefined) {
    if (lines.length > 0) lines.push('');
    lines.push(
      `${textOf(memory)}; this process after a collection.`,
      '',
      '| Operations through the proxy | Heap (MB) | Resident (MB) |',
      '| ---: | ---: | ---: |',
      ...memory.marks.map(memoryRow),
    );
  }
  const block = ['<!-- figures -->', ...lines, '<!-- /figures -->'].join('\n');
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(table, () => block),
  );
}

function textOf({ day, machine, node, loadBefore }: Context): string {
  return `${day}, ${machine}, Node ${node}, load before ${loadBefore.toFixed(1)}`;
}

function rateRow({ name, bare, proxy }: Comparison): string {
  const rate = (rates: readonly number[]) => medianOf(rates).toFixed(0);
  const cpu = (times: readonly number[]) => medianOf(times).toFixed(1);
  const cells = [
    ...[name, rate(bare.rates), rate(proxy.rates), ratioOf(proxy.rates, bare.rates)],
    ...[cpu(bare.cpu), cpu(proxy.cpu), ratioOf(proxy.cpu, bare.cpu)],
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The median of the rounds' ratios, and the least and the greatest. */
function ratioOf(some: readonly number[], others: readonly number[]): string {
  const ratios = some.map((value, round) => value / (others[round] ?? Number.NaN));
  const [median, least, most] = [medianOf(ratios), Math.min(...ratios), Math.max(...ratios)];
  return `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

function memoryRow({ operations: count, heapUsed, rss }: MemoryMark): string {
  return `| ${count} | ${heapUsed.toFixed(1)} | ${rss.toFixed(0)} |`;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
