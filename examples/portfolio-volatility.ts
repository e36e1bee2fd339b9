/**
 * How much a portfolio moves: 30 % Microsoft, 50 % Apple, 20 % Coca-Cola (KO stands in for Kraft,
 * which the prices at hand do not hold), and three ways to say it, of which one is right.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  alignPrices,
  correlationMatrix,
  covarianceMatrix,
  dailyReturns,
  diversificationRatio,
  portfolioReturns,
  portfolioVolatility,
  readPrices,
  returnsOf,
  riskContributions,
  volatility,
} from '@holdfast/portfolio';

const symbols = ['MSFT', 'AAPL', 'KO'];
const weights = [0.3, 0.5, 0.2];

const file = join(import.meta.dirname, '../data/prices-us-20.csv');
const prices = alignPrices(readPrices(readFileSync(file), { file }), symbols);
const returns = dailyReturns(prices);
const covariance = covarianceMatrix(returns);
const days = returns.dates.length;

console.log(`${days} daily returns, ${returns.dates[0]} to ${returns.dates.at(-1)}`);
console.log('KO stands in for Kraft, which is not among the prices.\n');

const alone = symbols.map((symbol) => volatility(returnsOf(returns, symbol)));
console.log('A day moves each share by');
for (const [i, symbol] of symbols.entries())
  console.log(`  ${symbol.padEnd(5)} ${percent(alone[i])}`);

const naive = alone.reduce((sum, each, i) => sum + each * (weights[i] ?? 0), 0);
const right = portfolioVolatility(weights, covariance);
const bySeries = volatility(portfolioReturns(weights, returns));
const wrong = portfolioVolatility(weights, correlationMatrix(returns));

console.log('\nA day moves the portfolio by');
console.log(`  naive ${percent(naive)}  the weighted average: as if all moved as one`);
console.log(`  right ${percent(right)}  √(w′Σw), with the covariance Σ; ${yearly(right)} a year`);
console.log(`        ${percent(bySeries)}  the deviation of its own returns: the same`);
console.log(`  wrong  ${wrong.toFixed(4)}   √(w′Rw), with the correlation R in the place of Σ:`);
console.log(`                  no unit, and ${(wrong / right).toFixed(0)} times too big`);

const { share } = riskContributions(weights, covariance);
console.log('\n        money    risk');
for (const [i, symbol] of symbols.entries()) {
  console.log(`  ${symbol.padEnd(5)} ${percent(weights[i], 1)}  ${percent(share[i], 1)}`);
}
const ratio = diversificationRatio(weights, covariance);
console.log(`\nDiversification divides the naive figure by ${ratio.toFixed(3)}.`);

function percent(part = Number.NaN, digits = 3): string {
  return `${(100 * part).toFixed(digits)} %`.padStart(digits + 5);
}

function yearly(daily: number): string {
  return percent(daily * Math.sqrt(252), 1).trim();
}
