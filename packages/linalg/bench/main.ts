/** The command: `npm run bench -- linalg`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Comparison, median } from './contender.ts';
import {
  measureDecompositions,
  measureNets,
  measureOtherProducts,
  measureProducts,
  type Run,
} from './figures.ts';
import { startNumPy } from './numpy-peer.ts';
import { fetchTensorFlow } from './tensorflow-peer.ts';

const usage = `npm run bench -- linalg [options]

  --rounds N     rounds of each figure, of which the median counts (9)
  --only WORD    products, vectors, decompositions or nets
  --record       writes figures.json, and the table of the README from it

It needs Python with NumPy (on Debian python3-numpy and libopenblas0-pthread; another Python by
PYTHON), and fetches TensorFlow.js into a temporary folder.`;

const figures: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  products: measureProducts,
  vectors: measureOtherProducts,
  decompositions: measureDecompositions,
  nets: measureNets,
};
const readme = join(import.meta.dirname, '../README.md');
const record = join(import.meta.dirname, 'figures.json');
const table = /<!-- figures -->\n[\s\S]*?<!-- \/figures -->/;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    only: { type: 'string' },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const chosen = Object.keys(figures).filter((each) => [undefined, each].includes(values.only));

if (values.help) console.log(usage);
else if (!(rounds > 0) || chosen.length === 0 || (values.record && values.only !== undefined)) {
  console.error(`a number of rounds, a word of the list, and all of it to record\n\n${usage}`);
  process.exitCode = 2;
} else await measureAll();

async function measureAll(): Promise<void> {
  const [load = 0] = loadavg();
  const comparisons: Comparison[] = [];
  const peers = {
    haswell: await startNumPy('NumPy, AVX2', 'Haswell'),
    native: await startNumPy('NumPy, own choice', undefined),
    tensorFlow: await fetchTensorFlow(),
  };
  try {
    const tell = (comparison: Comparison) => {
      comparisons.push(comparison);
      console.log(rowsOf(comparison).join('\n'));
    };
    for (const each of chosen) await figures[each]?.({ rounds, peers, tell });
  } finally {
    for (const peer of Object.values(peers)) peer.stop();
  }
  if (!values.record) return;
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${process.platform}`;
  const context = { day, machine, node: process.version, loadBefore: load };
  writeFileSync(record, `${JSON.stringify({ ...context, comparisons }, undefined, 2)}\n`);
  const lines = [
    `${day}, ${machine}, Node ${process.version}, load before ${load.toFixed(1)}; processor time, medians of ${rounds} interleaved rounds (least to greatest). "Times ours" is the median of the row through that of our first row.`,
    '',
    '| Work | By | Time | GFLOP/s | Times ours |',
    '| --- | --- | ---: | ---: | ---: |',
    ...comparisons.flatMap(rowsOf),
  ];
  const block = ['<!-- figures -->', ...lines, '<!-- /figures -->'].join('\n');
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(table, () => block),
  );
}

function rowsOf({ figure, operations, times }: Comparison): string[] {
  const first = median(times[0]?.rounds ?? []);
  return times.map(({ name, rounds: taken }, i) => {
    const time = median(taken);
    const range = `${show(Math.min(...taken))} to ${show(Math.max(...taken))}`;
    const speed = operations === undefined ? '' : (operations / time / 1e6).toFixed(1);
    const ratio = i === 0 ? '' : (time / first).toPrecision(3);
    return `| ${i === 0 ? figure : ''} | ${name} | ${show(time)} (${range}) | ${speed} | ${ratio} |`;
  });
}

/** Milliseconds, in a unit that suits them. */
function show(milliseconds: number): string {
  if (milliseconds >= 1) return `${milliseconds.toPrecision(3)} ms`;
  return `${(milliseconds * 1000).toPrecision(3)} µs`;
}
