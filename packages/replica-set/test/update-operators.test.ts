/** Each update operator against tables of the manual, with values of all kinds. */
import { BSONRegExp, Decimal128, Double, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BsonDocument, BsonValue, EncodableDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compileCollation } from '../src/collator.ts';
import { ServerError } from '../src/server-error.ts';
import { compileUpdate, type UpdateContext } from '../src/update.ts';
import { seedOf } from '../src/updating/upsert-seed.ts';
import { documents, values } from './bson-values.ts';
import { updateOperators } from './language/update-operators.ts';
import { documentFrom, valueFrom } from './plain-bson.ts';

const scope = { now: new Date('2026-01-01T00:00:00Z') };
type Plain = EncodableDocument;

interface Options {
  readonly filters?: Plain[];
  readonly query?: Plain;
  readonly inserting?: boolean;
}

function apply(document: Plain, update: Plain | Plain[], options: Options = {}): BsonDocument {
  const context: UpdateContext = {
    ...(options.filters && { arrayFilters: valueFrom(options.filters) }),
    ...(options.query && { query: documentFrom(options.query) }),
  };
  const compiled = compileUpdate(valueFrom(update), scope, context);
  return compiled.apply(documentFrom(document), options.inserting === true);
}

const bytes = (document: BsonDocument) => Buffer.from(encodeDocument(document)).toString('hex');
const decimal = (text: string) => Decimal128.fromString(text);

/** Types and the order of fields count. */
test.each<[Plain, Plain, Plain, Options?]>([
  // $set: order of new fields, paths, types.
  [{ a: 1, b: 2 }, { $set: { b: 9, z: 1, c: 3, a: 8 } }, { a: 8, b: 9, c: 3, z: 1 }],
  [{}, { $set: { 'a.10': 1, 'a.9': 2, 'a.b': 3 } }, { a: { 9: 2, 10: 1, b: 3 } }],
  [
    {},
    { $set: { 'a.c': 1 }, $inc: { 'a.b': 2 }, $push: { 'a.d': 3 } },
    { a: { b: 2, c: 1, d: [3] } },
  ],
  [{ a: 1 }, { $set: { a: 1n } }, { a: 1n }],
  [{ a: [1] }, { $set: { 'a.3': 4 } }, { a: [1, null, null, 4] }],
  [{ a: [{}] }, { $set: { 'a.0.b.c': 1 } }, { a: [{ b: { c: 1 } }] }],
  [{ a: [] }, { $set: { 'a.1.b': 1 } }, { a: [null, { b: 1 }] }],
  [{ a: {} }, { $set: { 'a.$id': 1 } }, { a: { $id: 1 } }],
  [{ a: 1 }, { $set: {} }, { a: 1 }],
  [{}, { $set: { a: undefined } }, { a: undefined }],
  // $unset.
  [{ a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': 1, x: 1, 'b.d.e': 1 } }, { b: { d: 2 } }],
  [{ a: [1, 2] }, { $unset: { 'a.0': '' } }, { a: [null, 2] }],
  [{ a: 1 }, { $unset: { 'a.b': '' } }, { a: 1 }],
  // $setOnInsert.
  [{ a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
  [{ a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1, b: 1 }, { inserting: true }],
  // Numbers.
  [{ a: 1 }, { $inc: { a: 2 } }, { a: 3 }],
  [{ a: 2147483647 }, { $inc: { a: 1 } }, { a: 2147483648n }],
  [{ a: 1n }, { $inc: { a: 1 } }, { a: 2n }],
  [{ a: 1 }, { $inc: { a: 0.5 } }, { a: 1.5 }],
  [{ a: 0.5 }, { $inc: { a: 0.5 } }, { a: new Double(1) }],
  [{}, { $inc: { a: 1n } }, { a: 1n }],
  [{ a: decimal('0.1') }, { $inc: { a: decimal('0.2') } }, { a: decimal('0.3') }],
  [{ a: 1n }, { $inc: { a: decimal('1.5') } }, { a: decimal('2.5') }],
  [{ a: decimal('1.5') }, { $mul: { a: 2 } }, { a: decimal('3.0') }],
  [{}, { $inc: { a: decimal('1.50') } }, { a: decimal('1.50') }],
  [{}, { $mul: { a: 3n } }, { a: 0n }],
  [{}, { $mul: { a: 1.5 } }, { a: new Double(0) }],
  [{ a: 65536 }, { $mul: { a: 65536 } }, { a: 4294967296n }],
  [{ a: 3 }, { $min: { a: 2 } }, { a: 2 }],
  [{ a: 3 }, { $min: { a: 3n } }, { a: 3 }],
  [{ a: 3 }, { $max: { a: 3.5 } }, { a: 3.5 }],
  [{ a: 'x' }, { $min: { a: 5 } }, { a: 5 }],
  [{ a: 'x' }, { $max: { a: 5 } }, { a: 'x' }],
  [{}, { $min: { a: 1 }, $max: { b: 1 } }, { a: 1, b: 1 }],
  [{ a: null }, { $max: { a: decimal('0.1') } }, { a: decimal('0.1') }],
  [{ a: 5 }, { $bit: { a: { and: 6 } } }, { a: 4 }],
  [{ a: 5 }, { $bit: { a: { or: 2n } } }, { a: 7n }],
  [{ a: 5n }, { $bit: { a: { xor: 1, and: 4 } } }, { a: 4n }],
  [{}, { $bit: { a: { or: 5 } } }, { a: 5 }],
  // $rename.
  [{ a: 1, b: 2 }, { $rename: { a: 'c.d' } }, { b: 2, c: { d: 1 } }],
  [{ a: 1, b: 2 }, { $rename: { a: 'b' } }, { b: 1 }],
  [{ a: 1 }, { $rename: { x: 'b' } }, { a: 1 }],
  [{ a: { b: [1] } }, { $rename: { 'a.b': 'c' } }, { a: {}, c: [1] }],
  // $currentDate.
  [{}, { $currentDate: { a: true, b: { $type: 'date' } } }, { a: scope.now, b: scope.now }],
  [
    {},
    { $currentDate: { a: { $type: 'timestamp' } } },
    { a: new Timestamp({ t: 1767225600, i: 1 }) },
  ],
  // $push.
  [{ a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
  [{}, { $push: { a: [1, 2] } }, { a: [[1, 2]] }],
  [{ a: [1] }, { $push: { a: { $each: [3, 2], $sort: 1, $slice: -2 } } }, { a: [2, 3] }],
  [{ a: [1, 2] }, { $push: { a: { $each: [9], $position: 0 } } }, { a: [9, 1, 2] }],
  [{ a: [1, 2] }, { $push: { a: { $each: [9], $position: -1 } } }, { a: [1, 9, 2] }],
  [{ a: [1, 2] }, { $push: { a: { $each: [9], $position: -5 } } }, { a: [9, 1, 2] }],
  [{ a: [1, 2] }, { $push: { a: { $each: [9], $position: 5 } } }, { a: [1, 2, 9] }],
  [{ a: [1, 2] }, { $push: { a: { $each: [], $slice: 0 } } }, { a: [] }],
  [{ a: [1, 2, 3] }, { $push: { a: { $each: [], $slice: 2 } } }, { a: [1, 2] }],
  [
    { a: [{ b: 2, c: 1 }, { b: 1 }, 5] },
    { $push: { a: { $each: [{ b: 1, c: 0 }], $sort: { b: 1, c: -1 } } } },
    { a: [5, { b: 1, c: 0 }, { b: 1 }, { b: 2, c: 1 }] },
  ],
  [{ a: ['b', 1, null] }, { $push: { a: { $each: [], $sort: -1 } } }, { a: ['b', 1, null] }],
  [{}, { $push: { a: { $slice: 1 } } }, { a: [{ $slice: 1 }] }],
  // $addToSet.
  [{ a: [1, 2] }, { $addToSet: { a: { $each: [2n, 3, 3] } } }, { a: [1, 2, 3] }],
  [{}, { $addToSet: { a: { $each: [1, 1n] } } }, { a: [1] }],
  [
    { a: [{ b: 1, c: 2 }] },
    { $addToSet: { a: { c: 2, b: 1 } } },
    {
      a: [
        { b: 1, c: 2 },
        { c: 2, b: 1 },
      ],
    },
  ],
  [{ a: [1] }, { $addToSet: { a: [1] } }, { a: [1, [1]] }],
  // $pull, $pullAll, $pop.
  [{ a: [1, 5, 9, 5n] }, { $pull: { a: 5 } }, { a: [1, 9] }],
  [{ a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  [{ a: [1, [7]] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  [{ a: [{ b: 1 }, { b: 2, c: 1 }, 2] }, { $pull: { a: { b: 2 } } }, { a: [{ b: 1 }, 2] }],
  [{ a: [{ b: [1, 2] }] }, { $pull: { a: { b: { $elemMatch: { $gt: 1 } } } } }, { a: [] }],
  [{ a: ['ab', 'b'] }, { $pull: { a: new BSONRegExp('^a') } }, { a: ['b'] }],
  [{ a: [null, 1] }, { $pull: { a: null } }, { a: [1] }],
  [{ a: [[1], 1] }, { $pull: { a: [1] } }, { a: [1] }],
  [{ b: 1 }, { $pull: { a: 1, 'b2.c': 2 } }, { b: 1 }],
  [{ a: [{ b: 1 }, { b: 2 }] }, { $pull: { a: { $or: [{ b: 1 }] } } }, { a: [{ b: 2 }] }],
  [{ a: [1, 2, 1n, 3] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
  [{ a: [1, 2] }, { $pop: { a: -1 } }, { a: [2] }],
  [{ a: [1, 2] }, { $pop: { a: 1 } }, { a: [1] }],
  [{ a: [] }, { $pop: { a: 1 } }, { a: [] }],
  [{ a: {} }, { $pop: { 'a.b': 1, c: 1 } }, { a: {} }],
  // Positional.
  [{ a: [1, 5, 5] }, { $set: { 'a.$': 9 } }, { a: [1, 9, 5] }, { query: { a: 5 } }],
  [
    { a: [{ b: 1 }, { b: 2 }] },
    { $inc: { 'a.$.b': 5 } },
    { a: [{ b: 1 }, { b: 7 }] },
    { query: { 'a.b': 2 } },
  ],
  [
    { a: [{ b: 1 }, { b: 2 }] },
    { $unset: { 'a.$.b': 1 } },
    { a: [{ b: 1 }, {}] },
    { query: { a: { $elemMatch: { b: 2 } } } },
  ],
  [{ a: [1, 2] }, { $set: { 'a.$': 9, 'a.0': 8 } }, { a: [8, 9] }, { query: { a: 2 } }],
  [
    { a: [1, 5, 9] },
    { $set: { 'a.$': 0 } },
    { a: [1, 0, 9] },
    { query: { a: { $gt: 3, $lt: 8 } } },
  ],
  [{ a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12] }],
  [
    { a: [1, 2, 3] },
    { $set: { 'a.$[x]': 0 } },
    { a: [1, 0, 0] },
    { filters: [{ x: { $gte: 2 } }] },
  ],
  [
    { a: [{ b: [1, 2] }, { b: [2] }] },
    { $mul: { 'a.$[].b.$[x]': 3 } },
    { a: [{ b: [1, 6] }, { b: [6] }] },
    { filters: [{ x: 2 }] },
  ],
  [
    { a: [{ b: 1 }, { b: 2 }] },
    { $set: { 'a.$[x].c': 1, 'a.$[y].d': 2 } },
    {
      a: [
        { b: 1, d: 2 },
        { b: 2, c: 1, d: 2 },
      ],
    },
    { filters: [{ 'x.b': 2 }, { 'y.b': { $gt: 0 } }] },
  ],
  // Replacement.
  [{ _id: 1, a: 1 }, { b: 2 }, { _id: 1, b: 2 }],
  [
    { _id: 1, a: 1 },
    { b: 2, _id: 1n },
    { _id: 1, b: 2 },
  ],
])('%o with %o becomes %o', (document, update, expected, options) => {
  expect(bytes(apply(document, update, options))).toBe(bytes(documentFrom(expected)));
});

test.each<[Plain, Plain | Plain[], number, Options?]>([
  [{ _id: 1 }, { $set: { _id: 2 } }, 66],
  [{ _id: 1 }, { $set: { _id: new Double(1) } }, 66],
  [{ _id: 1 }, { $unset: { _id: 1 } }, 66],
  [{ _id: 1 }, { $rename: { _id: 'a' } }, 66],
  [{ _id: { a: 1 } }, { $set: { '_id.a': 2 } }, 66],
  [{ _id: 1 }, { _id: 2 }, 66],
  [{ _id: 1 }, [{ $set: { _id: 2 } }], 66],
  [{ a: 'x' }, { $inc: { a: 1 } }, 14],
  [{ a: null }, { $inc: { a: 1 } }, 14],
  [{ a: 1 }, { $inc: { a: 'x' } }, 14],
  [{ a: 1 }, { $mul: { a: null } }, 14],
  [{ a: 2n ** 63n - 1n }, { $inc: { a: 1 } }, 2],
  [{ a: 2n ** 62n }, { $mul: { a: 4 } }, 2],
  [{ a: 1 }, { $bit: { a: 5 } }, 2],
  [{ a: 1 }, { $bit: { a: {} } }, 2],
  [{ a: 1 }, { $bit: { a: { not: 1 } } }, 2],
  [{ a: 1 }, { $bit: { a: { and: 1.5 } } }, 2],
  [{ a: 1.5 }, { $bit: { a: { and: 1 } } }, 2],
  [{ a: 1 }, { $currentDate: { a: 1 } }, 2],
  [{ a: 1 }, { $currentDate: { a: { $type: 'x' } } }, 2],
  [{ a: 1 }, { $currentDate: { a: { x: 1 } } }, 2],
  [{ a: 1 }, { $push: { a: 1 } }, 2],
  [{ a: [] }, { $push: { a: { $each: 1 } } }, 2],
  [{ a: [] }, { $push: { a: { $each: [], $bad: 1 } } }, 2],
  [{ a: [] }, { $push: { a: { $each: [], $slice: 1.5 } } }, 2],
  [{ a: [] }, { $push: { a: { $each: [], $position: 'x' } } }, 2],
  [{ a: [] }, { $push: { a: { $each: [], $sort: 2 } } }, 2],
  [{ a: [] }, { $push: { a: { $each: [], $sort: {} } } }, 2],
  [{ a: [] }, { $push: { a: { $each: [], $sort: { b: 0 } } } }, 2],
  [{ a: [] }, { $push: { a: { $each: [], $sort: { 'b.': 1 } } } }, 2],
  [{ a: [] }, { $push: { a: { $each: [], $sort: 'x' } } }, 2],
  [{ a: 1 }, { $addToSet: { a: 1 } }, 2],
  [{ a: [] }, { $addToSet: { a: { $each: 1 } } }, 14],
  [{ a: [] }, { $addToSet: { a: { $each: [], $slice: 1 } } }, 2],
  [{ a: 1 }, { $pull: { a: 1 } }, 2],
  [{ a: [] }, { $pull: { a: { $bogus: 1 } } }, 2],
  [{ a: [] }, { $pull: { a: { $expr: true } } }, 224],
  [{ a: 1 }, { $pull: { 'a.b': 1 } }, 28],
  [{ a: 1 }, { $pullAll: { a: [1] } }, 2],
  [{ a: [] }, { $pullAll: { a: 1 } }, 2],
  [{ a: 1 }, { $pop: { a: 1 } }, 14],
  [{ a: [] }, { $pop: { a: 2 } }, 9],
  [{ a: [] }, { $pop: { a: 'x' } }, 9],
  [{ a: 1 }, { $pop: { 'a.b': 1 } }, 28],
  [{ a: 1 }, { $rename: { a: 5 } }, 2],
  [{ a: 1 }, { $rename: { a: 'a' } }, 2],
  [{ a: 1 }, { $rename: { a: 'a.b' } }, 2],
  [{ a: 1 }, { $rename: { 'a.$': 'b' } }, 2],
  [{ a: 1 }, { $rename: { a: 'b.$[]' } }, 2],
  [{ a: [{ b: 1 }] }, { $rename: { 'a.0.b': 'c' } }, 2],
  [{ a: 1, c: [1] }, { $rename: { a: 'c.0' } }, 2],
  [{ a: 1 }, { $rename: { 'a.b': 'c' } }, 28],
  [{ a: 1 }, { $set: { 'a.b': 1 } }, 28],
  [{ a: null }, { $set: { 'a.b': 1 } }, 28],
  [{ a: [] }, { $set: { 'a.b': 1 } }, 28],
  [{ a: [] }, { $set: { 'a.1500001': 1 } }, 34],
  [{}, { $set: { a: 1, 'a.b': 2 } }, 40],
  [{}, { $set: { 'a.b': 2 }, $inc: { a: 1 } }, 40],
  [{}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
  [{}, { $set: { a: 1 }, $rename: { b: 'a' } }, 40],
  [{ a: [1] }, { $set: { 'a.0': 1, 'a.$[]': 2 } }, 40],
  [{ a: [1] }, { $set: { 'a.0': 1, 'a.$': 2 } }, 40, { query: { a: 1 } }],
  [{ a: [1] }, { $set: { 'a.$[x]': 1, 'a.$[]': 2 } }, 40, { filters: [{ x: 1 }] }],
  [{}, { $bogus: { a: 1 } }, 9],
  [{}, { $set: 1 }, 9],
  [{}, { $set: { a: 1 }, b: 1 }, 9],
  [{}, { a: 1, $set: { b: 1 } }, 52],
  [{}, { $set: { '': 1 } }, 56],
  [{}, { $set: { 'a..b': 1 } }, 56],
  [{}, { $set: { $a: 1 } }, 52],
  [{}, { $inc: { '$a.b': 1 } }, 52],
  [{}, { $set: { '$.a': 1 } }, 2],
  [{}, { $set: { '$[].a': 1 } }, 2],
  [{}, { $set: { 'a.$.b.$': 1 } }, 2],
  [{ a: [1] }, { $set: { 'a.$': 1 } }, 2],
  [{ a: [1] }, { $set: { 'a.$': 1 } }, 2, { query: { $or: [{ a: 1 }, { b: 1 }] } }],
  [{ a: [1] }, { $set: { 'a.$': 1 } }, 2, { query: { a: 1 }, inserting: true }],
  [{}, { $set: { 'a.$[]': 1 } }, 2],
  [{ a: 1 }, { $set: { 'a.$[]': 1 } }, 2],
  [{ a: [1] }, { $set: { 'a.$[x]': 1 } }, 2],
  [{ a: [1] }, { $set: { 'a.$[]': 0 } }, 9, { filters: [{ x: 1 }] }],
  [{ a: [1] }, { $set: { 'a.$[x]': 0 } }, 9, { filters: [{ x: 1 }, { x: 2 }] }],
  [{ a: [1] }, { $set: { 'a.$[x]': 0 } }, 9, { filters: [{ x: 1, y: 2 }] }],
  [{ a: [1] }, { $set: { 'a.$[x]': 0 } }, 9, { filters: [{}] }],
  [{ a: [1] }, { $set: { 'a.$[X]': 0 } }, 2, { filters: [{ X: 1 }] }],
  [{ a: [1] }, { $set: { 'a.$[x]': 0 } }, 224, { filters: [{ $expr: true }] }],
  [{ a: [1] }, { a: 1 }, 9, { filters: [{ x: 1 }] }],
  [{ a: [1] }, [{ $set: { a: 1 } }], 9, { filters: [{ x: 1 }] }],
  [{}, [{ $match: {} }], 72],
])('%o refuses %o with code %d', (document, update, code, options) => {
  expect(() => apply(document, update, options)).toThrow(
    expect.objectContaining({ name: 'ServerError', code }),
  );
});

test('a pipeline may drop the _id, which then stays', () => {
  const id = new ObjectId();
  const kept = apply({ _id: id, a: 1 }, [{ $replaceWith: { b: '$a' } }]);
  expect(bytes(kept)).toBe(bytes(documentFrom({ _id: id, b: 1 })));
});

test('strings are collated in $min, $push, $addToSet, $pull and array filters', () => {
  const collator = compileCollation(documentFrom({ locale: 'en', strength: 2 }));
  const collated = (document: Plain, update: Plain, arrayFilters?: Plain[]) =>
    compileUpdate(
      documentFrom(update),
      { ...scope, collator },
      arrayFilters && { arrayFilters: valueFrom(arrayFilters) },
    ).apply(documentFrom(document), false);
  const becomes = (document: BsonDocument, expected: Plain) =>
    expect(bytes(document)).toBe(bytes(documentFrom(expected)));
  becomes(collated({ a: 'B' }, { $min: { a: 'b' } }), { a: 'B' });
  becomes(collated({ a: ['B', 'a'] }, { $push: { a: { $each: [], $sort: 1 } } }), {
    a: ['a', 'B'],
  });
  becomes(collated({ a: ['B'] }, { $addToSet: { a: 'b' } }), { a: ['B'] });
  becomes(collated({ a: ['B', 'c'] }, { $pull: { a: 'b' } }), { a: ['c'] });
  becomes(collated({ a: ['B', 'c'] }, { $pullAll: { a: ['b'] } }), { a: ['c'] });
  becomes(collated({ a: ['B', 'c'] }, { $set: { 'a.$[x]': 1 } }, [{ x: 'b' }]), { a: [1, 'c'] });
});

test.each<[Plain, Plain]>([
  [
    { b: 1, a: { $eq: 2 }, c: { $gt: 5 } },
    { a: 2, b: 1 },
  ],
  [{ 'a.b': 1, 'a.c': 2 }, { a: { b: 1, c: 2 } }],
  [{ $and: [{ a: 1 }, { $and: [{ b: { $eq: 2 } }] }] }, { a: 1, b: 2 }],
  [{ $or: [{ a: 1 }] }, { a: 1 }],
  [{ $or: [{ a: 1 }, { b: 1 }] }, {}],
  [{ a: { $in: [5] }, b: { $in: [1, 2] } }, { a: 5 }],
  [{ a: { $all: [5] } }, { a: 5 }],
  [{ a: null, b: new BSONRegExp('x'), $nor: [{ c: 1 }] }, { a: null }],
  [{ a: { $not: { $eq: 1 } }, b: { $ne: 1 } }, {}],
  [{ a: { $ref: 'c', $id: 1 } }, { a: { $ref: 'c', $id: 1 } }],
])('an upsert with %o starts from %o', (query, expected) => {
  expect(bytes(seedOf(documentFrom(query), false))).toBe(bytes(documentFrom(expected)));
});

test.each<[Plain, boolean, number]>([
  [{ a: 1, $and: [{ a: 2 }] }, false, 54],
  [{ a: {}, 'a.b': 1 }, false, 54],
  [{ a: { $all: [1, 2] } }, false, 54],
  [{ '_id.a': 1 }, true, 111],
])('an upsert with %o is refused (as replacement: %s) with code %d', (query, idOnly, code) => {
  expect(() => seedOf(documentFrom(query), idOnly)).toThrow(expect.objectContaining({ code }));
});

test('a replacement starts from the _id alone', () => {
  expect(seedOf(documentFrom({ _id: 1, a: 2 }), true)).toEqual(documentFrom({ _id: 1 }));
});

const operators = updateOperators.map(({ name }) => name).filter((name) => /^\$[a-z]/i.test(name));
const paths = fc.constantFrom('a', 'b', 'a.b', 'a.0', 'a.$[]', 'a.$', 'a.1.b', '_id', 'b.c.d');
const updates = fc
  .array(
    fc.tuple(
      fc.constantFrom(...operators),
      fc
        .array(fc.tuple(paths, fc.oneof(values, paths)), { maxLength: 2 })
        .map((entries): BsonDocument => new Map(entries)),
    ),
    { maxLength: 3 },
  )
  .map((entries): BsonDocument => new Map(entries));

test('whatever an update is, it yields a document or is refused, and leaves the old one alone', () => {
  fc.assert(
    fc.property(documents, updates, (document, update) => {
      const before = bytes(document);
      try {
        const query: BsonDocument = new Map<string, BsonValue>([['a', null]]);
        bytes(compileUpdate(update, scope, { query }).apply(document, false));
      } catch (error) {
        expect(error).toBeInstanceOf(ServerError);
      }
      expect(bytes(document)).toBe(before);
    }),
    { numRuns: 3000 },
  );
});

const operands: Readonly<Record<string, EncodableDocument[string]>> = {
  $currentDate: true,
  $rename: 'b',
  $pullAll: [],
  $bit: { and: 1 },
};

test.each(updateOperators)('$name is $is', ({ name }) => {
  const update: Plain =
    name.startsWith('$[') || name === '$'
      ? { $set: { [`a.${name.replace('<identifier>', 'x')}`]: 1 } }
      : /^\$(each|position|slice|sort)$/.test(name)
        ? { $push: { a: { $each: [], ...(name !== '$each' && { [name]: 1 }) } } }
        : { [name]: { a: operands[name] ?? 1 } };
  const filters = name === '$[<identifier>]' ? [{ x: 1 }] : [];
  expect(() =>
    compileUpdate(documentFrom(update), scope, { arrayFilters: valueFrom(filters) }),
  ).not.toThrow();
});
