import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demoPortfolio } from '../src/portfolio/demo-portfolio.ts';
import { termMatcher } from '../src/posts/term.ts';

const match = termMatcher(demoPortfolio);
const matched = (text: string) => match(text).map(({ symbol, term }) => `${symbol} ${term}`);

test.each([
  { text: 'the new iPad is out', found: ['AAPL ipad'] },
  { text: 'IPHONE', found: ['AAPL iphone'] },
  { text: "my iPad's screen", found: ['AAPL ipad'] },
  { text: '(ipod)', found: ['AAPL ipod'] },
  { text: '#iPhone is trending', found: ['AAPL iphone'] },
  { text: 'two ipads', found: [] },
  { text: 'myipad', found: [] },
  { text: 'ipad_pro', found: [] },
  { text: 'iphone15', found: [] },
  { text: '@iphone says', found: [] },
  { text: 'ipade\u0301', found: [] },
  { text: 'up: $aapl!', found: ['AAPL $AAPL'] },
  { text: 'AAPL', found: [] },
  { text: '$AAPLX', found: [] },
  { text: 'buy $KO.', found: ['KO $KO'] },
  { text: '$KO.B', found: [] },
  { text: '$$KO', found: [] },
  { text: 'Coca-Cola', found: ['KO coca cola'] },
  { text: 'coca\n cola', found: ['KO coca cola'] },
  { text: 'coca, cola', found: [] },
  { text: '新しいiPhoneが出た', found: ['AAPL iphone'] },
  { text: 'iPhone은 비싸다', found: ['AAPL iphone'] },
  { text: '📱iphone📱', found: ['AAPL iphone'] },
  { text: 'éiphone', found: [] },
  { text: 'a Coke, an Xbox and $AAPL', found: ['MSFT xbox', 'AAPL $AAPL', 'KO coke'] },
  { text: '$MSFT before windows', found: ['MSFT $MSFT'] },
  { text: '', found: [] },
])('finds $found in "$text"', ({ text, found }) => {
  expect(matched(text)).toEqual(found);
});

test.each([
  { term: '#apple', text: 'an #Apple a day', found: true },
  { term: '#apple', text: 'an apple a day', found: false },
  { term: '#apple', text: '#applepie', found: false },
  { term: '$BRK.B', text: 'sold $brk.b today', found: true },
  { term: 'at&t', text: 'AT&T calls', found: true },
  { term: 'c++ (lang)', text: 'C++ (lang)', found: true },
  { term: 'Citroe\u0308n', text: 'citroën', found: true },
])('"$term" in "$text": $found', ({ term, text, found }) => {
  expect(termMatcher([{ symbol: 'X', terms: [term] }])(text)).toHaveLength(found ? 1 : 0);
});

test('any term is found between spaces and not inside letters', () => {
  const letters = fc.stringMatching(/^[\p{Lu}\p{Ll}\p{Nd}&.+$#'"()[\]\\|^*?-]*[\p{Lu}\p{Ll}]$/u);
  fc.assert(
    fc.property(letters, (term) => {
      const find = termMatcher([{ symbol: 'X', terms: [term] }]);
      expect(find(`so ${term} it is`)).toEqual([{ symbol: 'X', term }]);
      expect(find(`so x${term}x it is`)).toEqual([]);
    }),
  );
});

test('refuses an empty term', () => {
  expect(() => termMatcher([{ symbol: 'X', terms: ['  '] }])).toThrow(TypeError);
});
