import { expect, test } from 'vitest';
import { parseWeights, wholeWeights } from '../src/portfolio/weights.ts';

const one = [{ symbol: 'X', weight: 1 }];

test.each([
  {
    list: 'MSFT=0.3,AAPL=0.5',
    weights: [
      { symbol: 'MSFT', weight: 0.3 },
      { symbol: 'AAPL', weight: 0.5 },
    ],
  },
  { list: ' BRK.B = 1 ', weights: [{ symbol: 'BRK.B', weight: 1 }] },
  { list: 'X=.5e0', weights: [{ symbol: 'X', weight: 0.5 }] },
  { list: 'X=-1.', weights: [{ symbol: 'X', weight: -1 }] },
])('reads $list', ({ list, weights }) => {
  expect(parseWeights(list)).toEqual(weights);
});

test.each([
  { list: '', says: '--weights: an empty weight cannot be read' },
  { list: 'MSFT=0.3,', says: '--weights: an empty weight cannot be read' },
  { list: 'MSFT', says: '--weights: "MSFT" cannot be read' },
  { list: 'MSFT=', says: '--weights: "MSFT=" cannot be read' },
  { list: '=0.3', says: '--weights: "=0.3" cannot be read' },
  { list: 'MSFT=a third', says: '--weights: "MSFT=a third" cannot be read' },
  { list: 'MSFT=0x10', says: '--weights: "MSFT=0x10" cannot be read' },
  { list: 'MSFT=Infinity', says: '--weights: "MSFT=Infinity" cannot be read' },
  { list: 'MSFT=1e999', says: '--weights: "MSFT=1e999" cannot be read' },
  { list: 'X=0.5,X=0.5', says: '--weights names X twice' },
])('refuses "$list"', ({ list, says }) => {
  expect(() => parseWeights(list)).toThrow(
    expect.objectContaining({ code: 'usage', message: says }),
  );
});

test.each([
  { sum: 'exactly 1', weights: one },
  {
    sum: '1 but for rounding',
    weights: Array.from({ length: 10 }, (_, place) => ({ symbol: `S${place}`, weight: 0.1 })),
  },
  {
    sum: '1 with money owed',
    weights: [
      { symbol: 'A', weight: 1.3 },
      { symbol: 'B', weight: -0.3 },
    ],
  },
])('takes weights that sum to $sum', ({ weights }) => {
  expect(wholeWeights(weights, { normalise: false })).toBe(weights);
});

test('names the sum of weights that do not sum to 1, or rescales them', () => {
  const weights = [
    { symbol: 'A', weight: 0.3 },
    { symbol: 'B', weight: 0.6 },
  ];
  expect(() => wholeWeights(weights, { normalise: false })).toThrow(
    expect.objectContaining({ code: 'data', message: 'the weights sum to 0.9, not to 1' }),
  );
  const [a, b] = wholeWeights(weights, { normalise: true });
  expect(a?.weight).toBeCloseTo(1 / 3, 12);
  expect(b?.weight).toBeCloseTo(2 / 3, 12);
});

test.each([0, -1])('cannot rescale weights that sum to %d', (weight) => {
  expect(() => wholeWeights([{ symbol: 'A', weight }], { normalise: true })).toThrow(
    expect.objectContaining({ code: 'data' }),
  );
});
