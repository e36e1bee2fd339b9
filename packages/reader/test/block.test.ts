import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromText } from '../src/index.ts';

const textsOf = (text: string): string[] => fromText(text).map((block) => block.text);

test.each([
  { what: 'nothing', text: '', blocks: [] },
  { what: 'white space alone', text: ' \t\n\u00a0\n', blocks: [] },
  { what: 'one paragraph', text: 'Rates up.', blocks: ['Rates up.'] },
  {
    what: 'every kind of line break',
    text: 'a\r\nb\rc\u2028d\u0085e',
    blocks: ['a', 'b', 'c', 'd', 'e'],
  },
  { what: 'empty lines', text: 'a\n\n \nb', blocks: ['a', 'b'] },
  { what: 'tabs and ideographic spaces', text: '\ta\t\tb\u3000c ', blocks: ['a b c'] },
  { what: 'a no-break space', text: '50\u00a0% up', blocks: ['50\u00a0% up'] },
  { what: 'NUL, bell and escape', text: 'AA\0PL \u0007 \u001b[31m', blocks: ['AAPL [31m'] },
  { what: 'a directional override', text: 'a\u202egpj.exe', blocks: ['agpj.exe'] },
  { what: 'half a surrogate pair', text: 'up \ud83d!', blocks: ['up \ufffd!'] },
  { what: 'joined emoji', text: '👨‍👩‍👧 ok', blocks: ['👨‍👩‍👧 ok'] },
])('takes $what', ({ text, blocks }) => {
  expect(textsOf(text)).toEqual(blocks);
});

test('cuts an endless text and says so, leaving no half of a pair', () => {
  const [block] = fromText(`x${'🚀'.repeat(60_000)}`);
  expect(block?.text).toBe(`x${'🚀'.repeat(49_999)}…`);
});

test('what it gives, it leaves as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const once = textsOf(text);
      expect(textsOf(once.join('\n'))).toEqual(once);
      for (const each of once) expect(each).not.toMatch(/^\s|\s$|\p{Cc}|[ \t]{2}/u);
    }),
  );
});
