import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BsonValue } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compareValues } from '../src/bson-order.ts';
import { compileCollation } from '../src/collator.ts';
import { compileExpression, operatorNames, withVariables } from '../src/expression.ts';
import { ServerError } from '../src/server-error.ts';
import { documents, values } from './bson-values.ts';
import { bson, bsonValue, date, evaluated, now, told } from './expression/evaluation.ts';

describe('when it is compiled', () => {
  test('constants are computed once, errors and branches not taken included', () => {
    for (const expression of [
      { $divide: [1, 0] },
      { $cond: [true, 1, { $divide: [1, 0] }] },
      { $and: [false, { $size: 1 }] },
    ]) {
      expect(() => compileExpression(bsonValue(expression), {})).toThrow(ServerError);
    }
  });

  test('what depends on a variable or an element waits', () => {
    for (const expression of [
      { $map: { input: [0], in: { $divide: [1, '$$this'] } } },
      { $let: { vars: { x: 0 }, in: { $divide: [1, '$$x'] } } },
      { $cond: ['$a', 1, { $divide: ['$b', 0] }] },
    ]) {
      expect(() => compileExpression(bsonValue(expression), {})).not.toThrow();
    }
  });
});

test('a variable of one scope is not seen in another', () => {
  expect(
    evaluated({
      $map: {
        input: [1, 2],
        in: {
          $add: [
            { $let: { vars: { this: 10 }, in: '$$this' } },
            { $reduce: { input: [3], initialValue: 0, in: '$$this' } },
            '$$this',
          ],
        },
      },
    }),
  ).toEqual(['int 14', 'int 15']);
});

test('variables of a command are read, and each may use those before it', () => {
  const scope = withVariables({ now }, bson({ a: { $add: [1, 1] }, b: { $add: ['$$a', 1] } }));
  expect(evaluated(['$$a', '$$b'], {}, scope)).toEqual(['int 2', 'int 3']);
});

test('strings compare, and are sought, by the collation of the scope', () => {
  const collator = compileCollation(bson({ locale: 'en', strength: 2 }));
  for (const expression of [
    { $eq: ['a', 'A'] },
    { $in: ['A', ['a']] },
    { $setEquals: [['a', 'A'], ['A']] },
    { $setIsSubset: [['A'], ['a']] },
  ]) {
    expect(evaluated(expression, {}, { collator })).toBe(true);
    expect(evaluated(expression)).toBe(false);
  }
  expect(evaluated({ $indexOfArray: [['b', 'A'], 'a'] }, {}, { collator })).toBe('int 1');
  expect(
    evaluated({ $sortArray: { input: ['b', 'C', 'A'], sortBy: 1 } }, {}, { collator }),
  ).toEqual(['A', 'b', 'C']);
  expect(evaluated({ $max: ['a', 'B'] }, {}, { collator })).toBe('B');
});

const zones = [
  'UTC',
  '+05:30',
  'America/New_York',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Pacific/Apia',
];
const dates = fc.date({
  noInvalidDate: true,
  min: date('1971-01-01T00:00:00Z'),
  max: date('2090-01-01T00:00:00Z'),
});

describe('dates', () => {
  test('a date is made again of its parts, in any zone', () => {
    fc.assert(
      fc.property(dates, fc.constantFrom(...zones), fc.boolean(), (moment, timezone, iso8601) => {
        const parts = compileExpression(
          bsonValue({ $dateToParts: { date: moment, timezone, iso8601 } }),
          {},
        )({ now }) as Map<string, BsonValue>;
        const again = compileExpression(
          new Map([['$dateFromParts', new Map([...parts, ['timezone', timezone]])]]),
          {},
        )({ now }) as Date;
        // An hour that comes twice is told by its first.
        return [0, 3_600_000, -3_600_000, 86_400_000].includes(moment.getTime() - again.getTime());
      }),
    );
  });

  test('a date is read again from its text, by any format that tells all of it', () => {
    const formats = [
      '%Y-%m-%dT%H:%M:%S.%L%z',
      '%d %B %Y %H:%M:%S.%L %z',
      '%G-W%V-%u %H:%M:%S.%L %z',
    ];
    fc.assert(
      fc.property(
        dates,
        fc.constantFrom(...zones),
        fc.constantFrom(...formats),
        (moment, timezone, format) => {
          const text = evaluated({ $dateToString: { date: moment, timezone, format } }) as string;
          expect(evaluated({ $dateFromString: { dateString: text, format } })).toBe(told(moment));
        },
      ),
    );
  });

  test('$toDate reads what $toString writes', () => {
    fc.assert(
      fc.property(dates, (moment) => {
        expect(evaluated({ $toDate: { $toString: '$d' } }, { d: moment })).toBe(told(moment));
      }),
    );
  });

  const units = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'];

  test('truncation goes back, to the beginning of a unit that began at most one before', () => {
    fc.assert(
      fc.property(
        dates,
        fc.constantFrom(...units),
        fc.constantFrom(...zones),
        (moment, unit, timezone) => {
          const start = compileExpression(
            bsonValue({ $dateTrunc: { date: moment, unit, timezone } }),
            {},
          )({ now }) as Date;
          expect(start.getTime()).toBeLessThanOrEqual(moment.getTime());
          const again = { $dateTrunc: { date: start, unit, timezone } };
          expect(evaluated(again)).toBe(told(start));
          expect(
            evaluated({ $dateDiff: { startDate: start, endDate: moment, unit, timezone } }),
          ).toBe('long 0');
        },
      ),
    );
  });

  test('as many units lie between a date and another as were added', () => {
    const counts = fc.integer({ min: -500, max: 500 });
    fc.assert(
      fc.property(dates, fc.constantFrom(...units), counts, (startDate, unit, amount) => {
        const endDate = { $dateAdd: { startDate, unit, amount } };
        expect(evaluated({ $dateDiff: { startDate, endDate, unit } })).toBe(`long ${amount}`);
        const back = { $dateSubtract: { startDate: endDate, unit, amount } };
        if (!['year', 'quarter', 'month'].includes(unit)) {
          expect(evaluated(back)).toBe(told(startDate));
        }
      }),
    );
  });
});

test('numbers come back from text', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      (value) => {
        const back = typeof value === 'bigint' ? '$toLong' : '$toInt';
        expect(evaluated({ [back]: { $toString: '$a' } }, { a: value })).toBe(
          told(bsonValue(value)),
        );
      },
    ),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      const text = evaluated({ $toString: '$a' }, { a: value }) as string;
      const number = compileExpression(bsonValue({ $toDouble: text }), {})({ now });
      return compareValues(number as BsonValue, bsonValue(value)) === 0;
    }),
  );
});

test('what an expression nests too deep is refused when it is written', () => {
  const nest = { $reduce: { input: { $range: [0, 5000] }, initialValue: 0, in: ['$$value'] } };
  const value = compileExpression(bsonValue(nest), {})({ now }) as BsonValue;
  expect(() => encodeDocument(new Map([['value', value]]))).toThrow(
    expect.objectContaining({ code: 15 }),
  );
});

test('no operand of any operator leads to another error than a refusal', () => {
  const operand = fc.oneof(
    values,
    fc.array(values, { maxLength: 4 }),
    fc
      .dictionary(
        fc.constantFrom(
          'input',
          'in',
          'cond',
          'date',
          'unit',
          'format',
          'regex',
          'to',
          'startDate',
          'n',
          'field',
        ),
        values,
      )
      .map((named) => new Map(Object.entries(named))),
  );
  fc.assert(
    fc.property(fc.constantFrom(...operatorNames()), operand, documents, (name, given, root) => {
      try {
        compileExpression(new Map<string, BsonValue>([[name, given]]), {})({ now, root });
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
});
