import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from '../src/line-splitter.ts';

const longest = 40;

/** The plain truth: what splitting the whole text at once gives, but for what follows the last ending. */
function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').split('\r\n').slice(0, -1).map(shown);
}

function shown(line: string): string {
  return line.length > longest ? `${line.length} bytes` : line;
}

function split(bytes: Buffer, sizes: readonly number[]): string[] {
  const splitter = new LineSplitter(longest);
  const lines: string[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    for (const line of splitter.push(bytes.subarray(start, start + size))) {
      lines.push('oversized' in line ? `${line.oversized} bytes` : line.toString('latin1'));
    }
    start += size;
  }
  return lines;
}

const pieces = fc.oneof(
  fc.constantFrom('\r\n', '\r', '\n', '\r\r\n', '{"a":"é☃😀"}', '\r\n\r\n'),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

test('gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 8 }),
      (texts, sizes) => {
        const bytes = Buffer.from(texts.join(''));
        expect(split(bytes, sizes)).toStrictEqual(linesOf(bytes));
      },
    ),
    { numRuns: 1000 },
  );
});

test('joins a character, and an ending, that are cut at every byte', () => {
  const bytes = Buffer.from('{"text":"é☃😀\\n"}\r\n\r\nlast\r\n');
  for (let size = 1; size <= bytes.length; size++) {
    expect(split(bytes, [size])).toStrictEqual(linesOf(bytes));
  }
});

test.each([longest - 1, longest, longest + 1])('keeps a line of up to 40 bytes: %d', (length) => {
  const bytes = Buffer.from(`${'a'.repeat(length)}\r\nnext\r\n`);
  for (let size = 1; size <= bytes.length; size++) {
    expect(split(bytes, [size])).toStrictEqual(linesOf(bytes));
  }
});

test('keeps nothing of a line without an end but its length', () => {
  const splitter = new LineSplitter(longest);
  const chunk = Buffer.alloc(1 << 20, 'a');
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 1000; i++) expect([...splitter.push(chunk)]).toStrictEqual([]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(chunk.length);
  expect([...splitter.push(Buffer.from('\r\nok\r\n'))]).toStrictEqual([
    { oversized: 1000 * chunk.length },
    Buffer.from('ok'),
  ]);
});
