import { expect, test } from 'vitest';
import type { BsonDocument, BsonValue } from '../src/bson-document.ts';
import { compareValues, equalValues } from '../src/bson-order.ts';
import { Collator, compileCollation } from '../src/collator.ts';
import { ValueSet } from '../src/value-set.ts';

type Options = Readonly<Record<string, string | number | boolean>>;
const collator = (options: Options): Collator | undefined =>
  compileCollation(new Map<string, BsonValue>(Object.entries(options)));

test.each<[Options, string]>([
  [{ locale: 'en' }, 'a A á b B'],
  [{ locale: 'en', caseFirst: 'upper' }, 'A a á b'],
  [{ locale: 'en', strength: 1 }, 'a=A=á b=B'],
  [{ locale: 'en', strength: 2 }, 'a=A á=Á b=B'],
  [{ locale: 'en', strength: 1, caseLevel: true }, 'a=á A=Á b B'],
  [{ locale: 'en', strength: 2, caseLevel: true }, 'a A á Á b'],
  [{ locale: 'en', strength: 1, caseLevel: true, caseFirst: 'upper' }, 'A=Á a=á B b'],
  [{ locale: 'en', numericOrdering: true }, 'a1 a2 a10 b'],
  [{ locale: 'en' }, 'a1 a10 a2 b'],
  [{ locale: 'en', alternate: 'shifted', strength: 2 }, 'ab=a-b=a.b ac'],
  [{ locale: 'en', alternate: 'non-ignorable' }, 'a-b ab'],
  [{ locale: 'de' }, 'Ad Ä Af'.replaceAll('Ä', 'Äe')],
  [{ locale: 'de@collation=phonebook', strength: 1 }, 'ad ä=ae af'],
  [{ locale: 'sv' }, 'z å ä ö'],
  [{ locale: 'es@collation=traditional' }, 'cz ch d'],
  [{ locale: 'da' }, 'A a B'],
  [{ locale: 'fr_CA' }, 'cote côte coté côté'],
  [{ locale: 'fr' }, 'cote coté côte côté'],
  [{ locale: 'en', normalization: true }, 'a\u0301=á b'],
])('%j orders %s', (options, text) => {
  const compare = collator(options)?.compare ?? (() => Number.NaN);
  const places = text
    .split(' ')
    .flatMap((row, place) => row.split('=').map((word) => ({ word, place })));
  for (const a of places) {
    for (const b of places) {
      const order = Math.sign(compare(a.word, b.word));
      expect(order, `${a.word} and ${b.word}`).toBe(Math.sign(a.place - b.place));
    }
  }
});

test('a collation is told with all its fields', () => {
  expect(Object.fromEntries(collator({ locale: 'en', strength: 2 })?.specification ?? [])).toEqual({
    locale: 'en',
    caseLevel: false,
    caseFirst: 'off',
    strength: 2,
    numericOrdering: false,
    alternate: 'non-ignorable',
    maxVariable: 'punct',
    normalization: false,
    backwards: false,
    version: '57.1',
  });
  expect(collator({ locale: 'th' })?.specification.get('alternate')).toBe('shifted');
  expect(collator({ locale: 'fr_CA' })?.specification.get('backwards')).toBe(true);
});

test('simple is the comparison by bytes', () => {
  expect(collator({ locale: 'simple' })).toBeUndefined();
});

test.each<[Options, number]>([
  [{}, 40414],
  [{ locale: 5 }, 14],
  [{ locale: '' }, 2],
  [{ locale: 'xx' }, 2],
  [{ locale: 'en_GB' }, 2],
  [{ locale: 'en-US' }, 2],
  [{ locale: 'en', strength: 0 }, 2],
  [{ locale: 'en', strength: 6 }, 2],
  [{ locale: 'en', strength: 'x' }, 14],
  [{ locale: 'en', strength: 4 }, 238],
  [{ locale: 'en', strength: 5 }, 238],
  [{ locale: 'en', caseLevel: 1 }, 14],
  [{ locale: 'en', caseFirst: 'big' }, 2],
  [{ locale: 'en', strength: 2, caseFirst: 'upper' }, 2],
  [{ locale: 'en', alternate: 'none' }, 2],
  [{ locale: 'en', alternate: 'shifted', maxVariable: 'space' }, 238],
  [{ locale: 'en', backwards: true }, 238],
  [{ locale: 'fr_CA', backwards: false }, 238],
  [{ locale: 'fr_CA', strength: 1 }, 2],
  [{ locale: 'en', version: '58' }, 161],
  [{ locale: 'en', colour: 'red' }, 40415],
  [{ locale: 'simple', strength: 1 }, 9],
  [{ locale: 'en_US_POSIX' }, 238],
  [{ locale: 'en@collation=search' }, 238],
])('refuses %j with code %d', (options, code) => {
  expect(() => collator(options)).toThrow(expect.objectContaining({ name: 'ServerError', code }));
});

test('strings are collated at any depth, names of fields are not', () => {
  const order = collator({ locale: 'en', strength: 2 });
  const document = (name: string, value: BsonValue): BsonDocument => new Map([[name, value]]);
  expect(equalValues(['a', document('x', 'B')], ['A', document('x', 'b')], order)).toBe(true);
  expect(equalValues(document('x', 1), document('X', 1), order)).toBe(false);
  expect(compareValues(document('x', 'b'), document('x', 'A'), order)).toBe(1);
});

test('a set of values holds each once, as the collator has it', () => {
  const values: BsonValue[] = ['b', 'a', 'B', 1, 1n, ['A'], ['a'], null];
  const count = (order?: Collator) => {
    const set = new ValueSet([], order);
    return values.filter((value) => set.add(value)).length;
  };
  expect(count()).toBe(7);
  expect(count(collator({ locale: 'en', strength: 2 }))).toBe(5);
});

test('collators that compare alike are the same', () => {
  const english = collator({ locale: 'en' });
  expect(Collator.same(english, collator({ locale: 'en', strength: 3 }))).toBe(true);
  expect(Collator.same(english, collator({ locale: 'en', strength: 2 }))).toBe(false);
  expect(Collator.same(english, undefined)).toBe(false);
  expect(Collator.same(undefined, undefined)).toBe(true);
});
