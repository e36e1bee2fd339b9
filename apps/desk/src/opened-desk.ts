import { LockerRoom } from '@holdfast/locker-room';
import type { MongoClient } from 'mongodb';
import type { PortfolioReport } from './api.ts';
import { bundledPrices } from './bundled-files.ts';
import { type DemoStream, demoSource, demoStream } from './demo/demo-stream.ts';
import { DeskError } from './desk-error.ts';
import { Ingestor } from './ingest/ingestor.ts';
import type { Log } from './log.ts';
import { demoPortfolio, type Holding } from './portfolio/demo-portfolio.ts';
import { riskReport } from './portfolio/risk-report.ts';
import { termMatcher } from './posts/term.ts';
import { ReadingDesk, type ReadingDeskOptions } from './reading-desk.ts';
import { JudgementBook } from './store/judgement-book.ts';
import {
  importPrices,
  readHoldings,
  readStoredPrices,
  saveHoldings,
} from './store/portfolio-shelf.ts';
import { rescore } from './store/queue.ts';
import { rankingTable } from './store/ranking-table.ts';
import { readStreamCounts } from './store/source-status.ts';
import { openStore, type Store } from './store/store.ts';

/** The database of a desk: its own one, or that of the demo. */
export function databaseName(demo: boolean): string {
  return demo ? 'holdfast_demo' : 'holdfast';
}

export interface OpenDeskOptions
  extends Pick<ReadingDeskOptions, 'dataDirectory' | 'databaseKind'> {
  readonly client: MongoClient;
  readonly demo: boolean;
  readonly log: Log;
}

const demoBanner = 'Demo: made-up posts, real prices to December 2022';

/** A desk that answers, and the parts that are to be ended with it. */
export interface OpenedDesk {
  readonly desk: ReadingDesk;
  /** Begins to read the stream, if there is one. */
  readonly start: () => void;
  /** Ends the stream, writes what has arrived, and gives the locks back. */
  readonly close: () => Promise<void>;
}

/** Opens the desk of a database: sees to the demo's data, the ranking, and the flags of posts. */
export async function openDesk(options: OpenDeskOptions): Promise<OpenedDesk> {
  const { client, demo, log, dataDirectory, databaseKind } = options;
  const database = databaseName(demo);
  const store = await openStore(client.db(database));
  if (demo) await seedDemo(store);

  const holdings = await readHoldings(store);
  const portfolio = await portfolioReport(store, holdings, log);
  const shares = portfolio?.holdings.map(({ symbol, riskShare }) => [symbol, riskShare] as const);
  const ranking = rankingTable(new Map(shares));
  const book = new JudgementBook(store);
  const mended = await book.reconcile();
  const rescored = await rescore(store, ranking);
  if (mended + rescored > 0) log.info({ mended, rescored }, 'posts were set right');

  const lockers = new LockerRoom({ client, database, collection: 'locks' });
  const stream = demo ? demoStream({ holdings, received: () => receivedFrom(store) }) : null;
  const ingestor = stream === null ? null : ingestorOf(stream);
  const desk = new ReadingDesk({
    store,
    lockers,
    book,
    portfolio,
    ranking,
    ingestor,
    banner: demo ? demoBanner : null,
    dataDirectory,
    databaseKind,
  });
  return {
    desk,
    start: () => ingestor?.start(),
    close: async () => {
      await ingestor?.stop();
      await stream?.close();
      await lockers.close();
    },
  };

  function ingestorOf({ source, open }: DemoStream): Ingestor {
    return new Ingestor({
      source,
      open,
      store,
      lockers,
      log,
      match: termMatcher(holdings),
      ranking: () => ranking,
      onChange: () => desk.changed(),
      onStored: (posts) => desk.stored(posts),
    });
  }
}

async function receivedFrom(store: Store): Promise<number> {
  return (await readStreamCounts(store, demoSource)).received;
}

async function seedDemo(store: Store): Promise<void> {
  if ((await store.holdings.countDocuments()) === 0) await saveHoldings(store, demoPortfolio);
  await importPrices(store, bundledPrices, 'bundled');
}

async function portfolioReport(
  store: Store,
  holdings: readonly Holding[],
  log: Log,
): Promise<PortfolioReport | null> {
  if (holdings.length === 0) return null;
  const symbols = holdings.map(({ symbol }) => symbol);
  try {
    return riskReport(holdings, await readStoredPrices(store, symbols)).portfolio;
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    log.warn({ err: error }, 'the risk of the holdings is not known');
    return null;
  }
}
