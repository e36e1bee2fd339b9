import { execFile, execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { blockData, DataOutputStream } from '@holdfast/data-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../src/command/program.ts';
import { capturedTerminal } from './captured-terminal.ts';

const priceLayout = 'symbol:utf, day:int, close:double';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-java-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function java(...words: string[]) {
  const terminal = capturedTerminal();
  const code = await runCommandLine(['java', ...words], terminal);
  return { code, printed: terminal.printed, said: terminal.said };
}

function prices(count: number): Uint8Array {
  const out = new DataOutputStream();
  for (let i = 0; i < count; i++) {
    out.writeUTF(['MSFT', 'ÜBER', 'KO'][i % 3] ?? '');
    out.writeInt(20_221_201 + (i % 28));
    out.writeDouble(100 + i / 4);
  }
  return out.toBytes();
}

describe('dump', () => {
  test('prints a table of the records', async () => {
    const file = put('prices.bin', prices(3));
    const { code, printed, said } = await java('dump', file, '--as', priceLayout);
    expect(code).toBe(0);
    expect(printed).toBe(
      'symbol       day   close\n' +
        'MSFT    20221201     100\n' +
        'ÜBER    20221202  100.25\n' +
        'KO      20221203   100.5\n',
    );
    expect(said).toBe('3 records\n');
  });

  test('prints one JSON object, or CSV', async () => {
    const file = put('prices.bin', prices(2));
    const json = await java('dump', file, '--as', priceLayout, '--json');
    expect(JSON.parse(json.printed)).toEqual({
      schema: 'holdfast.java-dump/1',
      records: [
        { symbol: 'MSFT', day: 20_221_201, close: 100 },
        { symbol: 'ÜBER', day: 20_221_202, close: 100.25 },
      ],
      count: 2,
    });
    const csv = await java('dump', file, '--as', priceLayout, '--csv');
    expect(csv.printed).toBe('symbol,day,close\nMSFT,20221201,100\nÜBER,20221202,100.25\n');
  });

  test('prints the records before one that is cut short, and ends with 3', async () => {
    const file = put('cut.bin', prices(3).subarray(0, -5));
    const { code, printed, said } = await java('dump', file, '--as', priceLayout, '--json');
    expect(code).toBe(3);
    const { records, count, error } = JSON.parse(printed);
    expect(records).toHaveLength(2);
    expect(count).toBe(2);
    expect(error).toMatchObject({
      name: 'EOFException',
      code: 'end-of-data',
      record: 2,
      field: 'close',
      offset: 45,
    });
    expect(said).toContain('cut.bin: record 2, field close: readDouble needs 8 bytes at offset 45');
    const csv = await java('dump', file, '--as', priceLayout, '--csv');
    expect(csv.code).toBe(3);
    expect(csv.printed.split('\n')).toHaveLength(4);
  });

  test('knows every type, a head, gzip and object streams', async () => {
    const out = new DataOutputStream();
    out.writeInt(7);
    out.writeBoolean(true);
    out.writeByte(-1);
    out.writeByte(255);
    out.writeShort(-2);
    out.writeShort(65_535);
    out.writeChar(0xe9);
    out.writeLong(2n ** 63n - 1n);
    out.writeFloat(0.5);
    out.writeDouble(Number.NaN);
    out.writeByte(1);
    out.writeUTF('SELL');
    out.writeBoolean(false);
    out.writeInt(2);
    for (const n of [1, 2]) {
      out.writeShort(n);
      out.writeUTF(`"${n}",`);
    }
    const layout =
      'b:boolean, y:byte, uy:unsignedByte, s:short, us:unsignedShort, c:char, l:long, f:float,' +
      'd:double, side:byte(BUY|SELL), name:utf(BUY|SELL), note:utf?, lines:{n:short, t:utf}[]';
    const expected = {
      b: true,
      y: -1,
      uy: 255,
      s: -2,
      us: 65_535,
      c: 'é',
      l: '9223372036854775807',
      f: 0.5,
      d: 'NaN',
      side: 'SELL',
      name: 'SELL',
      note: null,
      lines: [
        { n: 1, t: '"1",' },
        { n: 2, t: '"2",' },
      ],
    };
    for (const [name, bytes, option] of [
      ['plain', out.toBytes(), []],
      ['gzip', gzipSync(out.toBytes()), ['--gzip']],
      ['objects', blockData.encode(out.toBytes()), ['--objects']],
    ] as const) {
      const file = put(name, bytes);
      const options = ['--skip', '4', ...option, '--as', layout, '--json'];
      const { code, printed } = await java('dump', file, ...options);
      expect(code).toBe(0);
      const { records } = JSON.parse(printed);
      expect(records).toEqual([expected]);
      const copy = join(folder, 'copy');
      const dumped = put('dumped.json', printed);
      expect((await java('write', copy, '--as', layout, '--from', dumped)).code).toBe(0);
      expect(Buffer.compare(readFileSync(copy), out.toBytes().subarray(4))).toBe(0);
    }
  });

  test('a text with line ends cannot move the cursor', async () => {
    const out = new DataOutputStream();
    out.writeUTF('a\n\u001b[2Jb');
    const { printed } = await java('dump', put('odd', out.toBytes()), '--as', 't:utf');
    expect(printed).toBe('t\na\\n\\u001b[2Jb\n');
  });

  test.each([
    ['a missing file', ['dump', '/no/such/file', '--as', 'a:int'], 3, 'there is no such file'],
    ['a folder', ['dump', '/', '--as', 'a:int'], 3, 'this is a folder'],
    ['no layout', ['dump', 'x'], 2, "required option '--as <layout>'"],
    ['nested CSV', ['dump', 'x', '--csv', '--as', 'a:int[]'], 2, 'a does not fit into a cell'],
    ['two formats', ['dump', 'x', '--as', 'a:int', '--csv', '--json'], 2, 'cannot be used with'],
  ])('refuses %s', async (_what, words, code, message) => {
    const result = await java(...words);
    expect(result.code).toBe(code);
    expect(result.said).toContain(message);
  });

  test('refuses what is not gzip, and too great a head', async () => {
    const file = put('plain', prices(1));
    const gzip = await java('dump', file, '--gzip', '--as', priceLayout);
    expect(gzip).toMatchObject({ code: 3, said: expect.stringContaining('this is not gzip') });
    const skip = await java('dump', file, '--skip', '1000', '--as', priceLayout);
    expect(skip).toMatchObject({ code: 3, said: expect.stringContaining('fewer than 1000 bytes') });
  });

  test('an object stream with objects is read up to the first', async () => {
    const bytes = Buffer.concat([blockData.encode(prices(2)), Buffer.from('740002abcd', 'hex')]);
    const file = put('objects', bytes);
    const { code, printed, said } = await java('dump', file, '--objects', '--as', priceLayout);
    expect(code).toBe(3);
    expect(printed.split('\n')).toHaveLength(4);
    expect(said).toContain(`an object begins at byte ${bytes.length - 5}`);
  });
});

describe('a layout', () => {
  test.each([
    ['symbol', 'a : is due'],
    ['symbol:', 'a type is due'],
    ['symbol:string', 'there is no type string'],
    ['a:dubble', 'did you mean double?'],
    ['a:int,', 'a name is due'],
    ['a:int b:int', 'the end is due'],
    ['a:int, a:int', 'a is there twice'],
    ['a:int[', 'a ] is due'],
    ['a:{b:int', 'a } is due'],
    ['a:double(X|Y)', 'a constant is kept as byte'],
    ['a:byte(X|X)', 'X is there twice'],
    ['1:int', 'this is no name'],
    ['__proto__:int', 'this is no name'],
  ])('%s is refused: %s', async (layout, message) => {
    const { code, said } = await java('dump', 'x', '--as', layout);
    expect(code).toBe(2);
    expect(said).toContain(message);
  });
});

describe('write', () => {
  test('CSV, columns in any order, becomes what Java reads', async () => {
    const csv = put(
      'prices.csv',
      'close,extra,symbol,day\n100,x,MSFT,20221201\n100.25,"y,z",ÜBER,20221202\n',
    );
    const file = join(folder, 'prices.bin');
    const { code, said } = await java('write', file, '--as', priceLayout, '--from', csv);
    expect(code).toBe(0);
    expect(said).toContain('2 records written');
    expect(Buffer.compare(readFileSync(file), prices(2))).toBe(0);
    const zipped = join(folder, 'prices.gz');
    await java('write', zipped, '--gzip', '--as', priceLayout, '--from', csv);
    expect(Buffer.compare(gunzipSync(readFileSync(zipped)), prices(2))).toBe(0);
  });

  test('a pipe is written into and a link is followed; neither is replaced', async () => {
    const json = put('in.json', '[{"a":1}]');
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const link = join(folder, 'link');
    symlinkSync(put('target', 'old'), link);
    const read = readFile(pipe, 'hex');
    expect((await java('write', pipe, '--as', 'a:short', '--from', json)).code).toBe(0);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(await read).toBe('0001');
    expect((await java('write', link, '--as', 'a:short', '--from', json)).code).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'target'), 'hex')).toBe('0001');
    const zip = await java('write', pipe, '--gzip', '--as', 'a:short', '--from', json);
    expect([zip.code, zip.said]).toEqual([2, 'holdfast: --gzip needs a file\nPipe it: | gzip\n']);
  });

  test.each([
    ['an array', '[{"a":1},{"a":2}]'],
    ['an object with records', '{"records":[{"a":1},{"a":2}]}'],
    ['a record a line', '{"a":1}\n\n{"a":2}\n'],
  ])('takes %s of JSON', async (_what, json) => {
    const file = join(folder, 'out');
    await java('write', file, '--as', 'a:short', '--from', put('in.json', json));
    expect(readFileSync(file).toString('hex')).toBe('00010002');
  });

  test.each([
    [
      'a number too great',
      'a:byte',
      'a\n1\n300\n',
      'record 1, field a: an integer from -128 to 255',
    ],
    ['no number', 'a:int', 'a\nx\n', 'record 0, field a: an integer is due'],
    ['an empty cell', 'a:int', 'a,b\n,1\n', 'record 0, field a: an integer'],
    ['no boolean', 'a:boolean', 'a\nyes\n', 'record 0, field a: a boolean is due'],
    ['a missing column', 'a:int', 'b\n1\n', 'the header has no a'],
    ['broken quotes', 'a:utf', 'a\n"x\n', 'Quote Not Closed'],
    ['broken JSON', 'a:int', '{"a":1}\n{"a":', 'line 2: this is no JSON'],
    ['nothing', 'a:int', '', 'it is empty'],
    ['a text too long', 'a:utf', `a\n${'x'.repeat(65_536)}\n`, 'record 0, field a: encoded string'],
  ])('refuses %s and leaves the file that was there', async (_what, layout, text, message) => {
    const file = put('out', 'before');
    const { code, said } = await java('write', file, '--as', layout, '--from', put('in', text));
    expect(code).toBe(3);
    expect(said).toContain(message);
    expect(readFileSync(file, 'utf8')).toBe('before');
    expect(readdirSync(folder).sort()).toEqual(['in', 'out']);
  });
});

describe('guess', () => {
  const guessed = async (bytes: Uint8Array, ...options: string[]) => {
    const { code, printed } = await java('guess', put('unknown', bytes), '--json', ...options);
    return { code, guesses: JSON.parse(printed).guesses };
  };

  test('finds prices, and where they are cut short', async () => {
    const whole = await guessed(prices(100));
    expect(whole.guesses[0]).toMatchObject({
      layout: 'text:utf, day:int, value:double',
      skip: 0,
      records: 100,
      leftOver: 0,
    });
    const cut = await guessed(prices(100).subarray(0, -5));
    expect(cut.guesses[0]).toMatchObject({
      layout: 'text:utf, day:int, value:double',
      records: 99,
      leftOver: 13,
    });
  });

  test('finds texts beyond the plain ones, and numbers that are none', async () => {
    const file = join(import.meta.dirname, '../../../examples/java/prices.bin');
    const { code, printed } = await java('guess', file);
    expect(code).toBe(0);
    expect(printed).toMatch(/^1\. 4 whole records, nothing left over/);
    expect(printed).toMatch(/^ +value:double +63\.61 to 239\.82, of at most 5 digits, some NaN$/m);
    expect(printed).toContain("--as 'text:utf, day:int, value:double, number:long'");
  });

  test('finds the number of records before them', async () => {
    const out = new DataOutputStream();
    out.writeInt(200);
    for (let i = 0; i < 200; i++) {
      out.writeLong(1_669_204_800_000 + i * 1500);
      out.writeInt(i * 31);
      out.writeDouble(i / 8 + 3);
      out.writeBoolean(i % 3 === 0);
      out.writeUTF(`name ${i % 20}`);
    }
    const { guesses } = await guessed(out.toBytes());
    expect(guesses[0]).toMatchObject({
      layout: 'time:long, number:int, value:double, flag:boolean, text:utf',
      skip: 4,
      records: 200,
      leftOver: 0,
    });
  });

  test('shows the evidence and the command to go on with', async () => {
    const { code, printed } = await java('guess', put('unknown.bin', prices(100)));
    expect(code).toBe(0);
    expect(printed).toContain('1. 100 whole records, nothing left over');
    expect(printed).toMatch(/text:utf +2 to 4 characters, 3 different in 100, as "MSFT"/);
    expect(printed).toMatch(/day:int +days from 20221201 to 20221228/);
    expect(printed).toContain("unknown.bin --as 'text:utf, day:int, value:double'");
  });

  test('says so when there is nothing to be found', async () => {
    const noise = Uint8Array.from(
      { length: 4000 },
      (_, i) => (i * i * 73 + i * 31 + (i >> 3) * 7) ^ (i * 113),
    );
    const { code, guesses } = await guessed(noise);
    expect(code).toBe(4);
    expect(guesses).toEqual([]);
  });

  test.each([
    ['gzip', gzipSync(Buffer.alloc(100)), 'Add --gzip'],
    ['an object stream', blockData.encode(new Uint8Array(10)), 'Add --objects'],
  ])('tells %s by its first bytes', async (_what, bytes, message) => {
    const { code, said } = await java('guess', put('unknown', bytes));
    expect(code).toBe(4);
    expect(said).toContain(message);
  });
});

test('as a process it reads stdin, waits for who reads it, and ends when nobody does', async () => {
  const file = put('prices.bin', prices(60_000));
  const dump = ['dump', '-', '--csv', '--as', `'${priceLayout}'`];
  const holdfast = [process.execPath, join(import.meta.dirname, '../src/main.ts'), 'java', ...dump];
  const run = (rest: string) =>
    promisify(execFile)('bash', [
      '-o',
      'pipefail',
      '-c',
      `${holdfast.join(' ')} < ${file} ${rest}`,
    ]);
  const all = await run('| tail -n 1');
  expect(all).toEqual({ stdout: 'KO,20221224,15099.75\n', stderr: '' });
  const layout = `--as '${priceLayout}'`;
  const main = holdfast.slice(0, 3).join(' ');
  const there = await run(`| ${main} write - ${layout} 2>/dev/null | cmp - ${file} && echo same`);
  expect(there).toEqual({ stdout: 'same\n', stderr: '' });
  const some = await run('| head -n 2');
  expect(some).toEqual({ stdout: 'symbol,day,close\nMSFT,20221201,100\n', stderr: '' });
});
