import { describe, expect, test } from 'vitest';
import {
  DenseDesignMatrix,
  type Linear,
  MLP,
  RandomState,
  Sigmoid,
  Softmax,
  Tanh,
} from '../src/index.ts';
import { expectWithin } from './nets.ts';

const alone = (layer: Sigmoid | Softmax | Linear, nvis: number) => {
  new MLP({ layers: [layer], nvis, seed: 5 });
  return [...layer.weights.data];
};

describe('weights are drawn in the order of Pylearn2', () => {
  test('istdev: normal numbers times it', () => {
    const rng = new RandomState(5);
    const due = Array.from({ length: 12 }, () => rng.randn() * 0.5);
    expect(alone(new Sigmoid({ layerName: 's', dim: 3, istdev: 0.5 }), 4)).toEqual(due);
  });

  test('irange with includeProb: a mask is drawn after all weights', () => {
    const rng = new RandomState(5);
    const uniform = Array.from({ length: 12 }, () => rng.uniform(-2, 2));
    const due = uniform.map((weight) => (rng.uniform() < 0.6 ? weight : 0));
    const options = { layerName: 's', dim: 3, irange: 2, includeProb: 0.6 };
    expect(alone(new Sigmoid(options), 4)).toEqual(due);
    expect(due).toContain(0);
  });

  test.each([
    {
      what: 'sigmoid',
      stdev: 0.1,
      make: () => new Sigmoid({ layerName: 's', dim: 3, sparseInit: 2, sparseStdev: 0.1 }),
    },
    {
      what: 'softmax',
      stdev: 1,
      make: () => new Softmax({ layerName: 's', nClasses: 3, sparseInit: 2 }),
    },
  ])(
    'sparseInit of a $what: so many inputs of each unit, drawn again while taken',
    ({ stdev, make }) => {
      const rng = new RandomState(5);
      const due = new Array(12).fill(0);
      for (let unit = 0; unit < 3; unit++) {
        for (let drawn = 0; drawn < 2; drawn++) {
          let at: number;
          do at = rng.randint(0, 4) * 3 + unit;
          while (due[at] !== 0);
          due[at] = rng.randn();
        }
      }
      const weights = alone(make(), 4);
      expect(weights).toEqual(due.map((weight) => weight * stdev));
      expect(weights.filter((weight) => weight !== 0)).toHaveLength(6);
    },
  );

  test('in f32 they are drawn in f64 and rounded', () => {
    const make = () => new Tanh({ layerName: 'h', dim: 3, irange: 1 });
    const [one, two] = [make(), make()];
    const output = () => new Softmax({ layerName: 'y', nClasses: 2, irange: 1 });
    new MLP({ layers: [one, output()], nvis: 4 });
    new MLP({ layers: [two, output()], nvis: 4, floatX: 'float32' });
    expect(two.weights.data).toEqual(Float32Array.from(one.weights.data));
  });
});

test('biases can start from the shares of the classes', () => {
  const data = new DenseDesignMatrix({ X: [[1], [2], [3], [4]], y: [0, 1, 1, 2], yLabels: 3 });
  const output = new Softmax({
    layerName: 'y',
    nClasses: 3,
    irange: 0,
    initBiasTargetMarginals: data,
  });
  const net = new MLP({ layers: [output], nvis: 1 });
  expectWithin(1e-15, net.fprop([[0]]), [[0.25, 0.5, 0.25]]);
  expectWithin(1e-15, [[...output.biases].reduce((sum, each) => sum + each, 0)], [0]);
});

const base = { layerName: 'h', dim: 3 };
test.each<{ what: string; make: () => unknown; error: typeof TypeError; says: string }>([
  {
    what: 'no start',
    make: () => new Sigmoid(base),
    error: TypeError,
    says: 'h takes one of irange, istdev and sparseInit, not 0',
  },
  {
    what: 'two starts',
    make: () => new Sigmoid({ ...base, irange: 1, istdev: 1 }),
    error: TypeError,
    says: 'not 2',
  },
  {
    what: 'istdev below 0',
    make: () => new Sigmoid({ ...base, istdev: -1 }),
    error: RangeError,
    says: 'istdev of h',
  },
  {
    what: 'half a sparseInit',
    make: () => new Sigmoid({ ...base, sparseInit: 0.5 }),
    error: RangeError,
    says: 'sparseInit of h',
  },
  {
    what: 'includeProb above 1',
    make: () => new Sigmoid({ ...base, irange: 1, includeProb: 2 }),
    error: RangeError,
    says: 'includeProb of h',
  },
  {
    what: 'a scale of a missing bias',
    make: () => new Sigmoid({ ...base, irange: 1, useBias: false, bLrScale: 1 }),
    error: TypeError,
    says: 'h has no biases',
  },
  {
    what: 'a negative scale',
    make: () => new Sigmoid({ ...base, irange: 1, WLrScale: -1 }),
    error: RangeError,
    says: 'WLrScale of h',
  },
  {
    what: 'limits of rows and columns',
    make: () => new Sigmoid({ ...base, irange: 1, maxColNorm: 1, maxRowNorm: 1 }),
    error: TypeError,
    says: 'not of both',
  },
  {
    what: 'limits that cross',
    make: () => new Sigmoid({ ...base, irange: 1, maxColNorm: 1, minColNorm: 2 }),
    error: RangeError,
    says: 'above its maxColNorm',
  },
  {
    what: 'a limit of 0',
    make: () => new Sigmoid({ ...base, irange: 1, maxColNorm: 0 }),
    error: RangeError,
    says: 'maxColNorm of h',
  },
  {
    what: 'an unknown style',
    make: () => new Sigmoid({ ...base, irange: 1, monitorStyle: 'bits' as 'detection' }),
    error: TypeError,
    says: 'one_hot_class',
  },
  {
    what: 'more sparse weights than inputs',
    make: () =>
      new MLP({ layers: [new Softmax({ layerName: 'y', nClasses: 2, sparseInit: 3 })], nvis: 2 }),
    error: RangeError,
    says: 'sparseInit is 3, but the layer has 2 inputs',
  },
  {
    what: 'marginals without a class',
    make: () =>
      new Softmax({
        layerName: 'y',
        nClasses: 2,
        irange: 1,
        initBiasTargetMarginals: new DenseDesignMatrix({ X: [[1]], y: [[1, 0]] }),
      }),
    error: RangeError,
    says: 'no example of class 1',
  },
])('refuses $what', ({ make, error, says }) => {
  expect(make).toThrow(error);
  expect(make).toThrow(says);
});
