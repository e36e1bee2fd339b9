import { expect, test } from 'vitest';
import { nearMisses } from '../src/terminal/near-miss.ts';
import { textTable } from '../src/terminal/text-table.ts';

test('lines words up on the left and figures on the right', () => {
  const columns = [
    { head: 'Holding', align: 'left' },
    { head: 'Risk', align: 'right' },
    { head: 'Note', align: 'left' },
  ] as const;
  const rows = [
    ['KO', '6.44 %', ''],
    ['MICROSOFT', '23.22 %', 'loud'],
  ];
  expect(textTable(columns, rows, (line) => `*${line}*`)).toBe(
    ['*Holding       Risk  Note*', 'KO          6.44 %', 'MICROSOFT  23.22 %  loud', ''].join('\n'),
  );
});

test.each([
  { name: 'MSTF', known: ['AAPL', 'MSFT', 'KO'], meant: ['MSFT'] },
  { name: 'MSF', known: ['AAPL', 'MSFT', 'KO'], meant: ['MSFT'] },
  { name: 'aapl', known: ['AAPL', 'MSFT'], meant: ['AAPL'] },
  { name: 'APL', known: ['AAPL', 'AMPL', 'GE'], meant: ['AAPL', 'AMPL'] },
  { name: 'GOOGLE', known: ['GOOG', 'GE'], meant: ['GOOG'] },
  { name: 'TSLA', known: ['AAPL', 'KO'], meant: [] },
])('takes $name for $meant', ({ name, known, meant }) => {
  expect(nearMisses(name, known)).toEqual(meant);
});
