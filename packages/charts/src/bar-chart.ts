import { scaleBand, scaleLinear } from 'd3-scale';
import { type Chart, numberText, twoDecimals } from './chart.ts';
import { seriesColours } from './colours.ts';
import { clip, element, picture, widthOf, words } from './svg.ts';

/** One bar for each label. */
export interface BarSeries {
  readonly name: string;
  /** One a label, below 0 too; NaN where there is none. */
  readonly values: readonly number[];
}

/** What a bar chart is drawn from. */
export interface BarChart {
  readonly title: string;
  /** What there is to see, for those who cannot. */
  readonly description: string;
  readonly labels: readonly string[];
  /** One to four; their bars stand together at each label, in this order. */
  readonly series: readonly BarSeries[];
  /** How a number is written; with two decimals if not given. */
  readonly format?: (value: number) => string;
}

const barHeight = 16;
const legendHeight = 28;
const plotWidth = 360;

/**
 * Draws horizontal bars from a line at 0, in groups, each with its number at its end.
 *
 * Values below 0 go to the left. One that is not finite has a dash and no bar. Labels of more than
 * 24 characters are cut in the picture, not in the table.
 *
 * @throws {RangeError} when there are no labels, not one to four series, or a series has another
 *   number of values than there are labels
 * @example
 * const { svg, table } = barChart({
 *   title: 'Money and risk',
 *   description: 'AAPL is half of the money and 70 % of the risk.',
 *   labels: ['AAPL', 'KO'],
 *   series: [
 *     { name: 'Money', values: [0.5, 0.2] },
 *     { name: 'Risk', values: [0.7, 0.06] },
 *   ],
 *   format: (share) => `${Math.round(100 * share)} %`,
 * });
 */
export function barChart(chart: BarChart): Chart {
  const { title, description, labels, series, format = twoDecimals } = chart;
  checkShape(chart);
  const texts = series.map(({ values }) => values.map((value) => numberText(value, format)));
  const names = labels.map((label) => clip(label, 24));

  const room = widthOf(texts.flat()) + 8;
  const hasNegative = series.some(({ values }) => values.some((value) => value < 0));
  const start = widthOf(names) + 8 + (hasNegative ? room : 0);
  const width = Math.max(start + plotWidth + room, legendWidth(series));
  const height = legendHeight + labels.length * (barHeight * series.length + 10);
  const y = scaleBand([...labels.keys()], [legendHeight, height]);
  const x = scaleLinear(extentWith0(series), [start, start + plotWidth]);

  const bar = (value: number, i: number, s: number): string => {
    const finite = Number.isFinite(value) ? value : 0;
    const top = (y(i) ?? 0) + 5 + s * barHeight;
    const [from, to] = [x(Math.min(0, finite)), x(Math.max(0, finite))];
    const fill = seriesColours[s] ?? 'currentColor';
    return (
      element('rect', { x: from, y: top, width: to - from, height: barHeight - 2, fill }) +
      words(texts[s]?.[i] ?? '', {
        x: finite < 0 ? from - 4 : to + 4,
        y: top + barHeight / 2 - 1,
        dy: '.35em',
        'text-anchor': finite < 0 ? 'end' : 'start',
      })
    );
  };

  return {
    svg: picture(
      { width, height, title, description },
      legend(series),
      element('path', { d: `M${x(0)} ${legendHeight}V${height}`, stroke: 'currentColor' }),
      ...names.map((name, i) =>
        words(name, {
          x: widthOf(names),
          y: (y(i) ?? 0) + y.bandwidth() / 2,
          dy: '.35em',
          'text-anchor': 'end',
        }),
      ),
      ...series.flatMap(({ values }, s) => values.map((value, i) => bar(value, i, s))),
    ),
    table: {
      caption: title,
      columns: ['', ...series.map(({ name }) => name)],
      rows: labels.map((label, i) => [label, ...texts.map((row) => row[i] ?? '')]),
    },
  };
}

const swatch = 12;
const keyWidth = ({ name }: BarSeries) => swatch + 6 + widthOf([clip(name, 24)]) + 16;

function legendWidth(series: readonly BarSeries[]): number {
  return series.reduce((width, each) => width + keyWidth(each), 0);
}

function legend(series: readonly BarSeries[]): string {
  return series
    .map((each, s) => {
      const x = legendWidth(series.slice(0, s));
      const fill = seriesColours[s] ?? 'currentColor';
      return (
        element('rect', { x, y: 4, width: swatch, height: swatch, fill }) +
        words(clip(each.name, 24), { x: x + swatch + 6, y: 4 + swatch / 2, dy: '.35em' })
      );
    })
    .join('');
}

/** The range of all values and 0; of nothing but zeros, 0 to 1. */
function extentWith0(series: readonly BarSeries[]): [number, number] {
  const values = series.flatMap((each) => each.values).filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  return low === high ? [0, 1] : [low, high];
}

function checkShape({ labels, series }: BarChart): void {
  if (labels.length === 0) throw new RangeError('a bar chart needs at least one label');
  if (series.length < 1 || series.length > seriesColours.length) {
    throw new RangeError(
      `a bar chart takes 1 to ${seriesColours.length} series, not ${series.length}`,
    );
  }
  for (const { name, values } of series) {
    if (values.length === labels.length) continue;
    throw new RangeError(`${name} has ${values.length} values for ${labels.length} labels`);
  }
}
