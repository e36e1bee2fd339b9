import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Cost,
  Default,
  DenseDesignMatrix,
  Dropout,
  L1WeightDecay,
  type Layer,
  Linear,
  MLP,
  RandomState,
  RectifiedLinear,
  SGD,
  Sigmoid,
  Softmax,
  Softplus,
  SumOfCosts,
  Tanh,
  WeightDecay,
} from '../src/index.ts';
import { expectWithin } from './nets.ts';

/** A last layer and the targets that suit it. */
const outputs = {
  softmax: (dim: number) => new Softmax({ layerName: 'y', nClasses: dim, irange: 1 }),
  sigmoid: (dim: number) => new Sigmoid({ layerName: 'y', dim, irange: 1, initBias: 0.2 }),
  'sigmoid without biases': (dim: number) =>
    new Sigmoid({ layerName: 'y', dim, irange: 1, useBias: false }),
  linear: (dim: number) => new Linear({ layerName: 'y', dim, irange: 1 }),
  'linear by distance': (dim: number) =>
    new Linear({ layerName: 'y', dim, irange: 1, useAbsLoss: true }),
} as const;

// Biases keep units off the kink at which they would be when all below them are 0.
const hidden = {
  sigmoid: (layerName: string, dim: number) =>
    new Sigmoid({ layerName, dim, irange: 1, initBias: 0.5 }),
  tanh: (layerName: string, dim: number) => new Tanh({ layerName, dim, irange: 1 }),
  relu: (layerName: string, dim: number) =>
    new RectifiedLinear({ layerName, dim, irange: 1, initBias: 0.37 }),
  'leaky relu': (layerName: string, dim: number) =>
    new RectifiedLinear({ layerName, dim, irange: 1, initBias: 0.37, leftSlope: 0.3 }),
  softplus: (layerName: string, dim: number) => new Softplus({ layerName, dim, irange: 1 }),
  linear: (layerName: string, dim: number) =>
    new Linear({ layerName, dim, irange: 1, useBias: false }),
} as const;

/** What the weights cost, by its definition. */
function penalty(net: MLP, squares: Record<string, number>, sizes: Record<string, number>): number {
  return net.layers.reduce((sum, { layerName, weights }) => {
    const all = [...weights.data];
    const [square, size] = [squares[layerName] ?? 0, sizes[layerName] ?? 0];
    const own = all.reduce((each, w) => each + square * w * w + size * Math.abs(w), 0);
    return sum + own;
  }, 0);
}

const kinds = <T extends object>(of: T) => fc.constantFrom(...(Object.keys(of) as (keyof T)[]));

test('the gradient of every layer and cost is that of finite differences', () => {
  const nets = fc.record({
    seed: fc.nat(),
    below: fc.array(fc.tuple(kinds(hidden), fc.integer({ min: 1, max: 7 })), { maxLength: 3 }),
    last: kinds(outputs),
    dim: fc.integer({ min: 1, max: 5 }),
    nvis: fc.integer({ min: 1, max: 6 }),
    rows: fc.integer({ min: 1, max: 7 }),
    square: fc.constantFrom(0, 0.01),
    size: fc.constantFrom(0, 0.02),
  });
  fc.assert(
    fc.property(nets, ({ seed, below, last, dim, nvis, rows, square, size }) => {
      const layers: Layer[] = below.map(([kind, units], i) => hidden[kind](`h${i}`, units));
      layers.push(outputs[last](dim));
      const net = new MLP({ layers, nvis, seed });
      const rng = new RandomState(seed);
      const data = new DenseDesignMatrix({
        X: Array.from({ length: rows }, () => Array.from({ length: nvis }, () => rng.randn())),
        y: Array.from({ length: rows }, () => {
          const which = rng.randint(0, dim);
          if (last === 'softmax' && rows % 2 === 0)
            return Array.from({ length: dim }, () => rng.uniform());
          if (last.startsWith('linear')) return Array.from({ length: dim }, () => rng.randn());
          return Array.from({ length: dim }, (_, k) => (k === which ? 1 : 0));
        }),
      });
      const squares = { y: square, h0: below.length > 0 ? square / 2 : 0 };
      const named = below.length > 0 ? squares : { y: square };
      const cost: Cost = new SumOfCosts([
        [2, new Default()],
        new WeightDecay(named),
        [3, new L1WeightDecay({ y: size })],
      ]);
      const costNow = () => 2 * net.cost(data) + penalty(net, named, { y: 3 * size });
      const gradients = net.gradients(data, cost);
      const step = 1e-6;
      for (const [which, { values }] of net.parameters.entries()) {
        for (const [i, value] of values.entries()) {
          const at = (moved: number) => {
            values[i] = moved;
            return costNow();
          };
          const [here, above, beneath] = [at(value), at(value + step), at(value - step)];
          values[i] = value;
          const [left, right] = [(here - beneath) / step, (above - here) / step];
          // At a kink, of a rectifier or of a distance, there is no slope to compare with; near a slight
          // one it is known as well as those on both sides agree.
          const kink = Math.abs(left - right);
          if (kink > 1e-3 * Math.max(1, Math.abs(left))) continue;
          const slope = (above - beneath) / (2 * step);
          const error = Math.abs((gradients[which]?.[i] as number) - slope);
          expect(error).toBeLessThan(1e-7 * Math.max(1, Math.abs(slope)) + kink);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('a gradient in f32 is that in f64, rounded', () => {
  const netOf = (floatX: 'float32' | 'float64') => {
    const layers = [
      new Tanh({ layerName: 'h', dim: 5, irange: 1 }),
      new Softmax({ layerName: 'y', nClasses: 3, irange: 1 }),
    ];
    return new MLP({ layers, nvis: 4, floatX });
  };
  const rng = new RandomState(1);
  const X = Array.from({ length: 9 }, () => Array.from({ length: 4 }, () => rng.randn()));
  const data = new DenseDesignMatrix({ X, y: X.map((_, i) => i % 3), yLabels: 3 });
  const exact = netOf('float64').gradients(data);
  for (const [i, gradient] of netOf('float32').gradients(data).entries()) {
    expect(gradient).toBeInstanceOf(Float32Array);
    expectWithin(1e-6, gradient, [...(exact[i] ?? [])]);
  }
});

test('dropout: the gradient of inputs that are left out is 0, of others that of a masked net', () => {
  const layers = () => [
    new Sigmoid({ layerName: 'h', dim: 6, irange: 1 }),
    new Softmax({ layerName: 'y', nClasses: 2, irange: 1 }),
  ];
  const X = [[0.3, -0.8, 1.2, 0.5]];
  const data = new DenseDesignMatrix({ X, y: [[0, 1]] });
  const cost = new Dropout({
    ...{ defaultInputIncludeProb: 0.5, inputIncludeProbs: { y: 1 } },
    ...{ defaultInputScale: 3, inputScales: { y: 7 } },
  });
  let [kept, left] = [0, 0];
  for (let seed = 0; seed < 50; seed++) {
    const net = new MLP({ layers: layers(), nvis: 4, seed });
    const [W = []] = net.gradients(data, cost);
    const mask = X[0]?.map((_, k) => ([...W.slice(k * 6, k * 6 + 6)].some((g) => g !== 0) ? 3 : 0));
    for (const factor of mask ?? []) {
      if (factor === 0) left++;
      else kept++;
    }
    const masked = [(X[0] ?? []).map((x, k) => x * (mask?.[k] ?? 0))];
    const due = net.gradients(new DenseDesignMatrix({ X: masked, y: [[0, 1]] }))[0] ?? [];
    // The last layer's inputs are all included, and so not scaled either.
    expectWithin(1e-15, W, [...due]);
  }
  expect(kept / (kept + left)).toBeGreaterThan(0.4);
  expect(kept / (kept + left)).toBeLessThan(0.6);
});

test('dropout between layers: the gradient is that of the net whose masked units are cut', () => {
  const layers = [
    new Sigmoid({ layerName: 'h', dim: 5, irange: 1 }),
    new Softmax({ layerName: 'y', nClasses: 2, irange: 1 }),
  ];
  const net = new MLP({ layers, nvis: 3 });
  const data = new DenseDesignMatrix({ X: [[0.3, -0.8, 1.2]], y: [[0, 1]] });
  const cost = new Dropout({ inputIncludeProbs: { h: 1 }, inputScales: { y: 2 } });
  const [gW = [], , , gV = []] = net.gradients(data, cost);
  const V = net.layers[1]?.weights.data ?? new Float64Array();
  const isKept = Array.from({ length: 5 }, (_, k) => gV[2 * k] !== 0);
  expect(new Set(isKept).size).toBe(2);
  for (const [k, each] of isKept.entries()) {
    V[2 * k] = (V[2 * k] as number) * (each ? 2 : 0);
    V[2 * k + 1] = (V[2 * k + 1] as number) * (each ? 2 : 0);
  }
  const [due = []] = net.gradients(data);
  expectWithin(1e-15, gW, [...due]);
});

test('a net learns through dropout, and answers without it', () => {
  const rng = new RandomState(9);
  const X = Array.from({ length: 400 }, () => Array.from({ length: 6 }, () => rng.randn()));
  const y = X.map(([a = 0, b = 0]) => (a + b > 0 ? 1 : 0));
  const data = new DenseDesignMatrix({ X, y, yLabels: 2 });
  const layers = [
    new RectifiedLinear({ layerName: 'h', dim: 30, irange: 0.3 }),
    new Softmax({ layerName: 'y', nClasses: 2, irange: 0.3 }),
  ];
  const net = new MLP({ layers, nvis: 6 });
  const cost = new Dropout({
    ...{ inputIncludeProbs: { h: 0.8 }, inputScales: { h: 1.25 }, perExample: false },
  });
  const trainer = new SGD({ learningRate: 0.1, batchSize: 20, cost });
  trainer.setup(net, data);
  for (let epoch = 0; epoch < 20; epoch++) trainer.train(data);
  expect(net.score(data).correct).toBeGreaterThan(380);
  expect(net.fprop([X[0] ?? []])).toEqual(net.fprop([X[0] ?? []]));
});

test.each<{ what: string; make: () => unknown; says: string | RegExp }>([
  {
    what: 'two costs of examples',
    make: () => new SumOfCosts([new Default(), new Dropout()]),
    says: 'not 2',
  },
  { what: 'none', make: () => new SumOfCosts([new WeightDecay([1])]), says: 'not 0' },
  { what: 'a decay below 0', make: () => new WeightDecay({ h: -1 }), says: 'coefficient of h' },
  {
    what: 'a probability of 0',
    make: () => new Dropout({ inputIncludeProbs: { h: 0 } }),
    says: 'of h',
  },
  {
    what: 'a scale of NaN',
    make: () => new Dropout({ inputScales: { h: Number.NaN } }),
    says: 'of h',
  },
])('refuses a cost of $what', ({ make, says }) => {
  expect(make).toThrow(says);
});

test.each<{ what: string; cost: Cost; says: string }>([
  {
    what: 'decay',
    cost: new SumOfCosts([new Default(), new WeightDecay({ hiden: 1 })]),
    says: '"hiden"; did you mean hidden?',
  },
  {
    what: 'dropout',
    cost: new Dropout({ inputScales: { outptu: 1 } }),
    says: '"outptu"; did you mean output?',
  },
  {
    what: 'a list',
    cost: new SumOfCosts([new Default(), new WeightDecay([1])]),
    says: '1 coefficients do not fit 2 layers',
  },
])('a layer that is not there is refused by $what', ({ cost, says }) => {
  const layers = [
    new Sigmoid({ layerName: 'hidden', dim: 2, irange: 1 }),
    new Softmax({ layerName: 'output', nClasses: 2, irange: 1 }),
  ];
  const net = new MLP({ layers, nvis: 1 });
  const data = new DenseDesignMatrix({ X: [[1]], y: [[0, 1]] });
  expect(() => net.gradients(data, cost)).toThrow(RangeError);
  expect(() => net.gradients(data, cost)).toThrow(says);
});
