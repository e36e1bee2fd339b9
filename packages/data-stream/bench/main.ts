/** The command: `npm run bench -- data-stream`. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBatches } from './batches.ts';
import { type Figures, gridOf, tableOf } from './figures.ts';
import { startJava } from './java-peer.ts';
import { installPeers } from './npm-peers.ts';
import { measureRecords } from './records.ts';
import { measureTexts } from './texts.ts';

const parts = ['records', 'texts', 'batches'] as const;
type Part = (typeof parts)[number];

const usage = `npm run bench -- data-stream [${parts.join('] [')}] [options]

  --rounds N   rounds of each figure, of which the median counts (9); a multiple of 3
  --own        leaves the JDK and the npm packages out
  --record     writes figures.json, and the tables of the README from it

In a round everybody goes once, one after the other. The npm packages are installed
apart from the house at the first run.`;

const readme = join(import.meta.dirname, '../README.md');
const record = join(import.meta.dirname, 'figures.json');
const tables = /<!-- figures -->\n[\s\S]*?<!-- \/figures -->/;

/** Figures of one part, and where and when they were taken. */
interface Taken {
  readonly day: string;
  readonly machine: string;
  readonly node: string;
  readonly java: string;
  readonly loadBefore: number;
  readonly figures: readonly RecordedFigures[];
}

/** As JSON holds them. */
type RecordedFigures = Omit<Figures, 'rounds'> & {
  readonly rounds: Readonly<Record<string, readonly number[]>>;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '9' },
    own: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const known: readonly string[] = parts;

if (values.help) console.log(usage);
else if (!(rounds >= 1) || !positionals.every((part) => known.includes(part))) {
  console.error(`rounds are from 1, and the parts are ${parts.join(', ')}\n\n${usage}`);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'data-stream-bench-'));
  try {
    const taken = await measure(folder);
    if (values.record) writeRecord(taken);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Partial<Record<Part, Taken>>> {
  const isWanted = (part: Part) => positionals.length === 0 || positionals.includes(part);
  const loadBefore = loadavg()[0] ?? 0;
  await using java = values.own ? undefined : await startJava(folder);
  const peers = { java, npm: !values.own && installPeers() };
  if (java === undefined && !values.own) console.error('left out, as there is no javac: the JDK');
  const taken: Partial<Record<Part, Taken>> = {};
  const note = (part: Part, figures: readonly Figures[]): void => {
    console.log(`\n${tablesOf(part, figures).join('\n')}`);
    taken[part] = {
      day: new Date().toISOString().slice(0, 10),
      machine: `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${process.platform}`,
      node: process.version,
      java: java?.version ?? 'none',
      loadBefore,
      figures: figures.map((each) => ({ ...each, rounds: Object.fromEntries(each.rounds) })),
    };
  };
  if (isWanted('records')) note('records', await measureRecords(peers, folder, rounds));
  if (isWanted('texts')) note('texts', await measureTexts(peers, folder, rounds));
  if (isWanted('batches')) note('batches', await measureBatches(rounds));
  return taken;
}

/** A part that is measured again replaces what was known of it. */
function writeRecord(taken: Partial<Record<Part, Taken>>): void {
  const before = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
  const all: Partial<Record<Part, Taken>> = { ...before, ...taken };
  writeFileSync(record, `${JSON.stringify(all, undefined, 2)}\n`);
  const lines = parts.flatMap((part) => {
    const its = all[part];
    return its === undefined ? [] : sectionOf(part, its);
  });
  const block = ['<!-- figures -->', '', ...lines, '<!-- /figures -->'].join('\n');
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(tables, () => block),
  );
}

function sectionOf(part: Part, { day, machine, node, java, loadBefore, figures }: Taken): string[] {
  const count = Object.values(figures[0]?.rounds ?? {})[0]?.length;
  const load = loadBefore.toFixed(1);
  const taken = figures.map((each) => ({ ...each, rounds: new Map(Object.entries(each.rounds)) }));
  return [
    `${day}, ${machine}, Node ${node}, Java ${java}, load before ${load}; medians of ${count} rounds:`,
    '',
    ...tablesOf(part, taken),
  ];
}

/** Texts have many figures of few contestants. */
function tablesOf(part: Part, figures: readonly Figures[]): string[] {
  if (part === 'texts') return [...gridOf(figures), ''];
  return figures.flatMap((each) => [...tableOf(each), '']);
}
