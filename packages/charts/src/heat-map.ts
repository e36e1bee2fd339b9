import { scaleBand } from 'd3-scale';
import { type Chart, numberText, twoDecimals } from './chart.ts';
import { divergingColour, inkOn } from './colours.ts';
import { clip, element, picture, widthOf, words } from './svg.ts';

/** What a heat map is drawn from. */
export interface HeatMap {
  readonly title: string;
  /** What there is to see, for those who cannot. */
  readonly description: string;
  readonly rowLabels: readonly string[];
  readonly columnLabels: readonly string[];
  /** A row for each row label with a number for each column label; NaN where there is none. */
  readonly values: readonly (readonly number[])[];
  /** The numbers that get the full blue and the full orange; -1 and 1 if not given. */
  readonly domain?: readonly [low: number, high: number];
  /** How a number is written; with two decimals if not given. */
  readonly format?: (value: number) => string;
}

const rowHeight = 28;
const noValue = 'rgb(221, 221, 221)';

/**
 * Draws a grid of numbers, each on a colour from blue (low) over pale to orange (high).
 *
 * Every cell carries its number in black or white, whichever reads better, so the colour adds and
 * never tells alone. A value beyond the domain has the colour of its end; one that is not finite is
 * a dash on grey. Labels of more than twelve characters are cut in the picture, not in the table.
 *
 * @throws {RangeError} when there are no values, their shape differs from the labels', or the domain
 *   is not ascending
 * @example
 * const { svg, table } = heatMap({
 *   title: 'Correlation of daily returns',
 *   description: 'AAPL and KO hardly move together.',
 *   rowLabels: ['AAPL', 'KO'],
 *   columnLabels: ['AAPL', 'KO'],
 *   values: [[1, 0.2], [0.2, 1]],
 * });
 */
export function heatMap(map: HeatMap): Chart {
  const { title, description, rowLabels, columnLabels, values } = map;
  const { domain = [-1, 1], format = twoDecimals } = map;
  checkShape(map, domain);
  const texts = values.map((row) => row.map((value) => numberText(value, format)));
  const rowNames = rowLabels.map((label) => clip(label, 12));
  const columnNames = columnLabels.map((label) => clip(label, 12));

  const left = widthOf(rowNames) + 8;
  const columnWidth = Math.max(44, widthOf([...columnNames, ...texts.flat()]) + 8);
  const width = left + columnWidth * columnLabels.length;
  const height = rowHeight * (rowLabels.length + 1);
  const x = scaleBand([...columnLabels.keys()], [left, width]);
  const y = scaleBand([...rowLabels.keys()], [rowHeight, height]);
  const colour = divergingColour(domain);

  const cell = (i: number, j: number, value: number): string => {
    const fill = Number.isFinite(value) ? colour(value) : noValue;
    const [at, top] = [x(j) ?? 0, y(i) ?? 0];
    return (
      element('rect', { x: at, y: top, width: x.bandwidth(), height: y.bandwidth(), fill }) +
      words(texts[i]?.[j] ?? '', {
        x: at + x.bandwidth() / 2,
        y: top + y.bandwidth() / 2,
        dy: '.35em',
        'text-anchor': 'middle',
        fill: inkOn(fill),
      })
    );
  };

  return {
    svg: picture(
      { width, height, title, description },
      ...columnNames.map((name, j) =>
        words(name, {
          x: (x(j) ?? 0) + x.bandwidth() / 2,
          y: rowHeight - 9,
          'text-anchor': 'middle',
        }),
      ),
      ...rowNames.map((name, i) =>
        words(name, {
          x: left - 8,
          y: (y(i) ?? 0) + y.bandwidth() / 2,
          dy: '.35em',
          'text-anchor': 'end',
        }),
      ),
      ...values.flatMap((row, i) => row.map((value, j) => cell(i, j, value))),
    ),
    table: {
      caption: title,
      columns: ['', ...columnLabels],
      rows: rowLabels.map((label, i) => [label, ...(texts[i] ?? [])]),
    },
  };
}

function checkShape(
  { rowLabels, columnLabels, values }: HeatMap,
  [low, high]: readonly [number, number],
): void {
  if (rowLabels.length === 0 || columnLabels.length === 0) {
    throw new RangeError('a heat map needs at least one row and one column');
  }
  if (values.length !== rowLabels.length) {
    throw new RangeError(`${values.length} rows of values do not fit ${rowLabels.length} labels`);
  }
  const odd = values.findIndex((row) => row.length !== columnLabels.length);
  if (odd >= 0) {
    throw new RangeError(
      `row ${odd} has ${values[odd]?.length} values where there are ${columnLabels.length} columns`,
    );
  }
  if (!(low < high)) throw new RangeError(`a domain must ascend, unlike ${low} to ${high}`);
}
