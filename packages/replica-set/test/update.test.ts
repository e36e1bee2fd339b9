import { Double } from 'bson';
import { expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import { type BsonDocument, documentToObject } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compileUpdate } from '../src/update.ts';

const scope = { now: new Date('2026-01-01T00:00:00Z') };
type Plain = Parameters<typeof encodeDocument>[0];
const bson = (plain: Plain): BsonDocument => decodeDocument(encodeDocument(plain));
const apply = (document: Plain, update: Plain, inserting = false) =>
  documentToObject(
    compileUpdate(bson({ u: update }).get('u'), scope).apply(bson(document), inserting),
  );

test.each<[Plain, Plain, Plain]>([
  [{ a: 1 }, { $set: { a: 2, 'b.c': 3 } }, { a: 2, b: { c: 3 } }],
  [{ a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }],
  [{ a: [1, 2] }, { $unset: { 'a.0': '' } }, { a: [null, 2] }],
  [{ a: 1 }, { $inc: { a: 2 } }, { a: 3 }],
  [{ a: 2147483647 }, { $inc: { a: 1 } }, { a: 2147483648n }],
  [{ a: 1n }, { $inc: { a: 1 } }, { a: 2n }],
  [{ a: 1 }, { $inc: { a: 0.5 } }, { a: 1.5 }],
  [{ a: 0.5 }, { $inc: { a: 0.5 } }, { a: new Double(1) }],
  [{}, { $mul: { a: 3 } }, { a: 0 }],
  [{ a: 3 }, { $min: { a: 2 }, $max: { b: 1 } }, { a: 2, b: 1 }],
  [{ a: 1 }, { $rename: { a: 'b.c' } }, { b: { c: 1 } }],
  [{}, { $currentDate: { at: true } }, { at: scope.now }],
  [{ a: [1] }, { $push: { a: { $each: [3, 2], $sort: 1, $slice: -2 } } }, { a: [2, 3] }],
  [{ a: [1, 2] }, { $addToSet: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }],
  [{ a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  [{ a: [{ b: 1 }, { b: 2 }] }, { $pull: { a: { b: 2 } } }, { a: [{ b: 1 }] }],
  [{ a: [1, 2] }, { $pop: { a: -1 } }, { a: [2] }],
  [{ _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 }],
])('%o with %o becomes %o', (document, update, expected) => {
  expect(apply(document, update)).toEqual(expected);
});

test('keeps the order of the fields, new ones last', () => {
  const update = compileUpdate(bson({ $set: { b: 9, z: 1, a: 8 } }), scope);
  expect([...update.apply(bson({ a: 1, b: 2 }), false).keys()]).toEqual(['a', 'b', 'z']);
});

test('a pipeline sees the document as it was, and the time of the command', () => {
  const pipeline = bson({
    u: [
      { $set: { token: { $add: [{ $ifNull: ['$token', 0n] }, 1n] }, at: '$$NOW', old: '$token' } },
    ],
  }).get('u');
  const after = compileUpdate(pipeline, scope).apply(bson({ _id: 1, token: 5n }), false);
  expect(documentToObject(after)).toEqual({ _id: 1, token: 6n, at: scope.now, old: 5n });
});

test('$setOnInsert counts only for what is being inserted', () => {
  expect(apply({}, { $setOnInsert: { a: 1 } }, false)).toEqual({});
  expect(apply({}, { $setOnInsert: { a: 1 } }, true)).toEqual({ a: 1 });
});

test.each<[Plain, Plain, number]>([
  [{ _id: 1 }, { $set: { _id: 2 } }, 66],
  [{ _id: 1 }, { _id: 2 }, 66],
  [{ a: 'x' }, { $inc: { a: 1 } }, 14],
  [{ a: 1 }, { $inc: { a: 'x' } }, 14],
  [{ a: 1 }, { $push: { a: 1 } }, 2],
  [{ a: 1 }, { $set: { 'a.b': 1 } }, 28],
  [{ a: null }, { $set: { 'a.b': 1 } }, 28],
  [{}, { $set: { a: 1, 'a.b': 2 } }, 40],
  [{}, { $bogus: { a: 1 } }, 9],
  [{}, { $set: { 'a.$': 1 } }, 238],
  [{}, { $set: { 'a.$[]': 1 } }, 2],
  [{ a: 1 }, { $set: { 'a.$[]': 1 } }, 2],
  [{ a: [1] }, { $rename: { 'a.$[]': 'b' } }, 2],
  [{ a: 2n ** 63n - 1n }, { $inc: { a: 1 } }, 2],
])('%o refuses %o with code %d', (document, update, code) => {
  expect(() => apply(document, update)).toThrow(
    expect.objectContaining({ name: 'ServerError', code }),
  );
});
