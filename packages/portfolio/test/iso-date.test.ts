import { expect, test } from 'vitest';
import { isIsoDate } from '../src/iso-date.ts';

test.each(['1990-01-02', '2024-02-29', '2000-02-29', '2022-12-31', '2023-04-30'])(
  '%s is a day',
  (text) => {
    expect(isIsoDate(text)).toBe(true);
  },
);

test.each([
  '2023-02-29',
  '1900-02-29',
  '2023-04-31',
  '2023-13-01',
  '2023-00-10',
  '2023-01-00',
  '2023-1-2',
  '23-01-02',
  '02/01/2023',
  '20230102',
  '2023-01-02T00:00:00Z',
  ' 2023-01-02',
  '2023-01-02\n',
  '',
])('%j is none', (text) => {
  expect(isIsoDate(text)).toBe(false);
});

test('agrees with the calendar of Date on every day and every impossible day of four centuries', () => {
  const pad = (part: number, width: number) => String(part).padStart(width, '0');
  for (let year = 1900; year < 2300; year++) {
    for (let month = 1; month <= 12; month++) {
      for (let day = 28; day <= 32; day++) {
        const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
        const real = new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(text);
        if (isIsoDate(text) !== real) throw new Error(`wrong about ${text}`);
      }
    }
  }
});
