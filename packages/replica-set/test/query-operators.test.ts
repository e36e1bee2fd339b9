/** Each query operator against tables of the manual, with values of all kinds. */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Decimal128,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { expect, test } from 'vitest';
import type { EncodableDocument } from '../src/bson-document.ts';
import { compilePosition } from '../src/match-position.ts';
import { compileQuery } from '../src/matcher.ts';
import { queryOperators } from './language/query-operators.ts';
import { documentFrom } from './plain-bson.ts';

const scope = { now: new Date('2026-01-01') };
const matches = (document: EncodableDocument, query: EncodableDocument) =>
  compileQuery(documentFrom(query), scope)(documentFrom(document));

const decimal = (text: string) => Decimal128.fromString(text);
const nan = Number.NaN;
const id = new ObjectId('64b000000000000000000001');
const bytes = (...values: number[]) => new Binary(new Uint8Array(values));

/** Values of the field `a`; `absent` for a document without it. */
const absent = Symbol('absent');
type Value = EncodableDocument[string] | typeof absent;
const documentOf = (a: Value): EncodableDocument => (a === absent ? {} : { a });

/** An operator, its operand, the values that pass, and those that do not. */
const tables: [operator: string, operand: EncodableDocument[string], yes: Value[], no: Value[]][] =
  [
    [
      '$eq',
      1,
      [1, 1n, new Double(1), decimal('1.0'), [2, 1], [1n]],
      [2, '1', true, null, absent, [[1]]],
    ],
    ['$eq', decimal('0.1'), [decimal('0.10')], [0.1]],
    ['$eq', 0.1, [0.1], [decimal('0.1')]],
    ['$eq', 2n ** 53n + 1n, [2n ** 53n + 1n], [2 ** 53, 2 ** 53 + 2]],
    ['$eq', new Double(-0), [0, 0n, decimal('0')], [1]],
    ['$eq', nan, [nan, decimal('NaN')], [0, null]],
    ['$eq', null, [null, absent, [null]], [undefined, 0, [], [undefined], [[null]]]],
    ['$eq', 'x', ['x', new BSONSymbol('x'), ['x']], ['X', absent]],
    ['$eq', [1, 2], [[1, 2], [1n, 2], [[1, 2]]], [[2, 1], [1, 2, 3], 1]],
    ['$eq', [], [[], [[]]], [null, absent, [1]]],
    ['$eq', { x: 1, y: 2 }, [{ x: 1n, y: 2 }, [{ x: 1, y: 2 }]], [{ y: 2, x: 1 }, { x: 1 }]],
    ['$eq', {}, [{}, [{}]], [{ x: 1 }, null]],
    ['$eq', new BSONRegExp('^a'), [new BSONRegExp('^a')], ['a', new BSONRegExp('^a', 'i')]],
    ['$eq', id, [id], [id.toHexString()]],
    ['$eq', new Date(5), [new Date(5)], [5, new Timestamp({ t: 0, i: 5 })]],
    ['$eq', bytes(1, 2), [bytes(1, 2)], [new Binary(new Uint8Array([1, 2]), 5), bytes(1)]],
    ['$eq', new MinKey(), [new MinKey()], [null, absent, new MaxKey()]],
    ['$eq', { $ref: 'c', $id: 1 }, [{ $ref: 'c', $id: 1 }], [{ $ref: 'c', $id: 2 }]],
    ['$ne', 1, [2, null, absent, [], '1'], [1, 1n, [1, 2]]],
    ['$ne', null, [1, [], undefined], [null, absent, [null]]],
    [
      '$gt',
      1,
      [2, 1.5, 2n, decimal('1.1'), [0, 2], Number.POSITIVE_INFINITY],
      [1, 0, nan, '2', null, absent],
    ],
    ['$gt', nan, [], [nan, 1, Number.POSITIVE_INFINITY]],
    ['$gte', nan, [nan, decimal('NaN')], [1, null]],
    ['$gte', null, [null, absent], [1, undefined]],
    ['$gt', null, [], [null, absent, 1]],
    ['$gte', 0, [0, new Double(-0), 0n], [nan, -1, false]],
    ['$lt', 2n ** 53n + 1n, [2 ** 53], [2n ** 53n + 1n, 2 ** 53 + 2]],
    ['$lt', 5, [4, [9, 4], Number.NEGATIVE_INFINITY], [5, nan, null, [9]]],
    ['$lte', decimal('1E400'), [Number.MAX_VALUE, decimal('1E400')], [Number.POSITIVE_INFINITY]],
    ['$gt', 'b', ['c', 'ba', new BSONSymbol('c')], ['b', 'a', 'B', 5]],
    ['$gt', '\u{ffff}', ['\u{10000}'], ['\u{e000}']],
    ['$lt', [2], [[1], [[1]], []], [[2], 1]],
    ['$gt', { x: 1 }, [{ x: 2 }, { x: 1, y: 0 }, { y: 1 }], [{ x: 1 }, {}, []]],
    ['$gt', new MinKey(), [1, null, absent, new MaxKey(), []], [new MinKey()]],
    ['$gte', new MinKey(), [new MinKey(), absent], []],
    ['$lt', new MaxKey(), [1, absent, new MinKey()], [new MaxKey()]],
    ['$lt', new MinKey(), [], [1, absent, new MinKey()]],
    ['$lte', new MaxKey(), [new MaxKey(), 'x'], []],
    ['$gte', false, [false, true, [true]], [0, 1]],
    ['$lt', new Date(9), [new Date(8)], [8, new Date(9)]],
    ['$in', [1, 'x', null], [1n, 'x', null, absent, [1], decimal('1')], [2, undefined, [], 'y']],
    [
      '$in',
      [new BSONRegExp('^a', 'i'), 5],
      ['Ab', 5, ['b', 'a'], new BSONRegExp('^a', 'i')],
      ['b', 6],
    ],
    ['$in', [], [], [null, absent, []]],
    ['$in', [[1, 2]], [[1, 2], [[1, 2]]], [1, [1]]],
    ['$in', [2n ** 53n + 1n], [2n ** 53n + 1n], [2 ** 53]],
    ['$in', [nan], [nan, decimal('NaN')], [null]],
    ['$in', [{ x: 1 }], [{ x: 1n }], [{ x: 1, y: 1 }]],
    ['$nin', [1, null], [2, [], 'x'], [1, absent, [1]]],
    ['$exists', true, [1, null, undefined, []], [absent]],
    ['$exists', false, [absent], [null, []]],
    ['$exists', 0, [absent], [1]],
    ['$type', 'double', [1.5, new Double(1), [1.5]], [1, 1n, decimal('1'), [], absent]],
    ['$type', 'int', [1, [1]], [1.5, 1n]],
    ['$type', 'long', [1n], [1]],
    ['$type', 'decimal', [decimal('1')], [1]],
    ['$type', 'number', [1, 1n, 1.5, decimal('1')], ['1', null]],
    ['$type', 'array', [[], [1], [[]]], [1, null]],
    ['$type', 'string', ['x', ['x']], [new BSONSymbol('x')]],
    ['$type', [2, 'null'], ['x', null], [1, absent]],
    ['$type', 5, [bytes(1)], [1]],
    ['$type', 7, [id], ['x']],
    ['$type', -1, [new MinKey()], [new MaxKey()]],
    ['$type', 127, [new MaxKey()], [null]],
    ['$type', 'undefined', [undefined], [null, absent]],
    ['$type', new Double(16), [1], ['x']],
    ['$not', { $gt: 1 }, [1, 'x', absent, [0]], [2, [0, 2]]],
    ['$not', { $gt: 1, $lt: 5 }, [0, 9, [0]], [3, [0, 9]]],
    ['$not', new BSONRegExp('^a'), ['b', 1, absent], ['a', ['b', 'a']]],
    ['$not', { $not: { $eq: 1 } }, [1], [2]],
    [
      '$mod',
      [4, 1],
      [5, 5n, 5.9, decimal('5.9'), [2, 5]],
      [4, -5, '5', nan, Number.POSITIVE_INFINITY, null],
    ],
    ['$mod', [4, -1], [-5], [5]],
    ['$mod', [4.9, 1.9], [5], [6]],
    ['$mod', [-4, 1], [5], [-5]],
    ['$mod', [3n, 0n], [2n ** 62n - 1n], [2n ** 62n, 2 ** 64]],
    ['$mod', [decimal('2'), decimal('0')], [4], [3]],
    [
      '$regex',
      '^a',
      ['ab', new BSONSymbol('ab'), ['b', 'a'], new BSONRegExp('^a')],
      ['b', 5, absent, [['a']]],
    ],
    [
      '$size',
      2,
      [
        [1, 2],
        [[], []],
      ],
      [[1], 2, [[1, 2]]],
    ],
    ['$size', 0n, [[]], [[1], absent, null]],
    ['$size', new Double(1), [[[1, 2]]], [[1, 2]]],
    [
      '$all',
      [1, 2],
      [
        [2, 1],
        [1, 2, 3],
      ],
      [1, [1], [[1, 2]]],
    ],
    ['$all', [1], [1, [1]], [2]],
    ['$all', [], [], [[], 1]],
    ['$all', [[1, 2]], [[1, 2], [[1, 2]]], [[1], [2, 1]]],
    ['$all', [null], [null, absent, [null]], [[], 1]],
    ['$all', [new BSONRegExp('^a'), 'b'], [['a1', 'b']], [['a1'], ['b']]],
    [
      '$all',
      [{ $elemMatch: { x: 1 } }, { $elemMatch: { x: 2 } }],
      [[{ x: 1 }, { x: 2 }]],
      [[{ x: 1 }]],
    ],
    ['$elemMatch', { $gt: 4, $lt: 6 }, [[5], [1, 5]], [[1, 10], 5, [[5]]]],
    ['$elemMatch', { x: 1, y: 2 }, [[{ x: 1, y: 2 }]], [[{ x: 1 }, { y: 2 }], { x: 1, y: 2 }]],
    ['$elemMatch', {}, [[{}], [[]]], [[], [1], {}]],
    ['$elemMatch', { 0: 1 }, [[[1]], [{ 0: 1 }]], [[1]]],
    ['$elemMatch', { $elemMatch: { $eq: 1 } }, [[[1]]], [[1]]],
    ['$elemMatch', { $or: [{ x: 1 }, { y: 1 }] }, [[{ y: 1 }]], [[{ z: 1 }]]],
    ['$elemMatch', { $not: { $gt: 3 } }, [[5, 1]], [[5], []]],
    [
      '$elemMatch',
      { $ref: 'c', $id: 1 },
      [[{ $ref: 'c', $id: 1 }], [{ $ref: 'c', $id: 1, $db: 'd' }]],
      [[{ $ref: 'c' }]],
    ],
    ['$elemMatch', { $in: [[1]] }, [[[1]]], [[1]]],
    ['$elemMatch', { $size: 1 }, [[[1]]], [[1]]],
    [
      '$bitsAllSet',
      5,
      [5, 7n, new Double(7), -1, decimal('7'), bytes(5), [0, 5]],
      [4, 5.5, '5', nan, 2 ** 64, absent],
    ],
    ['$bitsAllSet', [0, 2], [5], [1, 4]],
    ['$bitsAllSet', bytes(5), [5, 13], [1]],
    ['$bitsAllSet', [63], [-1, -(2n ** 63n)], [2n ** 62n]],
    ['$bitsAllSet', [100], [-1], [1, bytes(255)]],
    ['$bitsAllSet', 0, [0, 5], ['x']],
    ['$bitsAnySet', [0, 9], [1, 512, bytes(0, 2)], [2, 0]],
    ['$bitsAnySet', 0, [], [1]],
    ['$bitsAllClear', 5, [0, 2, bytes(2), bytes()], [1, 5, -1]],
    ['$bitsAnyClear', 5, [0, 1, 4], [5, -1]],
  ];

test.each(tables)('{ a: { %s: %o } }', (operator, operand, yes, no) => {
  for (const value of yes) {
    expect(matches(documentOf(value), { a: { [operator]: operand } }), String(value)).toBe(true);
  }
  for (const value of no) {
    expect(matches(documentOf(value), { a: { [operator]: operand } }), String(value)).toBe(false);
  }
});

test.each<[EncodableDocument, EncodableDocument, boolean]>([
  // Paths through documents and arrays.
  [{ a: { b: 1 } }, { 'a.b': 1 }, true],
  [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.b': 2 }, true],
  [{ a: [{ b: [1, 2] }] }, { 'a.b': 2 }, true],
  [{ a: [{ b: [1, 2] }] }, { 'a.b': [1, 2] }, true],
  [{ a: [[{ b: 1 }]] }, { 'a.b': 1 }, false],
  [{ a: [[{ b: 1 }]] }, { 'a.0.b': 1 }, true],
  [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.1.b': 2 }, true],
  [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.01.b': 2 }, false],
  [{ a: [[1, 2], 3] }, { 'a.0': 1 }, false],
  [{ a: [[1, 2], 3] }, { 'a.0': [1, 2] }, true],
  [{ a: { 0: 5 } }, { 'a.0': 5 }, true],
  [{ a: [{ 0: 5 }] }, { 'a.0': 5 }, true],
  [{ a: [5, { 0: 6 }] }, { 'a.0': 6 }, true],
  [{ '': 1 }, { '': 1 }, true],
  [{ a: { '': 1 } }, { 'a.': 1 }, true],
  [{ __proto__x: 1 }, { constructor: { $exists: true } }, false],
  // Null and what is missing.
  [{ a: {} }, { 'a.b': null }, true],
  [{ a: 5 }, { 'a.b': null }, true],
  [{ a: [] }, { 'a.b': null }, false],
  [{ a: [1, 2] }, { 'a.b': null }, false],
  [{ a: [{}, { b: 1 }] }, { 'a.b': null }, true],
  [{ a: [{ b: 1 }] }, { 'a.b': null }, false],
  [{ a: [1] }, { 'a.0.b': null }, false],
  [{ a: [{ b: 1 }, 5] }, { 'a.b': { $exists: false } }, false],
  [{ a: [1, 2] }, { 'a.b': { $exists: false } }, true],
  [{ a: [1] }, { 'a.0': { $exists: true } }, true],
  [{ a: [1] }, { 'a.1': { $exists: false } }, true],
  [{ a: [{ b: 1 }, { c: 1 }] }, { 'a.b': { $ne: 1 } }, false],
  // Several conditions on one field.
  [{ a: [1, 10] }, { a: { $gt: 4, $lt: 6 } }, true],
  [{ a: 3 }, { a: { $gt: 1, $lt: 5, $ne: 3 } }, false],
  [{ a: 'Ab' }, { a: { $regex: '^a', $options: 'i' } }, true],
  [{ a: 'Ab' }, { a: { $options: 'i', $regex: '^a' } }, true],
  [{ a: 'ab' }, { a: { $regex: new BSONRegExp('^A'), $options: 'i' } }, true],
  [{ a: 'a\nb' }, { a: { $regex: '^b', $options: 'm' } }, true],
  [{ a: 'a b' }, { a: { $regex: 'a \\s b # why', $options: 'x' } }, true],
  [{ a: 'ab' }, { a: new BSONRegExp('B', 'i') }, true],
  [{ a: 1 }, { a: { $comment: 'why', $gt: 0 } }, true],
  // Logic.
  [{ a: 1, b: 2 }, { $and: [{ a: 1 }, { b: 2 }] }, true],
  [{ a: 1, b: 2 }, { $and: [{ a: 1 }, { b: 3 }] }, false],
  [{ a: 1 }, { $or: [{ a: 2 }, { b: null }] }, true],
  [{ a: 1 }, { $nor: [{ a: 2 }, { a: 1 }] }, false],
  [{ a: 1 }, { $nor: [{ a: 2 }] }, true],
  [{ a: 1 }, { $alwaysTrue: 1 }, true],
  [{ a: 1 }, { $alwaysFalse: 1 }, false],
  [{ a: 1 }, { $comment: { any: 'thing' }, a: 1 }, true],
  [{ a: 3, b: 2 }, { $expr: { $gt: ['$a', '$b'] } }, true],
  [{ a: 3, b: 2 }, { $or: [{ $expr: { $lt: ['$a', '$b'] } }, { b: 5 }] }, false],
  [{}, { $expr: { $lt: [{ $rand: {} }, 1] } }, true],
  [{}, { $sampleRate: 1 }, true],
  [{}, { $sampleRate: 0 }, false],
  [{ a: { $ref: 'c', $id: 7 } }, { 'a.$id': 7 }, true],
  [{}, {}, true],
])('%o under %o: %s', (document, query, expected) => {
  expect(matches(document, query)).toBe(expected);
});

test.each<[EncodableDocument, number]>([
  [{ $bogus: 1 }, 2],
  [{ a: { $bogus: 1 } }, 2],
  [{ a: { $gt: 1, b: 2 } }, 2],
  [{ a: { $ref: 'c' } }, 2],
  [{ $and: [] }, 2],
  [{ $or: 1 }, 2],
  [{ $nor: [1] }, 2],
  [{ a: { $eq: undefined } }, 2],
  [{ a: { $gt: new BSONRegExp('a') } }, 2],
  [{ a: { $ne: new BSONRegExp('a') } }, 2],
  [{ a: { $in: 1 } }, 2],
  [{ a: { $in: [{ $gt: 1 }] } }, 2],
  [{ a: { $nin: [undefined] } }, 2],
  [{ a: { $not: 1 } }, 2],
  [{ a: { $not: {} } }, 2],
  [{ a: { $not: { b: 1 } } }, 2],
  [{ a: { $mod: 1 } }, 2],
  [{ a: { $mod: [] } }, 2],
  [{ a: { $mod: [1] } }, 2],
  [{ a: { $mod: [1, 2, 3] } }, 2],
  [{ a: { $mod: ['x', 1] } }, 2],
  [{ a: { $mod: [1, 'x'] } }, 2],
  [{ a: { $mod: [0, 1] } }, 2],
  [{ a: { $mod: [0.5, 1] } }, 2],
  [{ a: { $mod: [nan, 1] } }, 2],
  [{ a: { $mod: [2 ** 64, 1] } }, 2],
  [{ a: { $size: -1 } }, 2],
  [{ a: { $size: 1.5 } }, 2],
  [{ a: { $size: 'x' } }, 2],
  [{ a: { $type: 'nothing' } }, 2],
  [{ a: { $type: 0 } }, 2],
  [{ a: { $type: 99 } }, 2],
  [{ a: { $type: 1.5 } }, 2],
  [{ a: { $type: {} } }, 14],
  [{ a: { $type: [] } }, 9],
  [{ a: { $regex: 5 } }, 2],
  [{ a: { $regex: '(' } }, 51091],
  [{ a: { $regex: 'a', $options: 5 } }, 2],
  [{ a: { $regex: 'a', $options: 'g' } }, 51108],
  [{ a: { $options: 'i' } }, 2],
  [{ a: { $regex: new BSONRegExp('a', 'i'), $options: 'i' } }, 51075],
  [{ a: { $options: 'i', $regex: new BSONRegExp('a', 'i') } }, 51074],
  [{ a: { $all: 1 } }, 2],
  [{ a: { $all: [{ $gt: 1 }] } }, 2],
  [{ a: { $all: [{ $elemMatch: {} }, 1] } }, 2],
  [{ a: { $elemMatch: 1 } }, 2],
  [{ a: { $elemMatch: { $bogus: 1 } } }, 2],
  [{ a: { $elemMatch: { $expr: true } } }, 2],
  [{ a: { $elemMatch: { $or: 1 } } }, 2],
  [{ a: { $bitsAllSet: 'x' } }, 2],
  [{ a: { $bitsAllSet: -1 } }, 9],
  [{ a: { $bitsAllSet: 1.5 } }, 9],
  [{ a: { $bitsAllSet: 2 ** 64 } }, 9],
  [{ a: { $bitsAllSet: [-1] } }, 2],
  [{ a: { $bitsAllSet: ['x'] } }, 2],
  [{ a: { $bitsAllSet: [1.5] } }, 2],
  [{ a: { $bitsAllSet: [2 ** 40] } }, 2],
  [{ a: { $bitsAllSet: [nan] } }, 2],
  [{ a: { $where: '1' } }, 2],
  [{ $sampleRate: 2 }, 2],
  [{ $sampleRate: nan }, 2],
  [{ $sampleRate: 'x' }, 2],
  [{ $alwaysTrue: 2 }, 9],
  [{ $expr: { $bogus: 1 } }, 168],
  [{ $jsonSchema: 1 }, 14],
])('refuses %o with code %d before it has seen a document', (query, code) => {
  expect(() => compileQuery(documentFrom(query), scope)).toThrow(
    expect.objectContaining({ name: 'ServerError', code }),
  );
});

test.each<[EncodableDocument, number]>([
  [{ $expr: true }, 224],
  [{ $jsonSchema: {} }, 224],
  [{ $text: { $search: 'x' } }, 2],
  [{ $where: '1' }, 2],
  [{ a: { $near: [0, 0] } }, 2],
])('a plain query refuses %o with code %d', (query, code) => {
  expect(() => compileQuery(documentFrom(query), scope, { plain: true })).toThrow(
    expect.objectContaining({ code }),
  );
});

test.each<[EncodableDocument, EncodableDocument, number | undefined]>([
  [{ a: [1, 5, 9] }, { a: 5 }, 1],
  [{ a: [1, 5, 9] }, { a: { $elemMatch: { $gt: 4 } } }, 1],
  [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.b': 2 }, 1],
  [{ a: [{ b: [9, 8] }, { b: [7, 2] }] }, { 'a.b': 2 }, 1],
  [{ a: [{ b: 1 }, { b: 2 }] }, { a: { $elemMatch: { b: 2 } } }, 1],
  [{ a: [1, 2], b: [3, 4] }, { a: 1, b: 4 }, 1],
  [{ a: [1, 2] }, { a: [1, 2] }, undefined],
  [{ a: [5] }, { 'a.0': 5 }, undefined],
  [{ a: [1, 2] }, { $or: [{ a: 9 }, { a: 2 }] }, 1],
  [{ a: [1, 2] }, { a: { $ne: 5 } }, undefined],
  [{ a: [1, 2, 3] }, { a: { $all: [3, 2] } }, 1],
  // Of several clauses the last in MongoDB's order of operators and fields counts, however they stand.
  [{ a: [1, 5, 9] }, { a: { $gt: 3, $lt: 8 } }, 1],
  [{ a: [1, 5, 9] }, { a: { $lt: 8, $gt: 3 } }, 1],
  [{ a: [1, 2], b: [3, 4] }, { b: 4, a: 1 }, 1],
  [{ a: [1, 2] }, { $and: [{ a: { $in: [2, 3] } }, { a: 1 }] }, 1],
  [{ a: [1, 5] }, { a: { $gt: 3, $elemMatch: { $lt: 3 } } }, 1],
  [{ a: ['x', 'y'] }, { a: { $regex: 'Y', $options: 'i', $gte: 'x' } }, 1],
  // An $or meets nothing, unless it is a choice of values.
  [{ a: [1, 2], b: 1 }, { $or: [{ a: 2 }, { b: 2 }] }, undefined],
  [{ a: [1, 2] }, { $or: [{ a: { $gt: 1 } }] }, 1],
])('%o under %o has met the element %s', (document, query, position) => {
  const [given, asked] = [documentFrom(document), documentFrom(query)];
  expect(compileQuery(asked, scope)(given)).toBe(true);
  expect(compilePosition(asked, scope)(given)).toBe(position);
});

const operands: Readonly<Record<string, EncodableDocument[string]>> = {
  $in: [],
  $nin: [],
  $all: [],
  $mod: [1, 0],
  $not: { $gt: 1 },
  $elemMatch: {},
  $type: 'int',
  $and: [{}],
  $or: [{}],
  $nor: [{}],
  $regex: 'a',
  $jsonSchema: {},
};

test.each(queryOperators)('$name is $is', ({ name, is, code }) => {
  const operand = operands[name] ?? 1;
  const attempt = (query: EncodableDocument): number | undefined => {
    try {
      compileQuery(documentFrom(query), scope);
      return undefined;
    } catch (error) {
      return (error as { code: number }).code;
    }
  };
  const beside = attempt({ [name]: operand });
  const inside = attempt({ a: { [name]: operand } });
  const within = attempt({ $expr: { [name]: {} } });
  if (is === 'refused') expect([beside, inside]).toContain(code);
  else expect([beside, inside, within]).toContain(undefined);
});
