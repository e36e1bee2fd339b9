import { expect, test, vi } from 'vitest';
import type { Encodable, EncodableDocument } from '../src/bson-document.ts';
import { Context } from '../src/expression/context.ts';
import { missing, newContext, operatorNames } from '../src/expression.ts';
import { arithmeticCases } from './expression/arithmetic-cases.ts';
import { arrayCases } from './expression/array-cases.ts';
import { conversionCases } from './expression/conversion-cases.ts';
import { dateCases } from './expression/date-cases.ts';
import { bson, bsonValue, clusterTime, evaluated, now, told } from './expression/evaluation.ts';
import { objectCases } from './expression/object-cases.ts';
import { textCases } from './expression/text-cases.ts';
import { expressionNames } from './language/expressions.ts';

const tables = [arithmeticCases, arrayCases, conversionCases, dateCases, objectCases, textCases];
const values = tables.flatMap((table) => table.values);
const failures = tables.flatMap((table) => table.failures);

test('values', () => {
  for (const [expression, value, document] of values) {
    const wanted = value === missing ? 'missing' : told(bsonValue(value));
    expect(evaluated(expression, document), shown(expression)).toEqual(wanted);
  }
});

test('what is constant yields the same when it is computed for each document', () => {
  for (const [expression, value, document = {}] of values) {
    const wanted = value === missing ? 'missing' : told(bsonValue(value));
    expect(computedLate(expression, document), shown(expression)).toEqual(wanted);
  }
});

/** Evaluates with every operator said to depend on the document, so that none is computed beforehand. */
function computedLate(expression: Encodable, document: EncodableDocument): unknown {
  const context = newContext({});
  let readings = 0;
  vi.spyOn(Context.prototype, 'readings', 'get').mockImplementation(() => readings++);
  const evaluate = context.compile(bsonValue(expression));
  vi.restoreAllMocks();
  return told(evaluate({ now, clusterTime, root: bson(document) }));
}

test('failures', () => {
  for (const [expression, code, document] of failures) {
    expect(() => evaluated(expression, document), shown(expression)).toThrow(
      expect.objectContaining({ name: 'ServerError', code }),
    );
  }
});

function shown(expression: Encodable): string {
  return JSON.stringify(told(bsonValue(expression)));
}

/** The names with dollars that stand in an expression. */
function namesIn(expression: Encodable): string[] {
  return Array.from(shown(expression).matchAll(/"(\$\$?\w+)/g), ([, name = '']) => name);
}

const inCases = new Set(values.flatMap(([expression]) => namesIn(expression)));

test('every operator of the code is named in the list of the language', () => {
  const listed = new Set(expressionNames.map(({ name }) => name));
  expect(operatorNames().filter((name) => !listed.has(name))).toEqual([]);
});

test.each(expressionNames.filter(({ is }) => is !== 'refused'))(
  '$name is known to the code and has cases that yield values',
  ({ name }) => {
    if (!name.startsWith('$$')) expect(operatorNames()).toContain(name);
    expect(inCases).toContain(name);
  },
);

test.each(expressionNames.filter(({ is }) => is === 'refused'))(
  '$name is refused with code $code',
  ({ name, code }) => {
    const codes = failures
      .filter(([expression]) => namesIn(expression).includes(name))
      .map(([, refusal]) => refusal);
    expect(codes).toContain(code);
  },
);
