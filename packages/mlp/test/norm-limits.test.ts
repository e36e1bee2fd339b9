import { describe, expect, test } from 'vitest';
import { MLP, SGD, Sigmoid, Softmax, Train } from '../src/index.ts';
import { limitNorms, type NormLimits } from '../src/norm-limits.ts';
import { pimaParts } from './pima.ts';

const lengths = (rows: readonly (readonly number[])[]) => rows.map((row) => Math.hypot(...row));
const columnsOf = ({ rows, columns, data }: Sigmoid['weights']) =>
  Array.from({ length: columns }, (_, j) =>
    Array.from({ length: rows }, (_, i) => data[i * columns + j] as number),
  );

test.each<{ limits: NormLimits; due: number[] }>([
  { limits: { maxColNorm: 2 }, due: [1.8, 0, 2.4, 0.1, 1.6, 0, 3.2, 0] },
  { limits: { minColNorm: 1, maxColNorm: 10 }, due: [3, 0, 2.4, 1, 4, 0, 3.2, 0] },
  { limits: { maxRowNorm: 2.5 }, due: [] },
])('limits of $limits', ({ limits }) => {
  const data = Float64Array.of(3, 0, 2.4, 0.1, 4, 0, 3.2, 0);
  const weights = { rows: 2, columns: 4, data };
  const before = columnsOf({ ...weights, data: data.slice() });
  limitNorms(weights, limits);
  const after = columnsOf(weights);
  const { maxColNorm = Infinity, minColNorm = 0, maxRowNorm = Infinity } = limits;
  for (const [j, column] of after.entries()) {
    const [was, is] = [Math.hypot(...(before[j] ?? [])), Math.hypot(...column)];
    // A column of zeros has no direction to grow in.
    if (maxRowNorm === Infinity)
      expect(is).toBeCloseTo(was === 0 ? 0 : Math.min(maxColNorm, Math.max(minColNorm, was)), 12);
  }
  for (const row of [data.subarray(0, 4), data.subarray(4)]) {
    expect(Math.hypot(...row)).toBeLessThanOrEqual(maxRowNorm + 1e-12);
  }
});

describe('a training keeps weights within their limits', () => {
  const [train] = pimaParts();

  test('columns, of any layer, from the start and after each step', () => {
    const hidden = new Sigmoid({ layerName: 'h', dim: 6, irange: 3, maxColNorm: 0.7 });
    const output = new Softmax({ layerName: 'y', nClasses: 2, irange: 3, maxRowNorm: 0.4 });
    const net = new MLP({ layers: [hidden, output], nvis: 8 });
    let steps = 0;
    const onUpdate = () => {
      steps++;
      for (const each of lengths(columnsOf(hidden.weights))) expect(each).toBeLessThan(0.7 + 1e-12);
    };
    const algorithm = new SGD({
      learningRate: 0.5,
      batchSize: 20,
      updateCallbacks: [{ onUpdate }],
    });
    const training = new Train({ dataset: train, model: net, algorithm });
    for (const { monitor } of training.epochs()) {
      onUpdate();
      expect(Math.max(...lengths(columnsOf(hidden.weights)))).toBeCloseTo(0.7, 9);
      if (monitor.epochsSeen === 3) break;
    }
    expect(steps).toBe(3 * 27 + 4);
    const { data } = output.weights;
    for (let i = 0; i < 6; i++)
      expect(Math.hypot(data[2 * i] ?? 0, data[2 * i + 1] ?? 0)).toBeLessThan(0.4 + 1e-12);
  });
});
