import { BSONRegExp } from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BsonDocument, BsonValue } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { Catalog, createOperation } from '../src/catalog.ts';
import type { Collection } from '../src/collection.ts';
import { DatabaseFile } from '../src/database-file.ts';
import { checkIndexSpec } from '../src/index-spec.ts';
import { withoutPauses } from '../src/pause.ts';
import { countByKeys, findMatches, type Selection } from '../src/query.ts';
import { ServerError } from '../src/server-error.ts';
import { compileSort } from '../src/sort.ts';
import { compareSortKeys, sortKeyOf } from '../src/stage/sort-key.ts';

const namespace = 'db.things';
const scope = { now: new Date(0) };

function orderBy(keys: ReturnType<typeof compileSort>, a: BsonDocument, b: BsonDocument): number {
  return compareSortKeys(keys, sortKeyOf(keys, a), sortKeyOf(keys, b));
}

/** Few values, so that queries meet documents, and of each kind the ones that are easily got wrong. */
const scalar: fc.Arbitrary<BsonValue> = fc.constantFrom<BsonValue[]>(
  1,
  2,
  0,
  1,
  2,
  -1,
  1n,
  2.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  null,
  '',
  'a',
  'a\0',
  'ab',
  'b',
  new BSONRegExp('^a'),
  true,
  false,
  new Date(0),
  new Date(5),
);
const leaf: fc.Arbitrary<BsonValue> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
);
const inner: fc.Arbitrary<BsonDocument> = fields(['x', 'y', '0'], leaf);
const value: fc.Arbitrary<BsonValue> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 2, arbitrary: inner },
  { weight: 2, arbitrary: fc.array(fc.oneof(inner, scalar), { maxLength: 3 }) },
);
const documents = fc.array(fields(['a', 'b', 'c'], value), { maxLength: 25 });

function fields(
  names: readonly string[],
  each: fc.Arbitrary<BsonValue>,
): fc.Arbitrary<BsonDocument> {
  return fc
    .tuple(...names.map(() => fc.option(each, { nil: undefined, freq: 3 })))
    .map((values) => {
      const present = names.map((name, at): [string, BsonValue] => [name, values[at]]);
      return new Map(present.filter(([, given]) => given !== undefined));
    });
}

const path = fc.constantFrom(
  ...['a', 'a', 'a', 'a', 'b', 'c', 'a.x', 'a.x', 'a.x', 'a.y', 'a.y', 'b.x', 'a.0', 'a.0.x'],
);
const operand = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: fc.constantFrom(1, 2, null) },
  { weight: 1, arbitrary: value },
);
const operator: fc.Arbitrary<[string, BsonValue]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne'), operand),
  },
  fc.tuple(fc.constantFrom('$in', '$nin'), fc.array(operand, { maxLength: 3 })),
  fc.tuple(fc.constant('$exists'), fc.boolean()),
  fc.tuple(fc.constant('$regex'), fc.constantFrom('^a', '^ab*', '^a|b', 'b', '^')),
  fc.tuple(
    fc.constant('$type'),
    fc.constantFrom<BsonValue[]>(
      ...['int', 'string', 'double', 'array', 'bool', 'date', 'null', 'undefined', 'object'],
      ['number', 'date'],
    ),
  ),
);
const operators = fc
  .uniqueArray(operator, { minLength: 1, maxLength: 2, selector: ([name]) => name })
  .map(mapOf);
const condition: fc.Arbitrary<BsonValue> = fc.oneof(
  operand,
  operators,
  fc.tuple(fc.constant('$elemMatch'), operators).map((pair) => mapOf([pair])),
  fc
    .tuple(
      fc.constant('$elemMatch'),
      fc.tuple(fc.constantFrom('x', 'y', '$elemMatch'), operators).map((pair) => mapOf([pair])),
    )
    .map((pair) => mapOf([pair])),
  fc
    .tuple(
      fc.constant('$elemMatch'),
      fc.tuple(fc.constantFrom('x', 'y'), operand).map((pair) => mapOf([pair])),
    )
    .map((pair) => mapOf([pair])),
);
const simple = fc
  .uniqueArray(fc.tuple(path, condition), { maxLength: 3, selector: ([name]) => name })
  .map(mapOf);
const nested: fc.Arbitrary<BsonDocument> = fc
  .tuple(fc.constantFrom('$or', '$and'), fc.array(simple, { minLength: 1, maxLength: 2 }))
  .map((pair) => mapOf([pair]));
const filter: fc.Arbitrary<BsonDocument> = fc.oneof(
  { weight: 4, arbitrary: simple },
  fc
    .tuple(
      simple,
      fc.constantFrom('$or', '$or', '$and', '$nor'),
      fc.array(fc.oneof({ weight: 3, arbitrary: simple }, nested), { minLength: 1, maxLength: 3 }),
    )
    .map(([outer, name, branches]) => new Map<string, BsonValue>([...outer, [name, branches]])),
);
const order = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'a.x'), fc.constantFrom(1, -1)), {
    maxLength: 2,
    selector: ([name]) => name,
  })
  .filter((keys) => !(keys.some(([name]) => name === 'a') && keys.some(([name]) => name === 'a.x')))
  .map(mapOf);
const key = fc
  .uniqueArray(fc.tuple(path, fc.constantFrom(1, -1)), {
    minLength: 1,
    maxLength: 3,
    selector: ([name]) => name,
  })
  .map(mapOf);
const options: fc.Arbitrary<BsonDocument> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(new Map<string, BsonValue>()) },
  fc.constant(new Map<string, BsonValue>([['sparse', true]])),
  fc.constant(new Map<string, BsonValue>([['hidden', true]])),
  fc
    .tuple(
      path,
      fc.oneof(
        scalar,
        fc
          .constantFrom('$gt', '$lte', '$exists', '$in', '$type')
          .chain((name) =>
            fc.constant(
              new Map<string, BsonValue>([
                [
                  name,
                  name === '$exists'
                    ? true
                    : name === '$in'
                      ? [1, 'a']
                      : name === '$type'
                        ? 'int'
                        : 0,
                ],
              ]),
            ),
          ),
      ),
    )
    .map((pair) => new Map<string, BsonValue>([['partialFilterExpression', mapOf([pair])]])),
);

function mapOf(entries: readonly (readonly [string, BsonValue])[]): BsonDocument {
  return new Map(entries);
}

function openCollection(stored: readonly BsonDocument[]): {
  file: DatabaseFile;
  collection: Collection;
} {
  const file = new DatabaseFile(':memory:', { durable: false });
  const catalog = new Catalog(file);
  catalog.apply(createOperation(namespace, encodeDocument({})), 1);
  const collection = catalog.get(namespace);
  if (collection === undefined) throw new Error('not made');
  for (const [_id, document] of stored.entries()) {
    collection.insert(encodeDocument(new Map<string, BsonValue>([['_id', _id], ...document])));
  }
  return { file, collection };
}

function answer(file: DatabaseFile, collection: Collection, selection: Selection) {
  const state = { file } as Parameters<typeof findMatches>[0];
  try {
    const matches = [...withoutPauses(findMatches(state, collection, selection, scope))];
    const count = countByKeys(state, collection, selection, scope) ?? matches.length;
    return { found: matches.map(({ document }) => document), count };
  } catch (error) {
    if (error instanceof ServerError) return { code: error.code };
    throw error;
  }
}

function idsOf(found: readonly BsonDocument[] = []): number[] {
  return found.map((document) => Number(document.get('_id'))).sort((a, b) => a - b);
}

test('indexes change no answer: neither what is found, nor how much, nor the order asked for', () => {
  fc.assert(
    fc.property(
      documents,
      filter,
      order,
      fc.array(fc.tuple(key, options), { minLength: 1, maxLength: 3 }),
      (stored, query, sort, indexes) => {
        const { file, collection } = openCollection(stored);
        try {
          const plain = answer(file, collection, { filter: query, sort });
          for (const [at, [keys, more]] of indexes.entries()) {
            const spec = new Map<string, BsonValue>([['key', keys], ['name', `i${at}`], ...more]);
            try {
              collection.addIndex(checkIndexSpec(spec).bytes);
            } catch (error) {
              // Arrays beside each other, and numbers that may mean two things.
              if (![67, 171, 16746].includes((error as ServerError).code)) throw error;
            }
          }
          const indexed = answer(file, collection, { filter: query, sort });
          expect(indexed.code).toBe(plain.code);
          expect(idsOf(indexed.found)).toEqual(idsOf(plain.found));
          expect(indexed.count).toBe(plain.count);
          const wanted = compileSort(sort);
          for (const [at, document] of (indexed.found ?? []).entries()) {
            const next = indexed.found?.[at + 1];
            if (next) expect(orderBy(wanted, document, next)).toBeLessThanOrEqual(0);
          }
        } finally {
          file.close();
        }
      },
    ),
    { numRuns: 1500 },
  );
});

const doc = (entries: object): BsonDocument =>
  new Map(
    Object.entries(entries).map(([name, each]): [string, BsonValue] => [name, convert(each)]),
  );

function convert(each: unknown): BsonValue {
  if (Array.isArray(each)) return each.map(convert);
  return typeof each === 'object' && each?.constructor === Object ? doc(each) : (each as BsonValue);
}

test.each([
  [
    'two fields of an array, met by two of its elements',
    { 'a.x': 1, 'a.y': 2 },
    {},
    { 'a.x': 1, 'a.y': 2 },
    [0, 1],
  ],
  [
    'one element that meets both',
    { 'a.x': 1, 'a.y': 2 },
    {},
    { a: { $elemMatch: { x: 1, y: 2 } } },
    [1],
  ],
  ['null in a sparse index', { b: 1 }, { sparse: true }, { b: null }, [0, 1, 2, 3, 6, 7, 8, 9]],
  ['a range of an array by two elements', { c: 1 }, {}, { c: { $gt: 4, $lt: 6 } }, [2, 3]],
  ['a range of one element', { c: 1 }, {}, { c: { $elemMatch: { $gt: 4, $lt: 6 } } }, [3]],
  [
    'a range by two elements of an element',
    { 'd.x': 1 },
    {},
    { d: { $elemMatch: { x: { $gt: 4, $lt: 6 } } } },
    [6],
  ],
  [
    'a range by two elements, each with its own clause',
    { 'a.y': 1 },
    {},
    { $and: [{ a: { $elemMatch: { y: { $gt: 1 } } } }, { a: { $elemMatch: { y: { $lt: 2 } } } }] },
    [0],
  ],
  [
    'an element of an element',
    { e: 1 },
    {},
    { e: { $elemMatch: { $elemMatch: { $gt: 4, $lt: 6 } } } },
    [7],
  ],
  ['a regular expression that is a value', { f: 1 }, {}, { f: { $regex: '^ab' } }, [8, 9]],
  ['an array as a whole', { c: 1 }, {}, { c: [1, 9] }, [2]],
  [
    'what a partial index leaves out',
    { b: 1 },
    { partialFilterExpression: { b: { $gt: 5 } } },
    { b: { $gte: 5 } },
    [4, 5],
  ],
  [
    'what a partial index holds',
    { b: 1 },
    { partialFilterExpression: { b: { $gt: 5 } } },
    { b: { $gt: 5 } },
    [5],
  ],
])('%s', (_, keys, more, query, ids) => {
  const stored = [
    {
      a: [
        { x: 1, y: 1 },
        { x: 2, y: 2 },
      ],
    },
    { a: [{ x: 1, y: 2 }] },
    { c: [1, 9] },
    { c: [5, 9] },
    { b: 5 },
    { b: 6 },
    { d: [{ x: [1, 9] }] },
    { e: [[5, 9]] },
    { f: new BSONRegExp('^ab') },
    { f: 'abc' },
  ].map(doc);
  const { file, collection } = openCollection(stored);
  const selection = { filter: doc(query) };
  expect(idsOf(answer(file, collection, selection).found)).toEqual(ids);
  collection.addIndex(checkIndexSpec(doc({ key: keys, name: 'i', ...more })).bytes);
  const indexed = answer(file, collection, selection);
  expect(idsOf(indexed.found)).toEqual(ids);
  expect(indexed.count).toBe(ids.length);
  file.close();
});
