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
      <caption>Money against risk</caption>
      <thead>
        <tr>
          <th scope="col">Holding</th>
          <th scope="col">Money</th>
          <th scope="col">Risk</th>
          <th scope="col">Normal day</th>
        </tr>
      </thead>
      <tbody>
        {holdings.map(({ symbol, name, weight, riskShare, dailyVolatility }) => (
          <tr key={symbol}>
            <th scope="row">
              {symbol} <span class="holding-name">{name}</span>
            </th>
            <td>{percent(weight)}</td>
            <td>{percent(riskShare)}</td>
            <td>±{percent(dailyVolatility, 1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
