import { asMatrix } from '@holdfast/linalg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DenseDesignMatrix, MLP, RandomState, Sigmoid, Softmax, Tanh } from '../src/index.ts';
import { expectWithin, tinyData, tinyNet, twoLayers } from './nets.ts';

describe('a new net has the weights that Pylearn2 draws', () => {
  test('8-20-2, irange .05', () => {
    const { hidden, output } = twoLayers(8, 20, 0.05);
    expect([...hidden.weights.data.subarray(0, 3)]).toEqual([
      0.012525677016138936, -0.011599738982017785, 0.045973362881971055,
    ]);
    expect([...output.weights.data.subarray(0, 2)]).toEqual([
      -0.02485052102098756, -0.0011994130125578054,
    ]);
    expect([...hidden.biases]).toEqual(new Array(20).fill(1));
    expect([...output.biases]).toEqual([0, 0]);
  });

  test('2-2-2, irange .1', () => {
    const { hidden, output } = twoLayers(2, 2, 0.1);
    expect([...hidden.weights.data]).toEqual([
      0.025051354032277873, -0.02319947796403557, 0.09194672576394211, 0.04948044008157204,
    ]);
    expect([...output.weights.data]).toEqual([
      0.08050208839074749, 0.0944294670485693, -0.0035793516863495967, 0.06130967091056136,
    ]);
  });

  test('parameters are named and ordered as there', () => {
    const { net } = twoLayers(2, 2, 0.1);
    const names = net.parameters.map(({ name }) => name);
    expect(names).toEqual(['hidden_W', 'hidden_b', 'output_b', 'output_W']);
  });
});

describe('the tiny net', () => {
  test('gives the reference probabilities and cost', () => {
    const { net } = tinyNet();
    expectWithin(
      1e-15,
      net.fprop([
        [1, 0],
        [0, 1],
      ]),
      [
        [0.5999538607747027, 0.40004613922529725],
        [0.5950165549525657, 0.4049834450474343],
      ],
    );
    expectWithin(1e-15, [net.cost(tinyData)], [0.7176707204184352]);
  });

  test('is right about the second example alone', () => {
    expect(tinyNet().net.score(tinyData)).toEqual({ correct: 1, total: 2 });
  });
});

test('a sure answer has a finite cost, and a wrong one too', () => {
  const output = new Softmax({ layerName: 'output', nClasses: 2, irange: 0 });
  const net = new MLP({ layers: [output], nvis: 1 });
  output.weights.data.set([800, -800]);
  const y = [[1, 0]];
  expect(net.fprop([[1]])).toEqual([[1, 0]]);
  expect(net.cost(new DenseDesignMatrix({ X: [[1]], y }))).toBe(0);
  expect(net.cost(new DenseDesignMatrix({ X: [[-1]], y }))).toBe(1600);
});

test('gradients agree with finite differences, whatever the layers', () => {
  const nets = fc.record({
    seed: fc.nat(),
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
    nvis: fc.integer({ min: 1, max: 4 }),
    nClasses: fc.integer({ min: 2, max: 4 }),
    rows: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(nets, ({ seed, sizes, nvis, nClasses, rows }) => {
      const hidden = sizes.map(
        (dim, i) => new Sigmoid({ layerName: `h${i}`, dim, irange: 2, initBias: 0.5 }),
      );
      const output = new Softmax({ layerName: 'output', nClasses, irange: 2 });
      const net = new MLP({ layers: [...hidden, output], nvis, seed });
      const rng = new RandomState(seed);
      const data = new DenseDesignMatrix({
        X: Array.from({ length: rows }, () => Array.from({ length: nvis }, () => rng.randn())),
        y: Array.from({ length: rows }, () => {
          const which = rng.randint(0, nClasses);
          return Array.from({ length: nClasses }, (_, k) => (k === which ? 1 : 0));
        }),
      });
      const gradients = net.gradients(data);
      const step = 1e-5;
      for (const [which, { values }] of net.parameters.entries()) {
        const slopes = values.map((value, i) => {
          values[i] = value + step;
          const above = net.cost(data);
          values[i] = value - step;
          const below = net.cost(data);
          values[i] = value;
          return (above - below) / (2 * step);
        });
        expectWithin(1e-8, gradients[which] ?? [], [...slopes]);
      }
    }),
    { numRuns: 60 },
  );
});

test('a cost is the same for rows in any order, its gradient a mean', () => {
  const { net } = tinyNet();
  const twice = new DenseDesignMatrix({
    X: asMatrix([
      [0, 1],
      [1, 0],
      [0, 1],
      [1, 0],
    ]),
    y: [
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ],
  });
  expectWithin(1e-15, [net.cost(twice)], [net.cost(tinyData)]);
  for (const [i, gradient] of net.gradients(twice).entries()) {
    expectWithin(1e-15, gradient, [...(net.gradients(tinyData)[i] ?? [])]);
  }
});

describe('refuses', () => {
  const sigmoid = (layerName: string) => new Sigmoid({ layerName, dim: 2, irange: 0.1 });
  const softmax = (layerName: string) => new Softmax({ layerName, nClasses: 2, irange: 0.1 });

  test.each([
    { what: 'no layer', layers: () => [] },
    {
      what: 'a tanh at the end',
      layers: () => [new Tanh({ layerName: 'a', dim: 2, irange: 0.1 })],
    },
    { what: 'a softmax in between', layers: () => [softmax('a'), softmax('b')] },
    { what: 'one name twice', layers: () => [sigmoid('a'), softmax('a')] },
  ])('$what', ({ layers }) => {
    expect(() => new MLP({ layers: layers(), nvis: 2 })).toThrow(TypeError);
  });

  test('a layer that is in a net already', () => {
    const { hidden } = tinyNet();
    expect(() => new MLP({ layers: [hidden, softmax('b')], nvis: 2 })).toThrow(
      'hidden is in a net already',
    );
  });

  test('to show the weights of a layer that is in no net', () => {
    expect(() => sigmoid('a').weights).toThrow('a is in no net yet');
  });

  test('a net without inputs', () => {
    expect(() => new MLP({ layers: [softmax('a')], nvis: 0 })).toThrow(RangeError);
  });

  test.each([
    { layerName: 'h', dim: 0, irange: 0.1 },
    { layerName: 'h', dim: 1.5, irange: 0.1 },
    { layerName: 'h', dim: 2, irange: -1 },
    { layerName: 'h', dim: 2, irange: Number.NaN },
    { layerName: 'h', dim: 2, irange: 0.1, initBias: Number.NaN },
  ])('a layer of %j', (options) => {
    expect(() => new Sigmoid(options)).toThrow(RangeError);
  });

  test('a layer without a name', () => {
    expect(() => sigmoid('')).toThrow(TypeError);
  });

  test('inputs and targets of another width', () => {
    const { net } = tinyNet();
    expect(() => net.fprop([[1, 2, 3]])).toThrow('the net takes 2 numbers a row, not 3');
    const wide = new DenseDesignMatrix({ X: [[1, 2]], y: [[1, 0, 0]] });
    expect(() => net.score(wide)).toThrow('y has 3 columns, the net has 2 outputs');
  });
});
