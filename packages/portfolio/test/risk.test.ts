import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alignPrices,
  correlationMatrix,
  covarianceMatrix,
  dailyReturns,
  diversificationRatio,
  portfolioReturns,
  portfolioVolatility,
  type ReturnTable,
  readPrices,
  returnsOf,
  riskContributions,
  volatility,
} from '../src/index.ts';
import { expectNear } from './expect-near.ts';
import { usShares } from './us-shares.ts';

const prices = readPrices(usShares);
const weights = [0.3, 0.5, 0.2];
const table = dailyReturns(alignPrices(prices, ['MSFT', 'AAPL', 'KO']));
const covariance = covarianceMatrix(table);

describe('30 % MSFT, 50 % AAPL, 20 % KO, against NumPy', () => {
  test('moves by 1.8 % a day, 28.6 % a year', () => {
    const daily = portfolioVolatility(weights, covariance);
    expectNear([daily, daily * Math.sqrt(252)], [0.018015325483738933, 0.2859844261071457]);
  });

  test('has most of its risk in AAPL', () => {
    const risk = riskContributions(weights, covariance);
    expectNear([risk.volatility], [0.018015325483738933]);
    expectNear(risk.marginal, [0.013943229447266458, 0.025343617444427917, 0.005802739636725175]);
    expectNear(
      risk.contribution,
      [0.004182968834179937, 0.012671808722213958, 0.001160547927345035],
    );
    expectNear(risk.share, [0.23218946768159066, 0.7033904957005545, 0.06442003661785481]);
  });

  test('has a diversification ratio of 1.25', () => {
    expectNear([diversificationRatio(weights, covariance)], [1.249590161598818]);
  });

  test('is not what the correlation matrix gives in the place of the covariance', () => {
    const wrong = portfolioVolatility(weights, correlationMatrix(table));
    expectNear([wrong], [0.7617669101955437]);
    expectNear([wrong / portfolioVolatility(weights, covariance)], [42.28438231011329]);
  });
});

test.each([
  { weights: [0.5, 0.5], due: 0.21563858652847828 },
  { weights: [0.9, 0.1], due: 0.10554619841567012 },
])('two shares of volatility .1 and .4, correlated .2, held $weights, give $due', (each) => {
  const rows = [
    [0.01, 0.008],
    [0.008, 0.16],
  ];
  expectNear([portfolioVolatility(each.weights, rows)], [each.due]);
});

test('three routes to the volatility of a portfolio agree', () => {
  const all = dailyReturns(prices);
  const days = all.returns.rows;
  const choices = fc.record({
    from: fc.integer({ min: 0, max: days - 250 }),
    length: fc.integer({ min: 100, max: 250 }),
    weights: fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), {
      minLength: 20,
      maxLength: 20,
    }),
  });
  fc.assert(
    fc.property(choices, ({ from, length, weights }) => {
      const some = window(all, from, length);
      const deviations = some.symbols.map((symbol) => volatility(returnsOf(some, symbol)));
      const scaled = weights.map((weight, i) => weight * (deviations[i] ?? 0));
      const byCovariance = portfolioVolatility(weights, covarianceMatrix(some));
      const byCorrelation = portfolioVolatility(scaled, correlationMatrix(some));
      const bySeries = volatility(portfolioReturns(weights, some));
      expectNear([byCorrelation, bySeries], [byCovariance, byCovariance]);
    }),
  );
});

function window({ dates, symbols, returns }: ReturnTable, from: number, rows: number): ReturnTable {
  const { columns, data } = returns;
  return {
    dates: dates.slice(from, from + rows),
    symbols,
    returns: { rows, columns, data: data.slice(from * columns, (from + rows) * columns) },
  };
}

test('contributions sum to the volatility and shares to 1, hedges included', () => {
  const all = covarianceMatrix(dailyReturns(prices));
  const mixed = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: 20,
    maxLength: 20,
  });
  fc.assert(
    fc.property(mixed, (each) => {
      const { volatility: sigma, contribution, share } = riskContributions(each, all);
      fc.pre(sigma > 1e-6);
      const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
      expect(sum(contribution) / sigma).toBeCloseTo(1, 12);
      expect(sum(share)).toBeCloseTo(1, 12);
    }),
  );
});

test('a hedge has a share below 0', () => {
  const { share } = riskContributions(
    [1, -0.2],
    [
      [0.04, 0.03],
      [0.03, 0.04],
    ],
  );
  expect(share[1]).toBeLessThan(0);
});

describe('a portfolio without volatility', () => {
  const perfect = [
    [0.04, 0.04],
    [0.04, 0.04],
  ];

  test.each([
    { what: 'nothing held', weights: [0, 0], matrix: perfect },
    { what: 'a perfect hedge', weights: [0.5, -0.5], matrix: perfect },
    {
      what: 'cash',
      weights: [1, 0],
      matrix: [
        [0, 0],
        [0, 0.04],
      ],
    },
  ])('has shares of 0: $what', ({ weights: held, matrix }) => {
    const risk = riskContributions(held, matrix);
    expect(risk.volatility).toBe(0);
    expect(risk.share.map(Math.abs)).toEqual([0, 0]);
  });

  test('is not tripped by rounding below 0', () => {
    const s = [0.1, 0.3, 0.7];
    const matrix = s.map((one) => s.map((other) => one * other));
    expect(portfolioVolatility([0.3, -0.1, 0], matrix)).toBeLessThan(1e-8);
    expect(portfolioVolatility([0.7, 0, -0.1], matrix)).toBeLessThan(1e-8);
  });
});

test.each([
  {
    what: 'too few weights',
    weights: [1],
    matrix: [
      [1, 0],
      [0, 1],
    ],
    message: /1 weights do not fit/,
  },
  { what: 'a matrix that is not square', weights: [1, 1], matrix: [[1, 0]], message: /1 × 2/ },
  { what: 'a weight that is no number', weights: [Number.NaN], matrix: [[1]], message: /weight/ },
  { what: 'an infinite covariance', weights: [1], matrix: [[Infinity]], message: /covariance/ },
  {
    what: 'a matrix that is no covariance',
    weights: [1, -1],
    matrix: [
      [1, 2],
      [2, 1],
    ],
    message: /below 0/,
  },
])('refuses $what', ({ weights: held, matrix, message }) => {
  expect(() => portfolioVolatility(held, matrix)).toThrow(RangeError);
  expect(() => riskContributions(held, matrix)).toThrow(message);
  expect(() => diversificationRatio(held, matrix)).toThrow(message);
});
