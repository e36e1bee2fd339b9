import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataStreamError, modifiedUtf8 } from '../src/index.ts';
import { decode, decodeLong, encodeLong } from '../src/modified-utf8.ts';
import { decodePlainly, encodePlainly } from '../src/plain-text.ts';
import { bufferText, webText } from '../src/platform.ts';
import { hex } from './hex.ts';

/** Long runs of ASCII, for the fast ways, with now and then something that rules them out. */
const texts = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 200 }) },
      { weight: 1, arbitrary: fc.constantFrom('\0', 'é', '\ufffd', '\ufeff', '😀', '\ud800') },
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

const platforms = [bufferText(), webText()].filter((platform) => platform !== undefined);

test('encodes as the plain loop does, and into as many bytes as announced', () => {
  expect(platforms).toHaveLength(2);
  fc.assert(
    fc.property(texts, (text) => {
      const plain = new Uint8Array(text.length * 3);
      const expected = plain.subarray(0, encodePlainly(text, plain, 0));
      const bytes = modifiedUtf8.encode(text);
      expect(hex(bytes)).toBe(hex(expected));
      for (const platform of platforms) {
        const room = new Uint8Array(text.length * 3 + 1);
        const end = encodeLong(text, room, 1, platform);
        expect(hex(room.subarray(1, end))).toBe(hex(expected));
      }
      expect(modifiedUtf8.byteLength(text)).toBe(bytes.length);
      expect(modifiedUtf8.decode(bytes)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

/** Whole characters, halves of them, and bytes that never begin one. */
const pieces = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 20 }).map(bytesOf) },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }).map(bytesOf) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) },
  // What UTF-8 writes in four bytes, and Java refuses.
  { weight: 1, arbitrary: fc.constant(new TextEncoder().encode('😀')) },
);

test('decodes any bytes as the plain loop does, refusals included', () => {
  const bytesOfPieces = fc
    .array(pieces, { maxLength: 8 })
    .map((all) => Uint8Array.from(all.flatMap((piece) => [...piece])));
  let refused = 0;
  let read = 0;
  fc.assert(
    fc.property(bytesOfPieces, fc.nat(1000), (bytes, base) => {
      const plain = outcome(() => decodePlainly(bytes, base + 2));
      const padded = Uint8Array.of(0x80, 0x80, ...bytes, 0x80);
      const view = new DataView(padded.buffer);
      const { length } = bytes;
      // Twice: short texts are remembered.
      for (let i = 0; i < 2; i++) {
        expect(outcome(() => decode({ bytes: padded, view, base }, 2, length))).toStrictEqual(
          plain,
        );
      }
      for (const platform of platforms) {
        const long = outcome(() => decodeLong(padded, 2, length, base, platform));
        expect(long).toStrictEqual(plain);
      }
      if (typeof plain === 'string') read += 1;
      else refused += 1;
    }),
    { numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(100);
  expect(read).toBeGreaterThan(100);
});

test('reads short texts of every length, with a unit of each width at each place', () => {
  for (let length = 1; length <= 34; length++) {
    for (let place = 0; place < length; place++) {
      for (const unit of ['\0', 'a', 'é', '数', '\udc00']) {
        const text = 'abcdefghij'.repeat(4).slice(0, length - 1);
        const mixed = text.slice(0, place) + unit + text.slice(place);
        const bytes = bytesOf(mixed);
        if (modifiedUtf8.decode(bytes) !== mixed) {
          expect(modifiedUtf8.decode(bytes), hex(bytes)).toBe(mixed);
        }
      }
    }
  }
});

test('tells short texts apart by every byte', () => {
  for (let length = 1; length <= 20; length++) {
    const bytes = new Uint8Array(length).fill(0x61);
    const plain = 'a'.repeat(length);
    expect(modifiedUtf8.decode(bytes)).toBe(plain);
    for (let i = 0; i < length; i++) {
      bytes[i] = 0x62;
      expect(modifiedUtf8.decode(bytes)).toBe(`${plain.slice(0, i)}b${plain.slice(i + 1)}`);
      bytes[i] = 0x61;
    }
  }
});

test('keeps texts apart that fall into the same place of its memory', () => {
  for (const length of [4, 7, 8, 11, 12, 16]) {
    for (let i = 0; i < 9000; i++) {
      const text = `names in a row ${i}`.slice(-length);
      if (modifiedUtf8.decode(modifiedUtf8.encode(text)) !== text) expect.unreachable(text);
    }
  }
});

test('reads texts that do not repeat, and then some that do', () => {
  for (let i = 0; i < 50_000; i++) {
    const text = `t${i < 45_000 ? i : i % 10}`;
    if (modifiedUtf8.decode(modifiedUtf8.encode(text)) !== text) expect.unreachable(text);
  }
});

test('decodes texts of many thousand characters', () => {
  const text = 'é'.repeat(20_000);
  expect(modifiedUtf8.decode(modifiedUtf8.encode(text))).toBe(text);
});

function bytesOf(text: string): Uint8Array {
  const room = new Uint8Array(text.length * 3);
  return room.slice(0, encodePlainly(text, room, 0));
}

function outcome(run: () => string): unknown {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DataStreamError)) throw error;
    return { name: error.name, message: error.message, code: error.code, offset: error.offset };
  }
}
