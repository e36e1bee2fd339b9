import { expect } from 'vitest';
import { DenseDesignMatrix, MLP, RandomState, Sigmoid, Softmax } from '../src/index.ts';

/** A net and its two layers. */
export interface TwoLayers {
  readonly hidden: Sigmoid;
  readonly output: Softmax;
  readonly net: MLP;
}

/** Hidden sigmoid units and a softmax of two, wired as in Pylearn2's tutorials. */
export function twoLayers(nvis: number, dim: number, irange: number): TwoLayers {
  const hidden = new Sigmoid({ layerName: 'hidden', dim, irange, initBias: 1 });
  const output = new Softmax({ layerName: 'output', nClasses: 2, irange });
  return { hidden, output, net: new MLP({ layers: [hidden, output], nvis }) };
}

/** Two inputs, two hidden units, two classes, with round weights. */
export function tinyNet(): TwoLayers {
  const layers = twoLayers(2, 2, 0.1);
  layers.hidden.weights.data.set([0.1, -0.2, 0.3, 0.4]);
  layers.output.weights.data.set([0.5, -0.5, -0.25, 0.25]);
  return layers;
}

/** The two examples that the tiny net is shown. */
export const tinyData: DenseDesignMatrix = new DenseDesignMatrix({
  X: [
    [1, 0],
    [0, 1],
  ],
  y: [
    [0, 1],
    [1, 0],
  ],
});

/** Pairs of bits; the second class is that of unequal ones. */
export function xorOf(X: [number, number][]): DenseDesignMatrix {
  return new DenseDesignMatrix({ X, y: X.map(([a, b]) => (a === b ? [1, 0] : [0, 1])) });
}

/** A thousand random pairs, drawn as `RandomState(seed).randint(0, 2, (1000, 2))`. */
export function randomPairs(seed: number): [number, number][] {
  const rng = new RandomState(seed);
  return Array.from({ length: 1000 }, () => [rng.randint(0, 2), rng.randint(0, 2)]);
}

/** Expects numbers, in rows or not, to differ by no more than `tolerance`. */
export function expectWithin(
  tolerance: number,
  actual: ArrayLike<number> | readonly (readonly number[])[],
  due: readonly number[] | readonly (readonly number[])[],
): void {
  const [found, wanted] = [Array.from<number | readonly number[]>(actual).flat(), due.flat()];
  expect(found.length).toBe(wanted.length);
  for (const [i, each] of wanted.entries()) {
    const error = Math.abs((found[i] ?? Number.NaN) - each);
    expect(error, `entry ${i}: ${found[i]} is not ${each}`).toBeLessThanOrEqual(tolerance);
  }
}
