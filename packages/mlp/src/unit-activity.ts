import type { FloatArray } from './float-array.ts';

/** Of the range, maximum, mean and minimum of each unit over a batch: their extremes and mean. */
export const unitActivityNames: readonly string[] = [
  'range_x_max_u',
  'range_x_mean_u',
  'range_x_min_u',
  'max_x_max_u',
  'max_x_mean_u',
  'max_x_min_u',
  'mean_x_max_u',
  'mean_x_mean_u',
  'mean_x_min_u',
  'min_x_max_u',
  'min_x_mean_u',
  'min_x_min_u',
];

/** Adds the twelve figures of a batch, each times its rows, to `sums` from `at` on. */
export function addUnitActivity(
  sums: Float64Array,
  at: number,
  outputs: FloatArray,
  rows: number,
  units: number,
): void {
  // Greatest, sum and least over the units of range, maximum, mean and minimum.
  let [rangeTop, rangeSum, rangeLow] = [-Infinity, 0, Infinity];
  let [maxTop, maxSum, maxLow] = [-Infinity, 0, Infinity];
  let [meanTop, meanSum, meanLow] = [-Infinity, 0, Infinity];
  let [minTop, minSum, minLow] = [-Infinity, 0, Infinity];
  for (let unit = 0; unit < units; unit++) {
    let max = -Infinity;
    let min = Infinity;
    let sum = 0;
    for (let place = unit; place < rows * units; place += units) {
      const value = outputs[place] as number;
      if (value > max) max = value;
      if (value < min) min = value;
      sum += value;
    }
    const range = max - min;
    const mean = sum / rows;
    rangeTop = Math.max(rangeTop, range);
    rangeLow = Math.min(rangeLow, range);
    rangeSum += range;
    maxTop = Math.max(maxTop, max);
    maxLow = Math.min(maxLow, max);
    maxSum += max;
    meanTop = Math.max(meanTop, mean);
    meanLow = Math.min(meanLow, mean);
    meanSum += mean;
    minTop = Math.max(minTop, min);
    minLow = Math.min(minLow, min);
    minSum += min;
  }
  const figures = [
    ...[rangeTop, rangeSum / units, rangeLow],
    ...[maxTop, maxSum / units, maxLow],
    ...[meanTop, meanSum / units, meanLow],
    ...[minTop, minSum / units, minLow],
  ];
  for (let i = 0; i < figures.length; i++) {
    sums[at + i] = (sums[at + i] as number) + (figures[i] as number) * rows;
  }
}
