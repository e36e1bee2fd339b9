import type { CostPlan } from './cost.ts';
import type { DesignMatrix } from './design-matrix.ts';
import type { FloatArray, FloatMatrix } from './float-array.ts';
import { ForwardPass } from './forward-pass.ts';
import { batchPlan, type IterationMode, isStochastic } from './iteration.ts';
import type { Layer } from './layer.ts';
import type { MLP } from './mlp.ts';
import type { Measurement } from './monitor.ts';
import { isOutputLayer } from './output-layer.ts';
import { RandomState } from './random-state.ts';

const normNames = ['row', 'col'].flatMap((which) =>
  ['min', 'mean', 'max'].map((figure) => `${which}_norms_${figure}`),
);

/** How a data set is gone through to be measured. */
export interface MeasuringOptions {
  /** Before each channel's name; empty for none. */
  readonly prefix: string;
  readonly batchSize: number;
  readonly numBatches: number | undefined;
  readonly mode: IterationMode;
  readonly plan: CostPlan;
}

/**
 * Every figure that Pylearn2 tells of a net on a data set, by its names.
 *
 * A figure is Σ (value of a batch · its examples)/examples, as there: those that are a maximum or
 * minimum are so of a batch, and the mean of that over the batches. The cost is taken without masks.
 */
export function datasetMeasurement(
  model: MLP,
  dataset: DesignMatrix,
  { prefix, batchSize, numBatches, mode, plan }: MeasuringOptions,
): Measurement {
  const { layers, nvis, floatX } = model;
  const output = layers.at(-1) as Layer;
  if (!isOutputLayer(output)) throw new TypeError(`${output.layerName} has no cost`);
  const last = layers.length - 1;
  const pass = new ForwardPass(layers, nvis, floatX, Math.min(batchSize, dataset.size));
  const z = pass.outputs[last] as FloatArray;
  const names = layers.flatMap(({ layerName, activityNames }, l) =>
    [...activityNames, ...(l === last ? output.judgementNames : [])].map(
      (name) => `${prefix}${layerName}_${name}`,
    ),
  );
  const sums = new Float64Array(names.length);
  // As in Pylearn2, random batches are the same at every measurement.
  const rng = isStochastic(mode) ? { rng: new RandomState([2013, 2, 22]) } : {};
  const { order, ends } = batchPlan(dataset.size, { mode, batchSize, numBatches, ...rng });

  return () => {
    sums.fill(0);
    let [costTotal, from] = [0, 0];
    for (const end of ends) {
      const rows = end - from;
      pass.load(dataset, order, from, end);
      pass.run(rows);
      const costSum = output.costSum(z, pass.targets, rows);
      costTotal += costSum;
      pass.activate(last, rows);
      let at = 0;
      for (let l = 0; l <= last; l++) {
        const layer = layers[l] as Layer;
        layer.addActivity(sums, at, pass.outputs[l] as FloatArray, rows);
        at += layer.activityNames.length;
      }
      output.addJudgement(sums, at, z, pass.targets, rows, costSum);
      from = end;
    }
    const figures: Record<string, number> = {};
    const weights = weightCosts(layers, plan);
    const cost = costTotal / from;
    figures[`${prefix}objective`] = plan.coeff * cost + weights.total;
    for (const { channel, coeffs, of } of plan.terms) {
      figures[prefix + channel] = of === 'examples' ? cost : weights.of(coeffs, of);
    }
    for (const { layerName, weights: W } of layers) addNorms(figures, `${prefix}${layerName}_`, W);
    for (const [i, name] of names.entries()) figures[name] = (sums[i] as number) / from;
    return figures;
  };
}

/** What the weights cost by themselves. */
function weightCosts(
  layers: readonly Layer[],
  { squares, sizes }: CostPlan,
): { readonly total: number; of(coeffs: readonly number[], kind: 'squares' | 'sizes'): number } {
  const sumOf = (layer: Layer, kind: 'squares' | 'sizes'): number => {
    let sum = 0;
    for (const weight of layer.weights.data) {
      sum += kind === 'squares' ? weight * weight : Math.abs(weight);
    }
    return sum;
  };
  const of = (coeffs: readonly number[], kind: 'squares' | 'sizes'): number =>
    layers.reduce((sum, layer, l) => {
      const coeff = coeffs[l] as number;
      return coeff === 0 ? sum : sum + coeff * sumOf(layer, kind);
    }, 0);
  return { total: of(squares, 'squares') + of(sizes, 'sizes'), of };
}

/** Least, mean and greatest length of the rows of weights, and of their columns. */
function addNorms(
  figures: Record<string, number>,
  prefix: string,
  { rows, columns, data }: FloatMatrix,
): void {
  const columnSquares = new Float64Array(columns);
  let [rowLeast, rowSum, rowGreatest] = [Infinity, 0, 0];
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let j = 0; j < columns; j++) {
      const own = (data[i * columns + j] as number) ** 2;
      square += own;
      columnSquares[j] = (columnSquares[j] as number) + own;
    }
    const norm = Math.sqrt(square);
    rowLeast = Math.min(rowLeast, norm);
    rowGreatest = Math.max(rowGreatest, norm);
    rowSum += norm;
  }
  let [columnLeast, columnSum, columnGreatest] = [Infinity, 0, 0];
  for (const square of columnSquares) {
    const norm = Math.sqrt(square);
    columnLeast = Math.min(columnLeast, norm);
    columnGreatest = Math.max(columnGreatest, norm);
    columnSum += norm;
  }
  const values = [
    rowLeast,
    rowSum / rows,
    rowGreatest,
    columnLeast,
    columnSum / columns,
    columnGreatest,
  ];
  for (const [i, name] of normNames.entries()) figures[prefix + name] = values[i] as number;
}
