import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '@holdfast/mlp';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../src/command/program.ts';
import { runStudy } from '../src/training/study-run.ts';
import { type CapturedTerminal, capturedTerminal } from './captured-terminal.ts';
import { DeskProcess } from './desk-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'train-'));
afterAll(() => rmSync(folder, { recursive: true }));

const home = join(import.meta.dirname, '../../..');

/** The published recipe with its paths made whole, so that it runs anywhere. */
const pima = join(folder, 'pima.yaml');
const published = readFileSync(join(home, 'examples/pima.yaml'), 'utf8');
writeFileSync(
  pima,
  published.replaceAll("'data/", `'${home}/data/`).replace("'pima-best", `'${folder}/pima-best`),
);

async function train(...words: string[]): Promise<{ code: number; terminal: CapturedTerminal }> {
  const terminal = capturedTerminal();
  const code = await runCommandLine(['train', ...words], terminal);
  return { code, terminal };
}

describe('the published recipe', () => {
  const stem = join(folder, 'curves');

  test('ends with a table, and has written curves and the best net', async () => {
    const { code, terminal } = await train(pima, '--set', 'decay=0', '--curves', stem);
    expect(terminal.said).toContain(`wrote ${stem}.csv\nwrote ${stem}.svg`);
    expect(code).toBe(0);
    expect(terminal.printed).toBe(`Channel                Best (epoch 55)  Last (epoch 105)
train_output_misclass           0.2551            0.1955
valid_output_misclass           0.1553            0.1739
test_output_misclass            0.2571            0.2000
`);
    expect(loadModel(join(folder, 'pima-best.mlp')).monitor.epochsSeen).toBe(55);
    const [heads = '', ...rows] = readFileSync(`${stem}.csv`, 'utf8').trim().split('\n');
    const columns = heads.split(',');
    expect(columns).toContain('valid_output_nll');
    expect(rows).toHaveLength(106);
    const best = (rows[55] ?? '').split(',');
    expect(best[0]).toBe('55');
    expect(Number(best[columns.indexOf('valid_output_misclass')])).toBe(25 / 161);
    const svg = readFileSync(`${stem}.svg`, 'utf8');
    expect(svg).toMatch(/^<svg .*best: 55.*<\/svg>\n$/);
    expect(svg).toContain('>valid_output_misclass<');
  });

  test('as JSON, of channels that are asked for', async () => {
    const { code, terminal } = await train(
      ...[pima, '--set', 'decay=0', '--no-curves', '--json', '--channels', 'valid_objective'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(terminal.printed)).toMatchObject({
      ...{ schema: 'holdfast.train/1', epochs: 105, wasInterrupted: false, curves: [] },
      best: {
        epoch: 55,
        channel: 'valid_output_misclass',
        channels: { test_output_misclass: 18 / 70 },
      },
    });
  });

  test('a study compares values on the same splits, whatever the number of threads', async () => {
    const words = [pima, '--set', 'decay=0,0.01', '--study', '3', '--json', '--workers'];
    const [one, two] = [await train(...words, '1'), await train(...words, '2')];
    const [report, again] = [one, two].map(({ terminal }) => JSON.parse(terminal.printed));
    expect(report.variants.map(({ values }: { values: object }) => values)).toEqual([
      { decay: '0' },
      { decay: '0.01' },
    ]);
    expect(report.variants[0].trainings).toHaveLength(3);
    expect(report.variants[0].summary.test_output_misclass.mean).toBeGreaterThan(0.1);
    expect(again.variants).toEqual(report.variants);
    const table = await train(pima, '--set', 'decay=0', '--study', '2');
    expect(table.terminal.printed).toMatch(/^Values +Channel +Mean +± /);
    expect(table.terminal.said).toMatch(/^2 trainings in /);
  });
});

test('Ctrl-C ends after the epoch under way, and keeps the best net', async () => {
  const endless = join(folder, 'endless.yaml');
  const text = readFileSync(pima, 'utf8')
    .replace('N: 50', 'N: 100000000')
    .replace('pima-best', 'endless-best');
  writeFileSync(endless, text);
  const run = new DeskProcess([
    'train',
    endless,
    '--set',
    'decay=0',
    '--curves',
    join(folder, 'endless'),
  ]);
  await expect.poll(() => readdirSync(folder), { timeout: 20_000 }).toContain('endless-best.mlp');
  run.kill('SIGINT');
  expect(await run.ended()).toBe(130);
  expect(run.said).toContain('interrupted');
  expect(run.printed).toContain('Last (epoch');
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['endless.csv', 'endless.svg']));
  expect(loadModel(join(folder, 'endless-best.mlp')).tag.MonitorBasedSaveBest).toMatchObject({
    channel_name: 'valid_output_misclass',
  });
});

test('a study that is interrupted says that there is nothing to sum up', async () => {
  const terminal = capturedTerminal();
  const options = { set: [{ name: 'decay', values: ['0'] }], curves: false, seeds: 2, workers: 1 };
  await runStudy(pima, options, terminal, AbortSignal.abort());
  expect(terminal.printed).toBe('');
  expect(terminal.said).toBe('interrupted: only a whole study is summed up\n');
});

describe('tells what is wrong', () => {
  const bad = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test.each<{ what: string; words: () => string[]; code: number; says: string }>([
    {
      what: 'no such file',
      words: () => ['/no/such.yaml'],
      code: 3,
      says: '/no/such.yaml: there is no such file or folder',
    },
    {
      what: 'a folder',
      words: () => [folder],
      code: 3,
      says: `holdfast: ${folder}: this is a folder, not a file\n`,
    },
    {
      what: 'a folder for the data',
      words: () => [
        bad('folder.yaml', published.replaceAll("'data/pima-indians-diabetes.csv'", `'${folder}'`)),
        ...['--set', 'decay=0'],
      ],
      code: 3,
      says: `CSVDataset: ${folder} cannot be read: EISDIR`,
    },
    {
      what: 'broken YAML',
      words: () => [bad('broken.yaml', "a: 'b")],
      code: 3,
      says: "broken.yaml, line 1, column 6: Missing closing 'quote\n",
    },
    {
      what: 'a missing value',
      words: () => [pima],
      code: 3,
      says: 'there is no value for %(decay)',
    },
    {
      what: 'how to give it',
      words: () => [pima],
      code: 3,
      says: 'none is given\nGive it with --set decay=VALUE.\n',
    },
    {
      what: 'an unknown class',
      words: () => [bad('a.yaml', '\n!obj:pylearn2.train.Trian {}')],
      code: 3,
      says: 'line 2, column 1: there is no class "pylearn2.train.Trian"; did you mean pylearn2.train.Train',
    },
    {
      what: 'no training',
      words: () => [bad('b.yaml', 'a: 1')],
      code: 3,
      says: 'describes no training',
    },
    {
      what: 'several values',
      words: () => [pima, '--set', 'decay=0,1'],
      code: 2,
      says: 'compare them with --study',
    },
    {
      what: 'a value without a name',
      words: () => [pima, '--set', '=1'],
      code: 2,
      says: 'A name and its value',
    },
    {
      what: 'an unknown channel',
      words: () => [pima, '--set', 'decay=0', '--channels', 'valid_misclass', '--no-curves'],
      code: 3,
      says: 'there is no channel "valid_misclass"; did you mean valid_output_misclass',
    },
    {
      what: 'curves where no folder is',
      words: () => [pima, '--set', 'decay=0', '--curves', '/no/folder/x'],
      code: 3,
      says: '/no/folder/x.csv: the curves cannot be written: there is no such file or folder',
    },
    {
      what: 'no splits',
      words: () => [pima, '--study', '0'],
      code: 2,
      says: 'A whole number above 0.',
    },
    {
      what: 'a study of what is no configuration',
      words: () => [bad('c.yaml', 'a: [1'), '--study', '2'],
      code: 3,
      says: 'line 1',
    },
  ])('$what', async ({ words, code, says }) => {
    const found = await train(...words());
    expect(found.terminal.said).toContain(says);
    expect(found.code).toBe(code);
  });
});
