import { expect, test } from 'vitest';
import {
  ago,
  chipWords,
  counted,
  percent,
  portfolioSentence,
  statusWords,
  yearSentence,
} from '../src/wording.ts';
import { deskState, fixtureNow, portfolio, posts } from './desk-fixture.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test.each([
  { share: 0.7031, digits: 0, words: '70 %' },
  { share: 0, digits: 0, words: '0 %' },
  { share: -0.034, digits: 0, words: '−3 %' },
  { share: -0.001, digits: 0, words: '0 %' },
  { share: 0.01513, digits: 1, words: '1.5 %' },
])('$share is $words', ({ share, digits, words }) => {
  expect(plain(percent(share, digits))).toBe(words);
});

test.each([
  { minutes: -3, words: 'now' },
  { minutes: 0.9, words: 'now' },
  { minutes: 59, words: '59 min' },
  { minutes: 60, words: '1 h' },
  { minutes: 47 * 60, words: '47 h' },
  { minutes: 49 * 60, words: '2 d' },
  { minutes: 40 * 24 * 60, words: '2022-11-18' },
])('$minutes minutes ago is $words', ({ minutes, words }) => {
  expect(ago(new Date(fixtureNow - minutes * 60_000).toISOString(), fixtureNow)).toBe(words);
});

test('counts in the plural where there are more than one', () => {
  expect([counted(1, 'post'), counted(1204, 'post')]).toEqual(['1 post', '1,204 posts']);
});

test('a chip puts money, risk and posts side by side', () => {
  const [chip] = deskState(posts, 25).holdings;
  expect(plain(chip ? chipWords(chip) : '')).toBe('50 % of money · 62 % of risk · 4 posts');
});

test('the portfolio is told in a sentence', () => {
  expect(plain(portfolioSentence(portfolio))).toBe(
    'Expected to move about ±1.5 % on a normal day; if your holdings were unrelated, ±1.1 %. ' +
      'AAPL carries 62 % of the risk.',
  );
});

test('the year is told with what spreading the money does', () => {
  expect(plain(yearSentence(portfolio))).toMatch(
    /^About ±\d+ % in a normal year\. If all moved as one it would be \d\.\d\d times as much, the diversification ratio\.$/,
  );
});

test.each([
  {
    live: true,
    stream: true,
    name: 'Receiving',
    note: 'This desk receives the stream and stores it.',
  },
  { live: true, stream: false, name: 'Connecting', note: '' },
  { live: false, stream: true, name: 'Offline', note: 'No connection to the desk. Trying again.' },
])('the status is $name when live is $live', ({ live, stream, name, note }) => {
  const words = statusWords(stream ? deskState([], 25).stream : undefined, live);
  expect([words.name, words.note]).toEqual([name, note]);
});
