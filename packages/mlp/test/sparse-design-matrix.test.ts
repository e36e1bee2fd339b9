import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AdaDelta,
  AdaGrad,
  Adam,
  type Cost,
  Default,
  DenseDesignMatrix,
  Dropout,
  type LearningRule,
  MLP,
  Momentum,
  MomentumAdjustor,
  RandomState,
  RMSProp,
  SGD,
  Sigmoid,
  Softmax,
  SparseDesignMatrix,
  type SparseRow,
  SumOfCosts,
  WeightDecay,
} from '../src/index.ts';
import { expectWithin } from './nets.ts';

const features = 30;

/** The same random examples twice: by their non-zero entries, and in full. */
function twins(seed: number, rows = 23) {
  const rng = new RandomState(seed);
  const X: SparseRow[] = Array.from({ length: rows }, () => {
    const columns = new Set(
      Array.from({ length: rng.randint(0, 5) }, () => rng.randint(0, features)),
    );
    return [...columns].map((column) => [column, rng.randn()] as const);
  });
  const y = X.map(() => rng.randint(0, 2));
  const full = X.map((row) => {
    const all = new Array(features).fill(0);
    for (const [column, value] of row) all[column] = value;
    return all;
  });
  return {
    sparse: new SparseDesignMatrix({ X, features, y, yLabels: 2 }),
    dense: new DenseDesignMatrix({ X: full, y, yLabels: 2 }),
  };
}

function netOf(withHidden: boolean, limits = {}): MLP {
  const output = new Softmax({ layerName: 'y', nClasses: 2, irange: 0.5 });
  const hidden = new Sigmoid({ layerName: 'h', dim: 3, irange: 0.5, ...limits });
  return new MLP({ layers: withHidden ? [hidden, output] : [output], nvis: features });
}

const rules: Record<string, () => LearningRule | undefined> = {
  plain: () => undefined,
  momentum: () => new Momentum(0.8),
  nesterov: () => new Momentum(0.8, { nesterovMomentum: true }),
  adagrad: () => new AdaGrad(),
  rmsprop: () => new RMSProp(),
  adadelta: () => new AdaDelta(),
  adam: () => new Adam(),
};
const costs: Record<string, Cost> = {
  default: new Default(),
  decay: new SumOfCosts([new Default(), new WeightDecay([0.01, 0.01])]),
};

describe('sparse examples train to the net that the same dense ones train to', () => {
  test.each(
    Object.keys(rules).flatMap((rule) =>
      [true, false].flatMap((withHidden) => [
        { rule, withHidden, cost: 'default', limits: {} },
        ...(withHidden
          ? [
              { rule, withHidden, cost: 'decay', limits: {} },
              { rule, withHidden, cost: 'default', limits: { maxColNorm: 0.8 } },
            ]
          : []),
      ]),
    ),
  )(
    '$rule, hidden layer $withHidden, cost $cost, $limits',
    ({ rule, withHidden, cost, limits }) => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const { sparse, dense } = twins(seed);
          const nets = [sparse, dense].map((data) => {
            const net = netOf(withHidden, limits);
            const learningRule = rules[rule]?.();
            const trainer = new SGD({
              ...{
                learningRate: 0.1,
                batchSize: 2,
                cost: withHidden ? (costs[cost] as Cost) : new Default(),
              },
              ...(learningRule !== undefined && { learningRule }),
            });
            trainer.setup(net, data);
            const schedule = new MomentumAdjustor({ finalMomentum: 0.5, start: 0, saturate: 3 });
            for (let epoch = 0; epoch < 4; epoch++) {
              trainer.train(data);
              if (learningRule instanceof Momentum) schedule.onMonitor(net, data, trainer);
            }
            return net;
          });
          const [one, two] = nets as [MLP, MLP];
          for (const [i, { values }] of one.parameters.entries()) {
            expectWithin(1e-12, values, [...(two.parameters[i]?.values ?? [])]);
          }
          expectWithin(1e-12, one.fprop(sparse), two.fprop(dense));
          expect(one.score(sparse)).toEqual(two.score(dense));
        }),
        { numRuns: 8 },
      );
    },
  );
});

test.each<{ rule: string; make: () => LearningRule }>([
  { rule: 'Momentum', make: () => new Momentum(0.9) },
  { rule: 'RMSProp', make: () => new RMSProp() },
  { rule: 'AdaDelta', make: () => new AdaDelta() },
])('sparse and dense examples may take turns, by $rule', ({ make }) => {
  const { sparse, dense } = twins(21);
  // Columns that these have not move by what the others left them.
  const few = { sparse: sparse.take([0, 1, 2]), dense: dense.take([0, 1, 2]) };
  const orders = [
    [few.sparse, dense, few.sparse, few.sparse, sparse],
    [few.dense, dense, few.dense, few.dense, dense],
  ];
  const watched = { updateCallbacks: [{ onUpdate() {} }] };
  const [mixed, ...due] = [[0, {}] as const, [1, {}] as const, [1, watched] as const].map(
    ([which, more]) => {
      const net = netOf(true);
      const learningRule = make();
      const trainer = new SGD({ learningRate: 0.1, batchSize: 3, learningRule, ...more });
      trainer.setup(net, dense);
      for (const set of orders[which] ?? []) trainer.train(set);
      return net.parameters.flatMap(({ values }) => [...values]);
    },
  );
  for (const each of due) expectWithin(1e-12, mixed ?? [], each);
});

test('gradients are those of the dense examples', () => {
  const { sparse, dense } = twins(4);
  const net = netOf(true);
  const due = net.gradients(dense);
  for (const [i, gradient] of net.gradients(sparse).entries())
    expectWithin(1e-15, gradient, [...(due[i] ?? [])]);
});

test('a step leaves alone the weights of columns that a batch has not', () => {
  const X: SparseRow[] = [[[3, 1]], [[7, -1]]];
  const data = new SparseDesignMatrix({ X, features, y: [0, 1], yLabels: 2 });
  const net = netOf(false);
  const before = net.layers[0]?.weights.data.slice() ?? [];
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2 });
  trainer.setup(net, data);
  trainer.train(data);
  const after = net.layers[0]?.weights.data ?? [];
  const moved = [...after].flatMap((w, i) => (w === before[i] ? [] : [Math.floor(i / 2)]));
  expect(moved).toEqual([3, 3, 7, 7]);
});

test('parts, batches and rows are taken as those of dense examples are', () => {
  const { sparse, dense } = twins(11);
  const options = { mode: 'shuffled_sequential', batchSize: 5 } as const;
  const [a, b] = [sparse.split(0.4), dense.split(0.4)];
  const net = netOf(true);
  expect(a.map(({ size }) => size)).toEqual([9, 14]);
  for (const i of [0, 1] as const) expectWithin(1e-15, net.fprop(a[i]), net.fprop(b[i]));
  const sparseBatches = [...sparse.iterator({ ...options, rng: new RandomState(1) })];
  const denseBatches = [...dense.iterator({ ...options, rng: new RandomState(1) })];
  for (const [i, batch] of sparseBatches.entries())
    expectWithin(1e-15, net.fprop(batch), net.fprop(denseBatches[i] ?? []));
  expect(sparseBatches).toHaveLength(5);
});

test('memory goes by what is not 0: a hundred thousand rows of 2^16 features', () => {
  const rng = new RandomState(2);
  const X: SparseRow[] = Array.from({ length: 100_000 }, () => [[rng.randint(0, 2 ** 16), 1]]);
  const data = new SparseDesignMatrix({
    X,
    features: 2 ** 16,
    y: X.map((_, i) => i % 2),
    yLabels: 2,
  });
  const bytes = data.X.data.byteLength + data.X.indices.byteLength + data.X.indptr.byteLength;
  expect(bytes).toBe(100_000 * 12 + 100_001 * 4);
});

test('a net for very many features takes memory for its weights, not for dense batches', () => {
  const wide = 2 ** 22;
  const X: SparseRow[] = Array.from({ length: 300 }, (_, i) => [[i * 1000, 1]]);
  const data = new SparseDesignMatrix({ X, features: wide, y: X.map((_, i) => i % 2), yLabels: 2 });
  const before = process.memoryUsage().arrayBuffers;
  const output = new Softmax({ layerName: 'y', nClasses: 2, sparseInit: 1 });
  const net = new MLP({ layers: [output], nvis: wide });
  const trainer = new SGD({ learningRate: 1, batchSize: 100, monitoringDataset: data });
  trainer.setup(net, data);
  for (let epoch = 0; epoch < 20; epoch++) trainer.train(data);
  net.monitor.update();
  expect(net.score(data).correct).toBe(300);
  // Weights and their gradient are 128 MiB; one dense batch would be 3.2 GiB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 28);
});

const y = [0, 1];
const make =
  (X: readonly SparseRow[], more = {}) =>
  () =>
    new SparseDesignMatrix({ X, features: 4, y, yLabels: 2, ...more });
test.each([
  {
    what: 'a column that is not there',
    of: make([[[4, 1]], []]),
    says: 'row 0 has a column 4, but there are 4 features',
  },
  { what: 'a column below 0', of: make([[], [[-1, 1]]]), says: 'row 1 has a column -1' },
  {
    what: 'a column twice',
    of: make([
      [],
      [
        [2, 1],
        [2, 1],
      ],
    ]),
    says: 'row 1 has column 2 twice',
  },
  { what: 'NaN', of: make([[], [[2, Number.NaN]]]), says: 'X holds NaN in row 1, column 2' },
  { what: 'too few targets', of: make([[], [], []]), says: 'X has 3 rows, y has 2' },
  { what: 'no features', of: make([[], []], { features: 0 }), says: 'features' },
  {
    what: 'pointers that do not end',
    of: make([], {
      X: { data: Float64Array.of(1), indices: Uint32Array.of(0), indptr: Uint32Array.of(0, 0, 2) },
    }),
    says: 'indptr goes from 0 to 2',
  },
  {
    what: 'pointers that fall',
    of: make([], {
      X: { data: Float64Array.of(1), indices: Uint32Array.of(0), indptr: Uint32Array.of(0, 2, 1) },
    }),
    says: 'indptr falls at row 1',
  },
])('refuses $what', ({ of, says }) => {
  expect(of).toThrow(RangeError);
  expect(of).toThrow(says);
});

test('refuses to mask sparse inputs', () => {
  const { sparse } = twins(1);
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2, cost: new Dropout() });
  trainer.setup(netOf(true), sparse);
  expect(() => trainer.train(sparse)).toThrow('set the include probability of h to 1');
});
