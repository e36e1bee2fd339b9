import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledPrices } from '../src/bundled-files.ts';
import { demoPortfolio } from '../src/portfolio/demo-portfolio.ts';
import { parsePrices, readPriceBytes } from '../src/portfolio/price-file.ts';
import { riskReport } from '../src/portfolio/risk-report.ts';
import {
  importPrices,
  readHoldings,
  readStoredPrices,
  saveHoldings,
} from '../src/store/portfolio-shelf.ts';
import { readSettings, saveSettings } from '../src/store/settings-shelf.ts';
import { openStoreHouse, type StoreHouse } from './store-house.ts';

let house: StoreHouse;

beforeAll(async () => {
  house = await openStoreHouse();
});
afterAll(() => house.close());

test('the risk of stored prices is that of their file', async () => {
  const store = await house.fresh();
  const table = parsePrices(bundledPrices, await readPriceBytes(bundledPrices));
  expect(await importPrices(store, bundledPrices, 'bundled')).toEqual({
    imported: true,
    prices: 166_260,
  });
  const symbols = demoPortfolio.map(({ symbol }) => symbol);
  const stored = riskReport(demoPortfolio, await readStoredPrices(store, symbols));
  expect(stored).toEqual(riskReport(demoPortfolio, table));
  expect(stored.portfolio.dailyVolatility).toBeCloseTo(0.018015325483739, 14);

  expect(await importPrices(store, bundledPrices, 'bundled')).toEqual({
    imported: false,
    prices: 166_260,
  });
  expect(await store.prices.countDocuments()).toBe(20 * 33);
});

test('keeps holdings in their order and forgets those that left', async () => {
  const store = await house.fresh();
  await saveHoldings(store, demoPortfolio);
  expect(await readHoldings(store)).toEqual(demoPortfolio);
  const two = demoPortfolio.slice(1).reverse();
  await saveHoldings(store, two);
  expect(await readHoldings(store)).toEqual(two);
});

test('keeps settings, and has some before any were set', async () => {
  const store = await house.fresh();
  expect(await readSettings(store)).toEqual({ columns: 25 });
  await saveSettings(store, { columns: 40 });
  expect(await readSettings(store)).toEqual({ columns: 40 });
});
