import { Double } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileAccumulator, accumulatorNames as known } from '../src/accumulator.ts';
import type { BsonValue, Encodable, EncodableDocument } from '../src/bson-document.ts';
import { compareNumbers, toDouble } from '../src/bson-order.ts';
import { numbers } from './bson-values.ts';
import { bson, bsonValue, decimal, double, now, told } from './expression/evaluation.ts';
import { accumulatorNames } from './language/expressions.ts';

/** What an accumulator makes of documents, in their order. */
function gathered(specification: Encodable, documents: readonly EncodableDocument[]): unknown {
  const { evaluate, start } = compileAccumulator('field', bsonValue(specification), {});
  const accumulator = start({ now, root: bson({ _id: 2 }) });
  for (const document of documents) accumulator.add(evaluate({ now, root: bson(document) }));
  return told(accumulator.result());
}

const rows = [{ a: 2, b: 'x' }, { a: 5n, b: 'y' }, { b: 'z' }, { a: 1.5, b: 'x' }, { a: null }];

type Case = [specification: Encodable, result: Encodable, documents?: EncodableDocument[]];

const cases: readonly Case[] = [
  [{ $sum: '$a' }, 8.5],
  [{ $sum: 1 }, 5],
  [{ $sum: '$a' }, 0, []],
  [{ $sum: '$a' }, 2147483648n, [{ a: 2147483647 }, { a: 1 }]],
  [{ $sum: '$a' }, 2147483647, [{ a: 2147483647 }, { a: 1 }, { a: -1 }]],
  [{ $sum: '$a' }, 2 ** 63, [{ a: 2n ** 63n - 1n }, { a: 1 }]],
  [{ $sum: '$a' }, 0.6, [{ a: 0.1 }, { a: 0.2 }, { a: 0.3 }]],
  [{ $sum: '$a' }, 1e-5, [{ a: 1e30 }, { a: 1e-5 }, { a: -1e30 }]],
  [{ $sum: '$a' }, decimal('0.3'), [{ a: decimal('0.1') }, { a: decimal('0.2') }]],
  [{ $sum: '$a' }, decimal('1.5'), [{ a: decimal('1') }, { a: 0.5 }]],
  [{ $sum: '$a' }, Number.NaN, [{ a: Number.POSITIVE_INFINITY }, { a: Number.NEGATIVE_INFINITY }]],
  [{ $avg: '$a' }, 8.5 / 3],
  [{ $avg: '$a' }, null, []],
  [{ $avg: '$a' }, decimal('1.5'), [{ a: decimal('1') }, { a: 2 }]],
  [{ $avg: '$a' }, double(2), [{ a: 1 }, { a: 3 }]],
  [{ $count: {} }, 5],
  [{ $min: '$a' }, 1.5],
  [{ $max: '$b' }, 'z'],
  [{ $max: '$none' }, null],
  [{ $first: '$a' }, 2],
  [{ $first: '$a' }, null, [{}, { a: 1 }]],
  [{ $last: '$b' }, null],
  [{ $push: '$a' }, [2, 5n, 1.5, null]],
  [{ $push: { a: '$a', c: 1 } }, [{ a: 1, c: 1 }], [{ a: 1 }]],
  [{ $addToSet: '$b' }, ['x', 'y', 'z']],
  [{ $addToSet: '$a' }, [1, 2], [{ a: 1 }, { a: 1n }, { a: 2 }, { a: double(1) }]],
  [{ $mergeObjects: '$o' }, { x: 1, y: 3 }, [{ o: { x: 1, y: 2 } }, {}, { o: { y: 3 } }]],
  [{ $stdDevPop: '$a' }, double(2), [2, 4, 4, 4, 5, 5, 7, 9].map((a) => ({ a }))],
  [{ $stdDevSamp: '$a' }, null, [{ a: 1 }]],
  [{ $firstN: { n: 2, input: '$a' } }, [2, 5n]],
  [{ $firstN: { n: '$_id', input: '$b' } }, ['x', 'y']],
  [{ $lastN: { n: 2, input: '$a' } }, [1.5, null]],
  [{ $minN: { n: 2, input: '$a' } }, [1.5, 2]],
  [{ $maxN: { n: 2, input: '$a' } }, [5n, 2]],
  [{ $top: { sortBy: { a: -1 }, output: '$b' } }, 'y'],
  [
    { $topN: { n: 2, sortBy: { b: 1, a: 1 }, output: ['$b', '$a'] } },
    [
      [null, null],
      ['x', 1.5],
    ],
  ],
  [{ $bottom: { sortBy: { b: 1 }, output: '$b' } }, 'z'],
  [{ $bottomN: { n: 2, sortBy: { a: 1 }, output: '$a' } }, [2, 5n]],
  [{ $median: { input: '$a', method: 'approximate' } }, double(2)],
  [{ $percentile: { input: '$a', p: [0.1, 1], method: 'approximate' } }, [1.5, double(5)]],
];

test('values are gathered', () => {
  for (const [specification, result, documents = rows] of cases) {
    expect(gathered(specification, documents), JSON.stringify(specification)).toEqual(
      told(bsonValue(result)),
    );
  }
});

test.each<[Encodable, number]>([
  [1, 40234],
  [{}, 40234],
  [{ a: 1 }, 40234],
  [{ $sum: 1, $avg: 1 }, 40238],
  [{ $sum: [1] }, 40237],
  [{ $bogus: 1 }, 15952],
  [{ $count: 1 }, 14],
  [{ $accumulator: {} }, 31264],
  [{ $firstN: { n: 0, input: 1 } }, 5787908],
  [{ $top: 1 }, 5788001],
  [{ $top: { n: 1, output: 1, sortBy: { a: 1 } } }, 5788002],
  [{ $topN: { output: 1, sortBy: { a: 1 } } }, 5788003],
  [{ $top: { sortBy: { a: 1 } } }, 5788004],
  [{ $top: { output: 1 } }, 5788005],
  [{ $mergeObjects: 1 }, 40400],
])('%o is refused with code %d', (specification, code) => {
  expect(() => gathered(specification, [{}])).toThrow(expect.objectContaining({ code }));
});

test('field names with dots and dollars are refused', () => {
  const sum = bsonValue({ $sum: 1 });
  expect(() => compileAccumulator('a.b', sum, {})).toThrow(
    expect.objectContaining({ code: 40235 }),
  );
  expect(() => compileAccumulator('$a', sum, {})).toThrow(expect.objectContaining({ code: 40236 }));
});

test('the list of the language and the code name the same accumulators, and each has a case', () => {
  expect(accumulatorNames.map(({ name }) => name).toSorted()).toEqual(known().toSorted());
  const shown = new Set(cases.flatMap(([specification]) => Object.keys(specification as object)));
  const wanted = accumulatorNames.filter(({ is }) => is !== 'refused').map(({ name }) => name);
  expect(wanted.filter((name) => !shown.has(name))).toEqual([]);
});

describe('a window that slides', () => {
  const list = fc.array(numbers, { minLength: 1, maxLength: 20 });

  test.each(['$sum', '$avg', '$push', '$count'])('with %s holds what a fresh one would', (name) => {
    const { start } = compileAccumulator(
      'field',
      bsonValue({ [name]: name === '$count' ? {} : '$a' }),
      {},
    );
    const whole = fc.array(fc.integer({ min: -1000, max: 1000 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(whole, fc.nat({ max: 19 }), (values, taken) => {
        const sliding = start({ now });
        const fresh = start({ now });
        const gone = Math.min(taken, values.length);
        for (const value of values) sliding.add(value);
        for (const value of values.slice(0, gone)) sliding.remove?.(value);
        for (const value of values.slice(gone)) fresh.add(value);
        expect(rounded(sliding.result())).toEqual(rounded(fresh.result()));
      }),
    );
  });

  test('the sum of any numbers does not depend on their order', () => {
    fc.assert(
      fc.property(list, (values) => {
        const exact = values.filter((value) => typeof value === 'bigint' || isSmall(value));
        const [there, back] = [exact, exact.toReversed()].map((order) => {
          const accumulator = compileAccumulator('f', bsonValue({ $sum: '$a' }), {}).start({ now });
          for (const value of order) accumulator.add(value);
          return accumulator.result();
        });
        return compareNumbers(there as number, back as number) === 0;
      }),
    );
  });
});

function isSmall(value: BsonValue): boolean {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31;
}

function rounded(value: BsonValue): unknown {
  const isDouble = value instanceof Double || typeof value === 'number';
  return isDouble ? toDouble(value).toPrecision(9) : told(value);
}
