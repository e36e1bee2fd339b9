import type {
  DeskState,
  HoldingChip,
  PortfolioReport,
  PriorityReasons,
  QueuedPost,
} from '@holdfast/desk/api';

/** The instant at which the fixture's desk stands still. */
export const fixtureNow: number = Date.parse('2022-12-28T21:00:00Z');

/** Computed once from the daily closes under `data/`: the last 503 returns of six holdings. */
export const portfolio: PortfolioReport = {
  holdings: [
    holding('AAPL', 'Apple', 0.5, 0.6194, 0.01941),
    holding('MSFT', 'Microsoft', 0.15, 0.1561, 0.01831),
    holding('KO', 'Coca-Cola', 0.12, 0.0456, 0.01107),
    holding('AMD', 'Advanced Micro Devices', 0.08, 0.1313, 0.03317),
    holding('JNJ', 'Johnson & Johnson', 0.08, 0.0193, 0.01009),
    holding('XOM', 'Exxon Mobil', 0.07, 0.0283, 0.02039),
  ],
  returns: 503,
  from: '2020-12-30',
  to: '2022-12-28',
  dailyVolatility: 0.01513,
  yearlyVolatility: 0.24025,
  unrelatedDailyVolatility: 0.01064,
  diversificationRatio: 1.2336,
  correlations: [
    [1, 0.778, 0.426, 0.642, 0.285, 0.191],
    [0.778, 1, 0.418, 0.649, 0.274, 0.153],
    [0.426, 0.418, 1, 0.219, 0.516, 0.181],
    [0.642, 0.649, 0.219, 1, 0.119, 0.193],
    [0.285, 0.274, 0.516, 0.119, 1, 0.109],
    [0.191, 0.153, 0.181, 0.193, 0.109, 1],
  ],
  notes: ['Simple daily returns of adjusted closes; sample covariance; a year has 252 days.'],
};

export const posts: readonly QueuedPost[] = [
  post('mira', 'Mira Okafor', 0.4, ['AAPL'], {
    text: 'Two suppliers in Shenzhen say $AAPL cut its orders for the next quarter by a tenth. If that holds, the January guidance will be lower than anybody has written down so far.',
  }),
  post('desk-notes', 'Desk Notes', 1.2, ['AAPL', 'AMD'], {
    text: 'Lead times for the newest chips are falling again.\n\nGood for $AAPL margins.\nLess good for what $AMD may ask for them. https://example.com/research/semiconductors/lead-times-december-2022?ref=stream',
  }),
  post('kabu', '株価ノート', 2.1, ['AAPL'], {
    text: 'アップルの株価は、決算発表を前に三パーセント下落しました。「予想外」とアナリストは述べています。',
    lang: 'ja',
  }),
  post('mallory', '<b>Mallory</b>', 2.6, ['AAPL'], {
    text: '<img src=x onerror="alert(1)"> $AAPL $TSLA $AMD $NVDA 🚀🚀🚀 <script>alert(2)</script> join now\0',
  }),
  post('noura', 'نورة', 3.3, ['MSFT'], {
    text: 'انخفضت أسهم مايكروسوفت $MSFT بعد تقرير عن تباطؤ نمو الحوسبة السحابية في الربع الأخير',
    lang: 'ar',
  }),
  post('ledger', 'The Ledger', 4, ['MSFT'], {
    text: 'A regulator opened a second look at the $MSFT deal. Nobody expects it to fail, but the closing date moves into summer.',
  }),
  post('fabwatch', 'Fab Watch', 5.5, ['AMD'], {
    text: 'Yields on the new node are said to be above eighty per cent. $AMD ships first.',
  }),
  post('sparkle', 'Sparkling Water', 7, ['KO'], {
    text: 'Tried every cola in the shop so that you do not have to. $KO still wins, and it is not even close.',
  }),
  post('pump', 'Oil & Gas Daily', 9.5, ['XOM'], {
    text: 'Cold snap over, gas down nine per cent in two days. $XOM gives back what it won before the holidays.',
  }),
  post('ward', 'Ward Round', 14, ['JNJ'], {
    text: 'The appeals court will decide on the $JNJ bankruptcy plan early next year; both sides expect to go on.',
  }),
];

/** A post that had not come yet when the fixture's desk started. */
export function arrival(index: number): QueuedPost {
  return post(`late-${index}`, `Late Writer ${index}`, 0, ['AAPL'], {
    text: `Post ${index} came after the page was opened. $AAPL closes near the low of the day.`,
  });
}

/** The desk's state while `unread` are the posts not judged yet. */
export function deskState(unread: readonly QueuedPost[], columns: number): DeskState {
  return {
    banner: 'Demo: made-up posts, real prices to December 2022',
    holdings: portfolio.holdings.map(
      ({ symbol, name, weight, riskShare }): HoldingChip => ({
        ...{ symbol, name, weight, riskShare },
        posts: unread.filter(({ symbols }) => symbols.some((each) => each.symbol === symbol))
          .length,
      }),
    ),
    learner: {
      trusted: false,
      note: '20 more keeps and 20 more skips until ranking by what you keep can start.',
    },
    stream: {
      source: 'replay',
      status: 'ingesting',
      note: 'This desk receives the stream and stores it.',
      received: 240,
      stored: 240,
      lastPostAt: new Date(fixtureNow - 24 * 60_000).toISOString(),
    },
    unread: unread.length,
    settings: { columns },
  };
}

function holding(
  symbol: string,
  name: string,
  weight: number,
  riskShare: number,
  dailyVolatility: number,
): PortfolioReport['holdings'][number] {
  return { symbol, name, weight, riskShare, dailyVolatility };
}

function post(
  handle: string,
  name: string,
  ageHours: number,
  symbols: readonly string[],
  { text, lang = 'en' }: { readonly text: string; readonly lang?: string },
): QueuedPost {
  return {
    id: `replay:${handle}`,
    source: 'replay',
    author: { name, handle: `@${handle}` },
    text,
    lang,
    createdAt: new Date(fixtureNow - ageHours * 3_600_000).toISOString(),
    symbols: symbols.map((symbol) => ({ symbol, term: `$${symbol}` })),
    why: reasons(ageHours, symbols),
  };
}

function reasons(ageHours: number, symbols: readonly string[]): PriorityReasons {
  const holdings = portfolio.holdings
    .filter(({ symbol }) => symbols.includes(symbol))
    .map(({ symbol, riskShare }) => ({ symbol, riskShare }));
  const riskSize = holdings.reduce((sum, { riskShare }) => sum + Math.abs(riskShare), 0);
  const factors = { keepProbability: 0.5, floor: 0.05, riskSize, ageHours, halfLifeHours: 24 };
  const priority = 0.5 * (0.05 + riskSize) * 2 ** (-ageHours / 24);
  return { ...factors, priority, holdings };
}
