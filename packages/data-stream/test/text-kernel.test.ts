import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { kernelSource } from '../kernels/source.ts';
import { encodeByKernel, encodeInto, encodeShort, roomForText } from '../src/modified-utf8.ts';
import { encodePlainly } from '../src/plain-text.ts';
import { longestKernelText, textKernel } from '../src/text-kernel.ts';
import { hex } from './hex.ts';

const filler = 0xa5;
const margin = 7;

/** What a way of encoding writes, between bytes that it must leave alone. */
function writtenBy(
  text: string,
  encode: (bytes: Uint8Array<ArrayBuffer>, view: DataView) => number,
): string {
  const bytes = new Uint8Array(margin + roomForText(text) + margin).fill(filler);
  const end = encode(bytes, new DataView(bytes.buffer));
  expect(bytes.subarray(0, margin).every((byte) => byte === filler)).toBe(true);
  expect(bytes.subarray(-margin).every((byte) => byte === filler)).toBe(true);
  return hex(bytes.subarray(margin, end));
}

/** The first and last units of each width in bytes, halves of surrogate pairs included. */
const units = [0, 1, 0x61, 0x7f, 0x80, 0xe9, 0xff, 0x100, 0x7ff, 0x800, 0xd83d, 0xde00, 0xffff];

describe('short texts', () => {
  const kernel = textKernel();

  test('are written as by the plain loop: every length, with each unit at each place', () => {
    if (kernel === undefined) return expect.unreachable('Node has one');
    for (let length = 1; length <= longestKernelText + 1; length++) {
      for (let place = 0; place < length; place++) {
        for (const unit of units) {
          const text =
            'abcdefghijklmnopqrstuvwxyz'.slice(0, place) +
            String.fromCharCode(unit) +
            'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.slice(place + 1, length);
          const plain = writtenBy(text, (bytes) => encodePlainly(text, bytes, margin));
          const ways = [
            writtenBy(text, (bytes) => encodeShort(text, bytes, margin)),
            writtenBy(text, (bytes, view) => encodeInto(text, { bytes, view }, margin)),
            length > longestKernelText
              ? plain
              : writtenBy(text, (_, view) => encodeByKernel(text, view, margin, kernel)),
          ];
          if (ways.some((way) => way !== plain)) expect(ways, text).toEqual([plain, plain, plain]);
        }
      }
    }
  });

  test.each([
    ['one piece of memory', () => JSON.parse('"ABCDEFGHIJKLMNOP"') as string],
    ['a part of another', () => `${'x'.repeat(50)}ABCDEFGHIJKLMNOP`.slice(50)],
    ['two that were joined', () => ['ABCDEFGH', 'IJKLMNOP'].reduce((a, b) => a + b)],
    ['ASCII out of a text with other letters', () => 'žžABCDEFGHIJKLMNOPžž'.slice(2, 18)],
    ['a key of an object', () => Object.keys({ [`ABCDEFGH${'IJKLMNOP'}`]: 1 })[0] ?? ''],
  ])('are written alike whatever holds them: %s', (_, make) => {
    const text = make();
    const bytes = writtenBy(text, (all, view) => encodeInto(text, { bytes: all, view }, margin));
    expect(bytes).toBe(hex(Buffer.from('ABCDEFGHIJKLMNOP')));
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
