import fc from 'fast-check';
import { expect, test } from 'vitest';
import { priorityReasons, rankingTime, sortableScore } from '../src/posts/ranking.ts';

const shares = new Map([
  ['MSFT', 0.2322],
  ['AAPL', 0.7034],
  ['KO', 0.0644],
  ['HEDGE', -0.1],
]);
const now = new Date('2026-11-23T12:00:00Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

test.each([
  { when: 'it speaks of one holding', symbols: ['AAPL'], hours: 0, priority: 0.5 * 0.7534 },
  { when: 'it is one half-life old', symbols: ['AAPL'], hours: 24, priority: 0.25 * 0.7534 },
  { when: 'it speaks of two holdings', symbols: ['MSFT', 'KO'], hours: 0, priority: 0.5 * 0.3466 },
  { when: 'it speaks of a hedge', symbols: ['HEDGE'], hours: 0, priority: 0.5 * 0.15 },
  { when: 'it speaks of nothing held', symbols: ['XOM'], hours: 0, priority: 0.5 * 0.05 },
])('gives $priority when $when', ({ symbols, hours, priority }) => {
  const post = { keepProbability: 0.5, symbols, rankedAt: hoursAgo(hours) };
  expect(priorityReasons(post, shares, now).priority).toBeCloseTo(priority, 12);
});

test('shows the sign of a hedge and adds its size', () => {
  const post = { keepProbability: 0.5, symbols: ['KO', 'HEDGE', 'XOM'], rankedAt: hoursAgo(3) };
  expect(priorityReasons(post, shares, now)).toMatchObject({
    keepProbability: 0.5,
    floor: 0.05,
    riskSize: 0.1644,
    holdings: [
      { symbol: 'KO', riskShare: 0.0644 },
      { symbol: 'HEDGE', riskShare: -0.1 },
    ],
    ageHours: 3,
    halfLifeHours: 24,
  });
});

test('the score sorts any two posts as their priority does at any time', () => {
  const post = fc.record({
    keepProbability: fc.double({ min: 0.01, max: 1, noNaN: true }),
    symbols: fc.uniqueArray(fc.constantFrom(...shares.keys(), 'XOM')),
    rankedAt: fc.integer({ min: 0, max: 400 }).map(hoursAgo),
  });
  fc.assert(
    fc.property(post, post, fc.integer({ min: -1000, max: 0 }), (one, other, later) => {
      const at = hoursAgo(later);
      const ratio = Math.log2(
        priorityReasons(one, shares, at).priority / priorityReasons(other, shares, at).priority,
      );
      const difference = sortableScore(one, shares) - sortableScore(other, shares);
      expect(difference).toBeCloseTo(ratio, 8);
    }),
  );
});

test('a post from the future ranks as of its arrival', () => {
  expect(rankingTime(hoursAgo(-5), now)).toEqual(now);
  expect(rankingTime(hoursAgo(5), now)).toEqual(hoursAgo(5));
});
