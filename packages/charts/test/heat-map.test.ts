import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HeatMap, heatMap } from '../src/index.ts';
import { holdable, readSvg } from './svg-check.ts';

const map: HeatMap = {
  title: 'Correlation',
  description: 'MSFT and AAPL move together.',
  rowLabels: ['MSFT', 'AAPL'],
  columnLabels: ['MSFT', 'AAPL', 'KO'],
  values: [
    [1, 0.407, -0.25],
    [0.407, 1, Number.NaN],
  ],
};

function cellsOf(changes: Partial<HeatMap>) {
  const elements = readSvg(heatMap({ ...map, ...changes }).svg);
  const rects = elements.filter(({ name }) => name === 'rect');
  return rects.map(({ attributes }) => {
    const number = elements.find(
      (each) => each.name === 'text' && each.attributes.has('fill') && isWithin(each, attributes),
    );
    return {
      fill: attributes.get('fill') ?? '',
      text: number?.text,
      ink: number?.attributes.get('fill'),
    };
  });
}

function isWithin(
  { attributes }: { attributes: ReadonlyMap<string, string> },
  box: ReadonlyMap<string, string>,
): boolean {
  const at = (key: string) => Number(attributes.get(key)) - Number(box.get(key));
  return (
    at('x') > 0 &&
    at('x') < Number(box.get('width')) &&
    at('y') > 0 &&
    at('y') < Number(box.get('height'))
  );
}

describe('the picture', () => {
  test('says what it is', () => {
    const elements = readSvg(heatMap(map).svg);
    expect(elements[1]).toMatchObject({ name: 'title', text: 'Correlation' });
    expect(elements[2]).toMatchObject({ name: 'desc', text: 'MSFT and AAPL move together.' });
    expect(elements[0]?.attributes.get('role')).toBe('img');
  });

  test('writes each number on its colour: blue is low, pale the middle, orange high', () => {
    expect(
      cellsOf({
        values: [
          [-1, 0, 1],
          [-7, Number.NaN, 7],
        ],
      }),
    ).toEqual([
      { fill: 'rgb(33, 102, 172)', text: '−1.00', ink: 'white' },
      { fill: 'rgb(247, 247, 247)', text: '0.00', ink: 'black' },
      { fill: 'rgb(230, 97, 1)', text: '1.00', ink: 'black' },
      { fill: 'rgb(33, 102, 172)', text: '−7.00', ink: 'white' },
      { fill: 'rgb(221, 221, 221)', text: '–', ink: 'black' },
      { fill: 'rgb(230, 97, 1)', text: '7.00', ink: 'black' },
    ]);
  });

  test('takes another domain and format', () => {
    const cells = cellsOf({ domain: [0, 2], format: (value) => `${value} %` });
    expect(cells[0]).toEqual({ fill: 'rgb(247, 247, 247)', text: '1 %', ink: 'black' });
  });

  test('keeps a contrast of 4.5 between number and colour, whatever the value', () => {
    fc.assert(
      fc.property(fc.double({ min: -1.2, max: 1.2, noNaN: true }), (value) => {
        const [cell] = cellsOf({ rowLabels: ['A'], columnLabels: ['B'], values: [[value]] });
        expect(contrast(cell?.fill ?? '', cell?.ink ?? '')).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });
});

/** WCAG 2.2, contrast ratio; written apart from the sources on purpose. */
function contrast(background: string, ink: string): number {
  const light = (colour: string): number => {
    const named = { black: '0 0 0', white: '255 255 255' }[colour] ?? colour;
    const [r = 0, g = 0, b = 0] = [...named.matchAll(/\d+/g)]
      .map(([part]) => Number(part) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [one, other] = [light(background), light(ink)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

test('the table holds what the picture shows', () => {
  expect(heatMap(map).table).toEqual({
    caption: 'Correlation',
    columns: ['', 'MSFT', 'AAPL', 'KO'],
    rows: [
      ['MSFT', '1.00', '0.41', '−0.25'],
      ['AAPL', '0.41', '1.00', '–'],
    ],
  });
});

test('a value that rounds to 0 has no sign', () => {
  const { table } = heatMap({
    ...map,
    values: [
      [-0.004, -0, -0.005],
      [0, 0, 0],
    ],
  });
  expect(table.rows[0]?.slice(1)).toEqual(['0.00', '0.00', '−0.01']);
});

test('any text at all becomes sound markup that reads back as given', () => {
  const sign = fc.constantFrom('<script>', '</svg>', '"', "'", '&', '&amp;', ']]>', '\0', '\ud800');
  const text = fc.oneof(fc.string({ unit: 'binary' }), sign);
  fc.assert(
    fc.property(text, text, text, (title, description, label) => {
      const elements = readSvg(
        heatMap({ ...map, title, description, rowLabels: [label, 'AAPL'], format: () => label })
          .svg,
      );
      expect(elements.length).toBe(3 + 5 + 2 * 6);
      expect(elements[1]?.text).toBe(holdable(title));
      expect(elements[2]?.text).toBe(holdable(description));
    }),
  );
});

test('a long label is cut in the picture and whole in the table', () => {
  const { svg, table } = heatMap({ ...map, rowLabels: ['A very long label', 'B'] });
  expect(readSvg(svg).map(({ text }) => text)).toContain('A very long…');
  expect(table.rows[0]?.[0]).toBe('A very long label');
});

test.each([
  { what: 'no rows', change: { rowLabels: [], values: [] }, message: /at least one row/ },
  { what: 'no columns', change: { columnLabels: [] }, message: /at least one row and one column/ },
  { what: 'a missing row', change: { values: [[1, 1, 1]] }, message: /1 rows .* 2 labels/ },
  {
    what: 'a ragged row',
    change: { values: [[1, 1, 1], [1]] },
    message: /row 1 has 1 values where there are 3 columns/,
  },
  { what: 'a domain upside down', change: { domain: [1, -1] as const }, message: /1 to -1/ },
])('refuses $what', ({ change, message }) => {
  expect(() => heatMap({ ...map, ...change })).toThrow(RangeError);
  expect(() => heatMap({ ...map, ...change })).toThrow(message);
});
