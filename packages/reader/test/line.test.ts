import fc from 'fast-check';
import { expect, test } from 'vitest';
import { graphemeColumns, graphemes } from '../src/grapheme.ts';
import { fromText, type Line, layoutLines } from '../src/index.ts';

const textOf = (line: Line): string => line.before + line.axis + line.after;
const shown = (text: string, columns: number): string[] =>
  layoutLines(fromText(text), { columns }).map(
    ({ before, axis, after }) => `${before}[${axis}]${after}`,
  );

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          'a',
          'to',
          'AAPL',
          'earnings',
          ' ',
          '\n',
          '株価',
          'は',
          '。',
          '「',
          '🚀',
          '👨‍👩‍👧',
          'é',
        ],
        ...['שלום', '\0', '\t', '\u200b', '\u0301', '\u00a0', 'https://a.example/', '-', 'ก', '#x'],
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join('')),
);

test('marks the word in the middle of each line', () => {
  expect(shown('Rates rise and banks follow.', 16)).toEqual([
    'Rates [rise] and',
    'banks [follow.]',
  ]);
  expect(shown('The bank raised its forecast after a strong third quarter.', 20)).toEqual([
    'The [bank] raised',
    'its [forecast] after',
    'a [strong] third',
    '[quarter.]',
  ]);
});

test.each([
  { what: 'one word', text: 'Up', line: '[Up]' },
  { what: 'the word over the middle', text: 'aa bbb cc', line: 'aa [bbb] cc' },
  { what: 'the nearer word when the middle is a space', text: 'a bb c dd', line: 'a [bb] c dd' },
  { what: 'the first of two as near', text: 'aaa bbb', line: '[aaa] bbb' },
])('the axis is $what', ({ text, line }) => {
  expect(shown(text, 20)).toEqual([line]);
});

test('says which paragraph a line is of, how wide it is and how far off its axis lies', () => {
  const lines = layoutLines(fromText('One two.\nשלום AAPL'), { columns: 12 });
  expect(lines).toEqual([
    {
      ...{ block: 0, before: 'One ', axis: 'two.', after: '', gap: '', width: 8 },
      ...{ axisOffset: 2, direction: 'ltr', mixed: false },
    },
    {
      ...{ block: 1, before: '', axis: 'שלום', after: ' AAPL', gap: '', width: 9 },
      ...{ axisOffset: -2.5, direction: 'rtl', mixed: true },
    },
  ]);
});

test('the lines joined by their gaps are the text, whatever it is', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 60 }), (text, columns) => {
      const blocks = fromText(text);
      const joined = blocks.map(() => '');
      for (const line of layoutLines(blocks, { columns })) {
        joined[line.block] += textOf(line) + line.gap;
      }
      expect(joined).toEqual(blocks.map((block) => block.text));
    }),
    { numRuns: 500 },
  );
});

test('no line is wider than asked, unless it is a single grapheme', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 60 }), (text, columns) => {
      for (const line of layoutLines(fromText(text), { columns })) {
        expect(line.width).toBe(graphemeColumns(textOf(line)));
        if (line.width > columns) expect(visible(textOf(line))).toHaveLength(1);
      }
    }),
    { numRuns: 500 },
  );
});

test('no way to break a short text is better: every way is tried', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 11 });
  fc.assert(
    fc.property(words, fc.integer({ min: 9, max: 30 }), (some, columns) => {
      const lines = layoutLines([{ text: some.join(' ') }], { columns }).map(textOf);
      expect(cost(lines, columns)).toBe(leastCost(some, columns));
    }),
    { numRuns: 300 },
  );
});

test('measures in the unit it is given', () => {
  const measure = (text: string): number => 10 * text.length;
  const wide = layoutLines([{ text: 'one two three four five' }], { columns: 90, measure });
  const plain = layoutLines([{ text: 'one two three four five' }], { columns: 9 });
  expect(wide.map(textOf)).toEqual(plain.map(textOf));
  expect(wide.map((line) => line.width)).toEqual(plain.map((line) => 10 * line.width));
});

test.each([0, -1, Number.NaN, Infinity])('refuses %d columns', (columns) => {
  expect(() => layoutLines([], { columns })).toThrow(RangeError);
});

test.each([-1, Number.NaN, Infinity])('refuses a measured width of %d', (width) => {
  const lay = () => layoutLines([{ text: 'a' }], { columns: 9, measure: () => width });
  expect(lay).toThrow(RangeError);
});

function visible(text: string): string[] {
  return graphemes(text).filter((grapheme) => graphemeColumns(grapheme) > 0);
}

/** Least cost over all ways to put line breaks between the words. */
function leastCost(words: readonly string[], columns: number): number {
  let least = Infinity;
  for (let breaks = 0; breaks < 2 ** (words.length - 1); breaks++) {
    const text = words.reduce((sofar, word, index) => {
      return sofar + (breaks & (1 << (index - 1)) ? '\n' : ' ') + word;
    });
    const lines = text.split('\n');
    if (lines.every((line) => line.length <= columns))
      least = Math.min(least, cost(lines, columns));
  }
  return least;
}

function cost(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line, index) => {
    const slack = index === lines.length - 1 ? 0 : columns - line.length;
    return sum + slack ** 2 + imbalance(line) ** 2;
  }, 0);
}

/** How much more text lies on one side of the word nearest to the middle than on the other. */
function imbalance(line: string): number {
  const middle = line.length / 2;
  let start = 0;
  let nearest = Infinity;
  let difference = 0;
  for (const word of line.split(' ')) {
    const end = start + word.length;
    const distance = Math.max(start - middle, middle - end, 0);
    if (distance < nearest) {
      nearest = distance;
      difference = start - (line.length - end);
    }
    start = end + 1;
  }
  return difference;
}
