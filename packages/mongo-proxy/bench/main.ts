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
      `${textOf(rates)}; medians of ${rates.comparisons[0]?.bare.length} rounds (ratio: least to greatest).`,
      '',
      '| Figure | Bare driver | Proxy | Ratio |',
      '| --- | ---: | ---: | ---: |',
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
  const ratios = proxy.map((rate, round) => rate / (bare[round] ?? Number.NaN));
  const [least, median, most] = spread(ratios).map((ratio) => ratio.toFixed(2));
  const rate = (rates: readonly number[]) => (spread(rates)[1] ?? Number.NaN).toFixed(0);
  return `| ${name} | ${rate(bare)} | ${rate(proxy)} | ${median} (${least} to ${most}) |`;
}

function memoryRow({ operations: count, heapUsed, rss }: MemoryMark): string {
  return `| ${count} | ${heapUsed.toFixed(1)} | ${rss.toFixed(0)} |`;
}

/** The least, the median and the greatest. */
function spread(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return [at(0), at(Math.floor(sorted.length / 2)), at(sorted.length - 1)];
}
