import { BSONRegExp, Double } from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import type { BsonDocument, BsonValue } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compileQuery } from '../src/matcher.ts';
import { ServerError } from '../src/server-error.ts';
import { documents, values } from './bson-values.ts';

const scope = { now: new Date('2026-01-01') };
type Plain = Parameters<typeof encodeDocument>[0];
const bson = (plain: Plain): BsonDocument => decodeDocument(encodeDocument(plain));
const matches = (document: Plain, query: Plain) => compileQuery(bson(query), scope)(bson(document));

test.each<[Plain, Plain, boolean]>([
  [{ a: 1 }, { a: 1n }, true],
  [{ a: 1 }, { a: new Double(1) }, true],
  [{ a: [1, 2] }, { a: 2 }, true],
  [{ a: [1, 2] }, { a: [1, 2] }, true],
  [{ a: [2, 1] }, { a: [1, 2] }, false],
  [{ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, false],
  [{}, { a: null }, true],
  [{ a: null }, { a: null }, true],
  [{ a: 0 }, { a: null }, false],
  [{}, { a: { $gte: null } }, true],
  [{}, { a: { $ne: 1 } }, true],
  [{ a: [1, 2] }, { a: { $ne: 1 } }, false],
  [{ a: 'b' }, { a: { $gt: 1 } }, false],
  [{ a: [1, 10] }, { a: { $gt: 4, $lt: 6 } }, true],
  [{ a: [1, 10] }, { a: { $elemMatch: { $gt: 4, $lt: 6 } } }, false],
  [
    {
      a: [
        { b: 1, c: 1 },
        { b: 2, c: 2 },
      ],
    },
    { 'a.b': 1, 'a.c': 2 },
    true,
  ],
  [
    {
      a: [
        { b: 1, c: 1 },
        { b: 2, c: 2 },
      ],
    },
    { a: { $elemMatch: { b: 1, c: 2 } } },
    false,
  ],
  [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.1.b': 2 }, true],
  [{ a: [1, 2] }, { 'a.b': { $exists: false } }, true],
  [{ a: [{}, { b: 1 }] }, { 'a.b': null }, true],
  [{ a: 5 }, { a: { $in: [4, 5n] } }, true],
  [{ a: 'Bond' }, { a: { $in: [new BSONRegExp('^b', 'i')] } }, true],
  [{ a: 5 }, { a: { $nin: [4] } }, true],
  [{ a: 'x' }, { a: { $type: 'string' } }, true],
  [{ a: 5n }, { a: { $type: 'number' } }, true],
  [{ a: 5n }, { a: { $type: [2, 18] } }, true],
  [{ a: 7 }, { a: { $mod: [4, 3] } }, true],
  [{ a: [1, 2] }, { a: { $size: 2 } }, true],
  [{ a: [1, 2, 3] }, { a: { $all: [3, 1] } }, true],
  [{ a: 'line\nnext' }, { a: { $regex: '^next', $options: 'm' } }, true],
  [{ a: 1 }, { a: { $not: { $gt: 1 } } }, true],
  [{ a: 1 }, { $or: [{ a: 2 }, { b: null }] }, true],
  [{ a: 1 }, { $nor: [{ a: 1 }] }, false],
  [{ a: 3, b: 2 }, { $expr: { $gt: ['$a', '$b'] } }, true],
  [{ a: Number.NaN }, { a: { $gte: 0 } }, false],
  [{ a: 1 }, { a: 1, $comment: 'why' }, true],
])('%o under %o: %s', (document, query, expected) => {
  expect(matches(document, query)).toBe(expected);
});

test.each<[Plain, number]>([
  [{ $bogus: 1 }, 2],
  [{ a: { $bogus: 1 } }, 2],
  [{ $and: [] }, 2],
  [{ a: { $in: 1 } }, 2],
  [{ a: { $mod: [0, 1] } }, 2],
  [{ a: { $regex: '(' } }, 51091],
  [{ a: { $type: 'nothing' } }, 2],
  [{ $expr: { $bogus: 1 } }, 168],
])('refuses %o with code %d before it has seen a document', (query, code) => {
  expect(() => compileQuery(bson(query), scope)).toThrow(
    expect.objectContaining({ name: 'ServerError', code }),
  );
});

test('a query and its negation part the documents between them', () => {
  const operator = fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne');
  fc.assert(
    fc.property(
      documents,
      fc.constantFrom('a', 'b', 'a.b'),
      operator,
      values,
      (document, path, name, value) => {
        const condition: BsonDocument = new Map([[name, value]]);
        const holds = attempt(new Map([[path, condition]]), document);
        const fails = attempt(new Map([[path, new Map([['$not', condition]])]]), document);
        if (holds !== undefined) expect(holds).not.toBe(fails);
      },
    ),
  );
});

function attempt(query: BsonDocument, document: BsonDocument): boolean | undefined {
  try {
    return compileQuery(query as Map<string, BsonValue>, scope)(document);
  } catch (error) {
    expect(error).toBeInstanceOf(ServerError);
    return undefined;
  }
}
