import { type Command, InvalidArgumentError } from 'commander';
import { DeskError } from '../desk-error.ts';
import { parseWeights, type Weight, wholeWeights } from '../portfolio/weights.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface RiskOptions {
  readonly prices: string;
  readonly weights: readonly Weight[];
  readonly normalise?: true;
  readonly json?: true;
}

/** `holdfast risk`: how much a portfolio moves, and through which of its holdings. */
export function addRisk(program: Command, terminal: Terminal): void {
  program
    .command('risk')
    .summary('show how risky a portfolio is and which holding the risk comes from')
    .description(
      'Shows how risky a portfolio is and which holding the risk comes from.\n' +
        'Volatility is estimated from the days on which every holding has a price.',
    )
    .requiredOption(
      '--prices <file>',
      'CSV of prices, - for stdin: Date,AAPL,… or date,symbol,close',
    )
    .requiredOption('--weights <list>', 'shares of the money, as MSFT=0.3,AAPL=0.7', weightList)
    .option('--normalise', 'rescale the weights to sum to 1')
    .option('--json', 'print one JSON object, at full precision')
    .addHelpText(
      'after',
      `
Examples:
  holdfast risk --prices prices.csv --weights MSFT=0.3,AAPL=0.5,KO=0.2
  holdfast risk --prices prices.csv --weights MSFT=3,AAPL=5,KO=2 --normalise
  holdfast risk --prices - --weights MSFT=0.3,KO=0.7 --json < prices.csv`,
    )
    .action((options: RiskOptions) => risk(options, terminal));
}

async function risk(options: RiskOptions, terminal: Terminal): Promise<void> {
  const weights = wholeWeights(options.weights, { normalise: options.normalise ?? false });
  const { parsePrices, readPriceBytes } = await import('../portfolio/price-file.ts');
  const { riskReport } = await import('../portfolio/risk-report.ts');
  const { riskText } = await import('../portfolio/risk-text.ts');

  const table = parsePrices(options.prices, await readPriceBytes(options.prices));
  const holdings = weights.map(({ symbol, weight }) => ({ symbol, name: symbol, weight }));
  const { portfolio, days } = riskReport(holdings, table);
  if (options.json) {
    const { totalDays, sharedDays, droppedDays, gaps } = days;
    const report = {
      schema: 'holdfast.risk/1',
      ...portfolio,
      days: { totalDays, sharedDays, droppedDays, gaps },
    };
    terminal.print(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  terminal.print(riskText(portfolio, terminal));
  for (const note of portfolio.notes.slice(1)) terminal.say(`note: ${note}`);
}

function weightList(list: string): readonly Weight[] {
  try {
    return parseWeights(list);
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    throw new InvalidArgumentError(`${error.message}. ${error.mend ?? ''}`);
  }
}
