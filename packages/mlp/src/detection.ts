import type { FloatArray } from './float-array.ts';

/** What Pylearn2 tells of a layer of bits that are found or missed. */
export const detectionNames: readonly string[] = [
  '01_loss',
  'kl',
  'precision',
  'recall',
  'f1',
  ...['precision', 'recall', 'f1'].flatMap((name) =>
    ['max', 'mean', 'min'].map((which) => `per_output_${name}_${which}`),
  ),
];

/**
 * Adds the fourteen figures of a batch, each times its rows, to `sums` from `at` on.
 *
 * A bit is found where its unit is above ½. Precision and recall of nothing are 0.
 */
export function addDetection(
  sums: Float64Array,
  at: number,
  outputs: FloatArray,
  y: FloatArray,
  rows: number,
  units: number,
  costSum: number,
): void {
  const perOutput: Rates[] = [];
  let [wrong, hits, claims, dues] = [0, 0, 0, 0];
  for (let unit = 0; unit < units; unit++) {
    let [hit, claimed, due] = [0, 0, 0];
    for (let place = unit; place < rows * units; place += units) {
      const isClaimed = (outputs[place] as number) > 0.5;
      const isDue = (y[place] as number) > 0.5;
      if (isClaimed) claimed++;
      if (isDue) due++;
      if (isClaimed && isDue) hit++;
      if (isClaimed !== isDue) wrong++;
    }
    perOutput.push(ratesOf(hit, claimed, due));
    hits += hit;
    claims += claimed;
    dues += due;
  }
  const all = ratesOf(hits, claims, dues);
  const spread = (values: readonly number[]) => [
    Math.max(...values),
    values.reduce((sum, value) => sum + value, 0) / units,
    Math.min(...values),
  ];
  const figures = [
    wrong / (rows * units),
    costSum / rows,
    ...[all.precision, all.recall, all.f1],
    ...spread(perOutput.map(({ precision }) => precision)),
    ...spread(perOutput.map(({ recall }) => recall)),
    ...spread(perOutput.map(({ f1 }) => f1)),
  ];
  for (const [i, figure] of figures.entries()) {
    sums[at + i] = (sums[at + i] as number) + figure * rows;
  }
}

interface Rates {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

function ratesOf(hits: number, claimed: number, due: number): Rates {
  const precision = hits / Math.max(1, claimed);
  const recall = hits / Math.max(1, due);
  const both = precision + recall;
  return { precision, recall, f1: both === 0 ? 0 : (2 * precision * recall) / both };
}
