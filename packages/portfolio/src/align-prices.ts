import { AlignmentError } from './alignment-error.ts';
import type { PriceTable } from './price-table.ts';

/** What one symbol costs in days. */
export interface AlignmentGap {
  readonly symbol: string;
  /** Days on which others have a price and this symbol has none. */
  readonly missingDays: number;
  /** Days that the other chosen symbols would share without it. */
  readonly sharedDaysWithout: number;
}

/** How many days fell away, and through which symbol. */
export interface AlignmentReport {
  /** Days on which at least one chosen symbol has a price. */
  readonly totalDays: number;
  /** Days on which all have one. */
  readonly sharedDays: number;
  /** totalDays − sharedDays. */
  readonly droppedDays: number;
  /** The symbols that miss days; first the one whose removal would win back most. */
  readonly gaps: readonly AlignmentGap[];
}

/** A price table without gaps, and what was left out to make it so. */
export interface AlignedPrices extends PriceTable {
  readonly report: AlignmentReport;
}

/** Two returns are the least that a covariance can be estimated from. */
const fewestDays = 3;

/**
 * Keeps the chosen symbols, in the order given, and of the days those that all of them share.
 *
 * No price is filled in: a price carried forward would make a return of 0 that never was, and
 * lower volatility and correlation. A return across a dropped day spans more than one day.
 *
 * @throws {RangeError} when no symbol is chosen, or one twice
 * @throws {AlignmentError} `unknown-symbol`; `mixed-currencies`; `too-few-days` when fewer than
 *   three days are shared
 * @example
 * const { dates, report } = alignPrices(readPrices(text), ['MSFT', 'AAPL', 'KO']);
 * report.droppedDays; // => 0
 */
export function alignPrices(table: PriceTable, symbols: readonly string[]): AlignedPrices {
  const columns = symbols.map((symbol) => columnOf(table, symbol));
  if (columns.length === 0) throw new RangeError('choose at least one symbol');
  if (new Set(columns).size < columns.length) throw new RangeError('a symbol is chosen twice');
  refuseMixedCurrencies(table, symbols, columns);

  const { data, columns: width } = table.prices;
  const priceAt = (day: number, column: number) => data[day * width + column] as number;
  const absences = table.dates
    .map((_, day) => ({
      day,
      absent: symbols.filter((_, j) => Number.isNaN(priceAt(day, columns[j] as number))),
    }))
    .filter(({ absent }) => absent.length < symbols.length);
  const shared = absences.filter(({ absent }) => absent.length === 0).map(({ day }) => day);

  const report = {
    totalDays: absences.length,
    sharedDays: shared.length,
    droppedDays: absences.length - shared.length,
    gaps: gapsOf(
      absences.map(({ absent }) => absent),
      shared.length,
    ),
  };
  if (shared.length < fewestDays) throw tooFewDays(symbols, report);

  return {
    dates: shared.map((day) => table.dates[day] as string),
    symbols: [...symbols],
    prices: {
      rows: shared.length,
      columns: columns.length,
      data: Float64Array.from(shared.flatMap((day) => columns.map((j) => priceAt(day, j)))),
    },
    currencies: columns.map((j) => table.currencies[j]),
    report,
  };
}

function columnOf({ symbols }: PriceTable, symbol: string): number {
  const column = symbols.indexOf(symbol);
  if (column >= 0) return column;
  const few = symbols.slice(0, 10).join(', ');
  throw new AlignmentError(
    'unknown-symbol',
    [symbol],
    `there are no prices for ${symbol}, only for ${few}${symbols.length > 10 ? ', …' : ''}. Add them, or choose others.`,
  );
}

function refuseMixedCurrencies(
  { currencies }: PriceTable,
  symbols: readonly string[],
  columns: readonly number[],
): void {
  const named = new Set(columns.map((j) => currencies[j]).filter((name) => name !== undefined));
  if (named.size < 2) return;
  throw new AlignmentError(
    'mixed-currencies',
    symbols.filter((_, j) => currencies[columns[j] as number] !== undefined),
    `these prices are in ${[...named].join(' and ')}. Convert them to one currency first.`,
  );
}

function gapsOf(absences: readonly (readonly string[])[], sharedDays: number): AlignmentGap[] {
  const missing = countOf(absences.flat());
  const missingAlone = countOf(absences.filter((absent) => absent.length === 1).flat());
  return [...missing]
    .map(([symbol, missingDays]) => ({
      symbol,
      missingDays,
      sharedDaysWithout: sharedDays + (missingAlone.get(symbol) ?? 0),
    }))
    .sort(
      (one, other) =>
        other.sharedDaysWithout - one.sharedDaysWithout || other.missingDays - one.missingDays,
    );
}

function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function tooFewDays(
  symbols: readonly string[],
  { sharedDays, totalDays, gaps }: AlignmentReport,
): AlignmentError {
  const [worst] = gaps;
  const cure =
    worst !== undefined && worst.sharedDaysWithout >= fewestDays
      ? `Without ${worst.symbol} there are ${worst.sharedDaysWithout}.`
      : 'Add prices.';
  return new AlignmentError(
    'too-few-days',
    gaps.length > 0 ? gaps.map(({ symbol }) => symbol) : symbols,
    `of ${totalDays} days the chosen symbols share ${sharedDays}; ${fewestDays} are needed at least. ${cure}`,
  );
}
