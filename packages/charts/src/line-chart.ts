import { scaleLinear } from 'd3-scale';
import { type Chart, numberText, twoDecimals } from './chart.ts';
import { seriesColours } from './colours.ts';
import { clip, element, picture, widthOf, words } from './svg.ts';

/** One line. */
export interface LineSeries {
  readonly name: string;
  /** One for each x; NaN where there is none, which breaks the line. */
  readonly values: readonly number[];
}

/** What a line chart is drawn from. */
export interface LineChart {
  readonly title: string;
  /** What there is to see, for those who cannot. */
  readonly description: string;
  /** What is told along the bottom. */
  readonly xLabel: string;
  /** Ascending. */
  readonly x: readonly number[];
  /** One to four lines. */
  readonly series: readonly LineSeries[];
  /** A value of x to point out, and why. */
  readonly mark?: { readonly x: number; readonly label: string };
  /** How a value is written; with two decimals if not given. */
  readonly format?: (value: number) => string;
}

const [plotWidth, plotHeight] = [520, 220];
const legendHeight = 28;
const swatch = 12;
const dashes = ['none', '6 3', '2 3', '8 3 2 3'];

/**
 * Draws lines over a common axis, each told by colour and by its dashes.
 *
 * A value that is not finite leaves a gap. A line of one point is a dot.
 *
 * @throws {RangeError} when there is no x, x does not ascend, there are not one to four series, or one
 *   has another number of values than there are x
 * @example
 * const { svg, table } = lineChart({
 *   title: 'Learning curve',
 *   description: 'The error falls from one half to a tenth in three epochs.',
 *   xLabel: 'epoch',
 *   x: [0, 1, 2, 3],
 *   series: [{ name: 'error', values: [0.5, 0.3, 0.15, 0.1] }],
 * });
 */
export function lineChart(chart: LineChart): Chart {
  const { title, description, xLabel, x: places, series, mark, format = twoDecimals } = chart;
  checkShape(chart);
  const [low, high] = extentOf(series.flatMap(({ values }) => values));
  const yScale = scaleLinear([low, high], [legendHeight + plotHeight, legendHeight]).nice(5);
  const yTicks = yScale.ticks(5);
  const left = widthOf(yTicks.map(format)) + 8;
  const xScale = scaleLinear(extentOf(places), [left, left + plotWidth]);
  const bottom = legendHeight + plotHeight;
  const width = Math.max(left + plotWidth + 24, legendWidth(series));
  const height = bottom + 44;

  return {
    svg: picture(
      { width, height, title, description },
      legend(series),
      ...yTicks.map((tick) => gridLine(left, yScale(tick), format(tick))),
      ...xScale
        .ticks(8)
        .map((tick) =>
          words(String(tick), { x: xScale(tick), y: bottom + 18, 'text-anchor': 'middle' }),
        ),
      words(xLabel, { x: left + plotWidth / 2, y: bottom + 36, 'text-anchor': 'middle' }),
      mark === undefined ? '' : markLine(xScale(mark.x), bottom, mark.label, left),
      ...series.map(({ values }, s) => line(values, places, xScale, yScale, s)),
    ),
    table: {
      caption: title,
      columns: [xLabel, ...series.map(({ name }) => name)],
      rows: places.map((place, i) => [
        String(place),
        ...series.map(({ values }) => numberText(values[i] as number, format)),
      ]),
    },
  };
}

function line(
  values: readonly number[],
  places: readonly number[],
  x: (value: number) => number,
  y: (value: number) => number,
  s: number,
): string {
  const colour = seriesColours[s] ?? 'currentColor';
  const dash = dashes[s] ?? 'none';
  let path = '';
  for (const [i, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    const place = `${round(x(places[i] as number))} ${round(y(value))}`;
    const goesOn = i > 0 && Number.isFinite(values[i - 1]);
    const isAlone = !goesOn && !Number.isFinite(values[i + 1] ?? Number.NaN);
    path += `${goesOn ? 'L' : 'M'}${place}${isAlone ? 'h0' : ''}`;
  }
  if (path === '') return '';
  const stroke = { stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash };
  // Round ends make a line of one point a dot.
  return element('path', { d: path, fill: 'none', ...stroke, 'stroke-linecap': 'round' });
}

function gridLine(left: number, top: number, label: string): string {
  const d = `M${left} ${round(top)}h${plotWidth}`;
  return (
    element('path', { d, stroke: 'currentColor', 'stroke-opacity': 0.2 }) +
    words(label, { x: left - 6, y: top, dy: '.35em', 'text-anchor': 'end' })
  );
}

function markLine(at: number, bottom: number, label: string, left: number): string {
  const isRight = at > left + plotWidth / 2;
  return (
    element('path', {
      ...{ d: `M${round(at)} ${legendHeight}V${bottom}`, stroke: 'currentColor' },
      'stroke-dasharray': '1 3',
    }) +
    words(clip(label, 24), {
      ...{ x: at + (isRight ? -4 : 4), y: legendHeight + 10 },
      'text-anchor': isRight ? 'end' : 'start',
    })
  );
}

const keyWidth = ({ name }: LineSeries) => 2 * swatch + 6 + widthOf([clip(name, 24)]) + 16;

function legendWidth(series: readonly LineSeries[]): number {
  return series.reduce((width, each) => width + keyWidth(each), 0);
}

function legend(series: readonly LineSeries[]): string {
  return series
    .map((each, s) => {
      const x = legendWidth(series.slice(0, s));
      const stroke = { stroke: seriesColours[s] ?? 'currentColor', 'stroke-width': 2 };
      return (
        element('path', {
          d: `M${x} 10h${2 * swatch}`,
          ...stroke,
          'stroke-dasharray': dashes[s] ?? 'none',
        }) + words(clip(each.name, 24), { x: x + 2 * swatch + 6, y: 10, dy: '.35em' })
      );
    })
    .join('');
}

/** Least and greatest of what is finite, apart from each other. */
function extentOf(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  // So close to each other they cannot be told apart in a picture.
  const isFlat = high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high), 1e-290);
  const room = Math.max(0.5, Math.abs(low) * 1e-3);
  return isFlat ? [low - room, high + room] : [low, high];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function checkShape({ x, series }: LineChart): void {
  if (x.length === 0) throw new RangeError('a line chart needs at least one x');
  const fall = x.findIndex((each, i) => i > 0 && !(each > (x[i - 1] as number)));
  if (fall > 0) throw new RangeError(`x must ascend, but ${x[fall]} follows ${x[fall - 1]}`);
  if (series.length < 1 || series.length > seriesColours.length) {
    throw new RangeError(
      `a line chart takes 1 to ${seriesColours.length} series, not ${series.length}`,
    );
  }
  for (const { name, values } of series) {
    if (values.length === x.length) continue;
    throw new RangeError(`${name} has ${values.length} values for ${x.length} x`);
  }
}
