import { expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import {
  type BsonDocument,
  documentToObject,
  type EncodableDocument,
} from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compileUpdate } from '../src/update.ts';

const bson = (plain: EncodableDocument): BsonDocument => decodeDocument(encodeDocument(plain));

function apply(
  document: EncodableDocument,
  update: EncodableDocument | EncodableDocument[],
  filters: EncodableDocument[],
): unknown {
  const given = bson({ update, filters });
  const scope = { now: new Date(0) };
  const compiled = compileUpdate(given.get('update'), scope, given.get('filters'));
  return documentToObject(compiled.apply(bson(document), false));
}

test.each<[EncodableDocument, EncodableDocument, EncodableDocument[], EncodableDocument]>([
  [{ a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, [], { a: [11, 12] }],
  [{ a: [1, 2, 3] }, { $set: { 'a.$[x]': 0 } }, [{ x: { $gte: 2 } }], { a: [1, 0, 0] }],
  [
    { a: [{ b: 1 }, { b: 2 }] },
    { $set: { 'a.$[x].c': 1 } },
    [{ 'x.b': 2 }],
    { a: [{ b: 1 }, { b: 2, c: 1 }] },
  ],
  [
    { a: [{ b: [1, 2] }, { b: [2] }] },
    { $mul: { 'a.$[].b.$[x]': 3 } },
    [{ x: 2 }],
    { a: [{ b: [1, 6] }, { b: [6] }] },
  ],
  [{ a: [1] }, { $set: { 'a.$[x]': 0 } }, [{ x: 5 }], { a: [1] }],
  [{ a: [1, 9] }, { $set: { 'a.$[x]': 0 } }, [{ $or: [{ x: 1 }, { x: 2 }] }], { a: [0, 9] }],
])('%o with %o and %o becomes %o', (document, update, filters, expected) => {
  expect(apply(document, update, filters)).toEqual(expected);
});

test.each<[EncodableDocument | EncodableDocument[], EncodableDocument[], number]>([
  [{ $set: { 'a.$[x]': 0 } }, [], 2],
  [{ $set: { 'a.$[]': 0 } }, [{ x: 1 }], 9],
  [{ $set: { 'a.$[x]': 0 } }, [{ x: 1 }, { x: 2 }], 9],
  [{ $set: { 'a.$[x]': 0 } }, [{ x: 1, y: 2 }], 9],
  [{ $set: { 'a.$[x]': 0 } }, [{}], 9],
  [{ $set: { 'a.$[X]': 0 } }, [{ X: 1 }], 2],
  [{ a: 1 }, [{ x: 1 }], 9],
  [[{ $set: { a: 1 } }], [{ x: 1 }], 9],
])('refuses %o with %o by code %d', (update, filters, code) => {
  expect(() => apply({ a: [1] }, update, filters)).toThrow(expect.objectContaining({ code }));
});
