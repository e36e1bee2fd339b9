import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { kernelSource } from '../kernels/source.ts';
import { DataOutputStream } from '../src/index.ts';
import { encodeShort } from '../src/modified-utf8.ts';
import { encodePlainly } from '../src/plain-text.ts';
import { longestKernelText, type TextKernel, textKernel } from '../src/text-kernel.ts';
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
  const lengths = Array.from({ length: longestKernelText + 2 }, (_, length) => length);

  test.each(lengths)('of %i units are written as by the plain loop', (length) => {
    if (kernel === undefined) return expect.unreachable('Node has one');
    for (const text of textsOf(length)) {
      const plain = writtenBy(text, (_, bytes) => encodePlainly(text, bytes, 0));
      expect(writtenBy(text, (_, bytes) => encodeShort(text, bytes, 0))).toBe(plain);
      if (length <= longestKernelText) expect(writtenByKernel(text, kernel)).toBe(plain);
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

  test('is the bytes that its source builds', async () => {
    const file = join(import.meta.dirname, '../src/text-kernel-bytes.ts');
    expect((await kernelSource()) === readFileSync(file, 'utf8')).toBe(true);
  });

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
