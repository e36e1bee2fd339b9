import { Double } from 'bson';
import { expect, test } from 'vitest';
import type { EncodableDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compileFindProjection, compileProjection } from '../src/projection.ts';
import { projectionOperators } from './language/update-operators.ts';
import { documentFrom } from './plain-bson.ts';

type Plain = EncodableDocument;
const scope = { now: new Date(0) };
const bytes = (plain: Plain) => Buffer.from(encodeDocument(documentFrom(plain))).toString('hex');

function find(document: Plain, spec: Plain, query: Plain = {}): string {
  const projection = compileFindProjection(documentFrom(spec), documentFrom(query), scope);
  const shown = projection?.(documentFrom(document), scope) ?? new Map();
  return Buffer.from(encodeDocument(shown)).toString('hex');
}

/** The order of fields counts. */
test.each<[Plain, Plain, Plain, Plain?]>([
  [{ _id: 1, a: 1, b: 2 }, { b: 1 }, { _id: 1, b: 2 }],
  [
    { a: 1, _id: 1, b: 2 },
    { b: true, a: 1n },
    { a: 1, _id: 1, b: 2 },
  ],
  [{ _id: 1, a: 1 }, { _id: 0, a: new Double(1) }, { a: 1 }],
  [{ _id: 1, a: 1 }, { _id: 1 }, { _id: 1 }],
  [{ _id: 1, a: 1 }, { _id: 0 }, { a: 1 }],
  [{ _id: 1, a: 1, b: 2 }, { a: 0 }, { _id: 1, b: 2 }],
  [
    { _id: 1, a: 1, b: 2 },
    { _id: 1, a: 0 },
    { _id: 1, b: 2 },
  ],
  [{ _id: 1, a: 1, b: 2 }, { _id: 0, a: false }, { b: 2 }],
  [{ _id: { x: 1, y: 2 }, a: 1 }, { '_id.x': 1 }, { _id: { x: 1 } }],
  [{ a: { b: 1, c: 2 }, d: 1 }, { 'a.b': 1 }, { a: { b: 1 } }],
  [{ a: { b: 1, c: 2 }, d: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  [{ a: { b: 1, c: 2, d: 3 } }, { 'a.b': 1, a: { c: 1 } }, { a: { b: 1, c: 2 } }],
  [{ a: 5, b: 1 }, { 'a.b': 1 }, {}],
  [{ a: [{ b: 1, c: 1 }, 5, [{ b: 2, c: 2 }, 6]] }, { 'a.b': 1 }, { a: [{ b: 1 }, [{ b: 2 }]] }],
  [{ a: [{ b: 1, c: 1 }, 5, [{ b: 2 }]] }, { 'a.b': 0 }, { a: [{ c: 1 }, 5, [{}]] }],
  [{ a: [1] }, { 'a.0': 1 }, { a: [] }],
  // Computed fields.
  [{ _id: 1, a: 2 }, { x: { $add: ['$a', 1] } }, { _id: 1, x: 3 }],
  [
    { _id: 1, a: 2 },
    { x: '$a', y: 'text' },
    { _id: 1, x: 2, y: 'text' },
  ],
  [{ a: 1 }, { a: '$b' }, {}],
  [
    { a: 1, b: 2 },
    { a: '$b', b: 1 },
    { b: 2, a: 2 },
  ],
  [{ a: { b: 1 } }, { 'a.x': '$a.b' }, { a: { x: 1 } }],
  [{ a: [{ b: 1 }, 5] }, { 'a.b': 1, 'a.x': { $literal: 3 } }, { a: [{ b: 1, x: 3 }, { x: 3 }] }],
  [{ a: 5 }, { 'a.x': { $literal: 3 } }, { a: { x: 3 } }],
  [
    { a: 5, b: 2 },
    { 'a.x': '$b', b: 1 },
    { a: { x: 2 }, b: 2 },
  ],
  [{ z: [5] }, { z: { a: { x: 'text' } } }, { z: [{ a: { x: 'text' } }] }],
  // $slice.
  [{ a: [1, 2, 3], b: 1 }, { a: { $slice: 2 } }, { a: [1, 2], b: 1 }],
  [{ a: [1, 2, 3], b: 1 }, { a: { $slice: -2 } }, { a: [2, 3], b: 1 }],
  [
    { a: [1, 2, 3], b: 1 },
    { a: { $slice: [1, 5] }, b: 1 },
    { a: [2, 3], b: 1 },
  ],
  [{ a: [1, 2, 3] }, { a: { $slice: [-2, 1] } }, { a: [2] }],
  [{ a: [1, 2, 3] }, { a: { $slice: [-9, 1] } }, { a: [1] }],
  [
    { a: [1, 2], b: 1, c: 1 },
    { a: { $slice: 1 }, b: 0 },
    { a: [1], c: 1 },
  ],
  [
    { _id: 1, a: [1, 2], b: 1 },
    { _id: 1, a: { $slice: 1 } },
    { _id: 1, a: [1] },
  ],
  [{ a: 5 }, { a: { $slice: 1 } }, { a: 5 }],
  [{ a: [{ b: [1, 2] }, 5] }, { 'a.b': { $slice: 1 } }, { a: [{ b: [1] }, 5] }],
  [{ a: [1, 2], n: 1 }, { a: { $slice: ['$a', '$n'] } }, { a: [1] }],
  // $elemMatch.
  [{ a: [1, 5, 9], b: 1 }, { a: { $elemMatch: { $gt: 4 } } }, { a: [5] }],
  [{ a: [1], b: 1 }, { b: 1, a: { $elemMatch: { $gt: 4 } } }, { b: 1 }],
  [
    { a: [{ x: 1, y: 2 }], b: 1 },
    { a: { $elemMatch: { x: 1 } }, b: 1 },
    { b: 1, a: [{ x: 1, y: 2 }] },
  ],
  [
    { a: [1, 5], b: 1, c: 1 },
    { a: { $elemMatch: { $gt: 4 } }, b: 0 },
    { a: [5], c: 1 },
  ],
  // Positional.
  [{ a: [1, 5, 9], b: 1 }, { 'a.$': 1 }, { a: [5] }, { a: { $gt: 4 } }],
  [
    {
      a: [
        { x: 1, y: 1 },
        { x: 2, y: 2 },
      ],
    },
    { 'a.y.$': 1 },
    { a: [{ y: 2 }] },
    { 'a.x': 2 },
  ],
  [{ a: { b: [1, 2] } }, { 'a.b.$': 1 }, { a: { b: [2] } }, { 'a.b': 2 }],
  // Of the first array on the way, whichever array the query has met; without one nothing is cut.
  [{ a: [1, 2], b: [3, 4] }, { 'b.$': 1 }, { b: [4] }, { a: 2 }],
  [{ a: [1, 2], b: [3, { c: [7, 8], d: 5 }] }, { 'b.c.$': 1 }, { b: [{ c: [7, 8] }] }, { a: 2 }],
  [{ a: 5, b: { d: 1 } }, { 'b.c.$': 1 }, { b: {} }, { a: 5 }],
  [{ a: 5 }, { 'a.$': 1 }, { a: 5 }, { a: 5 }],
])('%o shown by %o is %o', (document, spec, expected, query) => {
  expect(find(document, spec, query)).toBe(bytes(expected));
});

test.each<[Plain, number, Plain?]>([
  [{ a: 1, b: 0 }, 31254],
  [{ a: 0, b: 1 }, 31253],
  [{ a: 0, b: { $add: [1, 1] } }, 31252],
  [{ a: 0, b: 'x' }, 31310],
  [{ a: 1, 'a.b': 1 }, 31249],
  [{ 'a.b': 1, a: 1 }, 31250],
  [{ a: 1, 'a.b': { c: 1 } }, 31249],
  [{ a: 1, b: { c: 1 }, 'b.c': 1 }, 31250],
  [{ '.$': 1 }, 5392900],
  [{ a: { $bogus: 1 } }, 31325],
  [{ a: {} }, 51270],
  [{ '': 1 }, 40352],
  [{ 'a.': 1 }, 40353],
  [{ 'a..b': 1 }, 15998],
  [{ $a: 1 }, 16410],
  [{ a: { b: 1, $c: 1 } }, 16410],
  [{ a: { $elemMatch: 1 } }, 31274],
  [{ 'a.b': { $elemMatch: {} } }, 31275],
  [{ a: { $elemMatch: { $expr: true } } }, 2],
  [{ 'a.$': 1, 'b.$': 1 }, 31276, { a: 1, b: 1 }],
  [{ 'a.$': 1, b: { $elemMatch: {} } }, 31255, { a: 1 }],
  [{ b: { $elemMatch: {} }, 'a.$': 1 }, 31256, { a: 1 }],
  [{ 'a.$.b': 1 }, 31394, { a: 1 }],
  [{ 'a.$': 0 }, 31395, { a: 1 }],
  [{ 'a.$': { $add: [1] } }, 31271, { a: 1 }],
  [{ 'a.$': 'x' }, 31308, { a: 1 }],
  [{ b: 0, 'a.$': 1 }, 31253, { a: 1 }],
])('%o is refused with code %d', (spec, code, query = {}) => {
  expect(() => compileFindProjection(documentFrom(spec), documentFrom(query), scope)).toThrow(
    expect.objectContaining({ name: 'ServerError', code }),
  );
});

test.each<[Plain, Plain, Plain, number]>([
  [{ a: [5], b: 1 }, { 'a.$': 1 }, { b: 1 }, 51246],
  [{ a: [5] }, { 'a.$': 1 }, {}, 51246],
  [{ a: [1, 2], b: [1] }, { 'b.$': 1 }, { b: 1, a: { $gt: 1 } }, 51247],
])('%o is not shown by %o under %o: %d', (document, spec, query, code) => {
  expect(() => find(document, spec, query)).toThrow(expect.objectContaining({ code }));
});

test('$project knows nothing of what is for find alone', () => {
  const refused = (spec: Plain, code: number) =>
    expect(() => compileProjection(documentFrom(spec), {})).toThrow(
      expect.objectContaining({ code }),
    );
  refused({ 'a.$': 1 }, 31324);
  refused({ a: { $elemMatch: {} } }, 168);
  const slice = compileProjection(documentFrom({ a: { $slice: ['$a', 1] } }), {});
  expect(slice?.(documentFrom({ a: [1, 2] }), scope)).toEqual(documentFrom({ a: [1] }));
  expect(compileProjection(new Map(), {})).toBeUndefined();
});

test.each(projectionOperators)('$name is $is', ({ name, is }) => {
  const spec: Plain = name === '$' ? { 'a.$': 1 } : { a: { [name]: name === '$slice' ? 1 : {} } };
  const compile = () => compileFindProjection(documentFrom(spec), documentFrom({ a: 1 }), scope);
  if (is === 'refused') expect(compile).toThrow(expect.objectContaining({ name: 'ServerError' }));
  else expect(compile).not.toThrow();
});
