import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PortfolioError, PriceFileError, readPrices } from '../src/index.ts';
import { usShares } from './us-shares.ts';

const gap = Number.NaN;

function faultOf(input: string | Uint8Array): PriceFileError {
  try {
    readPrices(input, { file: 'prices.csv' });
  } catch (error) {
    if (error instanceof PriceFileError) return error;
    throw error;
  }
  throw new Error('the file was read');
}

describe('a wide file', () => {
  test('holds twenty US shares over 33 years', () => {
    const table = readPrices(usShares);
    expect(table.dates.length).toBe(8313);
    expect([table.dates[0], table.dates.at(-1)]).toEqual(['1990-01-02', '2022-12-28']);
    expect(table.symbols.join(' ')).toBe(
      'AAPL AMD BAC BBY CVX GE HD JNJ JPM KO LLY MRK MSFT PEP PFE PG RRC UNH WMT XOM',
    );
    expect([table.prices.rows, table.prices.columns]).toEqual([8313, 20]);
    expect([...table.prices.data.subarray(0, 3)]).toEqual([0.264, 4.125, 4.599]);
    expect(table.prices.data.every((price) => price > 0)).toBe(true);
  });

  test('may lack prices, come in any order, have blank lines, and be of any system', () => {
    const table = readPrices(
      '\uFEFFdate, KO ,BRK.B\r\n2020-01-03,2.5,\n\r2020-01-02, 1e1 ,"300"\r\n',
    );
    expect(table).toEqual({
      dates: ['2020-01-02', '2020-01-03'],
      symbols: ['KO', 'BRK.B'],
      prices: { rows: 2, columns: 2, data: Float64Array.of(10, 300, 2.5, gap) },
      currencies: [undefined, undefined],
    });
  });

  test('reads the same from bytes as from text', () => {
    const text = 'Date,NESTLÉ\n2020-01-02,1\n';
    expect(readPrices(new TextEncoder().encode(`\uFEFF${text}`))).toEqual(readPrices(text));
  });
});

describe('a long file', () => {
  test('may have its columns in any order and others beside', () => {
    const table = readPrices(
      'Symbol,Volume,Date,Close\nKO,9,2020-01-03,2\nPG,9,2020-01-02,3\nKO,9,2020-01-02,1\n',
    );
    expect(table).toEqual({
      dates: ['2020-01-02', '2020-01-03'],
      symbols: ['KO', 'PG'],
      prices: { rows: 2, columns: 2, data: Float64Array.of(1, 3, 2, gap) },
      currencies: [undefined, undefined],
    });
  });

  test('gives the adjusted close of those that have one, and the currency', () => {
    const table = readPrices(
      'date,symbol,close,Adj Close,currency\n2020-01-02,KO,10,9,USD\n2020-01-02,SAP,20,,EUR\n',
    );
    expect([...table.prices.data]).toEqual([9, 20]);
    expect(table.currencies).toEqual(['USD', 'EUR']);
  });
});

const long = 'date,symbol,close,adj_close,currency';

describe('a bad file is refused with file, line and mend', () => {
  test.each([
    { what: 'an empty file', text: '', code: 'empty-file', line: 1 },
    {
      what: 'a file of blank lines',
      text: '\n\r\n\n',
      code: 'empty-file',
      line: 1,
    },
    { what: 'a NUL', text: 'Date,KO\n2020-01-02,\0', code: 'not-text', line: 2 },
    { what: 'text decoded wrongly', text: 'Date,NESTL\uFFFD\n', code: 'not-text', line: 1 },
    { what: 'no header', text: '2020-01-02,1\n', code: 'missing-header', line: 1 },
    { what: 'a header of no symbol', text: 'Date\n2020-01-02\n', code: 'missing-header', line: 1 },
    { what: 'semicolons', text: 'Date;KO\n2020-01-02;1\n', code: 'missing-header', line: 1 },
    {
      what: 'one share with open and close',
      text: 'Date,Open,Close\n2020-01-02,1,1\n',
      code: 'missing-header',
      line: 1,
    },
    {
      what: 'a long header without close',
      text: 'date,symbol,price\n2020-01-02,KO,1\n',
      code: 'missing-header',
      line: 1,
    },
    { what: 'a header alone', text: 'Date,KO\n', code: 'no-prices', line: 1 },
    {
      what: 'a nameless column',
      text: 'Date,KO,\n2020-01-02,1,2\n',
      code: 'missing-symbol',
      line: 1,
    },
    {
      what: 'a symbol twice',
      text: 'Date,KO,KO\n2020-01-02,1,2\n',
      code: 'duplicate-symbol',
      line: 1,
    },
    { what: 'a short row', text: 'Date,KO,PG\n\n2020-01-02,1\n', code: 'ragged-row', line: 3 },
    { what: 'a decimal comma', text: 'Date,KO\n2020-01-02,1,5\n', code: 'ragged-row', line: 2 },
    { what: 'an open quote', text: 'Date,KO\n2020-01-02,"1\n', code: 'broken-quotes', line: 2 },
    { what: 'a quote in a cell', text: 'Date,KO\n2020-01-02,1"\n', code: 'broken-quotes', line: 2 },
    {
      what: 'a day that never was',
      text: 'Date,KO\n2023-02-29,1\n',
      code: 'unreadable-date',
      line: 2,
    },
    { what: 'an English date', text: 'Date,KO\n01/02/2020,1\n', code: 'unreadable-date', line: 2 },
    { what: 'an empty date', text: 'Date,KO\n,1\n', code: 'unreadable-date', line: 2 },
    { what: 'a word', text: 'Date,KO\n2020-01-02,n/a\n', code: 'not-a-number', line: 2 },
    { what: 'a hex number', text: 'Date,KO\n2020-01-02,0x10\n', code: 'not-a-number', line: 2 },
    { what: 'infinity', text: 'Date,KO\n2020-01-02,Infinity\n', code: 'not-a-number', line: 2 },
    {
      what: 'too large a number',
      text: 'Date,KO\n2020-01-02,1e999\n',
      code: 'not-a-number',
      line: 2,
    },
    {
      what: 'thousands separators',
      text: 'Date,KO\n"2020-01-02","1,234.5"\n',
      code: 'not-a-number',
      line: 2,
    },
    { what: 'a price of 0', text: 'Date,KO\n2020-01-02,0\n', code: 'not-positive', line: 2 },
    { what: 'a price below 0', text: 'Date,KO\n2020-01-02,-1.5\n', code: 'not-positive', line: 2 },
    {
      what: 'a day twice',
      text: 'Date,KO\n2020-01-02,1\n2020-01-03,1\n2020-01-02,1\n',
      code: 'duplicate-price',
      line: 4,
    },
    {
      what: 'a symbol twice on a day',
      text: `${long}\n2020-01-02,KO,1,,\n2020-01-02,PG,1,,\n2020-01-02,KO,1,,\n`,
      code: 'duplicate-price',
      line: 4,
    },
    {
      what: 'a row without symbol',
      text: `${long}\n2020-01-02,,1,,\n`,
      code: 'missing-symbol',
      line: 2,
    },
    {
      what: 'a row without close',
      text: `${long}\n2020-01-02,KO,,1,\n`,
      code: 'not-a-number',
      line: 2,
    },
    {
      what: 'a bad adj_close',
      text: `${long}\n2020-01-02,KO,1,0,\n`,
      code: 'not-positive',
      line: 2,
    },
    {
      what: 'a symbol in two currencies',
      text: `${long}\n2020-01-02,KO,1,,USD\n2020-01-03,KO,1,,EUR\n`,
      code: 'mixed-currencies',
      line: 3,
    },
    {
      what: 'a symbol adjusted now and then',
      text: `${long}\n2020-01-02,KO,1,1,\n2020-01-03,KO,1,,\n`,
      code: 'mixed-adjustment',
      line: 3,
    },
  ] as const)('$what: $code in line $line', ({ text, code, line }) => {
    const fault = faultOf(text);
    expect(fault).toBeInstanceOf(PortfolioError);
    expect(fault).toMatchObject({ name: 'PriceFileError', code, line, file: 'prices.csv' });
    expect(fault.message).toMatch(new RegExp(`^prices\\.csv, line ${line}: .+\\. ?.*[A-Z].+\\.$`));
  });

  test.each([
    { what: 'an archive', bytes: [0x50, 0x4b, 3, 4, 0x14, 0, 6, 0], line: 1 },
    { what: 'UTF-16', bytes: [0xff, 0xfe, 0x44, 0, 0x61, 0], line: 1 },
    { what: 'Latin-1', bytes: [...Buffer.from('Date,KO\r\n2020-01-02,\xe9', 'latin1')], line: 2 },
  ])('$what is not text', ({ bytes, line }) => {
    expect(faultOf(Uint8Array.from(bytes))).toMatchObject({ code: 'not-text', line });
  });

  test('a name is left out of the message when there is none', () => {
    expect(() => readPrices('')).toThrow(/^line 1: the file is empty/);
  });

  test('a long or dangerous cell is shown short and escaped', () => {
    const { message } = faultOf(`Date,KO\n2020-01-02,\u001b[31m${'x'.repeat(500)}\n`);
    expect(message.length).toBeLessThan(300);
    expect(message).not.toContain('\u001b');
  });
});

test('quotes around cells change nothing, neither tables nor faults', () => {
  const cell = fc.constantFrom('', '1', '2.5', ' 3 ', '1e2', '.5', '0', 'x', '2020-01-02');
  const date = fc.constantFrom('2020-01-02', '2020-01-03', '2020-01-06', '2020-02-30');
  const row = fc
    .tuple(date, fc.array(cell, { minLength: 1, maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest]);
  const end = fc.constantFrom('\n', '\r\n', '\r', '\n\n');
  const outcome = (text: string) => {
    try {
      return readPrices(text);
    } catch (error) {
      return error instanceof PriceFileError ? error.message : error;
    }
  };
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), end, (rows, lineEnd) => {
      const table = [['Date', 'KO', 'PG'], ...rows];
      const plain = table.map((cells) => cells.join(',')).join(lineEnd);
      const quoted = table.map((cells) => cells.map((each) => `"${each}"`).join(',')).join(lineEnd);
      expect(outcome(quoted)).toEqual(outcome(plain));
    }),
    { numRuns: 500 },
  );
});
