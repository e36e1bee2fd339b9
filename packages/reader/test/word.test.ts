import { expect, test } from 'vitest';
import { graphemeColumns } from '../src/grapheme.ts';
import { splitWords } from '../src/word.ts';

const marked = (text: string, columns: number): string =>
  splitWords(text, columns, graphemeColumns)
    .map((word) => (word.spaced ? ` ${word.text}` : word.text))
    .join('|');

test.each([
  { what: 'words at spaces', text: 'Rates up, banks', columns: 20, words: 'Rates| up,| banks' },
  { what: 'no hyphenated word', text: 'record-high', columns: 20, words: 'record-high' },
  {
    what: 'a long address',
    text: 'see https://a.example/b',
    columns: 8,
    words: 'see| https://|a.exampl|e/b',
  },
  { what: 'Japanese between its words', text: '株価は下落', columns: 20, words: '株価|は|下落' },
  {
    what: 'no closing mark off its word',
    text: '下落。「予想」',
    columns: 20,
    words: '下落。|「予想」',
  },
  {
    what: 'Latin inside Japanese',
    text: 'Appleの$AAPL株',
    columns: 20,
    words: 'Apple|の|$AAPL|株',
  },
  { what: 'an emoji never in two', text: '👨‍👩‍👧👨‍👩‍👧', columns: 2, words: '👨‍👩‍👧|👨‍👩‍👧' },
])('splits $what', ({ text, columns, words }) => {
  expect(marked(text, columns)).toBe(words);
});
