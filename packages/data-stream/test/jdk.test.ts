import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataInputStream, DataOutputStream, DataStreamError } from '../src/index.ts';
import { hex, unhex, units } from './hex.ts';

const hasJdk = ['javac', 'java'].every((tool) => spawnSync(tool, ['-version']).status === 0);
const seed = Number(process.env.SEED ?? 20_261_123);
const count = 10_000;

describe.skipIf(!hasJdk)(`agrees with java.io, seed ${seed} (needs a JDK: javac)`, () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'data-stream-'));
    const source = join(import.meta.dirname, 'fixtures/Differential.java');
    execFileSync('javac', ['-encoding', 'UTF-8', '-d', folder, source]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const path = (name: string): string => join(folder, name);
  const java = (...args: string[]): void => {
    execFileSync('java', ['-XX:+UseSerialGC', '-cp', folder, 'Differential', ...args]);
  };
  const linesOf = (name: string): string[] =>
    readFileSync(path(name), 'utf8').trimEnd().split('\n');

  test(`reads and writes ${count} values as Java writes them`, () => {
    java('write', path('java.bin'), path('java.txt'), String(seed), String(count));
    const bytes = new Uint8Array(readFileSync(path('java.bin')));
    const lines = linesOf('java.txt').map((line) => line.split(' '));
    expect(lines).toHaveLength(count);
    const input = new DataInputStream(bytes);
    const out = new DataOutputStream();
    for (const [kind = '', said = ''] of lines) {
      if (kind === 'bytes' || kind === 'chars') {
        const { length } = textOf(said);
        input.skipBytes(kind === 'bytes' ? length : length * 2);
      } else {
        expect(`${kind} ${read(kind, input)}`).toBe(`${kind} ${seenByReader(kind, said)}`);
      }
      writers[kind]?.(out, said);
    }
    expect(input.available()).toBe(0);
    expect(Buffer.compare(out.toBytes(), bytes)).toBe(0);
  });

  test(`writes ${count} values that Java reads and writes back unchanged`, () => {
    const values = fc.sample(
      fc.oneof(
        fc.tuple(fc.constantFrom('boolean'), fc.boolean().map(String)),
        fc.tuple(fc.constantFrom('byte', 'short', 'char', 'int'), fc.integer().map(String)),
        fc.tuple(fc.constant('long'), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String)),
        fc.tuple(fc.constant('float'), fc.float().map(floatBits)),
        fc.tuple(fc.constant('double'), fc.double().map(doubleBits)),
        fc.tuple(fc.constant('utf'), fc.string({ unit: 'binary', maxLength: 300 }).map(units)),
      ),
      { numRuns: count, seed },
    );
    const out = new DataOutputStream();
    for (const [kind, said] of values) writers[kind]?.(out, said);
    writeFileSync(path('ours.bin'), out.toBytes());
    writeFileSync(path('ours.txt'), values.map(([kind]) => kind).join('\n'));
    java('copy', path('ours.bin'), path('ours.txt'), path('again.bin'));
    expect(Buffer.compare(readFileSync(path('again.bin')), out.toBytes())).toBe(0);
  });

  test(`ends ${count} odd inputs as Java does, with as many bytes left`, () => {
    const length = fc.integer({ min: 0, max: 12 });
    const body = fc
      .array(
        fc.constantFrom('61', '00', '7f', '80', 'bf', 'c0', 'c3', 'df', 'e0', 'e2', 'ed', 'f0'),
        { maxLength: 12 },
      )
      .map((bytes) => bytes.join(''));
    const lineBytes = fc.array(fc.constantFrom('61', 'e9', '0a', '0d'), { maxLength: 6 });
    const short = fc.uint8Array({ maxLength: 9 }).map(hex);
    const cases = fc.sample(
      fc.oneof(
        { weight: 3, arbitrary: fc.tuple(fc.constant('utf'), utfBytes(length, body)) },
        {
          weight: 1,
          arbitrary: fc.tuple(
            fc.constant('line'),
            lineBytes.map((all) => all.join('')),
          ),
        },
        { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...Object.keys(readers)), short) },
      ),
      { numRuns: count, seed },
    );
    writeFileSync(path('cases.txt'), cases.map((each) => each.join(' ')).join('\n'));
    java('probe', path('cases.txt'), path('answers.txt'));
    const answers = linesOf('answers.txt');
    expect(answers).toHaveLength(count);
    const endings = new Set(answers.map((answer) => answer.split(' ')[0]));
    expect(endings).toEqual(new Set(['ok', 'EOFException', 'UTFDataFormatException']));
    for (const [i, [kind, bytes]] of cases.entries()) {
      expect(`${kind} ${bytes}: ${answerOf(kind, bytes)}`).toBe(`${kind} ${bytes}: ${answers[i]}`);
    }
  });
});

/** A length that is often right, sometimes not, before the bytes of a text. */
function utfBytes(length: fc.Arbitrary<number>, body: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(length, fc.boolean(), body).map(([other, right, bytes]) => {
    const claimed = right ? bytes.length / 2 : other;
    return claimed.toString(16).padStart(4, '0') + bytes;
  });
}

function answerOf(kind: string, bytes: string): string {
  const input = new DataInputStream(unhex(bytes));
  let answer: string;
  try {
    answer = `ok ${read(kind, input)}`;
  } catch (error) {
    if (!(error instanceof DataStreamError)) throw error;
    // Java's EOFException has no message.
    answer = `${error.name} ${error.name === 'EOFException' ? null : error.message}`;
  }
  return `${answer} ${input.available()}`;
}

const readers: Readonly<Record<string, (input: DataInputStream) => string>> = {
  boolean: (input) => String(input.readBoolean()),
  byte: (input) => String(input.readByte()),
  unsignedByte: (input) => String(input.readUnsignedByte()),
  short: (input) => String(input.readShort()),
  unsignedShort: (input) => String(input.readUnsignedShort()),
  char: (input) => String(input.readChar()),
  int: (input) => String(input.readInt()),
  long: (input) => String(input.readLong()),
  float: (input) => floatBits(input.readFloat()),
  double: (input) => doubleBits(input.readDouble()),
  utf: (input) => units(input.readUTF()),
  line: (input) => {
    const line = input.readLine();
    return line === null ? 'null' : units(line);
  },
  read: (input) => String(input.read()),
  skip: (input) => String(input.skipBytes(3)),
  fully: (input) => hex(input.readFully(3)),
};

const writers: Readonly<Record<string, (out: DataOutputStream, said: string) => void>> = {
  boolean: (out, said) => out.writeBoolean(said === 'true'),
  byte: (out, said) => out.writeByte(Number(said)),
  short: (out, said) => out.writeShort(Number(said)),
  char: (out, said) => out.writeChar(Number(said)),
  int: (out, said) => out.writeInt(Number(said)),
  long: (out, said) => out.writeLong(BigInt(said)),
  float: (out, said) => out.writeFloat(floatOf(said)),
  double: (out, said) => out.writeDouble(doubleOf(said)),
  utf: (out, said) => out.writeUTF(textOf(said)),
  bytes: (out, said) => out.writeBytes(textOf(said)),
  chars: (out, said) => out.writeChars(textOf(said)),
};

function read(kind: string, input: DataInputStream): string {
  return readers[kind]?.(input) ?? `no reader for ${kind}`;
}

/** What the reader sees of an int that was cut to a narrower width when written. */
function seenByReader(kind: string, said: string): string {
  if (kind === 'byte') return String(Int8Array.of(Number(said))[0]);
  if (kind === 'short') return String(Int16Array.of(Number(said))[0]);
  if (kind === 'char') return String(Uint16Array.of(Number(said))[0]);
  return said;
}

/** The bits as Java's `toHexString` gives them, with Java's one NaN. */
function floatBits(value: number): string {
  if (Number.isNaN(value)) return '7fc00000';
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0).toString(16);
}

function floatOf(bits: string): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, Number.parseInt(bits, 16));
  return view.getFloat32(0);
}

function doubleBits(value: number): string {
  if (Number.isNaN(value)) return '7ff8000000000000';
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16);
}

function doubleOf(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

function textOf(said: string): string {
  const digits = said.slice(1).match(/.{4}/g) ?? [];
  return digits.map((unit) => String.fromCharCode(Number.parseInt(unit, 16))).join('');
}
