import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../src/command/program.ts';
import { capturedTerminal } from './captured-terminal.ts';

const data = join(import.meta.dirname, '../../../data/prices-us-20.csv');
const three = ['--weights', 'MSFT=0.3,AAPL=0.5,KO=0.2'];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-risk-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function holdfast(...words: readonly string[]) {
  const terminal = capturedTerminal();
  const code = await runCommandLine(words, terminal);
  return { code, printed: terminal.printed, said: terminal.said };
}

function file(content: string | Uint8Array): string {
  const path = join(folder, 'prices.csv');
  writeFileSync(path, content);
  return path;
}

test('shows volatility, shares and correlations of three shares', async () => {
  const { code, printed, said } = await holdfast('risk', '--prices', data, ...three);
  expect({ code, said }).toEqual({ code: 0, said: '' });
  expect(printed).toBe(
    `Volatility a day        1.80153 %
Volatility a year      28.59844 %  a day × √252
If unrelated, a day     1.52070 %
Diversification ratio     1.24959  1 is none
Daily returns               8,312  1990-01-03 to 2022-12-28

Holding    Money     Risk  Volatility a day
MSFT     30.00 %  23.22 %         2.01099 %
AAPL     50.00 %  70.34 %         2.73491 %
KO       20.00 %   6.44 %         1.40213 %

Correlation    MSFT    AAPL      KO
MSFT         1.0000  0.4073  0.3165
AAPL         0.4073  1.0000  0.2005
KO           0.3165  0.2005  1.0000
`,
  );
});

test('prints the same at full precision', async () => {
  const { code, printed } = await holdfast('risk', '--prices', data, ...three, '--json');
  expect(code).toBe(0);
  const report = JSON.parse(printed);
  expect(report).toMatchObject({
    schema: 'holdfast.risk/1',
    returns: 8312,
    from: '1990-01-03',
    to: '2022-12-28',
    days: { totalDays: 8313, sharedDays: 8313, droppedDays: 0, gaps: [] },
  });
  expect(report.dailyVolatility).toBeCloseTo(0.018015325483739, 14);
  expect(report.yearlyVolatility).toBeCloseTo(0.285984426107146, 13);
  expect(report.diversificationRatio).toBeCloseTo(1.249590161598818, 12);
  const shares = report.holdings.map(({ riskShare }: { riskShare: number }) => riskShare);
  for (const [place, share] of [
    0.232189467681591, 0.703390495700554, 0.064420036617855,
  ].entries()) {
    expect(shares[place]).toBeCloseTo(share, 13);
  }
});

test('rescales weights when asked to', async () => {
  const weights = ['--weights', 'MSFT=3,AAPL=5,KO=2', '--normalise'];
  const asked = await holdfast('risk', '--prices', data, ...weights);
  const plain = await holdfast('risk', '--prices', data, ...three);
  expect(asked).toEqual(plain);
});

const days = ['2020-01-02,1,10', '2020-01-03,2,11', '2020-01-06,3,12', '2020-01-07,4,10'];

test('tells which days fell away and through which holding', async () => {
  const path = file(`Date,A,B\n${days.join('\n')}\n2020-01-08,5,\n2020-01-09,6,\n`);
  const { code, said } = await holdfast('risk', '--prices', path, '--weights', 'A=0.5,B=0.5');
  expect(code).toBe(0);
  expect(said).toContain(
    'note: 2 of 6 days are left out, for want of a price: B has none on 2 (without it 6 would be left).\n',
  );
  expect(said).toContain('note: Only 4 days');
});

test('shows a holding that never moves, such as cash', async () => {
  const path = file('Date,A,CASH\n2020-01-02,1,1\n2020-01-03,2,1\n2020-01-06,1,1\n');
  const weights = ['--weights', 'A=0.5,CASH=0.5', '--json'];
  const { printed } = await holdfast('risk', '--prices', path, ...weights);
  const report = JSON.parse(printed);
  expect(report.correlations).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(report.holdings[1]).toMatchObject({ riskShare: 0, dailyVolatility: 0 });
});

const head = 'Date,A,B';

test.each([
  { what: 'a price of zero', text: `${head}\n${days[0]}\n2020-01-03,0,1\n`, says: 'line 3' },
  { what: 'a price below zero', text: `${head}\n${days[0]}\n2020-01-03,-2,1\n`, says: 'line 3' },
  { what: 'a word for a price', text: `${head}\n2020-01-02,one,1\n`, says: 'line 2' },
  { what: 'an unreadable date', text: `${head}\n03/04/2020,1,1\n`, says: 'line 2' },
  { what: 'an empty file', text: '', says: 'line 1' },
  {
    what: 'a file that is not text',
    text: Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0xff),
    says: 'line 1',
  },
  { what: 'too few days', text: `${head}\n${days.slice(0, 2).join('\n')}\n`, says: '3 are needed' },
])('refuses $what with exit code 3 and names the place', async ({ text, says }) => {
  const path = file(text);
  const { code, printed, said } = await holdfast(
    'risk',
    '--prices',
    path,
    '--weights',
    'A=0.5,B=0.5',
  );
  expect({ code, printed }).toEqual({ code: 3, printed: '' });
  expect(said).toContain(says);
  if (says.startsWith('line')) expect(said).toContain(`holdfast: ${path}, ${says}: `);
});

test.each([
  {
    what: 'a missing file',
    words: ['--prices', '/nowhere.csv', ...three],
    says: '/nowhere.csv: there is no such file',
  },
  { what: 'a folder', words: ['--prices', '/', ...three], says: '/: this is a folder' },
  {
    what: 'an unknown ticker',
    words: ['--prices', data, '--weights', 'MSFT=0.5,APPL=0.5'],
    says: 'there are no prices for APPL\nDid you mean AAPL? The prices name AAPL, AMD,',
  },
  {
    what: 'a ticker in lower case',
    words: ['--prices', data, '--weights', 'msft=1'],
    says: 'Did you mean MSFT?',
  },
  {
    what: 'weights that do not sum to 1',
    words: ['--prices', data, '--weights', 'MSFT=0.5,AAPL=0.6'],
    says: 'the weights sum to 1.1, not to 1\nCorrect them, or add --normalise',
  },
])('refuses $what with exit code 3', async ({ words, says }) => {
  const { code, printed, said } = await holdfast('risk', ...words);
  expect({ code, printed }).toEqual({ code: 3, printed: '' });
  expect(said).toContain(says);
});

test.each([
  { what: 'malformed weights', words: ['risk', '--prices', data, '--weights', 'MSFT'] },
  { what: 'no weights', words: ['risk', '--prices', data] },
  { what: 'no prices', words: ['risk', ...three] },
  { what: 'an unknown option', words: ['risk', '--price', data] },
  { what: 'an unknown command', words: ['risc'] },
])('calls $what a fault of usage', async ({ words }) => {
  const { code, printed, said } = await holdfast(...words);
  expect({ code, printed }).toEqual({ code: 2, printed: '' });
  expect(said).toContain('--help');
});

test('without a command it shows its commands and where to begin', async () => {
  const { code, said } = await holdfast();
  expect(code).toBe(0);
  expect(said).toContain('risk');
  expect(said).toContain('Try: holdfast start --demo');
});

test('helps with examples on stdout', async () => {
  const { code, printed, said } = await holdfast('risk', '--help');
  expect({ code, said }).toEqual({ code: 0, said: '' });
  expect(printed).toContain('Examples:\n  holdfast risk --prices');
});

test('is a program whose exit code and streams say the same', () => {
  const bin = join(import.meta.dirname, '../bin/holdfast.mjs');
  const words = ['risk', '--prices', '/nowhere.csv', ...three];
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toContain('there is no such file');
});

test('waits for stdin, which may come later and in small pieces', async () => {
  const bin = join(import.meta.dirname, '../bin/holdfast.mjs');
  const child = spawn(process.execPath, [bin, 'risk', '--prices', '-', ...three], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const answers = Promise.all([text(child.stdout), text(child.stderr)]);
  await pipeline(createReadStream(data, { highWaterMark: 4096 }), child.stdin);
  const { printed } = await holdfast('risk', '--prices', data, ...three);
  expect(await answers).toEqual([printed, '']);
});
