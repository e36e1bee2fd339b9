/** The command: `npm run bench -- locker-room`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contended, measureContended } from './contended.ts';
import { type Keeping, startRing } from './contestant.ts';
import { type Heartbeats, measureHeartbeats } from './heartbeats.ts';
import { contendedTable, heartbeatsTable, uncontendedTable } from './table.ts';
import { measureUncontended, type Uncontended } from './uncontended.ts';

const usage = `npm run bench -- locker-room [uncontended] [contended] [heartbeats] [options]

  --rounds N   rounds of each figure, of which the median counts (7)
  --own        leaves the peers out
  --record     writes figures.json, and the tables of the README from it

A peer whose server is not installed is named and left out; bench/README.md tells how to get it.`;

const readme = join(import.meta.dirname, '../README.md');
const record = join(import.meta.dirname, 'figures.json');
const tables = /<!-- figures -->\n[\s\S]*?<!-- \/figures -->/;

/** Figures of one part, and where and when they were taken. */
interface Taken<Figure> {
  readonly day: string;
  readonly machine: string;
  readonly node: string;
  readonly loadBefore: number;
  readonly rounds: number;
  readonly figures: Readonly<Record<Keeping, readonly Figure[]>>;
}

/** What `figures.json` holds; a part that is measured again replaces what was known of it. */
interface Figures {
  uncontended?: Taken<Uncontended>;
  contended?: Taken<Contended>;
  heartbeats?: Taken<Heartbeats>;
}

const parts = ['uncontended', 'contended', 'heartbeats'] as const;
const keepings = ['memory', 'disk'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
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
  // So that servers are ended and their files removed on the way out.
  process.once('SIGINT', () => process.exit(130));
  const figures = await measure();
  if (values.record) writeRecord(figures);
}

async function measure(): Promise<Figures> {
  const isWanted = (part: string) => positionals.length === 0 || positionals.includes(part);
  const context = {
    day: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${process.platform}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    rounds,
  };
  const uncontended = { memory: [] as Uncontended[], disk: [] as Uncontended[] };
  const contended = { memory: [] as Contended[], disk: [] as Contended[] };
  const heartbeats = { memory: [] as Heartbeats[], disk: [] as Heartbeats[] };
  for (const keeping of keepings) {
    if (isWanted('uncontended') || isWanted('contended')) {
      await using ring = await startRing(keeping, { withPeers: !values.own });
      for (const line of ring.leftOut) console.log(line);
      if (isWanted('uncontended')) {
        uncontended[keeping] = await measureUncontended(ring.contestants, rounds);
        print(uncontendedTable(keeping, uncontended[keeping]));
      }
      if (isWanted('contended')) {
        contended[keeping] = await measureContended(ring.contestants, rounds);
        print(contendedTable(keeping, contended[keeping]));
      }
    }
    if (isWanted('heartbeats')) {
      heartbeats[keeping] = [await measureHeartbeats(keeping, rounds)];
      print(heartbeatsTable(keeping, heartbeats[keeping]));
    }
  }
  return {
    ...(isWanted('uncontended') && { uncontended: { ...context, figures: uncontended } }),
    ...(isWanted('contended') && { contended: { ...context, figures: contended } }),
    ...(isWanted('heartbeats') && { heartbeats: { ...context, figures: heartbeats } }),
  };
}

function writeRecord(taken: Figures): void {
  const before: Figures = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
  const figures: Figures = { ...before, ...taken };
  writeFileSync(record, `${JSON.stringify(figures, undefined, 2)}\n`);
  const lines = [
    ...section('Lock and release, nobody else wanting it', figures.uncontended, uncontendedTable),
    ...section('Ten who want the same lock', figures.contended, contendedTable),
    ...section('Many locks held', figures.heartbeats, heartbeatsTable),
  ];
  const block = ['<!-- figures -->', ...lines, '<!-- /figures -->'].join('\n');
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(tables, () => block),
  );
}

function section<Figure>(
  title: string,
  taken: Taken<Figure> | undefined,
  table: (keeping: Keeping, figures: readonly Figure[]) => string[],
): string[] {
  if (taken === undefined) return [];
  const { day, machine, node, loadBefore, rounds: count, figures } = taken;
  const load = loadBefore.toFixed(1);
  return [
    `**${title}.** ${day}, ${machine}, Node ${node}, load before ${load}, medians of ${count} rounds.`,
    '',
    ...keepings.flatMap((keeping) => [...table(keeping, figures[keeping]), '']),
  ];
}

function print(table: readonly string[]): void {
  console.log(`\n${table.join('\n')}\n`);
}
