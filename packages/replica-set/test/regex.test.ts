import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runProgram } from '../src/regex/machine.ts';
import { parsePattern } from '../src/regex/parser.ts';
import { compileProgram } from '../src/regex/program.ts';
import { Regex } from '../src/regex/regex.ts';
import { evaluated } from './expression/evaluation.ts';

/** By the machine of our own, whatever the pattern. */
function findSlowly(source: string, flags: string, text: string): number[] | undefined {
  const pattern = parsePattern(source, flags);
  return runProgram(compileProgram(pattern), text, 0, pattern.groups);
}

test.each<[pattern: string, flags: string, text: string, found: boolean]>([
  ['b+c', '', 'aabbc', true],
  ['^abc$', '', 'abc\n', true],
  ['^abc$', '', 'abc\n\n', false],
  ['^abc\\z', '', 'abc\n', false],
  ['^abc\\Z', '', 'abc\n', true],
  ['^a', 'm', 'x\na', true],
  ['^a', '', 'x\na', false],
  ['\\Aa', 'm', 'x\na', false],
  ['a$', 'm', 'a\nx', true],
  ['a$', 'm', 'a\rx', false],
  ['a.b', '', 'a\nb', false],
  ['a.b', 's', 'a\nb', true],
  ['a.b', '', 'a\u2028b', true],
  ['^.$', '', '😀', true],
  ['a\\Nb', 's', 'a\nb', false],
  ['STRASSE', 'i', 'strasse', true],
  ['É', 'i', 'é', true],
  ['k', 'i', '\u212a', true],
  ['(?i)a(?-i)b', '', 'Ab', true],
  ['(?i)a(?-i)b', '', 'AB', false],
  ['(?i:a)b', '', 'Ab', true],
  ['a(?i)b|c', '', 'C', true],
  ['a b # c', 'x', 'ab', true],
  ['a\\ b[ ]c', 'x', 'a b c', true],
  ['(?x) a  b', '', 'ab', true],
  ['a(?#no)b', '', 'ab', true],
  ['a{2}', '', 'aa', true],
  ['a{,3}', '', 'a{,3}', true],
  ['^a{1,2}$', '', 'aaa', false],
  ['x{2,}', '', 'xx', true],
  ['a??b', '', 'b', true],
  ['a++a', '', 'aaa', false],
  ['a*+b', '', 'aab', true],
  ['(?>a+)ab', '', 'aaab', false],
  ['(?U)^a+$', '', 'aaa', true],
  ['^(\\w+)\\s\\1$', '', 'hey hey', true],
  ['^(\\w+)\\s\\1$', '', 'hey you', false],
  ['(?<n>a)\\k<n>', '', 'aa', true],
  ['(?P<n>a)(?P=n)', '', 'aa', true],
  ['(a)\\g{-1}', '', 'aa', true],
  ['(a)?\\1b', '', 'b', false],
  ['(?i)(a)\\1', '', 'aA', true],
  ['\\101', '', 'A', true],
  ['\\x41\\x{42}\\o{103}', '', 'ABC', true],
  ['\\x{1F600}', '', '😀', true],
  ['\\cA', '', '\u0001', true],
  ['\\t\\e\\a', '', '\t\u001b\u0007', true],
  ['\\Qa.b\\E+', '', 'a.bb', true],
  ['\\Qa.b', '', 'axb', false],
  ['[[:alpha:]]+[[:digit:]]', '', 'ab1', true],
  ['[[:^alpha:]]', '', 'a', false],
  ['[^a-c]', '', 'abc', false],
  ['[]a]', '', ']', true],
  ['[^]a]', '', ']', false],
  ['[a-]', '', '-', true],
  ['[\\w-]', '', '-', true],
  ['[\\D]', '', '5', false],
  ['[\\b]', '', '\b', true],
  ['\\d', '', '٣', false],
  ['\\w', '', 'é', false],
  ['\\s', '', '\u00a0', false],
  ['\\h', '', '\u00a0', true],
  ['\\v', '', '\u2028', true],
  ['^\\R$', '', '\r\n', true],
  ['\\p{Greek}', '', 'α', true],
  ['\\p{Lu}', '', 'a', false],
  ['\\pL', '', 'é', true],
  ['\\P{L}', '', 'é', false],
  ['\\p{^L}', '', '1', true],
  ['\\p{L&}', '', 'a', true],
  ['^\\p{Xan}+$', '', 'é1', true],
  ['^[\\p{Xwd}-]+$', '', 'é_-', true],
  ['\\p{Xsp}', '', '\u00a0', true],
  ['\\bfoo\\b', 'i', 'a FOO b', true],
  ['\\Boo', '', 'foo', true],
  ['^(?=.*\\d)(?=.*[a-z]).{4,}$', '', 'abc1', true],
  ['a(?!b)', '', 'ab', false],
  ['(?<=foo)bar', '', 'foobar', true],
  ['(?<!foo)bar', '', 'foobar', false],
  ['(?<=a|bc)d', '', 'bcd', true],
  ['(?<!a|bc)d', '', 'bcd', false],
  ['(?<=😀)a', '', '😀a', true],
  ['(*UTF8)é', '', 'é', true],
  ['a|', '', 'x', true],
  ['a}', '', 'a}', true],
])('/%s/%s in %j: %s', (pattern, flags, text, found) => {
  expect(new Regex(pattern, flags).test(text)).toBe(found);
  expect(findSlowly(pattern, flags, text) !== undefined).toBe(found);
});

test.each([
  '(',
  'a)',
  '[a',
  '*a',
  '+',
  '\\',
  '\\u0041',
  '\\L',
  '[b-a]',
  '[\\d-z]x[a-\\d]',
  '(?<=a+)b',
  '(?<n',
  '(?<1>a)',
  '(?<n>a)(?<n>b)',
  '(?y)a',
  '(?#a',
  'x{3,2}',
  'a{70000}',
  '\\p{Nope}',
  '[[:foo:]]',
  '\\2(a)',
  '\\k<n>',
  '\\x{110000}',
  '((a{200}){200}){200}',
  `${'('.repeat(300)}${')'.repeat(300)}`,
  'a'.repeat(40_000),
])('%s is no pattern', (pattern) => {
  expect(() => new Regex(pattern, '')).toThrow(expect.objectContaining({ code: 51091 }));
});

test.each([
  '(*ACCEPT)a',
  '(?R)',
  '(?1)(a)',
  '(?(1)a|b)',
  '(?|(a)|(b))',
  '(?C1)a',
  '\\X',
  '(?J)a',
  '\\g<1>(a)',
])('%s is refused by name', (pattern) => {
  expect(() => new Regex(pattern, '')).toThrow(expect.objectContaining({ code: 238 }));
});

test('unknown flags and null bytes are refused', () => {
  expect(() => new Regex('a', 'g')).toThrow(expect.objectContaining({ code: 51108 }));
  expect(() => new Regex('a\0', '')).toThrow(expect.objectContaining({ code: 2 }));
});

test('a match tells where it is and what its groups took', () => {
  const regex = new Regex('(\\d+)-(?<month>\\d+)|(x)', '');
  expect(regex.find('on 12-34')).toEqual({ begin: 3, end: 8, groups: ['12', '34', undefined] });
  expect(regex.find('12-34 x', 5)).toEqual({
    begin: 6,
    end: 7,
    groups: [undefined, undefined, 'x'],
  });
  expect(regex.find('none')).toBeUndefined();
  expect([...regex.names]).toEqual([['month', 2]]);
  expect(new Regex('a\\Kb', '').find('ab')).toEqual({ begin: 1, end: 2, groups: [] });
});

const piece = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('a', 'b', 'c', '[ab]', '[^a]', '.', '\\b', '^', '$(?!\\n)'),
    fc.tuple(tie('pattern'), tie('pattern')).map((pair) => pair.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map((pair) => `(?:${pair.join('|')})`),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?=${inner})`),
    tie('pattern').map((inner) => `(?!${inner})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '*?', '+?', '??'))
      .map(([inner, sign]) => `(?:${inner})${sign}`),
  ),
})).pattern;
const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 8 });

test('the machine finds what the engine of JavaScript finds', () => {
  fc.assert(
    fc.property(piece, texts, (pattern, text) => {
      const found = new RegExp(pattern, 'u').exec(text);
      const slots = findSlowly(pattern, '', text);
      const seen = slots && [slots[0], text.slice(slots[0], slots[1])];
      // Where it begins is the same in both; how far it goes may differ for empty repeats.
      expect(seen?.[0]).toBe(found?.index);
    }),
    { numRuns: 3000 },
  );
});

test('patterns that run away end all the same', () => {
  for (const pattern of [
    '(a+)+b',
    '(a|aa)+$',
    '(a*)*b',
    '(x+x+)+y',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
  ]) {
    expect(new Regex(pattern, '').test(`${'ax'.repeat(5000)}!`)).toBe(false);
  }
  expect(new Regex('.*.*.*=.*;', '').test('x'.repeat(20_000))).toBe(false);
});

test('one that refers back to its groups is given up with a code', () => {
  expect(() => new Regex('^(a*)*\\1b$', '').test(`${'a'.repeat(5000)}c`)).toThrow(
    expect.objectContaining({ code: 51156 }),
  );
});

test('many matches, and many looks around, in a long text take little memory each', () => {
  const text = 'a'.repeat(100_000);
  expect(new Regex('(?=a)x', '').find(text)).toBeUndefined();
  expect(new Regex('(?<=a)x|b', '').find(`${text}b`)?.begin).toBe(100_000);
  const all = evaluated({ $regexFindAll: { input: '$text', regex: 'a' } }, { text });
  expect(all).toHaveLength(100_000);
});

test('matches that take more than 64 MiB are refused', () => {
  const find = { $regexFindAll: { input: '$text', regex: '' } };
  expect(() => evaluated(find, { text: 'a'.repeat(600_000) })).toThrow(
    expect.objectContaining({ code: 51151 }),
  );
});
