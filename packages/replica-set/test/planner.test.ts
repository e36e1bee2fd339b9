import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BsonDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { Catalog, createOperation } from '../src/catalog.ts';
import type { Collection } from '../src/collection.ts';
import { DatabaseFile } from '../src/database-file.ts';
import { withoutPauses } from '../src/pause.ts';
import { planQuery } from '../src/planner.ts';
import { countByKeys, findMatches } from '../src/query.ts';
import type { ServerError } from '../src/server-error.ts';
import { compileSort } from '../src/sort.ts';
import { compareSortKeys, sortKeyOf } from '../src/stage/sort-key.ts';
import { values } from './bson-values.ts';

const namespace = 'db.things';
const scope = { now: new Date(0) };

function orderBy(keys: ReturnType<typeof compileSort>, a: BsonDocument, b: BsonDocument): number {
  return compareSortKeys(keys, sortKeyOf(keys, a), sortKeyOf(keys, b));
}

function openCollection(documents: readonly BsonDocument[]): {
  file: DatabaseFile;
  collection: Collection;
} {
  const file = new DatabaseFile(':memory:', { durable: false });
  const catalog = new Catalog(file);
  catalog.apply(createOperation(namespace, encodeDocument({})), 1);
  const collection = catalog.get(namespace);
  if (collection === undefined) throw new Error('not made');
  for (const document of documents) collection.insert(encodeDocument(document));
  return { file, collection };
}

const field = fc.constantFrom('a', 'b', 'a.x', 'a.0');
const small = fc.oneof(fc.nat(4), fc.constantFrom<null | string>(null, 'k'), values);
const optional = fc.option(small, { nil: undefined });
const documentList = fc.array(
  fc.tuple(optional, optional).map(([a, b]): BsonDocument => {
    const document: BsonDocument = new Map();
    if (a !== undefined) document.set('a', a);
    if (b !== undefined) document.set('b', b);
    return document;
  }),
  { maxLength: 30 },
);
const condition = fc.oneof(
  small,
  fc
    .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$eq', '$ne'), small)
    .map((pair) => new Map([pair])),
  fc.tuple(small, small).map(
    ([low, high]) =>
      new Map([
        ['$gte', low],
        ['$lt', high],
      ]),
  ),
  fc.array(small, { maxLength: 3 }).map((list) => new Map([['$in', list]])),
);
const query = fc
  .array(fc.tuple(field, condition), { maxLength: 2 })
  .map((list): BsonDocument => new Map(list));
const direction = fc.constantFrom(1, -1);
const fieldOrder = fc
  .uniqueArray(fc.tuple(field, direction), { maxLength: 2, selector: ([name]) => name })
  .filter((list) => list.filter(([name]) => name.startsWith('a')).length < 2)
  .map((list): BsonDocument => new Map(list));

test('an index changes neither what is found nor the order asked for', () => {
  fc.assert(
    fc.property(
      documentList,
      query,
      fieldOrder,
      fieldOrder.filter((order) => order.size > 0),
      fc.boolean(),
      (documents, filter, sort, key, sparse) => {
        const withIds = documents.map(
          (document, index): BsonDocument => new Map([...document, ['_id', index]]),
        );
        const { file, collection } = openCollection(withIds);
        const find = (): BsonDocument[] | string => {
          try {
            const state = { file } as Parameters<typeof findMatches>[0];
            const matches = findMatches(state, collection, { filter, sort }, scope);
            return [...withoutPauses(matches)].map(({ document }) => document);
          } catch (error) {
            return String((error as ServerError).code);
          }
        };
        const plain = find();
        try {
          collection.addIndex(encodeDocument({ key, name: 'other', sparse }));
        } catch (error) {
          expect(error).toMatchObject({ code: 171 });
          return;
        }
        const indexed = find();
        if (typeof indexed !== 'string') {
          const state = { file } as Parameters<typeof countByKeys>[0];
          const counted = countByKeys(state, collection, { filter }, scope);
          expect(counted ?? indexed.length).toBe(indexed.length);
        }
        const ids = (found: typeof plain) =>
          typeof found === 'string'
            ? found
            : found.map((document) => Number(document.get('_id'))).sort((a, b) => a - b);
        expect(ids(indexed)).toEqual(ids(plain));
        if (typeof indexed !== 'string') {
          const keys = compileSort(sort);
          for (const [at, document] of indexed.entries()) {
            const next = indexed[at + 1];
            if (next) expect(orderBy(keys, document, next)).toBeLessThanOrEqual(0);
          }
        }
        file.close();
      },
    ),
    { numRuns: 600 },
  );
});

test.each([
  { filter: { _id: 3 }, sort: {}, index: '_id_', sorted: true },
  { filter: { a: 1, b: { $gt: 2 } }, sort: {}, index: 'a_1_b_-1', sorted: true },
  { filter: { a: 1 }, sort: { b: -1 }, index: 'a_1_b_-1', sorted: true },
  { filter: { a: 1 }, sort: { b: 1 }, index: 'a_1_b_-1', sorted: true },
  { filter: { a: { $in: [1, 2] } }, sort: { b: 1 }, index: 'a_1_b_-1', sorted: false },
  { filter: {}, sort: { a: 1, b: -1 }, index: 'a_1_b_-1', sorted: true },
  { filter: {}, sort: { a: 1, b: 1 }, index: undefined, sorted: false },
  { filter: { c: 1 }, sort: {}, index: undefined, sorted: true },
  { filter: { a: null }, sort: {}, index: 'a_1_b_-1', sorted: true },
  { filter: { a: [1] }, sort: {}, index: undefined, sorted: true },
  { filter: { a: { $type: 'number' } }, sort: { a: -1, b: 1 }, index: 'a_1_b_-1', sorted: true },
  { filter: { a: { $type: 'array' } }, sort: {}, index: undefined, sorted: true },
  {
    filter: { $or: [{ a: { $lt: 3 } }, { a: 5, b: { $gt: 1 } }] },
    sort: { a: -1 },
    index: 'a_1_b_-1',
    sorted: true,
  },
  { filter: { $or: [{ a: 1 }, { c: 5 }] }, sort: { a: 1 }, index: 'a_1_b_-1', sorted: true },
])('$filter sorted by $sort uses $index', ({ filter, sort, index, sorted }) => {
  const { file, collection } = openCollection([]);
  collection.addIndex(encodeDocument({ key: { a: 1, b: -1 }, name: 'a_1_b_-1' }));
  const plan = planQuery(collection, toMap(filter), compileSort(toMap(sort)));
  expect(plan.index?.spec.name).toBe(index);
  expect(plan.sorted).toBe(sorted);
  file.close();
});

test.each([
  { filter: { a: 2 }, count: 2 },
  { filter: { a: { $in: [1, 2] } }, count: 2 },
  { filter: { a: { $gte: 1 } }, count: 2 },
  { filter: { a: { $gt: 1, $lt: 3 } }, count: 2 },
  { filter: { b: { $lt: 5 } }, count: 2 },
  { filter: { b: { $gte: 1, $lt: 5 } }, count: 2 },
  { filter: { b: { $lte: Number.NaN } }, count: 1 },
  { filter: { b: { $in: [1, 1.0, 2] } }, count: 2 },
  { filter: { b: 1, c: 1 }, count: 1 },
  { filter: { 'd.0': 1 }, count: 1 },
])('counts $count documents for $filter, with an index and without', ({ filter, count }) => {
  const { file, collection } = openCollection([]);
  const documents = [
    { a: [1, 2, 3], b: 1, c: 1 },
    { a: 2, b: 2 },
    { a: 'x', b: Number.NaN, d: [[1, 2]] },
    { a: null, b: 'y', d: [1] },
    {},
  ];
  for (const [index, document] of documents.entries()) {
    collection.insert(encodeDocument({ _id: index, ...document }));
  }
  const state = { file } as Parameters<typeof findMatches>[0];
  const selection = { filter: toMap(filter) };
  const counted = () =>
    countByKeys(state, collection, selection, scope) ??
    [...withoutPauses(findMatches(state, collection, selection, scope))].length;
  expect(counted()).toBe(count);
  collection.addIndex(encodeDocument({ key: { a: 1 }, name: 'a_1' }));
  collection.addIndex(encodeDocument({ key: { b: -1 }, name: 'b_-1' }));
  collection.addIndex(encodeDocument({ key: { 'd.0': 1 }, name: 'd.0_1' }));
  expect(counted()).toBe(count);
  file.close();
});

test('a sparse index is not asked for null, which it may leave out beside a value', () => {
  const { file, collection } = openCollection([]);
  const inArray = { _id: 0, a: [{ x: 1 }, {}] };
  collection.insert(encodeDocument(inArray));
  collection.addIndex(encodeDocument({ key: { 'a.x': 1 }, name: 'a.x_1', sparse: true }));
  const state = { file } as Parameters<typeof findMatches>[0];
  const filter = toMap({ 'a.x': { $gt: 0, $eq: null } });
  const found = [...withoutPauses(findMatches(state, collection, { filter }, scope))];
  expect(found.map(({ document }) => document.get('_id'))).toEqual([0]);
  file.close();
});

test('counts by the index alone where it says it all', () => {
  const { file, collection } = openCollection([]);
  collection.addIndex(encodeDocument({ key: { q: 1, s: 1 }, name: 'q_1_s_1' }));
  const isExact = (filter: object) => planQuery(collection, toMap(filter), []).exact;
  expect(isExact({ q: true })).toBe(true);
  expect(isExact({ q: true, s: { $gte: 3 } })).toBe(true);
  expect(isExact({ q: true, s: { $lt: 3 } })).toBe(true);
  expect(isExact({ q: true, s: { $gte: Number.NaN } })).toBe(false);
  expect(isExact({ q: true, s: null })).toBe(false);
  expect(isExact({ q: true, other: 1 })).toBe(false);
  expect(isExact({ q: { $in: [true], $exists: true } })).toBe(false);
  file.close();
});

function toMap(plain: object): BsonDocument {
  return new Map(
    Object.entries(plain).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null && !Array.isArray(value) ? toMap(value) : value,
    ]),
  );
}

test('long walks along an index meet every document once and in order, with gaps and newcomers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3000), { maxLength: 300 }),
      fc.uniqueArray(fc.integer({ min: 5000, max: 9000 }), { maxLength: 100 }),
      fc.constantFrom(1, -1),
      (gone, late, towards) => {
        const document = (_id: number): BsonDocument => new Map([['_id', _id]]);
        const rising = Array.from({ length: 3000 }, (_, index) => index * 2);
        // Later ones lie behind the others in the file, and between and behind them in order.
        const newcomers = late.filter((_id) => _id % 2 === 1 || _id >= 6000);
        const { file, collection } = openCollection([...rising, ...newcomers].map(document));
        const left = new Set([...rising, ...newcomers]);
        for (const index of gone) {
          const _id = index * 2;
          const stored = collection.byId(document(_id));
          if (stored === undefined) continue;
          collection.remove(stored);
          left.delete(_id);
        }
        const state = { file } as Parameters<typeof findMatches>[0];
        const sort: BsonDocument = new Map([['_id', towards]]);
        const selection = { filter: new Map(), sort };
        const found = [...withoutPauses(findMatches(state, collection, selection, scope))];
        const ids = found.map(({ document: each }) => Number(each.get('_id')));
        expect(ids).toEqual([...left].sort((a, b) => (a - b) * towards));
        file.close();
      },
    ),
    { numRuns: 20 },
  );
});
