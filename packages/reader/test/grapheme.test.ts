import { expect, test } from 'vitest';
import { graphemeColumns, graphemes } from '../src/grapheme.ts';

test.each([
  { text: '', columns: 0 },
  { text: 'plain text', columns: 10 },
  { text: 'café', columns: 4 },
  { text: 'cafe\u0301', columns: 4 },
  { text: '日本', columns: 4 },
  { text: '、。', columns: 4 },
  { text: 'ＡＢ', columns: 4 },
  { text: 'ｱｲ', columns: 2 },
  { text: '한국', columns: 4 },
  { text: '🚀', columns: 2 },
  { text: '👨‍👩‍👧‍👦', columns: 2 },
  { text: '❤️', columns: 2 },
  { text: '🇺🇸', columns: 2 },
  { text: '©', columns: 1 },
  { text: 'a\u200bb', columns: 2 },
  { text: 'שלום', columns: 4 },
])('$text takes $columns columns', ({ text, columns }) => {
  expect(graphemeColumns(text)).toBe(columns);
});

test('a family and a letter under ten accents are one grapheme each', () => {
  expect(graphemes(`👨‍👩‍👧x${'\u0301'.repeat(10)}`)).toHaveLength(2);
});
