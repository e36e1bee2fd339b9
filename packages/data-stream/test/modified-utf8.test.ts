import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataStreamError, modifiedUtf8 } from '../src/index.ts';
import { decode, decodePlainly, encodePlainly } from '../src/modified-utf8.ts';
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

test('encodes as the plain loop does, and into as many bytes as announced', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const plain = new Uint8Array(text.length * 3);
      const expected = plain.subarray(0, encodePlainly(text, plain, 0));
      const bytes = modifiedUtf8.encode(text);
      expect(hex(bytes)).toBe(hex(expected));
      expect(modifiedUtf8.byteLength(text)).toBe(bytes.length);
      expect(modifiedUtf8.decode(bytes)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('decodes any bytes as the plain loop does, refusals included', () => {
  const sprinkled = fc
    .tuple(
      fc.uint8Array({ maxLength: 90, max: 0x7f }),
      fc.uint8Array({ maxLength: 4 }),
      fc.uint8Array({ maxLength: 90, max: 0x7f }),
    )
    .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));
  let refused = 0;
  fc.assert(
    fc.property(sprinkled, fc.nat(1000), (bytes, offset) => {
      const fast = outcome(() => decode(bytes, offset));
      expect(fast).toStrictEqual(outcome(() => decodePlainly(bytes, offset)));
      if (typeof fast !== 'string') refused += 1;
    }),
    { numRuns: 1000 },
  );
  expect(refused).toBeGreaterThan(0);
});

test('decodes texts of many thousand characters', () => {
  const text = 'é'.repeat(20_000);
  expect(modifiedUtf8.decode(modifiedUtf8.encode(text))).toBe(text);
});

function outcome(run: () => string): unknown {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DataStreamError)) throw error;
    return { name: error.name, message: error.message, code: error.code, offset: error.offset };
  }
}
