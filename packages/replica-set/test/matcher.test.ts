import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BsonDocument, BsonValue } from '../src/bson-document.ts';
import { compileCollation } from '../src/collator.ts';
import { compileQuery } from '../src/matcher.ts';
import { ServerError } from '../src/server-error.ts';
import { documents, values } from './bson-values.ts';
import { queryOperators } from './language/query-operators.ts';
import { documentFrom } from './plain-bson.ts';

const scope = { now: new Date('2026-01-01') };

function attempt(query: BsonDocument, document: BsonDocument): boolean | undefined {
  try {
    return compileQuery(query, scope)(document);
  } catch (error) {
    expect(error).toBeInstanceOf(ServerError);
    return undefined;
  }
}

const paths = fc.constantFrom('a', 'b', 'a.b', 'a.1', 'a.1.b');

test('a query and its negation part the documents between them', () => {
  const operator = fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne');
  fc.assert(
    fc.property(documents, paths, operator, values, (document, path, name, value) => {
      const condition: BsonDocument = new Map([[name, value]]);
      const holds = attempt(new Map([[path, condition]]), document);
      const fails = attempt(new Map([[path, new Map([['$not', condition]])]]), document);
      if (holds !== undefined) expect(holds).not.toBe(fails);
    }),
    { numRuns: 1000 },
  );
});

test('what is equal to one of a list is equal to it alone', () => {
  const list = fc.array(values, { maxLength: 4 });
  fc.assert(
    fc.property(documents, paths, list, (document, path, items) => {
      const together = attempt(new Map([[path, new Map([['$in', items]])]]), document);
      if (together === undefined) return;
      const alone = items.some((item) => attempt(new Map([[path, item]]), document));
      expect(together).toBe(alone);
    }),
    { numRuns: 1000 },
  );
});

const names = queryOperators.map(({ name }) => name);
const operatorName = fc.oneof(
  fc.constantFrom(...names, '$options', '$ref', '$id'),
  fc.string({ maxLength: 3 }).map((text) => `$${text}`),
);
const queries = fc.letrec<{ query: BsonDocument; operand: BsonValue }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    values,
    tie('query'),
    fc.array(tie('operand'), { maxLength: 3 }),
  ),
  query: fc
    .array(fc.tuple(fc.oneof(paths, operatorName), tie('operand')), { maxLength: 3 })
    .map((entries): BsonDocument => new Map(entries)),
})).query;

test('whatever a query is, it answers or is refused', () => {
  fc.assert(
    fc.property(queries, documents, (query, document) => {
      attempt(query, document);
    }),
    { numRuns: 5000 },
  );
});

const collator = compileCollation(
  new Map<string, BsonValue>([
    ['locale', 'en'],
    ['strength', 2],
  ]),
);

test.each([
  [{ a: 'X' }, { a: 'x' }],
  [{ a: ['X'] }, { a: { $in: ['x'] } }],
  [{ a: 'B' }, { a: { $gte: 'b' } }],
  [{ a: { b: 'X' } }, { a: { b: 'x' } }],
  [{ a: ['X', 'Y'] }, { a: { $all: ['y', 'x'] } }],
  [{ a: [{ b: 'X' }] }, { a: { $elemMatch: { b: 'x' } } }],
])('%o passes %o where case does not count', (document, query) => {
  expect(compileQuery(documentFrom(query), scope)(documentFrom(document))).toBe(false);
  expect(compileQuery(documentFrom(query), { ...scope, collator })(documentFrom(document))).toBe(
    true,
  );
});

test.each([
  [{ a: 'X' }, { a: { $regex: '^x' } }],
  [{ a: 'X' }, { $jsonSchema: { properties: { a: { enum: ['x'] } } } }],
])('a collation is nothing to %o under %o', (document, query) => {
  expect(compileQuery(documentFrom(query), { ...scope, collator })(documentFrom(document))).toBe(
    false,
  );
});
