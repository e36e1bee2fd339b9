import { barChart, heatMap } from '@holdfast/charts';
import type { PortfolioReport } from '@holdfast/desk/api';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { counted, percent, portfolioSentence, yearSentence } from '../wording.ts';
import type { ScreenProps } from './app.tsx';
import { ChartNumbers, ChartPicture } from './chart-figure.tsx';
import { FailureBox } from './failure-box.tsx';
import { RiskTable } from './risk-table.tsx';
import { SidewaysScroll } from './sideways-scroll.tsx';

export function PortfolioScreen({ state, actions }: ScreenProps): JSX.Element {
  useEffect(() => {
    void actions.loadPortfolio();
  }, [actions]);
  const { portfolio, portfolioFailure } = state;

  return (
    <div class="portfolio">
      <h1>Portfolio</h1>
      {portfolioFailure && <FailureBox failure={portfolioFailure} />}
      {portfolio === null && portfolioFailure === null && <p class="nothing">Computing …</p>}
      {portfolio?.holdings.length === 0 && <p class="nothing">No holdings yet.</p>}
      {portfolio && portfolio.holdings.length > 0 && <Report report={portfolio} />}
    </div>
  );
}

function Report({ report }: { readonly report: PortfolioReport }): JSX.Element {
  const bars = useMemo(() => moneyAndRisk(report), [report]);
  const map = useMemo(() => correlationMap(report), [report]);
  return (
    <>
      <p class="portfolio-sentence">{portfolioSentence(report)}</p>
      <p class="portfolio-year">{yearSentence(report)}</p>
      <section class="panel" aria-labelledby="risk-title">
        <h2 id="risk-title">Money against risk</h2>
        <div class="side-by-side">
          <RiskTable holdings={report.holdings} />
          <ChartPicture chart={bars} />
        </div>
      </section>
      <section class="panel" aria-labelledby="map-title">
        <h2 id="map-title">How they move together</h2>
        <p class="panel-note">{correlationWords}</p>
        <SidewaysScroll label="Correlations">
          <ChartPicture chart={map} />
        </SidewaysScroll>
        <ChartNumbers table={map.table} />
      </section>
      <section class="panel" aria-labelledby="notes-title">
        <h2 id="notes-title">How this was computed</h2>
        <ul class="notes">
          <li>
            Estimated from {counted(report.returns, 'daily return')}, <time>{report.from}</time> to{' '}
            <time>{report.to}</time>.
          </li>
          {report.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </section>
    </>
  );
}

const correlationWords =
  'Correlation of daily returns: 1 where two holdings always move alike, 0 where they have ' +
  'nothing in common, −1 where one always falls as the other rises.';

function moneyAndRisk({ holdings }: PortfolioReport): ReturnType<typeof barChart> {
  return barChart({
    title: 'Money against risk',
    description: 'Each holding’s share of the money above its share of the risk.',
    labels: holdings.map(({ symbol }) => symbol),
    series: [
      { name: 'Money', values: holdings.map(({ weight }) => weight) },
      { name: 'Risk', values: holdings.map(({ riskShare }) => riskShare) },
    ],
    format: percent,
  });
}

function correlationMap({ holdings, correlations }: PortfolioReport): ReturnType<typeof heatMap> {
  const symbols = holdings.map(({ symbol }) => symbol);
  return heatMap({
    title: 'Correlation of daily returns',
    description: correlationWords,
    rowLabels: symbols,
    columnLabels: symbols,
    values: correlations,
  });
}
