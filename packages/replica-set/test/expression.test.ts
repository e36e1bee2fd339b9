import { Double } from 'bson';
import { expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import {
  type BsonDocument,
  documentToObject,
  type EncodableDocument,
} from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compileExpression, missing } from '../src/expression.ts';

const now = new Date('2026-01-01T00:00:00Z');
const bson = (plain: EncodableDocument): BsonDocument => decodeDocument(encodeDocument(plain));

function evaluate(document: EncodableDocument, expression: EncodableDocument[string]): unknown {
  const compiled = compileExpression(bson({ e: expression }).get('e'));
  const value = compiled({ now, root: bson(document) });
  if (value === missing) return 'missing';
  return documentToObject(new Map([['value', value]])).value;
}

test.each<[EncodableDocument, EncodableDocument[string], unknown]>([
  [{ a: 1 }, '$a', 1],
  [{ a: { b: 2 } }, '$a.b', 2],
  [{ a: [{ b: 1 }, {}, { b: 2 }] }, '$a.b', [1, 2]],
  [{}, '$a', 'missing'],
  [{ a: 1 }, { $literal: '$a' }, '$a'],
  [{ a: 1 }, { x: '$a', y: '$none' }, { x: 1 }],
  [{}, ['$none', 1], [null, 1]],
  [{}, '$$NOW', now],
  [{ a: 1 }, '$$ROOT.a', 1],
  [{ a: 1n }, { $add: ['$a', 1] }, 2n],
  [{ a: 2147483647 }, { $add: ['$a', 1] }, 2147483648n],
  [{ a: 0.5 }, { $add: ['$a', 0.5] }, new Double(1)],
  [{}, { $add: ['$$NOW', 1000] }, new Date(now.getTime() + 1000)],
  [{}, { $add: ['$none', 1] }, null],
  [{}, { $subtract: ['$$NOW', new Date(now.getTime() - 5)] }, 5n],
  [{ a: 3 }, { $subtract: ['$a', 3] }, 0],
  [{ a: 3n }, { $multiply: ['$a', 2] }, 6n],
  [{ a: 3 }, { $divide: ['$a', 2] }, 1.5],
  [{ a: 1 }, { $lt: ['$none', '$a'] }, true],
  [{ a: 1 }, { $eq: ['$a', 1n] }, true],
  [{ a: 0 }, { $cond: ['$a', 'yes', 'no'] }, 'no'],
  [{ a: 1 }, { $cond: { if: '$a', then: 'yes', else: 'no' } }, 'yes'],
  [{}, { $ifNull: ['$none', 7] }, 7],
  [
    { a: 2 },
    { $switch: { branches: [{ case: { $eq: ['$a', 2] }, then: 'two' }], default: 'x' } },
    'two',
  ],
  [{ a: [1, 2, 3] }, { $filter: { input: '$a', as: 'n', cond: { $gt: ['$$n', 1] } } }, [2, 3]],
  [{ a: [1, 2] }, { $map: { input: '$a', in: { $add: ['$$this', 1] } } }, [2, 3]],
  [
    { a: [1, 2, 3] },
    { $reduce: { input: '$a', initialValue: 10, in: { $subtract: ['$$value', '$$this'] } } },
    4,
  ],
  [{ a: [] }, { $reduce: { input: '$a', initialValue: '$none', in: '$$this' } }, 'missing'],
  [{}, { $reduce: { input: '$a', initialValue: 1, in: '$$this' } }, null],
  [
    { a: [[1, 2], [3]] },
    {
      $map: {
        input: '$a',
        in: {
          $reduce: { input: '$$this', initialValue: 0, in: { $add: ['$$value', '$$this'] } },
        },
      },
    },
    [3, 3],
  ],
  [{ a: 1 }, { $let: { vars: { x: '$a', y: 2 }, in: { $add: ['$$x', '$$y', '$a'] } } }, 4],
  [{}, { $let: { vars: { x: { y: 3 } }, in: '$$x.y' } }, 3],
  [{}, { $let: { vars: { x: '$none' }, in: { $type: '$$x' } } }, 'missing'],
  [{}, { $let: { vars: { x: '$none' }, in: '$$x.y' } }, 'missing'],
  [
    { a: 1 },
    { $let: { vars: { x: 5 }, in: { $let: { vars: { x: 7, y: '$$x' }, in: ['$$x', '$$y'] } } } },
    [7, 5],
  ],
  [{ a: [1, 2] }, { $arrayElemAt: ['$a', -1] }, 2],
  [{ a: [] }, { $arrayElemAt: ['$a', 0] }, 'missing'],
  [{ a: [1], b: [2] }, { $concatArrays: ['$a', '$b'] }, [1, 2]],
  [{ a: [1, 2, 3] }, { $slice: ['$a', -2] }, [2, 3]],
  [{ a: [1, 2, 1] }, { $indexOfArray: ['$a', 1] }, 0],
  [{ a: [1, 2, 1] }, { $indexOfArray: ['$a', 1, 1] }, 2],
  [{ a: [1, 2, 1] }, { $indexOfArray: ['$a', 1, 1, 2] }, -1],
  [{ a: [{ b: 1 }, { b: 2 }] }, { $indexOfArray: ['$a.b', 2] }, 1],
  [{}, { $indexOfArray: ['$a', 1] }, null],
  [{ a: [1, 2n] }, { $in: [2, '$a'] }, true],
  [{ a: [3, 9] }, { $max: '$a' }, 9],
  [{ a: { x: 1 } }, { $mergeObjects: ['$a', { y: 2 }] }, { x: 1, y: 2 }],
  [{ a: 'x' }, { $concat: ['$a', 'y'] }, 'xy'],
  [{ a: 5n }, { $type: '$a' }, 'long'],
  [{}, { $type: '$a' }, 'missing'],
  [
    {},
    { $dateAdd: { startDate: '$$NOW', unit: 'hour', amount: 1 } },
    new Date('2026-01-01T01:00:00Z'),
  ],
  [{ a: 1 }, { $getField: 'a' }, 1],
  [{ a: 1 }, { $getField: { field: 'b', input: { b: 2 } } }, 2],
  [{ a: 1 }, { $getField: 'b' }, 'missing'],
  [{}, { $setField: { field: 'a.b', input: '$$ROOT', value: 1 } }, { 'a.b': 1 }],
  [
    { a: 1 },
    { $setField: { field: { $literal: '$a' }, input: '$$ROOT', value: 2 } },
    { a: 1, $a: 2 },
  ],
  [{ a: 1, b: 2 }, { $setField: { field: 'a', input: '$$ROOT', value: '$$REMOVE' } }, { b: 2 }],
  [{ a: 1, b: 2 }, { $unsetField: { field: 'a', input: '$$ROOT' } }, { b: 2 }],
  [{}, { $setField: { field: 'a', input: null, value: 1 } }, null],
])('on %o, %o is %o', (document, expression, value) => {
  expect(evaluate(document, expression)).toEqual(value);
});

test.each<[EncodableDocument[string], number]>([
  [{ $function: { body: 'x', args: [], lang: 'js' } }, 168],
  [{ $bogus: 1 }, 168],
  [{ $add: [1], $subtract: [1, 1] }, 15983],
  [{ $subtract: [1] }, 16020],
  [{ $setField: { field: '$a', input: {}, value: 1 } }, 5654600],
  [{ $setField: { field: 1, input: {}, value: 1 } }, 5654602],
  [{ $let: { in: 1 } }, 16876],
  [{ $let: { vars: {} } }, 28648],
  [{ $let: { vars: { X: 1 }, in: 1 } }, 9],
])('refuses %o with code %d when it is compiled', (expression, code) => {
  expect(() => compileExpression(bson({ e: expression }).get('e'))).toThrow(
    expect.objectContaining({ name: 'ServerError', code }),
  );
});

test.each<[EncodableDocument[string], number]>([
  [{ $add: ['x', 1] }, 14],
  [{ $divide: [1, 0] }, 2],
  [{ $size: 1 }, 17124],
  [{ $reduce: { input: 1, initialValue: 0, in: 1 } }, 17124],
  [{ $multiply: [2n ** 62n, 4] }, 2],
  ['$$nothing', 17276],
])('%o fails with code %d', (expression, code) => {
  expect(() => evaluate({}, expression)).toThrow(expect.objectContaining({ code }));
});
