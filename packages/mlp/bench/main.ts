/** The command: `npm run bench -- mlp`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Contestant } from './contestant.ts';
import { field, peerFolder } from './field.ts';
import { onnxDifference } from './onnx.ts';
import { measureRules } from './rules.ts';
import { measureSparse } from './sparse.ts';
import { pima, type Task, tasks } from './task.ts';

const usage = `npm run bench -- mlp [options]

  --rounds N   rounds of each comparison, of which the median counts (9)
  --seconds N  how long a contestant trains in a round, about (0.4)
  --record     writes figures.json, and the tables of the README from it

NumPy, PyTorch and scikit-learn are Debian's: apt-get install python3-numpy python3-torch
python3-sklearn; one that is missing is named and left out. TensorFlow.js, brain.js and onnxruntime are
fetched from npm into a temporary folder.`;

const readme = join(import.meta.dirname, '../README.md');
const record = join(import.meta.dirname, 'figures.json');
const table = /<!-- figures -->\n[\s\S]*?<!-- \/figures -->/;

/** One contestant on one task: seconds an epoch, round by round, and the loss after three epochs. */
interface Standing {
  readonly task: string;
  readonly name: string;
  readonly seconds: readonly number[];
  readonly loss: number | null;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '0.4' },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const aim = Number(values.seconds);

if (values.help) console.log(usage);
else if (!(rounds >= 1 && aim > 0)) {
  console.error(`rounds and seconds are numbers above 0\n\n${usage}`);
  process.exitCode = 2;
} else await measureAll();

async function measureAll(): Promise<void> {
  const [load = 0] = loadavg();
  const folder = mkdtempSync(join(tmpdir(), 'mlp-bench-'));
  const lines: string[] = [];
  const standings: Standing[] = [];
  try {
    const all = tasks();
    for (const task of all) writeFileSync(join(folder, `${task.name}.json`), JSON.stringify(task));
    const { contestants, leftOut } = field(folder);
    for (const line of leftOut) console.error(line);
    try {
      for (const task of all) {
        const found = await compare(task, contestants);
        standings.push(...found);
        const block = tableOf(task, found);
        lines.push(...block, '');
        console.log(`${block.join('\n')}\n`);
      }
    } finally {
      await Promise.all(contestants.map((each) => each[Symbol.asyncDispose]()));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const rules = measureRules(rounds);
  const sparse = measureSparse(rounds);
  const ratio = median(sparse.dense) / median(sparse.sparse);
  const difference = await onnxDifference(peerFolder());
  const more = [
    ...rulesTable(rules),
    '',
    `A step of a net with 2^16 inputs and 16 hidden units, ten rows of 30 entries: ${milliseconds(sparse.sparse)} by sparse examples, ${milliseconds(sparse.dense)} by dense ones: ${ratio.toFixed(0)} times as fast.`,
    '',
    `Answers of an exported net in onnxruntime differ from its own by at most ${difference.toExponential(1)}.`,
  ];
  console.log(more.join('\n'));
  if (!values.record) return;
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${process.platform}`;
  const context = { day, machine, node: process.version, loadBefore: load };
  writeFileSync(
    record,
    `${JSON.stringify({ ...context, standings, rules, sparse, onnxDifference: difference }, undefined, 2)}\n`,
  );
  const head = `${day}, ${machine}, Node ${process.version}, load before ${load.toFixed(1)}; one thread each, processor time, OpenBLAS and PyTorch as for AVX2; medians of ${rounds} interleaved rounds (least to greatest).`;
  const block = ['<!-- figures -->', head, '', ...lines, ...more, '<!-- /figures -->'].join('\n');
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(table, () => block),
  );
}

async function compare(task: Task, contestants: readonly Contestant[]): Promise<Standing[]> {
  const fields: {
    contestant: Contestant;
    epochs: number;
    loss: number | null;
    seconds: number[];
  }[] = [];
  for (const contestant of contestants) {
    // Loads the task and warms up; three epochs, from the same numbers, tell the loss.
    const { loss } = await contestant.train(task.name, 3);
    const { seconds } = await contestant.train(task.name, 3);
    const epochs = Math.max(1, Math.min(2000, Math.round((3 * aim) / seconds)));
    await contestant.train(task.name, epochs);
    fields.push({ contestant, epochs, loss, seconds: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const each of fields) {
      const { seconds } = await each.contestant.train(task.name, each.epochs);
      each.seconds.push(seconds / each.epochs);
    }
  }
  return fields.map(({ contestant, loss, seconds }) => ({
    task: task.name,
    name: contestant.name,
    seconds,
    loss,
  }));
}

function tableOf(task: Task, standings: readonly Standing[]): string[] {
  const own = standings.filter(({ name }) => name.startsWith('mlp'));
  const fastest = Math.min(...own.map(({ seconds }) => median(seconds)));
  const rows = standings.map(({ name, seconds, loss }) => {
    const factor = median(seconds) / fastest;
    const text = factor < 10 ? factor.toFixed(2) : factor.toFixed(0);
    return `| ${name} | ${milliseconds(seconds)} | ${text} | ${loss === null ? 'other mathematics' : loss.toFixed(6)} |`;
  });
  return [
    `| ${task.title} | An epoch | Times ours | Loss after 3 epochs |`,
    '| --- | ---: | ---: | ---: |',
    ...rows,
  ];
}

function rulesTable(rules: Readonly<Record<string, number[]>>): readonly string[] {
  const [first = []] = Object.values(rules);
  return [
    `| ${pima().title}, f64, by | An epoch | Times momentum alone |`,
    '| --- | ---: | ---: |',
    ...Object.entries(rules).map(
      ([name, seconds]) =>
        `| ${name} | ${milliseconds(seconds)} | ${(median(seconds) / median(first)).toFixed(2)} |`,
    ),
  ];
}

function milliseconds(seconds: readonly number[]): string {
  const show = (value: number) => String(Number((1000 * value).toPrecision(3)));
  const [least, greatest] = [Math.min(...seconds), Math.max(...seconds)];
  return `${show(median(seconds))} ms (${show(least)} to ${show(greatest)})`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
