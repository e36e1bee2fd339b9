import type { HoldingChip } from '@holdfast/desk/api';
import type { JSX } from 'preact';
import { chipWords } from '../wording.ts';

/** Money and risk of each holding, in words and as two bars. */
export function HoldingChips({
  holdings,
}: {
  readonly holdings: readonly HoldingChip[];
}): JSX.Element {
  if (holdings.length === 0) return <p class="no-holdings">No holdings yet.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways where it does not fit
    <ul class="chips" aria-label="Holdings" tabIndex={0}>
      {holdings.map((holding) => (
        <li key={holding.symbol} class="chip" title={holding.name}>
          <b>{holding.symbol}</b> <span class="chip-words">{chipWords(holding)}</span>
          <svg class="chip-bars" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar-track" width="100" height="3" />
            <rect class="bar-money" width={barWidth(holding.weight)} height="3" />
            <rect class="bar-track" y="5" width="100" height="3" />
            <rect class="bar-risk" y="5" width={barWidth(holding.riskShare)} height="3" />
          </svg>
        </li>
      ))}
    </ul>
  );
}

function barWidth(share: number): number {
  return Math.min(100, Math.abs(100 * share));
}
