import type { PortfolioReport } from '../api.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { textTable } from '../terminal/text-table.ts';

/** Lays a portfolio's risk out for a terminal. */
export function riskText(report: PortfolioReport, { bold }: Pick<Terminal, 'bold'>): string {
  return [figures(report), shares(report, bold), correlations(report, bold)].join('\n');
}

function figures(report: PortfolioReport): string {
  const days = report.returns.toLocaleString('en-GB');
  const rows = [
    ['Volatility a day', percent(report.dailyVolatility, 5), ''],
    ['Volatility a year', percent(report.yearlyVolatility, 5), 'a day × √252'],
    ['If unrelated, a day', percent(report.unrelatedDailyVolatility, 5), ''],
    ['Diversification ratio', report.diversificationRatio.toFixed(5), '1 is none'],
    ['Daily returns', days, `${report.from} to ${report.to}`],
  ];
  const widths = [0, 1].map((place) => Math.max(...rows.map((row) => row[place]?.length ?? 0)));
  return rows
    .map(([name = '', value = '', note = '']) =>
      `${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${note}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function shares({ holdings }: PortfolioReport, bold: Terminal['bold']): string {
  return textTable(
    [
      { head: 'Holding', align: 'left' },
      { head: 'Money', align: 'right' },
      { head: 'Risk', align: 'right' },
      { head: 'Volatility a day', align: 'right' },
    ],
    holdings.map(({ symbol, weight, riskShare, dailyVolatility }) => [
      symbol,
      percent(weight, 2),
      percent(riskShare, 2),
      percent(dailyVolatility, 5),
    ]),
    bold,
  );
}

function correlations(
  { holdings, correlations: rows }: PortfolioReport,
  bold: Terminal['bold'],
): string {
  const symbols = holdings.map(({ symbol }) => symbol);
  return textTable(
    [
      { head: 'Correlation', align: 'left' },
      ...symbols.map((head) => ({ head, align: 'right' }) as const),
    ],
    symbols.map((symbol, place) => [
      symbol,
      ...(rows[place] ?? []).map((value) => value.toFixed(4)),
    ]),
    bold,
  );
}

function percent(fraction: number, digits: number): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}
