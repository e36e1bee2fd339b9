import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { portfolioSentence } from '../wording.ts';
import type { ScreenProps } from './app.tsx';
import { FailureBox } from './failure-box.tsx';
import { RiskTable } from './risk-table.tsx';

export function PortfolioScreen({ state, actions }: ScreenProps): JSX.Element {
  useEffect(() => {
    void actions.loadPortfolio();
  }, [actions]);
  const { portfolio, portfolioFailure } = state;

  return (
    <div class="portfolio">
      <h1>Portfolio</h1>
      {portfolioFailure && <FailureBox failure={portfolioFailure} />}
      {portfolio === null && portfolioFailure === null && <p class="nothing">Reckoning …</p>}
      {portfolio && (
        <>
          <p class="portfolio-sentence">{portfolioSentence(portfolio)}</p>
          <RiskTable holdings={portfolio.holdings} />
          <section aria-labelledby="notes-title">
            <h2 id="notes-title">How this was computed</h2>
            <ul class="notes">
              <li>
                {portfolio.returns.toLocaleString('en')} daily returns, {portfolio.from} to{' '}
                {portfolio.to}.
              </li>
              {portfolio.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </section>
        </>
      )}
    </div>
  );
}
