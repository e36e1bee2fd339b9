import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BarChart, barChart } from '../src/index.ts';
import { readSvg, type SvgElement } from './svg-check.ts';

const chart: BarChart = {
  title: 'Money and risk',
  description: 'AAPL is half of the money and 70 % of the risk.',
  labels: ['MSFT', 'AAPL', 'KO'],
  series: [
    { name: 'Money', values: [0.3, 0.5, 0.2] },
    { name: 'Risk', values: [0.232, 0.703, 0.065] },
  ],
  format: (share) => `${(100 * share).toFixed(1)} %`,
};

/** The bars, after one swatch a series. */
function barsOf(elements: readonly SvgElement[], series: number) {
  return elements
    .filter(({ name }) => name === 'rect')
    .slice(series)
    .map(({ attributes }) => {
      const at = (key: string) => Number(attributes.get(key));
      return {
        from: at('x'),
        to: at('x') + at('width'),
        top: at('y'),
        fill: attributes.get('fill'),
      };
    });
}

describe('the picture', () => {
  test('says what it is and names its series', () => {
    const elements = readSvg(barChart(chart).svg);
    const texts = elements.map(({ text }) => text).filter((text) => text !== '');
    expect(texts).toEqual([
      'Money and risk',
      'AAPL is half of the money and 70 % of the risk.',
      'Money',
      'Risk',
      'MSFT',
      'AAPL',
      'KO',
      '30.0 %',
      '50.0 %',
      '20.0 %',
      '23.2 %',
      '70.3 %',
      '6.5 %',
    ]);
  });

  test('has bars as long as their values, from one line, a colour a series', () => {
    const bars = barsOf(readSvg(barChart(chart).svg), 2);
    const lengths = bars.map(({ from, to }) => to - from);
    const unit = (lengths[1] ?? 0) / 0.5;
    for (const [i, value] of [0.3, 0.5, 0.2, 0.232, 0.703, 0.065].entries()) {
      expect((lengths[i] ?? 0) / unit).toBeCloseTo(value, 3);
    }
    expect(new Set(bars.map(({ from }) => from)).size).toBe(1);
    expect(new Set(bars.slice(0, 3).map(({ fill }) => fill)).size).toBe(1);
    expect(new Set(bars.map(({ fill }) => fill)).size).toBe(2);
  });

  test('puts the bars of one label together', () => {
    const tops = barsOf(readSvg(barChart(chart).svg), 2).map(({ top }) => top);
    const [msft = 0, aapl = 0, , msftRisk = 0] = tops;
    expect(msft < msftRisk && msftRisk < aapl).toBe(true);
  });

  test('draws what is below 0 to the left of the line, and nothing for what is missing', () => {
    const series = [{ name: 'Risk', values: [-0.5, 1, Number.NaN] }];
    const elements = readSvg(barChart({ ...chart, series }).svg);
    const [hedge, long, none] = barsOf(elements, 1);
    expect(hedge?.to).toBe(long?.from);
    expect((long?.to ?? 0) - (long?.from ?? 0)).toBeCloseTo(
      2 * ((hedge?.to ?? 0) - (hedge?.from ?? 0)),
      1,
    );
    expect(none?.to).toBe(none?.from);
    expect(elements.at(-1)?.text).toBe('–');
  });
});

test('everything stays within the picture, whatever the values', () => {
  const value = fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY),
  );
  const triple = fc.array(value, { minLength: 3, maxLength: 3 });
  const lists = fc.array(triple, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lists, (all) => {
      const series = all.map((values, i) => ({ name: `series ${i}`, values }));
      const { title, description, labels } = chart;
      const elements = readSvg(barChart({ title, description, labels, series }).svg);
      const [width, height] = ['width', 'height'].map((key) =>
        Number(elements[0]?.attributes.get(key)),
      );
      for (const { name, attributes, text } of elements) {
        if (name !== 'rect' && name !== 'text') continue;
        const x = Number(attributes.get('x'));
        const reach = name === 'rect' ? Number(attributes.get('width')) : 7 * text.length;
        const isEnd = attributes.get('text-anchor') === 'end';
        expect(isEnd ? x - reach : x).toBeGreaterThanOrEqual(0);
        expect(isEnd ? x : x + reach).toBeLessThanOrEqual(width ?? 0);
        expect(Number(attributes.get('y'))).toBeLessThanOrEqual(height ?? 0);
      }
    }),
  );
});

test('the table holds what the picture shows', () => {
  expect(barChart(chart).table).toEqual({
    caption: 'Money and risk',
    columns: ['', 'Money', 'Risk'],
    rows: [
      ['MSFT', '30.0 %', '23.2 %'],
      ['AAPL', '50.0 %', '70.3 %'],
      ['KO', '20.0 %', '6.5 %'],
    ],
  });
});

test('names and labels are escaped', () => {
  const { svg } = barChart({
    ...chart,
    title: '<b>&"',
    labels: ['<i>', 'b', 'c'],
    series: [{ name: '</svg>', values: [1, 2, 3] }],
  });
  expect(readSvg(svg).map(({ text }) => text)).toEqual(
    expect.arrayContaining(['<b>&"', '<i>', '</svg>']),
  );
});

const one = { name: 'x', values: [1, 2, 3] };
test.each([
  { what: 'no labels', change: { labels: [] }, message: /at least one label/ },
  { what: 'no series', change: { series: [] }, message: /1 to 4 series, not 0/ },
  { what: 'five series', change: { series: [one, one, one, one, one] }, message: /not 5/ },
  {
    what: 'a series of another length',
    change: { series: [{ name: 'x', values: [1] }] },
    message: /x has 1 values for 3 labels/,
  },
])('refuses $what', ({ change, message }) => {
  expect(() => barChart({ ...chart, ...change })).toThrow(RangeError);
  expect(() => barChart({ ...chart, ...change })).toThrow(message);
});
