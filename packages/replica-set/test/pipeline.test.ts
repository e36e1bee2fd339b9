import { expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import {
  type BsonDocument,
  documentToObject,
  type EncodableDocument,
} from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compilePipeline } from '../src/pipeline.ts';

const now = new Date(0);
const bson = (plain: EncodableDocument): BsonDocument => decodeDocument(encodeDocument(plain));

function run(documents: EncodableDocument[], stages: EncodableDocument[]): unknown[] {
  let flow: Iterable<BsonDocument> = documents.map(bson);
  for (const stage of compilePipeline(stages.map(bson))) flow = stage(flow, { now });
  return [...flow].map(documentToObject);
}

test.each<[EncodableDocument[], EncodableDocument[], unknown[]]>([
  [[{ a: 1 }, { a: 2 }], [{ $match: { a: 2 } }], [{ a: 2 }]],
  [[{ a: 2 }, { a: 1 }, { a: 3 }], [{ $sort: { a: -1 } }, { $skip: 1 }, { $limit: 1 }], [{ a: 2 }]],
  [[{ _id: 1, a: 1, b: 2 }], [{ $project: { a: 1 } }], [{ _id: 1, a: 1 }]],
  [[{ _id: 1, a: 1, b: 2 }], [{ $project: { _id: 0, c: '$b' } }], [{ c: 2 }]],
  [[{ _id: 1, a: 1, b: 2 }], [{ $project: { b: 0 } }], [{ _id: 1, a: 1 }]],
  [[{ a: { b: 1, c: 2 } }], [{ $project: { 'a.b': 1 } }], [{ a: { b: 1 } }]],
  [[{ a: [{ b: 1, c: 2 }, 5] }], [{ $project: { a: { b: 1 } } }], [{ a: [{ b: 1 }] }]],
  [[{ a: [{ b: 1, c: 2 }, 5] }], [{ $unset: 'a.b' }], [{ a: [{ c: 2 }, 5] }]],
  [[{ a: 1 }], [{ $set: { 'b.c': { $add: ['$a', 1] } } }], [{ a: 1, b: { c: 2 } }]],
  [[{ a: [1, 2] }, { a: [] }], [{ $unwind: '$a' }], [{ a: 1 }, { a: 2 }]],
  [[{ a: [] }], [{ $unwind: { path: '$a', preserveNullAndEmptyArrays: true } }], [{ a: [] }]],
  [[{ a: { b: 1 } }], [{ $replaceRoot: { newRoot: '$a' } }], [{ b: 1 }]],
  [[{}, {}], [{ $count: 'n' }], [{ n: 2 }]],
  [[], [{ $count: 'n' }], []],
  [
    [
      { k: 1, n: 1 },
      { k: 1n, n: 2 },
      { k: 'x', n: 4 },
    ],
    [{ $group: { _id: '$k', n: { $sum: '$n' }, all: { $push: '$n' }, most: { $max: '$n' } } }],
    [
      { _id: 1, n: 3, all: [1, 2], most: 2 },
      { _id: 'x', n: 4, all: [4], most: 4 },
    ],
  ],
  [
    [{ n: 1 }, { n: 2 }],
    [{ $group: { _id: null, mean: { $avg: '$n' } } }],
    [{ _id: null, mean: 1.5 }],
  ],
  [
    [{ n: 1 }, { n: 2 }, { n: 1 }],
    [{ $group: { _id: null, f: { $first: '$n' }, l: { $last: '$n' }, s: { $addToSet: '$n' } } }],
    [{ _id: null, f: 1, l: 1, s: [1, 2] }],
  ],
])('%o through %o gives %o', (documents, stages, expected) => {
  expect(run(documents, stages)).toEqual(expected);
});

test.each<[EncodableDocument, number]>([
  [{ $lookup: {} }, 40324],
  [{ $match: {}, $sort: { a: 1 } }, 40323],
  [{ $project: {} }, 51272],
  [{ $project: { a: 1, b: 0 } }, 31254],
  [{ $project: { a: 1, 'a.b': 1 } }, 31249],
  [{ $limit: 0 }, 15958],
  [{ $group: { n: { $sum: 1 } } }, 15955],
  [{ $group: { _id: null, n: { $bogus: '$n' } } }, 15952],
  [{ $sort: { a: 2 } }, 2],
])('refuses %o with code %d', (stage, code) => {
  expect(() => compilePipeline([bson(stage)])).toThrow(
    expect.objectContaining({ name: 'ServerError', code }),
  );
});
