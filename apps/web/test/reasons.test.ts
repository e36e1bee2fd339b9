import { expect, test } from 'vitest';
import { reasonsOf } from '../src/reasons.ts';
import { posts } from './desk-fixture.ts';

const plain = (texts: readonly string[]): string[] =>
  texts.map((text) => text.replaceAll('\u00a0', ' '));

const untrusted = { trusted: false, note: '20 more keeps until ranking starts.' };

test('the factors shown multiply to the priority', () => {
  for (const { why } of posts) {
    const product = reasonsOf(why, untrusted).reduce(
      (sofar, { figure }) => sofar * Number(figure),
      1,
    );
    expect(Math.abs(product - why.priority)).toBeLessThan(0.02);
  }
});

test('says that nothing is known of you until a model is trusted', () => {
  const [, two] = posts;
  const [keep, risk, age] = reasonsOf(two?.why ?? expect.fail(), untrusted);
  expect(keep?.words).toEqual([
    'P(keep) is one half for every post until a model is trusted.',
    '20 more keeps until ranking starts.',
  ]);
  expect(plain(risk?.words ?? [])).toEqual([
    'AAPL carries 62 % of your risk.',
    'AMD carries 13 % of your risk.',
    'Together: 75 %.',
    '5 % is added, so that no holding is buried.',
  ]);
  expect(age?.words).toEqual(['1 hour old; priority halves every 24 hours.']);
});

test('tells a trusted chance, a hedge, and minutes', () => {
  const why = {
    ...{ priority: 0.06, keepProbability: 0.83, floor: 0.05, riskSize: 0.03 },
    ...{ holdings: [{ symbol: 'PG', riskShare: -0.03 }], ageHours: 0.5, halfLifeHours: 24 },
  };
  expect(
    plain(
      reasonsOf(why, { trusted: true, note: 'Trained on 212 verdicts.' }).flatMap(
        ({ words }) => words,
      ),
    ),
  ).toEqual([
    'The model puts the chance that you keep it at 83 %.',
    'Trained on 212 verdicts.',
    'PG is a hedge: it takes 3 % off your risk, and its size counts.',
    '5 % is added, so that no holding is buried.',
    '30 min old; priority halves every 24 hours.',
  ]);
});
