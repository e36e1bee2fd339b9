import { readPrices } from '@holdfast/portfolio';
import { expect, test } from 'vitest';
import { bundledPrices } from '../src/bundled-files.ts';
import { parsePrices, readPriceBytes } from '../src/portfolio/price-file.ts';
import { joinPrices, planPrices } from '../src/portfolio/price-plan.ts';

test('sorts prices into years and leaves days without a price out', () => {
  const table = readPrices('Date,A,B\n2019-12-31,1,5\n2020-01-02,2,\n2020-01-03,3,7\n');
  expect(planPrices(table)).toEqual([
    { symbol: 'A', year: 2019, dates: ['2019-12-31'], closes: [1] },
    { symbol: 'A', year: 2020, dates: ['2020-01-02', '2020-01-03'], closes: [2, 3] },
    { symbol: 'B', year: 2019, dates: ['2019-12-31'], closes: [5] },
    { symbol: 'B', year: 2020, dates: ['2020-01-03'], closes: [7] },
  ]);
});

test.each([
  { what: 'gaps', table: readPrices('Date,A,B\n2019-12-31,1,\n2020-01-02,2,6\n2021-01-03,,7\n') },
  {
    what: 'twenty shares and 33 years',
    table: parsePrices(bundledPrices, await readPriceBytes(bundledPrices)),
  },
])('joined again, prices with $what are what they were', ({ table }) => {
  const years = [...planPrices(table)].reverse();
  const joined = joinPrices(years);
  expect(joined.dates).toEqual(table.dates);
  for (const [column, symbol] of table.symbols.entries()) {
    const other = joined.symbols.indexOf(symbol);
    const pricesOf = ({ prices }: typeof table, place: number) =>
      prices.data.filter((_, at) => at % prices.columns === place);
    expect(pricesOf(joined, other)).toEqual(pricesOf(table, column));
  }
});
