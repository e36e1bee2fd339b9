import { describe, expect, test } from 'vitest';
import {
  alignPrices,
  correlationMatrix,
  covarianceMatrix,
  dailyReturns,
  type ReturnTable,
  readPrices,
  returnsOf,
  volatility,
} from '../src/index.ts';
import { expectNear } from './expect-near.ts';
import { usShares } from './us-shares.ts';

const table = dailyReturns(alignPrices(readPrices(usShares), ['MSFT', 'AAPL', 'KO']));

function returnTable(...series: readonly (readonly number[])[]): ReturnTable {
  const rows = series[0]?.length ?? 0;
  const columns = series.length;
  const data = Float64Array.from(
    { length: rows * columns },
    (_, at) => series[at % columns]?.[Math.floor(at / columns)] ?? Number.NaN,
  );
  return {
    dates: Array.from({ length: rows }, (_, i) => `day ${i}`),
    symbols: series.map((_, i) => `S${i}`),
    returns: { rows, columns, data },
  };
}

describe('against NumPy, MSFT, AAPL and KO', () => {
  test('volatilities are those of np.std, ddof 1', () => {
    expectNear(
      table.symbols.map((symbol) => volatility(returnsOf(table, symbol))),
      [0.020109934282598583, 0.027349054521929685, 0.014021329683681102],
    );
  });

  test('correlations are those of np.corrcoef', () => {
    const { data } = correlationMatrix(table);
    expectNear(
      [data[1], data[2], data[5]].map(Number),
      [0.4073486057299619, 0.3165362628693783, 0.200499461027757],
    );
    expect([data[0], data[4], data[8]]).toEqual([1, 1, 1]);
  });

  test('covariance is correlation times both deviations', () => {
    const s = [0.020109934282598583, 0.027349054521929685, 0.014021329683681102] as const;
    const [msftAapl, msftKo, aaplKo] = [0.4073486057299619, 0.3165362628693783, 0.200499461027757];
    expectNear(covarianceMatrix(table).data, [
      s[0] * s[0],
      s[0] * s[1] * msftAapl,
      s[0] * s[2] * msftKo,
      s[0] * s[1] * msftAapl,
      s[1] * s[1],
      s[1] * s[2] * aaplKo,
      s[0] * s[2] * msftKo,
      s[1] * s[2] * aaplKo,
      s[2] * s[2],
    ]);
  });
});

test('the covariance of all twenty is exactly symmetric', () => {
  const { rows: n, data } = covarianceMatrix(dailyReturns(readPrices(usShares)));
  expect(data.every((value, at) => value === data[(at % n) * n + Math.floor(at / n)])).toBe(true);
});

test('a large mean costs no digits', () => {
  expectNear([volatility([1e8 + 1, 1e8 + 2, 1e8 + 3])], [1]);
});

test('opposites correlate by -1', () => {
  const { data } = correlationMatrix(returnTable([0.1, 0.2, 0.4], [-0.1, -0.2, -0.4]));
  expectNear(data, [1, -1, -1, 1]);
  expect(data.every((each) => Math.abs(each) <= 1)).toBe(true);
});

test('a share that never moves correlates with nothing', () => {
  const { data } = correlationMatrix(returnTable([0.1, 0.2, 0.4], [0, 0, 0]));
  expect([...data]).toEqual([1, Number.NaN, Number.NaN, Number.NaN]);
});

test('one day has no deviation', () => {
  expect(() => volatility([0.1])).toThrow(RangeError);
  expect(() => covarianceMatrix(returnTable([0.1], [0.2]))).toThrow(RangeError);
});
