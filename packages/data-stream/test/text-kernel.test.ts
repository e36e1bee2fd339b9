import { afterEach, describe, expect, test, vi } from 'vitest';
import { DataInputStream, DataOutputStream, UTFDataFormatException } from '../src/index.ts';
import { encodeShort } from '../src/modified-utf8.ts';
import { decodePlainly, encodePlainly } from '../src/plain-text.ts';
import {
  longestKernelText,
  longestShortText,
  type TextKernel,
  textKernel,
} from '../src/text-kernel.ts';
import { Dice } from './dice.ts';
import { hex } from './hex.ts';

/** What a way of encoding writes. */
function writtenBy(text: string, encode: (text: string, bytes: Uint8Array) => number): string {
  const bytes = new Uint8Array(text.length * 3);
  return hex(bytes.subarray(0, encode(text, bytes)));
}

function writtenByKernel(text: string, { encode, written }: TextKernel): string {
  const length = encode(text, text.length);
  return hex(new Uint8Array(written.buffer, 0, length));
}

function readByKernel(bytes: Uint8Array, { decode }: TextKernel): string | null {
  const view = new DataView(new ArrayBuffer(16));
  new Uint8Array(view.buffer).fill(0xa5).set(bytes);
  return decode(view.getFloat64(0, true), view.getFloat64(8, true), bytes.length);
}

function readPlainly(bytes: Uint8Array): string | null {
  try {
    return decodePlainly(bytes, 0);
  } catch {
    return null;
  }
}

/** Of each kind: ASCII, what follows, what leads two, three and four. None makes a NaN. */
const oddBytes = [0, 0x61, 0x7e, 0x80, 0xa9, 0xbf, 0xc0, 0xc3, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf8];

function* lettersWithOneOddByte(): Iterable<Uint8Array> {
  for (let length = 1; length <= 16; length++) {
    for (let place = 0; place < length; place++) {
      for (const odd of oddBytes)
        yield new Uint8Array(length).fill(0x61).fill(odd, place, place + 1);
    }
  }
}

/** The first and last units of each width in bytes, halves of surrogate pairs included. */
const units = [0, 1, 0x61, 0x7f, 0x80, 0xe9, 0xff, 0x100, 0x7ff, 0x800, 0xd83d, 0xde00, 0xffff];

/** Texts of a length with each of the units at each place, and the one with letters alone. */
function textsOf(length: number): string[] {
  const texts = ['abcdefghijklmnopqrstuvwxyz'.slice(0, length)];
  for (let place = 0; place < length; place++) {
    for (const unit of units) {
      const before = 'abcdefghijklmnopqrstuvwxyz'.slice(0, place);
      const behind = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.slice(place + 1, length);
      texts.push(before + String.fromCharCode(unit) + behind);
    }
  }
  return texts;
}

describe('short texts', () => {
  const kernel = textKernel();
  const lengths = Array.from({ length: longestShortText + 2 }, (_, length) => length);

  test.each(lengths)('of %i units are written as by the plain loop', (length) => {
    if (kernel === undefined) return expect.unreachable('Node has one');
    for (const text of textsOf(length)) {
      const plain = writtenBy(text, (_, bytes) => encodePlainly(text, bytes, 0));
      expect(writtenBy(text, (_, bytes) => encodeShort(text, bytes, 0))).toBe(plain);
      expect(writtenByKernel(text, kernel)).toBe(plain);
    }
  });

  test.each(lengths)('of %i units are read as by the plain loop', (length) => {
    if (kernel === undefined) return expect.unreachable('Node has one');
    for (const text of textsOf(length)) {
      const bytes = new Uint8Array(text.length * 3);
      const end = encodePlainly(text, bytes, 0);
      if (end >= 1 && end <= 16) expect(readByKernel(bytes.subarray(0, end), kernel)).toBe(text);
    }
  });

  test('that are malformed, or not as Java would write them, are read as by the plain loop', () => {
    if (kernel === undefined) return expect.unreachable('Node has one');
    const seed = Math.floor(Math.random() * 2 ** 31);
    const dice = new Dice(seed);
    const odd = Array.from({ length: 100_000 }, () =>
      Uint8Array.from({ length: 1 + dice.below(16) }, () => dice.one(oddBytes)),
    );
    for (const bytes of [...odd, ...lettersWithOneOddByte()]) {
      const read = readByKernel(bytes, kernel);
      const plain = readPlainly(bytes);
      if (read !== plain) expect(read, `${hex(bytes)}, seed ${seed}`).toBe(plain);
    }
  });

  test('are read right whatever lies behind them', () => {
    for (const behind of [[0xff], [0xf0, 0x7f], [0x7f, 0xf0], [0x80], []]) {
      for (const text of lengths.flatMap(textsOf)) {
        const out = new DataOutputStream();
        out.writeUTF(text);
        for (let i = 0; i < 20; i++) for (const byte of behind) out.writeByte(byte);
        expect(new DataInputStream(out.toBytes()).readUTF()).toBe(text);
      }
    }
  });

  test('are written one behind the other, whatever room is left', () => {
    const texts = lengths.flatMap(textsOf);
    const out = new DataOutputStream();
    const chunks: Uint8Array[] = [];
    const toSink = new DataOutputStream({ sink: (chunk) => chunks.push(chunk) });
    const due = texts.map((text) => {
      out.writeUTF(text);
      toSink.writeUTF(text);
      const plain = writtenBy(text, (_, bytes) => encodePlainly(text, bytes, 0));
      return (plain.length / 2).toString(16).padStart(4, '0') + plain;
    });
    toSink.flush();
    expect(hex(out.toBytes()) === due.join('')).toBe(true);
    expect(hex(Buffer.concat(chunks)) === due.join('')).toBe(true);
  });

  test.each([25, 26, 100, 1000, longestKernelText, longestKernelText + 1])(
    'of %i units that are not Latin are written as by the plain loop',
    (length) => {
      for (const letters of ['数据流读写', 'имя и цена', 'a数b据c', '\0数\ud83d据😀']) {
        const text = letters.repeat(Math.ceil(length / letters.length)).slice(0, length);
        const plain = writtenBy(text, (_, bytes) => encodePlainly(text, bytes, 0));
        const out = new DataOutputStream();
        out.writeByte(1);
        if (plain.length / 2 > 65_535) {
          expect(() => out.writeUTF(text)).toThrow(UTFDataFormatException);
          expect(out.size()).toBe(1);
        } else {
          out.writeUTF(text);
          const due = (plain.length / 2).toString(16).padStart(4, '0') + plain;
          expect(hex(out.toBytes()) === `01${due}`).toBe(true);
        }
      }
    },
  );

  test.each([
    ['one piece of memory', () => JSON.parse('"ABCDEFGHIJKLMNOP"') as string],
    ['a part of another', () => `${'x'.repeat(50)}ABCDEFGHIJKLMNOP`.slice(50)],
    ['two that were joined', () => ['ABCDEFGH', 'IJKLMNOP'].reduce((a, b) => a + b)],
    ['ASCII out of a text with other letters', () => 'žžABCDEFGHIJKLMNOPžž'.slice(2, 18)],
    ['a key of an object', () => Object.keys({ [`ABCDEFGH${'IJKLMNOP'}`]: 1 })[0] ?? ''],
  ])('are written alike whatever holds them: %s', (_, make) => {
    const out = new DataOutputStream();
    out.writeUTF(make());
    expect(hex(out.toBytes())).toBe(`0010${hex(Buffer.from('ABCDEFGHIJKLMNOP'))}`);
  });
});

/** What the test wants of WebAssembly, whose types come with the DOM's. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: unknown;
}

describe('the kernel', () => {
  afterEach(() => vi.unstubAllGlobals());

  class Refusal {
    constructor() {
      throw new EvalError('code generation from WebAssembly is not allowed');
    }
  }
  test.each<[string, string, unknown]>([
    ['there is no WebAssembly', 'WebAssembly', undefined],
    ['a policy forbids it', 'WebAssembly', { Module: Refusal }],
    ['the engine is not Node’s: Deno', 'Deno', {}],
    ['the engine is not Node’s: Bun', 'Bun', {}],
    ['the engine is not Node’s: a browser', 'process', undefined],
  ])('is left out where %s', (_, name, value) => {
    expect(textKernel()).toBeDefined();
    vi.stubGlobal(name, value);
    expect(textKernel()).toBeUndefined();
  });

  test('is left out where the engine has no builtin functions for strings', () => {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi })
      .WebAssembly;
    class WithoutOptions extends Module {
      constructor(bytes: Uint8Array, _options: object) {
        super(bytes);
      }
    }
    vi.stubGlobal('WebAssembly', { Module: WithoutOptions, Instance });
    expect(textKernel()).toBeUndefined();
  });
});
