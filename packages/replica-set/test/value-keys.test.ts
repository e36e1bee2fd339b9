import { BSONSymbol } from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BsonValue } from '../src/bson-document.ts';
import { equalValues } from '../src/bson-order.ts';
import { compileCollation } from '../src/collator.ts';
import { ValueKeys } from '../src/stage/value-keys.ts';
import { numbers, values } from './bson-values.ts';

const pairs = fc.oneof(
  fc.tuple(values, values),
  fc.tuple(numbers, numbers),
  fc.tuple(fc.string({ maxLength: 2 }), fc.string({ maxLength: 2 })),
  values.map((value) => [value, value] as const),
  fc.constantFrom('a', 'A').map((text) => [text, new BSONSymbol(text)] as const),
  fc
    .constantFrom('a', 'A')
    .map((text) => [[text], [new BSONSymbol('a')]] as [BsonValue, BsonValue]),
);

test.each([undefined, { locale: 'en', strength: 2 }])(
  'values have one key when they are equal, under %o',
  (given) => {
    const collator = given && compileCollation(new Map(Object.entries(given)));
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const keys = new ValueKeys(collator);
        expect(keys.of(a) === keys.of(b)).toBe(equalValues(a, b, collator));
      }),
      { numRuns: 2000 },
    );
  },
);
