import { DenseNet, LinalgError } from '@holdfast/linalg';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { costPlan } from '../src/cost.ts';
import { FusedEpochs } from '../src/fused-epochs.ts';
import { gradientDescent } from '../src/gradient-descent.ts';
import {
  AdaDelta,
  AdaGrad,
  Adam,
  Default,
  DenseDesignMatrix,
  type FloatX,
  type IterationMode,
  L1WeightDecay,
  type Layer,
  type LearningRule,
  Linear,
  MLP,
  Momentum,
  RandomState,
  RectifiedLinear,
  RMSProp,
  SGD,
  type SGDOptions,
  Sigmoid,
  Softmax,
  Softplus,
  SumOfCosts,
  Tanh,
  WeightDecay,
} from '../src/index.ts';
import { expectWithin } from './nets.ts';

const hidden = {
  sigmoid: (layerName: string, dim: number) =>
    new Sigmoid({ layerName, dim, irange: 1, bLrScale: 0.5 }),
  tanh: (layerName: string, dim: number) => new Tanh({ layerName, dim, irange: 1 }),
  relu: (layerName: string, dim: number) =>
    new RectifiedLinear({ layerName, dim, irange: 1, leftSlope: 0.3, WLrScale: 0.7 }),
  softplus: (layerName: string, dim: number) => new Softplus({ layerName, dim, irange: 1 }),
  linear: (layerName: string, dim: number) => new Linear({ layerName, dim, irange: 1 }),
} as const;
const outputs = {
  softmax: (dim: number) => new Softmax({ layerName: 'y', nClasses: dim, irange: 1 }),
  sigmoid: (dim: number) => new Sigmoid({ layerName: 'y', dim, irange: 1 }),
  linear: (dim: number) => new Linear({ layerName: 'y', dim, irange: 1, WLrScale: 0.2 }),
} as const;
const rules = {
  plain: () => undefined,
  momentum: () => new Momentum(0.9),
  nesterov: () => new Momentum(0.5, { nesterovMomentum: true }),
  adaGrad: () => new AdaGrad({ maxScaling: 10 }),
  rmsProp: () => new RMSProp({ decay: 0.8, maxScaling: 10 }),
  adam: () => new Adam({ beta2: 0.99, epsilon: 1e-2 }),
} as const;
const kinds = <T extends object>(of: T) => fc.constantFrom(...(Object.keys(of) as (keyof T)[]));

const cases = fc.record({
  seed: fc.nat(),
  below: fc.array(fc.tuple(kinds(hidden), fc.integer({ min: 1, max: 9 })), { maxLength: 3 }),
  last: kinds(outputs),
  dim: fc.integer({ min: 1, max: 5 }),
  nvis: fc.integer({ min: 1, max: 6 }),
  rows: fc.integer({ min: 6, max: 40 }),
  batchSize: fc.integer({ min: 1, max: 6 }),
  rule: kinds(rules),
  decay: fc.constantFrom(0, 0.01),
  l1: fc.constantFrom(0, 0.02),
  mode: fc.constantFrom<IterationMode>(
    'sequential',
    'shuffled_sequential',
    'even_shuffled_sequential',
    'batchwise_shuffled_sequential',
  ),
});

test.each<{ floatX: FloatX; tolerance: number }>([
  { floatX: 'float64', tolerance: 1e-11 },
  { floatX: 'float32', tolerance: 2e-3 },
])('epochs by the kernels are those batch by batch, in $floatX', ({ floatX, tolerance }) => {
  fc.assert(
    fc.property(
      cases,
      ({ seed, below, last, dim, nvis, rows, batchSize, rule, decay, l1, mode }) => {
        const rng = new RandomState(seed);
        const data = new DenseDesignMatrix({
          X: Array.from({ length: rows }, () => Array.from({ length: nvis }, () => rng.randn())),
          y: Array.from({ length: rows }, () => rng.randint(0, dim)),
          yLabels: dim,
        });
        const trained = (more: Partial<SGDOptions>) => {
          const layers: Layer[] = below.map(([kind, units], i) => hidden[kind](`h${i}`, units));
          const net = new MLP({ layers: [...layers, outputs[last](dim)], nvis, seed, floatX });
          const learningRule = rules[rule]();
          const cost = new SumOfCosts([
            new Default(),
            new WeightDecay(net.layers.map((_, l) => decay * (l + 1))),
            new L1WeightDecay(net.layers.map((_, l) => (l % 2) * l1)),
          ]);
          const trainer = new SGD({
            ...{ learningRate: 0.003, batchSize, trainIterationMode: mode, cost, ...more },
            ...(learningRule !== undefined && { learningRule }),
          });
          trainer.setup(net, data);
          for (let epoch = 0; epoch < 3; epoch++) {
            trainer.train(data);
            if (learningRule instanceof Momentum && epoch === 1) learningRule.momentum = 0.3;
            trainer.learningRate *= 0.9;
          }
          return net;
        };
        const fused = trained({});
        // A callback wants to see each step.
        const plain = trained({ updateCallbacks: [{ onUpdate() {} }] });
        for (const [i, { values }] of fused.parameters.entries()) {
          expectWithin(tolerance, values, [...(plain.parameters[i]?.values ?? [])]);
        }
        expect(fused.monitor.batchesSeen).toBe(plain.monitor.batchesSeen);
        expect(fused.monitor.examplesSeen).toBe(plain.monitor.examplesSeen);
      },
    ),
    { numRuns: 60 },
  );
});

test.each(Object.keys(rules) as (keyof typeof rules)[])(
  'fused and single steps may take turns: what a rule remembers goes with them, %s',
  (rule) => {
    const rng = new RandomState(5);
    const rows = Array.from({ length: 20 }, () => [rng.randn(), rng.randn()]);
    const data = new DenseDesignMatrix({
      X: rows,
      y: rows.map(([a = 0]) => (a > 0 ? 1 : 0)),
      yLabels: 2,
    });
    // Targets that do not sum to 1 are not for the kernels.
    const odd = new DenseDesignMatrix({
      X: rows,
      y: rows.map(([a = 0]) => (a > 0 ? [0, 0.9] : [0.9, 0])),
    });
    const [one, two] = [{}, { updateCallbacks: [{ onUpdate() {} }] }].map((more) => {
      const net = new MLP({ layers: [hidden.tanh('h', 4), outputs.softmax(2)], nvis: 2 });
      const learningRule = rules[rule]();
      const trainer = new SGD({
        learningRate: 0.1,
        batchSize: 3,
        ...(learningRule !== undefined && { learningRule }),
        ...more,
      });
      trainer.setup(net, data);
      for (const set of [data, odd, data, odd, odd, data]) trainer.train(set);
      return net.parameters.flatMap(({ values }) => [...values]);
    });
    expectWithin(1e-12, one ?? [], two ?? []);
  },
);

test('with fma, epochs are those of a DenseNet with it, to the last bit', () => {
  const rng = new RandomState(7);
  const X = Array.from({ length: 20 }, () => [rng.randn(), rng.randn()]);
  const data = new DenseDesignMatrix({ X, y: X.map(() => rng.randint(0, 2)), yLabels: 2 });
  const net = new MLP({ layers: [hidden.tanh('h', 30), outputs.softmax(2)], nvis: 2 });
  const layers = [
    { units: 30, activation: 'tanh' },
    { units: 2, activation: 'softmax' },
  ] as const;
  const dense = new DenseNet({ inputs: 2, layers, batchSize: 4, fma: true });
  for (const [l, { weights, biases }] of net.layers.entries()) {
    dense.parameters.set(l, { weights: weights.data, biases });
  }
  const examples = dense.load(20, data.X.data, data.y.data);
  const trainer = new SGD({
    ...{ learningRate: 0.3, batchSize: 4, trainIterationMode: 'sequential', fma: true },
  });
  trainer.setup(net, data);
  for (let epoch = 0; epoch < 5; epoch++) {
    trainer.train(data);
    dense.trainEpoch(
      examples,
      Array.from({ length: 20 }, (_, i) => i),
      { learningRate: 0.3 },
    );
  }
  for (const [l, { weights, biases }] of net.layers.entries()) {
    expect(dense.parameters.get(l)).toEqual({ weights: weights.data, biases });
  }
});

test('when there is no memory for the kernels, an epoch is trained batch by batch', () => {
  const X = [[1], [2], [3], [4]];
  const data = new DenseDesignMatrix({ X, y: [0, 0, 1, 1], yLabels: 2 });
  const trained = () => {
    const net = new MLP({ layers: [outputs.softmax(2)], nvis: 1 });
    const trainer = new SGD({ learningRate: 0.1, batchSize: 2 });
    trainer.setup(net, data);
    trainer.train(data);
    trainer.train(data);
    return [...(net.parameters[1]?.values ?? [])];
  };
  const due = trained();
  const load = vi.spyOn(DenseNet.prototype, 'load').mockImplementation(() => {
    throw new LinalgError('memory-exhausted', 'the kernels need too much memory');
  });
  expectWithin(1e-15, trained(), due);
  // It is not asked again for the same examples.
  expect(load).toHaveBeenCalledTimes(1);
  load.mockRestore();
});

describe('what asks for something between the steps is trained batch by batch', () => {
  const net = (layers: Layer[]) => new MLP({ layers, nvis: 2 });
  const fused = (
    model: MLP,
    cost: Default | SumOfCosts = new Default(),
    rule: LearningRule = gradientDescent,
  ) => FusedEpochs.of(model, costPlan(cost, model.layers), rule, { batchSize: 2, fma: false });
  const plain = () => net([hidden.tanh('h', 2), outputs.softmax(2)]);

  test('others are not', () => {
    expect(fused(plain())).toBeDefined();
    for (const decay of [new WeightDecay([1, 0]), new L1WeightDecay([0, 1])]) {
      expect(fused(plain(), new SumOfCosts([new Default(), decay]))).toBeDefined();
    }
    expect(fused(plain(), new Default(), new Adam())).toBeDefined();
  });

  test.each<{ what: string; of: () => unknown }>([
    {
      what: 'a weight on the cost',
      of: () => fused(plain(), new SumOfCosts([[2, new Default()]])),
    },
    { what: 'another rule', of: () => fused(plain(), new Default(), new AdaDelta()) },
    {
      what: 'a limit of norms',
      of: () =>
        fused(net([new Softmax({ layerName: 'y', nClasses: 2, irange: 1, maxColNorm: 1 })])),
    },
    {
      what: 'a layer without biases',
      of: () => fused(net([new Linear({ layerName: 'y', dim: 2, irange: 1, useBias: false })])),
    },
    {
      what: 'a cost by distance',
      of: () => fused(net([new Linear({ layerName: 'y', dim: 2, irange: 1, useAbsLoss: true })])),
    },
  ])('$what', ({ of }) => {
    expect(of()).toBeUndefined();
  });
});
