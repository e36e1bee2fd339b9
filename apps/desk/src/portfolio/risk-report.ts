import {
  AlignmentError,
  type AlignmentReport,
  alignPrices,
  correlationMatrix,
  covarianceMatrix,
  dailyReturns,
  diversificationRatio,
  type PriceTable,
  riskContributions,
  rowsOf,
} from '@holdfast/portfolio';
import type { PortfolioReport } from '../api.ts';
import { DeskError } from '../desk-error.ts';
import { nearMisses } from '../terminal/near-miss.ts';

/** What the risk of a holding is computed from, besides its prices. */
export interface WeightedHolding {
  readonly symbol: string;
  readonly name: string;
  readonly weight: number;
}

export interface RiskReport {
  readonly portfolio: PortfolioReport;
  /** Which days were used and which fell away. */
  readonly days: AlignmentReport;
}

/** Days on which shares trade in a year. */
const tradingDays = 252;
/** Below it, figures say little, and the report says so. */
const fewDays = 60;

/**
 * Computes how risky a portfolio is and where its risk comes from.
 *
 * Simple daily returns of the days that all holdings share; sample covariance (ddof 1);
 * yearly = daily × √252.
 *
 * @throws {DeskError} `data`, when a symbol has no prices or the prices cannot be compared
 */
export function riskReport(holdings: readonly WeightedHolding[], table: PriceTable): RiskReport {
  const symbols = holdings.map(({ symbol }) => symbol);
  const unknown = symbols.filter((symbol) => !table.symbols.includes(symbol));
  if (unknown.length > 0) throw unknownSymbols(unknown, table.symbols);

  const { report: days, ...aligned } = aligning(table, symbols);
  const returns = dailyReturns(aligned);
  const covariance = covarianceMatrix(returns);
  const weights = holdings.map(({ weight }) => weight);
  const { volatility, share } = riskContributions(weights, covariance);
  const deviations = rowsOf(covariance).map((row, place) => Math.sqrt(row[place] ?? 0));
  const rounded = (value: number, instead: number) => (Number.isNaN(value) ? instead : value);

  const portfolio: PortfolioReport = {
    holdings: holdings.map(({ symbol, name, weight }, place) => ({
      symbol,
      name,
      weight,
      riskShare: share[place] ?? 0,
      dailyVolatility: deviations[place] ?? 0,
    })),
    returns: returns.dates.length,
    from: returns.dates[0] ?? '',
    to: returns.dates.at(-1) ?? '',
    dailyVolatility: volatility,
    yearlyVolatility: volatility * Math.sqrt(tradingDays),
    unrelatedDailyVolatility: Math.hypot(
      ...weights.map((weight, place) => weight * (deviations[place] ?? 0)),
    ),
    diversificationRatio: rounded(diversificationRatio(weights, covariance), 1),
    correlations: rowsOf(correlationMatrix(returns)).map((row, line) =>
      Array.from(row, (value, column) => rounded(value, line === column ? 1 : 0)),
    ),
    notes: notesOn(days, symbols, deviations, weights),
  };
  return { portfolio, days };
}

function aligning(table: PriceTable, symbols: readonly string[]) {
  try {
    return alignPrices(table, symbols);
  } catch (error) {
    if (!(error instanceof AlignmentError)) throw error;
    throw new DeskError('data', error.message, undefined, { cause: error });
  }
}

function unknownSymbols(unknown: readonly string[], known: readonly string[]): DeskError {
  const meant = unknown.flatMap((symbol) => nearMisses(symbol, known).slice(0, 1));
  const question = meant.length > 0 ? `Did you mean ${meant.join(', ')}? ` : '';
  const shown = known.slice(0, 40).join(', ');
  const more = known.length > 40 ? ` and ${known.length - 40} more` : '';
  return new DeskError(
    'data',
    `there are no prices for ${unknown.join(', ')}`,
    `${question}The prices name ${shown}${more}.`,
  );
}

function notesOn(
  { totalDays, sharedDays, droppedDays, gaps }: AlignmentReport,
  symbols: readonly string[],
  deviations: readonly number[],
  weights: readonly number[],
): readonly string[] {
  const notes = [
    'Simple daily returns of the days that all holdings share; sample covariance; a year is 252 days.',
  ];
  if (droppedDays > 0) {
    const causes = gaps.map(
      ({ symbol, missingDays, sharedDaysWithout }) =>
        `${symbol} has none on ${missingDays} (without it ${sharedDaysWithout} would be left)`,
    );
    notes.push(
      `${droppedDays} of ${totalDays} days are left out, for want of a price: ${causes.join('; ')}.`,
    );
  }
  if (sharedDays < fewDays) {
    notes.push(`Only ${sharedDays} days: figures from fewer than ${fewDays} say little.`);
  }
  const still = symbols.filter((_, place) => deviations[place] === 0);
  if (still.length > 0) {
    notes.push(`${still.join(', ')} never moved and is shown without correlation.`);
  }
  const short = symbols.filter((_, place) => (weights[place] ?? 0) < 0);
  if (short.length > 0) notes.push(`${short.join(', ')} counts as owed: its weight is below 0.`);
  return notes;
}
