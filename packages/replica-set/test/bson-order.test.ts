import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { expect, test } from 'vitest';
import type { BsonDocument, BsonValue } from '../src/bson-document.ts';
import { compareValues } from '../src/bson-order.ts';
import { encodeKey } from '../src/key-string.ts';

const map = (...fields: [string, BsonValue][]): BsonDocument => new Map(fields);

/** Each stands before the next; those in one row are equal. */
const ladder: BsonValue[][] = [
  [new MinKey()],
  [undefined],
  [null],
  [Number.NaN, Decimal128.fromString('NaN')],
  [Number.NEGATIVE_INFINITY, Decimal128.fromString('-Infinity')],
  [Decimal128.fromString('-1E400')],
  [-(2n ** 63n), -(2 ** 63)],
  [-1.5],
  [-0, 0, new Double(0), 0n, Decimal128.fromString('-0E-10')],
  [Decimal128.fromString('1E-400')],
  [0.1 - 2 ** -56],
  [Decimal128.fromString('0.1')],
  [0.1],
  [1, 1n, new Double(1), Decimal128.fromString('1.000')],
  [2 ** 53, 2n ** 53n],
  [2n ** 53n + 1n],
  [2 ** 53 + 2],
  [2n ** 63n - 1n],
  [2 ** 63],
  [Decimal128.fromString('1E400')],
  [Number.POSITIVE_INFINITY],
  ['', new BSONSymbol('')],
  ['A'],
  ['a', new BSONSymbol('a')],
  ['aa'],
  ['b'],
  ['\u{e000}'],
  ['\u{ffff}'],
  ['\u{10000}'],
  [map()],
  [map(['a', 1])],
  [map(['a', 1], ['b', 1])],
  [map(['a', 2])],
  [map(['b', 1])],
  [map(['b', 1], ['a', 1])],
  [map(['a', 'x'])],
  [[]],
  [[1]],
  [
    [1, 2],
    [1n, new Double(2)],
  ],
  [[2]],
  [['a']],
  [[[]]],
  [new Binary(new Uint8Array([]), 0)],
  [new Binary(new Uint8Array([9]), 0)],
  [new Binary(new Uint8Array([1]), 5)],
  [new Binary(new Uint8Array([1, 1]), 0)],
  [new ObjectId('000000000000000000000001')],
  [new ObjectId('000000000000000000000002')],
  [false],
  [true],
  [new Date(-1)],
  [new Date(0)],
  [new Timestamp({ t: 1, i: 2 })],
  [new Timestamp({ t: 2, i: 1 })],
  [new BSONRegExp('a', 'i')],
  [new BSONRegExp('a', 'm')],
  [new BSONRegExp('b', '')],
  [new Code('a')],
  [new Code('b')],
  [new Code('a', map(['a', 1]) as unknown as Document)],
  [new Code('a', map(['a', 2]) as unknown as Document)],
  [new MaxKey()],
];

test('types and values stand in the order of the manual, and keys with them', () => {
  const places = ladder.flatMap((row, place) => row.map((value) => ({ value, place })));
  for (const a of places) {
    for (const b of places) {
      const expected = Math.sign(a.place - b.place);
      const seen = [
        compareValues(a.value, b.value),
        Buffer.compare(encodeKey([a.value]), encodeKey([b.value])),
      ];
      expect(seen.map(Math.sign), `${String(a.value)} and ${String(b.value)}`).toEqual([
        expected,
        expected,
      ]);
    }
  }
});
