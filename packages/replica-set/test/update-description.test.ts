import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import {
  type BsonDocument,
  type BsonValue,
  cloneValue,
  type EncodableDocument,
  isDocument,
} from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { setPath, unsetPath, valueAt } from '../src/field-path.ts';
import { compileUpdate } from '../src/update.ts';
import { describeUpdate } from '../src/update-description.ts';
import { documents } from './bson-values.ts';

const bson = (document: EncodableDocument): BsonDocument =>
  decodeDocument(encodeDocument(document));

describe('what an update changed, as MongoDB tells it', () => {
  const from = { _id: 1, n: 1, gone: 'x', deep: { a: 1, b: { c: 2 } }, list: [1, { k: 1 }, 3] };

  test.each<[string, EncodableDocument | EncodableDocument[], Record<string, unknown>]>([
    ['a field set', { $set: { n: 2 } }, { updatedFields: { n: 2 } }],
    ['a field removed', { $unset: { gone: 1 } }, { removedFields: ['gone'] }],
    [
      'a field renamed',
      { $rename: { gone: 'new' } },
      {
        updatedFields: { new: 'x' },
        removedFields: ['gone'],
      },
    ],
    ['a nested field', { $set: { 'deep.b.c': 3 } }, { updatedFields: { 'deep.b.c': 3 } }],
    ['a nested field removed', { $unset: { 'deep.b.c': 1 } }, { removedFields: ['deep.b.c'] }],
    ['an element of an array', { $set: { 'list.2': 9 } }, { updatedFields: { 'list.2': 9 } }],
    ['a field of an element', { $inc: { 'list.1.k': 1 } }, { updatedFields: { 'list.1.k': 2 } }],
    ['an element appended', { $push: { list: 4 } }, { updatedFields: { 'list.3': 4 } }],
    [
      'two elements appended',
      { $push: { list: { $each: [4, 5] } } },
      {
        updatedFields: { 'list.3': 4, 'list.4': 5 },
      },
    ],
    [
      'an element taken from an array',
      { $pop: { list: 1 } },
      {
        updatedFields: { list: [1, { k: 1 }] },
      },
    ],
    ['elements pulled', { $pull: { list: 1 } }, { updatedFields: { list: [{ k: 1 }, 3] } }],
    [
      'an array sorted anew',
      { $push: { list: { $each: [0], $sort: 1 } } },
      {
        updatedFields: { list: [0, 1, 3, { k: 1 }] },
      },
    ],
    ['another type', { $set: { deep: 1 } }, { updatedFields: { deep: 1 } }],
    ['another type of number', { $set: { n: 1n } }, { updatedFields: { n: 1n } }],
    [
      'a pipeline that cuts an array',
      [{ $set: { list: [1] } }],
      {
        truncatedArrays: [{ field: 'list', newSize: 1 }],
      },
    ],
    [
      'a pipeline that cuts and changes',
      [{ $set: { list: [1, { k: 2 }] } }],
      {
        updatedFields: { 'list.1.k': 2 },
        truncatedArrays: [{ field: 'list', newSize: 2 }],
      },
    ],
    [
      'a pipeline with an array of its own',
      [{ $set: { list: [7, 8] } }],
      {
        updatedFields: { list: [7, 8] },
      },
    ],
    [
      'a pipeline that moves a field forward',
      [{ $replaceWith: { _id: '$_id', gone: '$gone', n: '$n', deep: '$deep', list: '$list' } }],
      { updatedFields: { n: 1 } },
    ],
  ])('%s', (_, update, expected) => {
    const before = bson(from);
    const operand = bson({ u: update }).get('u');
    const compiled = compileUpdate(operand, { now: new Date() });
    const after = compiled.apply(before, false);
    const how = compiled.kind === 'pipeline' ? 'pipeline' : 'operators';
    const description = describeUpdate(before, after, how);
    const wanted = {
      updatedFields: {},
      removedFields: [],
      truncatedArrays: [],
      disambiguatedPaths: {},
      ...expected,
    };
    expect(encodeDocument({ ...description })).toEqual(encodeDocument(wanted as EncodableDocument));
  });

  test('a document whose names hold dots is told whole', () => {
    const before = new Map([['a', new Map<string, BsonValue>([['b.c', 1]])]]);
    const after = new Map([['a', new Map<string, BsonValue>([['b.c', 2]])]]);
    expect([...describeUpdate(before, after, 'operators').updatedFields]).toEqual([
      ['a', after.get('a')],
    ]);
  });
});

/** What a client does with a description to keep its copy. */
function applied(before: BsonDocument, how: 'operators' | 'pipeline', after: BsonDocument) {
  const { updatedFields, removedFields, truncatedArrays } = describeUpdate(before, after, how);
  const copy = cloneValue(before);
  for (const cut of truncatedArrays) {
    const array = valueAt(copy, String(cut.get('field')).split('.'));
    (array as BsonValue[]).length = Number(cut.get('newSize'));
  }
  for (const path of removedFields) unsetPath(copy, path.split('.'));
  for (const [path, value] of updatedFields) setPath(copy, path.split('.'), value);
  return copy;
}

/** The bytes of a document whose fields stand in the order of their names. */
function content(value: BsonValue): Uint8Array {
  const sorted = (inner: BsonValue): BsonValue => {
    if (Array.isArray(inner)) return inner.map(sorted);
    if (!isDocument(inner)) return inner;
    const fields = [...inner].map(([name, each]): [string, BsonValue] => [name, sorted(each)]);
    return new Map(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return encodeDocument({ value: sorted(value) });
}

/** A document and one that grew out of it, so that they share much. */
const pairs = fc
  .tuple(documents, documents, fc.infiniteStream(fc.nat(4)))
  .map(([first, other, dice]): [BsonDocument, BsonDocument] => {
    const mixed = (a: BsonValue, b: BsonValue): BsonValue => {
      const throwOf = dice.next().value;
      if (throwOf === 0) return b;
      if (Array.isArray(a)) {
        const kept = a.map((item) => mixed(item, b));
        return throwOf === 1 ? kept.slice(1) : throwOf === 2 ? kept.slice(0, -1) : [...kept, b];
      }
      if (!isDocument(a)) return throwOf === 1 ? b : a;
      const result: BsonDocument = new Map();
      for (const [name, value] of a) if (dice.next().value > 0) result.set(name, mixed(value, b));
      if (isDocument(b)) for (const [name, value] of b) result.set(name, value);
      return result;
    };
    const grown = mixed(first, other);
    return [first, isDocument(grown) ? grown : other];
  });

test.each(['operators', 'pipeline'] as const)(
  'a description by %s leads from the document before to the one after',
  (how) => {
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        expect(content(applied(before, how, after))).toEqual(content(after));
      }),
      { numRuns: 2000 },
    );
  },
);
