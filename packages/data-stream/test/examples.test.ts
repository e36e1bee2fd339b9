import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import * as door from '../src/index.ts';
import * as nodeDoor from '../src/node.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'data-stream-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { DataInputStream, DataOutputStream, double, int, record, utf } = door;
const trade = record({ symbol: utf, day: int, close: double });
const trades = [
  { symbol: 'MSFT', day: 1, close: 240.5 },
  { symbol: 'KO', day: 1, close: 63 },
];

/** What examples take for granted, made anew for each. */
async function surroundings() {
  const out = new DataOutputStream();
  out.writeInt(1);
  out.writeUTF('hi');
  const output = new DataOutputStream();
  trade.write(output, { symbol: 'MSFT', day: 20_221_230, close: 239.82 });
  const written = new DataOutputStream();
  for (const each of trades) trade.write(written, each);
  const path = join(folder, 'trades.bin');
  await door.writeRecords(nodeDoor.fileSink(path), trade, trades);
  await door.writeRecords(nodeDoor.fileSink(join(folder, 'prices.bin')), trade, trades);
  const counted = new DataOutputStream();
  counted.writeInt(2);
  counted.writeDoubles(Float64Array.of(0.5, 1.5));
  const versioned = new DataOutputStream();
  versioned.writeInt(1);
  for (const each of trades) trade.write(versioned, each);
  return { out, output, path, written: written.toBytes(), counted, versioned };
}

type Surroundings = Awaited<ReturnType<typeof surroundings>>;

/** The names that the examples of a file use without having made them. */
const given: Readonly<Record<string, (all: Surroundings) => object>> = {
  'block-data.ts': () => ({ bytes: door.blockData.encode(Uint8Array.of(0, 0, 0, 1)) }),
  'data-input-stream.ts': ({ out, counted }) => ({
    out,
    input: new DataInputStream(counted.toBytes()),
  }),
  'data-output-stream.ts': ({ out }) => ({ out, days: Int32Array.of(1, 2) }),
  'decoder-stream.ts': ({ written }) => ({ response: new Response(gzipSync(written)), trade }),
  'encoder-stream.ts': () => ({
    trades: ReadableStream.from([trades]),
    trade,
    socket: new WritableStream(),
  }),
  'node.ts': () => ({ trade, trades, sum }),
  'record-reader.ts': ({ versioned, path, written }) => ({
    source: versioned.toBytes(),
    trade,
    path,
    bytes: written,
    createReadStream,
    sum,
  }),
  'record-writer.ts': ({ path }) => ({
    sink: () => {},
    version: 1,
    trade,
    trades,
    path,
    createWriteStream,
  }),
  'record.ts': ({ output }) => ({ output, input: new DataInputStream(output.toBytes()) }),
};

/** Takes batches of trades. */
function sum(batch: readonly unknown[]): void {
  expect(batch).toStrictEqual(trades);
}

const AsyncFunction = (async () => {}).constructor as new (
  ...namesAndCode: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs code in the folder of files, and gives what it hands to `show`. */
async function run(code: string, names: object): Promise<string[]> {
  const values: string[] = [];
  const show = (value: unknown) => {
    values.push(shown(value));
    return value;
  };
  const all: Record<string, unknown> = { ...door, ...nodeDoor, ...names, show };
  // What an example makes itself is not given to it.
  const made = [...code.matchAll(/\bconst (\w+)\b/g)].map(([, name]) => name);
  const wanted = Object.keys(all).filter((name) => !made.includes(name));
  const work = new AsyncFunction(...wanted, stripTypeScriptTypes(code));
  const before = process.cwd();
  process.chdir(folder);
  try {
    await work(...wanted.map((name) => all[name]));
  } finally {
    process.chdir(before);
  }
  return values;
}

/** A value as examples write it. */
function shown(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: true })
    .replace(/\(\d+\) /g, ' ')
    .replace(/\[ /g, '[')
    .replace(/ \]/g, ']');
}

const examples = readdirSync(join(root, 'src')).flatMap((file) => {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  return [...text.matchAll(/@example\n([\s\S]*?)\*\//g)].map(([, block = ''], i) => ({
    file,
    number: i + 1,
    code: block.replaceAll(/^ *\* ?/gm, ''),
  }));
});

test('every part of the door that does something has an example', () => {
  expect(examples.length).toBeGreaterThanOrEqual(15);
});

test.each(examples)(
  'example $number of $file runs, and gives what it says',
  async ({ file, code }) => {
    const due = [...code.matchAll(/; \/\/ => (.*)$/gm)].map(([, text = '']) => text);
    const showing = code.replaceAll(/^(.*); \/\/ => .*$/gm, 'show($1);');
    const hex = /0x([\da-f]{2})/g;
    expect(await run(showing, given[file]?.(await surroundings()) ?? {})).toEqual(
      due.map((text) => text.replaceAll(hex, (_, digits) => String(Number.parseInt(digits, 16)))),
    );
  },
);

test('the code of the README runs, and gives what it says', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) =>
    code.replaceAll(/^import .*\n/gm, ''),
  );
  const [values = '', records = ''] = blocks;
  const due = [...values.matchAll(/^input\..*; \/\/ (.*)$/gm)].map(([, text]) => text);
  expect(due.length).toBe(3);
  expect(await run(values.replaceAll(/^(input\..*); \/\/ .*$/gm, 'show($1);'), {})).toEqual(due);
  await surroundings();
  const printed = await run(
    records.replace('console.log(symbol, close)', 'show({ symbol, close })'),
    {},
  );
  expect(printed).toEqual(trades.map(({ symbol, close }) => shown({ symbol, close })));
});
