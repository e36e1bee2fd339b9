import { expect, test } from 'vitest';
import {
  alignPrices,
  dailyReturns,
  portfolioReturns,
  readPrices,
  returnsOf,
} from '../src/index.ts';
import { expectNear } from './expect-near.ts';
import { usShares } from './us-shares.ts';

const text = 'Date,KO,PG\n2020-01-02,1,10\n2020-01-03,2,5\n2020-01-06,1,6\n';
const returns = dailyReturns(readPrices(text));

test('a return is the simple one, dated by its later day, none for the first', () => {
  expect(returns.dates).toEqual(['2020-01-03', '2020-01-06']);
  expect(returns.symbols).toEqual(['KO', 'PG']);
  expectNear(returns.returns.data, [1, -0.5, -0.5, 0.2]);
});

test('twenty US shares have 8312 returns', () => {
  const table = dailyReturns(readPrices(usShares));
  expect([table.returns.rows, table.returns.columns]).toEqual([8312, 20]);
  expect([table.dates[0], table.dates.at(-1)]).toEqual(['1990-01-03', '2022-12-28']);
});

test('one symbol can be taken out', () => {
  expect([...returnsOf(returns, 'PG')]).toEqual([-0.5, 6 / 5 - 1]);
  expect(() => returnsOf(returns, 'KFT')).toThrow(RangeError);
});

test('the portfolio earns the weighted return of each day', () => {
  expectNear(portfolioReturns([0.75, 0.25], returns), [0.625, -0.325]);
  expect(() => portfolioReturns([1], returns)).toThrow('1 weights do not fit 2 symbols');
});

test('a missing price is refused and named', () => {
  const gappy = readPrices('Date,KO,PG\n2020-01-02,1,10\n2020-01-03,2,\n');
  expect(() => dailyReturns(gappy)).toThrow('there is no price for PG on 2020-01-03');
});

test('one day has no return', () => {
  expect(() => dailyReturns(readPrices('Date,KO\n2020-01-02,1\n'))).toThrow(RangeError);
  expect(() => alignPrices(readPrices('Date,KO\n2020-01-02,1\n'), ['KO'])).toThrow(/share 1/);
});
