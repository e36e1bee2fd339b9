import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LineChart, lineChart } from '../src/index.ts';
import { readSvg, type SvgElement } from './svg-check.ts';

const chart: LineChart = {
  title: 'Learning curve',
  description: 'The error falls.',
  xLabel: 'epoch',
  x: [0, 1, 2, 3],
  series: [
    { name: 'train', values: [0.5, 0.3, 0.2, 0.1] },
    { name: 'valid', values: [0.5, 0.4, 0.35, 0.4] },
  ],
};

/** The points of each line; a line is what has no fill. */
function linesOf(
  elements: readonly SvgElement[],
): { points: [number, number][]; d: string; dash: string }[] {
  return elements
    .filter(({ attributes }) => attributes.get('fill') === 'none')
    .map(({ attributes }) => {
      const d = attributes.get('d') ?? '';
      const points = [...d.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(
        ([, x, y]): [number, number] => [Number(x), Number(y)],
      );
      return { points, d, dash: attributes.get('stroke-dasharray') ?? '' };
    });
}

describe('the picture', () => {
  test('says what it is, names its lines and its axis', () => {
    const texts = readSvg(lineChart(chart).svg).map(({ text }) => text);
    expect(texts).toEqual(
      expect.arrayContaining([
        'Learning curve',
        'The error falls.',
        'train',
        'valid',
        'epoch',
        '0',
        '3',
        '0.10',
        '0.50',
      ]),
    );
  });

  test('has its points where the values are: right with x, up with the value', () => {
    const [train, valid] = linesOf(readSvg(lineChart(chart).svg));
    const places = train?.points.map(([x]) => x) ?? [];
    const width = (places[3] ?? 0) - (places[0] ?? 0);
    for (const [i, x] of places.entries())
      expect((x - (places[0] ?? 0)) / width).toBeCloseTo(i / 3, 2);
    const heights = [...(train?.points ?? []), ...(valid?.points ?? [])].map(([, y]) => y);
    const values = chart.series.flatMap((each) => each.values);
    const scale = ((heights[3] ?? 0) - (heights[0] ?? 0)) / (0.5 - 0.1);
    for (const [i, y] of heights.entries())
      expect((y - (heights[0] ?? 0)) / scale).toBeCloseTo(0.5 - (values[i] ?? 0), 2);
  });

  test('tells lines apart by dashes too', () => {
    const dashes = linesOf(readSvg(lineChart(chart).svg)).map(({ dash }) => dash);
    expect(new Set(dashes).size).toBe(2);
  });

  test('leaves a gap where there is no value, and shows a point that is alone', () => {
    const series = [{ name: 'a', values: [1, Number.NaN, 2, Infinity] }];
    const [line] = linesOf(readSvg(lineChart({ ...chart, series }).svg));
    expect(line?.d).toMatch(/^M\S+ \S+h0M\S+ \S+h0$/);
    const none = lineChart({
      ...chart,
      series: [{ name: 'a', values: new Array(4).fill(Number.NaN) }],
    });
    expect(linesOf(readSvg(none.svg))).toEqual([]);
  });

  test('points out a place', () => {
    const { svg } = lineChart({ ...chart, mark: { x: 2, label: 'best' } });
    const elements = readSvg(svg);
    const [train] = linesOf(elements);
    expect(elements.map(({ text }) => text)).toContain('best');
    expect(svg).toContain(`M${train?.points[2]?.[0]} 28V`);
  });

  test('keeps every line within itself, whatever the values', () => {
    const value = fc.double({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
        const x = values.map((_, i) => i * 3);
        const elements = readSvg(lineChart({ ...chart, x, series: [{ name: 'a', values }] }).svg);
        const [, , width = 0, height = 0] = (elements[0]?.attributes.get('viewBox') ?? '')
          .split(' ')
          .map(Number);
        for (const [left, top] of linesOf(elements).flatMap(({ points }) => points)) {
          expect(left >= 0 && left <= width && top >= 0 && top <= height).toBe(true);
        }
      }),
    );
  });
});

test('the table has a row for each x', () => {
  expect(lineChart(chart).table).toEqual({
    caption: 'Learning curve',
    columns: ['epoch', 'train', 'valid'],
    rows: [
      ['0', '0.50', '0.50'],
      ['1', '0.30', '0.40'],
      ['2', '0.20', '0.35'],
      ['3', '0.10', '0.40'],
    ],
  });
});

test.each([
  { change: { x: [] }, says: 'at least one x' },
  { change: { x: [0, 2, 1, 3] }, says: 'x must ascend, but 1 follows 2' },
  { change: { series: [] }, says: '1 to 4 series, not 0' },
  { change: { series: [{ name: 'a', values: [1] }] }, says: 'a has 1 values for 4 x' },
])('refuses $change', ({ change, says }) => {
  expect(() => lineChart({ ...chart, ...change })).toThrow(RangeError);
  expect(() => lineChart({ ...chart, ...change })).toThrow(says);
});
