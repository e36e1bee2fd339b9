import { describe, expect, test } from 'vitest';
import {
  AdaDelta,
  AdaGrad,
  Adam,
  DenseDesignMatrix,
  type LearningRule,
  MLP,
  Momentum,
  RMSProp,
  SGD,
  Sigmoid,
  Softmax,
} from '../src/index.ts';
import { expectWithin, tinyData } from './nets.ts';

/** A parameter of one number, and where it goes under a rule for gradients that are given. */
function path(
  rule: LearningRule,
  gradients: readonly number[],
  rate: number,
  lrScaler = 1,
): number[] {
  const values = Float64Array.of(0);
  const parameter = { name: 'w', values, rows: 1, columns: 1, lrScaler };
  return gradients.map((g) => {
    rule.step(parameter, Float64Array.of(g), rate);
    return values[0] as number;
  });
}

const gradients = [1, -2, 0.5, 0, 3, -1e-7];

describe('each rule goes where its formula says', () => {
  test('AdaGrad', () => {
    let [s, p] = [0, 0];
    const due = gradients.map((g) => {
      s += g * g;
      p -= (0.1 / Math.sqrt(s)) * g;
      return p;
    });
    expectWithin(1e-15, path(new AdaGrad(), gradients, 0.1), due);
    // Below 1/maxScaling the gradient is no longer scaled up.
    expectWithin(1e-18, path(new AdaGrad({ maxScaling: 100 }), [1e-6], 0.1), [-0.1 * 1e-4]);
  });

  test('RMSProp', () => {
    let [s, p] = [0, 0];
    const due = gradients.map((g) => {
      s = 0.8 * s + 0.2 * g * g;
      p -= (0.1 * g) / Math.sqrt(s);
      return p;
    });
    expectWithin(1e-15, path(new RMSProp({ decay: 0.8 }), gradients, 0.1), due);
    expectWithin(1e-18, path(new RMSProp({ maxScaling: 100 }), [1e-6], 0.1), [-0.1 * 1e-4]);
  });

  test('AdaDelta, whose epsilon is the learning rate', () => {
    let [s, d, p] = [0, 0, 0];
    const due = gradients.map((g) => {
      s = 0.9 * s + 0.1 * g * g;
      const delta = (-Math.sqrt(d + 0.01) / Math.sqrt(s + 0.01)) * g;
      d = 0.9 * d + 0.1 * delta * delta;
      p += delta;
      return p;
    });
    expectWithin(1e-15, path(new AdaDelta({ decay: 0.9 }), gradients, 0.01), due);
  });

  test('Adam: the first step is the rate, whatever the gradient', () => {
    expectWithin(2e-6, path(new Adam(), [1e-3], 0.1), [-0.1]);
    let [m, s, p] = [0, 0, 0];
    const due = gradients.map((g, i) => {
      m = 0.9 * m + 0.1 * g;
      s = 0.99 * s + 0.01 * g * g;
      const [mean, square] = [m / (1 - 0.9 ** (i + 1)), s / (1 - 0.99 ** (i + 1))];
      p -= (0.1 * mean) / (Math.sqrt(square) + 1e-4);
      return p;
    });
    expectWithin(1e-15, path(new Adam({ beta2: 0.99, epsilon: 1e-4 }), gradients, 0.1), due);
  });

  test('a scaler counts as a part of the rate', () => {
    for (const make of [
      () => new Momentum(0.5),
      () => new AdaGrad(),
      () => new RMSProp(),
      () => new Adam(),
      () => new AdaDelta(),
    ]) {
      expect(path(make(), gradients, 0.1, 0.5)).toEqual(path(make(), gradients, 0.05));
    }
  });
});

test('learning-rate scalers of a layer reach the steps', () => {
  const netOf = (WLrScale: number, bLrScale: number) => {
    const hidden = new Sigmoid({ layerName: 'h', dim: 2, irange: 0.5, WLrScale, bLrScale });
    const net = new MLP({
      layers: [hidden, new Softmax({ layerName: 'y', nClasses: 2, irange: 0.5 })],
      nvis: 2,
    });
    const before = [hidden.weights.data.slice(), hidden.biases.slice()];
    const trainer = new SGD({ learningRate: 0.1, batchSize: 2 });
    trainer.setup(net, tinyData);
    trainer.train(tinyData);
    return [hidden.weights.data, hidden.biases].map((after, i) =>
      [...after].map((each, k) => each - (before[i]?.[k] as number)),
    );
  };
  const [[W = [], b = []], [scaledW = [], scaledB = []]] = [netOf(1, 1), netOf(0.25, 0)];
  expectWithin(
    1e-16,
    scaledW,
    W.map((each) => each / 4),
  );
  expect(scaledB).toEqual(b.map(() => 0));
});

test.each<{ name: string; make: () => LearningRule; rate: number }>([
  { name: 'AdaGrad', make: () => new AdaGrad(), rate: 0.3 },
  { name: 'RMSProp', make: () => new RMSProp(), rate: 0.02 },
  { name: 'AdaDelta', make: () => new AdaDelta(), rate: 1e-3 },
  { name: 'Adam', make: () => new Adam(), rate: 0.03 },
  { name: 'Momentum', make: () => new Momentum(0.9), rate: 0.3 },
])('$name learns XOR with four hidden units', ({ make, rate }) => {
  const X = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const data = new DenseDesignMatrix({ X, y: [0, 1, 1, 0], yLabels: 2 });
  const layers = [
    new Sigmoid({ layerName: 'h', dim: 4, irange: 2 }),
    new Softmax({ layerName: 'y', nClasses: 2, irange: 1 }),
  ];
  const net = new MLP({ layers, nvis: 2, seed: 8 });
  const trainer = new SGD({ learningRate: rate, batchSize: 4, learningRule: make() });
  trainer.setup(net, data);
  for (let epoch = 0; epoch < 3000; epoch++) trainer.train(data);
  expect(net.cost(data)).toBeLessThan(0.1);
  expect(net.classify(X)).toEqual([0, 1, 1, 0]);
});

test('RMSProp tells the mean square of gradients by parameter', () => {
  const layers = [new Softmax({ layerName: 'y', nClasses: 2, irange: 0.5 })];
  const net = new MLP({ layers, nvis: 2 });
  const trainer = new SGD({
    ...{
      learningRate: 0.1,
      batchSize: 2,
      learningRule: new RMSProp({ decay: 0 }),
      monitoringDataset: tinyData,
    },
  });
  trainer.setup(net, tinyData);
  const gradients = net.gradients(tinyData).map((gradient) => gradient.map((g) => g * g));
  trainer.train(tinyData);
  net.monitor.update();
  const [b = [], W = []] = gradients.map((each) => [...each]);
  expectWithin(1e-16, [net.monitor.last('mean_square_grad_y_W_max')], [Math.max(...W)]);
  expectWithin(
    1e-16,
    [net.monitor.last('mean_square_grad_y_b_mean')],
    [((b[0] ?? 0) + (b[1] ?? 0)) / 2],
  );
});

test.each<{ make: () => unknown }>([
  { make: () => new AdaGrad({ maxScaling: 0 }) },
  { make: () => new RMSProp({ decay: 1 }) },
  { make: () => new AdaDelta({ decay: -0.1 }) },
  { make: () => new Adam({ beta1: 1 }) },
  { make: () => new Adam({ epsilon: 0 }) },
])('refuses $make', ({ make }) => {
  expect(make).toThrow(RangeError);
});
