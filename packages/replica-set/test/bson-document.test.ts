import { Code, calculateObjectSize, deserialize, Long, serialize } from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import { RawDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { ServerError } from '../src/server-error.ts';
import { documents } from './bson-values.ts';

test('what is decoded is encoded to the same bytes', () => {
  fc.assert(
    fc.property(documents, (document) => {
      const bytes = encodeDocument(document);
      expect(Buffer.from(encodeDocument(decodeDocument(bytes))).equals(bytes)).toBe(true);
    }),
  );
});

test('the bytes are those that the bson package writes and reads', () => {
  const options = { promoteValues: false, bsonRegExp: true };
  fc.assert(
    fc.property(documents, (document) => {
      // A plain object moves a name such as "1" to the front, so those are left to the test above.
      fc.pre(!JSON.stringify(namesOf(document)).match(/"(\d+|__proto__)"/));
      // The package writes null for undefined.
      fc.pre(!holdsUndefined(document));
      const bytes = encodeDocument(document);
      expect(Buffer.from(serialize(deserialize(bytes, options))).equals(bytes)).toBe(true);
    }),
  );
});

function holdsUndefined(value: unknown): boolean {
  if (value instanceof Code) return holdsUndefined(value.scope);
  if (value instanceof Map) return [...value.values()].some(holdsUndefined);
  return Array.isArray(value) ? value.some(holdsUndefined) : value === undefined;
}

function namesOf(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([name, inner]) => [name, namesOf(inner)]);
  return Array.isArray(value) ? value.map(namesOf) : 0;
}

test('keeps the order of fields that look like numbers, and of __proto__', () => {
  const document = new Map([
    ['b', 1],
    ['2', 2],
    ['1', 3],
    ['__proto__', 4],
  ]);
  expect([...decodeDocument(encodeDocument(document))]).toEqual([...document]);
});

test('writes plain objects, with whole documents inside that are not read', () => {
  const inner = encodeDocument({ x: 1 });
  const bytes = encodeDocument({ n: 1, long: 5n, list: [new RawDocument(inner)], none: undefined });
  expect(deserialize(bytes, { promoteLongs: false })).toEqual({
    n: 1,
    long: Long.fromNumber(5),
    list: [{ x: 1 }],
  });
  expect(calculateObjectSize({ n: 1, long: Long.fromNumber(5), list: [{ x: 1 }] })).toBe(
    bytes.length,
  );
});

test('tells names apart, however many it has read before', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyzé'.split('');
  const names = letters.flatMap((a) =>
    letters.flatMap((b) => [a + b, ...letters.map((c) => a + b + c)]),
  );
  for (let round = 0; round < 2; round++) {
    const document = new Map(names.map((name, at) => [name, at]));
    expect([...decodeDocument(encodeDocument(document)).keys()]).toEqual(names);
  }
});

test('grows beside a value as well as inside one', () => {
  const most = 64 * 1024;
  for (let length = most - 45; length < most + 5; length++) {
    const document = { text: 'x'.repeat(length), n: 7, d: 0.5, l: 1n, t: true, e: {} };
    expect(deserialize(encodeDocument(document), { promoteLongs: false })).toEqual({
      ...document,
      l: Long.fromNumber(1),
    });
  }
});

test('bytes that are not BSON are refused, whatever was changed in them', () => {
  fc.assert(
    fc.property(documents, fc.nat(), fc.nat({ max: 255 }), (document, at, byte) => {
      const bytes = encodeDocument(document);
      bytes[at % bytes.length] = byte;
      try {
        decodeDocument(bytes.subarray(0, (at * 7) % (bytes.length + 1)));
        decodeDocument(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ServerError);
      }
    }),
  );
});
