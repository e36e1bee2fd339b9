import { describe, expect, test } from 'vitest';
import { AlignmentError, alignPrices, PortfolioError, readPrices } from '../src/index.ts';

const table = readPrices(
  [
    'Date,KO,PG,NEWCO,OTHER',
    '2020-01-01,,,,5',
    '2020-01-02,1,1,,5',
    '2020-01-03,2,2,,',
    '2020-01-06,3,,,5',
    '2020-01-07,4,4,4,5',
    '2020-01-08,5,5,5,5',
    '2020-01-09,6,6,6,5',
  ].join('\n'),
);

function faultOf(symbols: string[], from = table): unknown {
  try {
    return alignPrices(from, symbols);
  } catch (error) {
    return error;
  }
}

describe('alignPrices', () => {
  test('keeps the days that all share, and says who cost how many', () => {
    const aligned = alignPrices(table, ['NEWCO', 'KO', 'PG']);
    expect(aligned.symbols).toEqual(['NEWCO', 'KO', 'PG']);
    expect(aligned.dates).toEqual(['2020-01-07', '2020-01-08', '2020-01-09']);
    expect([...aligned.prices.data]).toEqual([4, 4, 4, 5, 5, 5, 6, 6, 6]);
    expect(aligned.report).toEqual({
      totalDays: 6,
      sharedDays: 3,
      droppedDays: 3,
      gaps: [
        { symbol: 'NEWCO', missingDays: 3, sharedDaysWithout: 5 },
        { symbol: 'PG', missingDays: 1, sharedDaysWithout: 3 },
      ],
    });
  });

  test('drops nothing when nothing is missing', () => {
    expect(alignPrices(table, ['KO']).report).toEqual({
      totalDays: 6,
      sharedDays: 6,
      droppedDays: 0,
      gaps: [],
    });
  });

  test('refuses a symbol without prices and names it', () => {
    const fault = faultOf(['KO', 'KFT']);
    expect(fault).toBeInstanceOf(PortfolioError);
    expect(fault).toMatchObject({
      name: 'AlignmentError',
      code: 'unknown-symbol',
      symbols: ['KFT'],
    });
    expect((fault as Error).message).toMatch(/no prices for KFT, only for KO, PG, NEWCO, OTHER\./);
  });

  test('refuses too few shared days and names the one at fault', () => {
    const few = readPrices(
      'Date,KO,PG,NEWCO\n2020-01-02,1,1,\n2020-01-03,2,2,\n2020-01-06,3,3,\n2020-01-07,4,4,4\n',
    );
    expect(faultOf(['KO', 'PG', 'NEWCO'], few)).toMatchObject({
      code: 'too-few-days',
      symbols: ['NEWCO'],
      message:
        'of 4 days the chosen symbols share 1; 3 are needed at least. Without NEWCO there are 4.',
    });
  });

  test('refuses prices in two currencies, but not a currency beside an unknown one', () => {
    const days = ['2020-01-02', '2020-01-03', '2020-01-06'];
    const rows = days.flatMap((day) => [`${day},KO,1,USD`, `${day},SAP,1,EUR`, `${day},PG,1,`]);
    const mixed = readPrices(['date,symbol,close,currency', ...rows].join('\n'));
    expect(faultOf(['KO', 'PG', 'SAP'], mixed)).toMatchObject({
      code: 'mixed-currencies',
      symbols: ['KO', 'SAP'],
    });
    expect(alignPrices(mixed, ['KO', 'PG']).currencies).toEqual(['USD', undefined]);
  });

  test.each([{ symbols: [] }, { symbols: ['KO', 'KO'] }])('refuses $symbols', ({ symbols }) => {
    expect(faultOf(symbols)).toBeInstanceOf(RangeError);
    expect(faultOf(symbols)).not.toBeInstanceOf(AlignmentError);
  });
});
