import type { PortfolioHolding } from '@holdfast/desk/api';
import type { JSX } from 'preact';
import { percent } from '../wording.ts';

/** Each holding's share of the money beside its share of the risk. */
export function RiskTable({
  holdings,
}: {
  readonly holdings: readonly PortfolioHolding[];
}): JSX.Element {
  return (
    <table class="risk-table">
      <caption class="visually-hidden">Money against risk</caption>
      <thead>
        <tr>
          <th scope="col">Holding</th>
          <th scope="col" class="figure">
            Money
          </th>
          <th scope="col" class="figure">
            Risk
          </th>
          <th scope="col" class="figure">
            Normal day
          </th>
        </tr>
      </thead>
      <tbody>
        {holdings.map(({ symbol, name, weight, riskShare, dailyVolatility }) => (
          <tr key={symbol}>
            <th scope="row">
              {symbol} <span class="holding-name">{name}</span>
            </th>
            <td class="figure">{percent(weight)}</td>
            <td class="figure">{percent(riskShare)}</td>
            <td class="figure">±{percent(dailyVolatility, 1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
