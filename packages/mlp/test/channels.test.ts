import { describe, expect, test } from 'vitest';
import {
  Default,
  DenseDesignMatrix,
  Dropout,
  L1WeightDecay,
  type Layer,
  Linear,
  MLP,
  Momentum,
  RandomState,
  SGD,
  type SGDOptions,
  Sigmoid,
  type SigmoidOptions,
  Softmax,
  SumOfCosts,
  Train,
  WeightDecay,
} from '../src/index.ts';
import { expectWithin } from './nets.ts';

const rng = new RandomState(4);
const size = 23;
const X = Array.from({ length: size }, () => Array.from({ length: 3 }, () => rng.randn()));
const labels = X.map((_, i) => (i * i) % 3);
const data = new DenseDesignMatrix({ X, y: labels, yLabels: 3 });

/** The channels of a net on the data, by their last values. */
function channelsOf(layers: readonly Layer[], options: Partial<SGDOptions> = {}, set = data) {
  const net = new MLP({ layers, nvis: 3 });
  const trainer = new SGD({ learningRate: 0.1, batchSize: 5, monitoringDataset: set, ...options });
  trainer.setup(net, set);
  net.monitor.update();
  const names = Object.keys(net.monitor.channels);
  return { net, channels: Object.fromEntries(names.map((name) => [name, net.monitor.last(name)])) };
}

const softmax = () => new Softmax({ layerName: 'y', nClasses: 3, irange: 1 });
const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const column = (rows: readonly (readonly number[])[], j: number) =>
  rows.map((row) => row[j] as number);

/** Σ (value of a batch · its rows)/all rows, over batches of five. */
function overBatches(
  rows: readonly (readonly number[])[],
  of: (batch: readonly (readonly number[])[], from: number) => number,
) {
  let total = 0;
  for (let from = 0; from < rows.length; from += 5) {
    const batch = rows.slice(from, from + 5);
    total += of(batch, from) * batch.length;
  }
  return total / rows.length;
}

describe('the channels of a hidden layer and a softmax', () => {
  const hidden = new Sigmoid({ layerName: 'h', dim: 4, irange: 2 });
  const { net, channels } = channelsOf([hidden, softmax()], { learningRule: new Momentum(0.25) });
  const W = hidden.weights;
  const h = X.map((row) =>
    Array.from({ length: 4 }, (_, j) => {
      const z = sum(row.map((x, k) => x * (W.data[k * 4 + j] as number)));
      return 1 / (1 + Math.exp(-z));
    }),
  );

  test('have the names of Pylearn2', () => {
    const norms = ['min', 'mean', 'max'].flatMap((f) => [`row_norms_${f}`, `col_norms_${f}`]);
    const units = ['range', 'max', 'mean', 'min'].flatMap((a) =>
      ['max', 'mean', 'min'].map((f) => `${a}_x_${f}_u`),
    );
    const classes = ['max', 'mean', 'min'].map((f) => `${f}_max_class`);
    const due = [
      ...['objective', 'learning_rate', 'momentum'],
      ...[...norms, ...units].map((name) => `h_${name}`),
      ...[...norms, ...classes, 'misclass', 'nll'].map((name) => `y_${name}`),
    ];
    expect(Object.keys(channels).toSorted()).toEqual(due.toSorted());
  });

  test('tell the activity of units, averaged over batches', () => {
    const units = [0, 1, 2, 3];
    const figures = {
      max: (batch: readonly (readonly number[])[]) =>
        units.map((j) => Math.max(...column(batch, j))),
      min: (batch: readonly (readonly number[])[]) =>
        units.map((j) => Math.min(...column(batch, j))),
      mean: (batch: readonly (readonly number[])[]) => units.map((j) => mean(column(batch, j))),
      range: (batch: readonly (readonly number[])[]) =>
        units.map((j) => Math.max(...column(batch, j)) - Math.min(...column(batch, j))),
    };
    for (const [name, figure] of Object.entries(figures)) {
      const over = {
        max: (v: number[]) => Math.max(...v),
        mean,
        min: (v: number[]) => Math.min(...v),
      };
      for (const [which, f] of Object.entries(over)) {
        const due = overBatches(h, (batch) => f(figure(batch)));
        expectWithin(1e-14, [channels[`h_${name}_x_${which}_u`] as number], [due]);
      }
    }
  });

  test('tell the lengths of rows and columns of weights', () => {
    const rows = [0, 1, 2].map((k) => Math.hypot(...W.data.subarray(k * 4, k * 4 + 4)));
    const columns = [0, 1, 2, 3].map((j) =>
      Math.hypot(...[0, 1, 2].map((k) => W.data[k * 4 + j] as number)),
    );
    for (const [name, lengths] of Object.entries({ row: rows, col: columns })) {
      const found = ['min', 'mean', 'max'].map((f) => channels[`h_${name}_norms_${f}`] as number);
      expectWithin(1e-14, found, [Math.min(...lengths), mean(lengths), Math.max(...lengths)]);
    }
  });

  test('tell how sure the net is, how often wrong, and its cost', () => {
    const p = net.fprop(X);
    const tops = p.map((row) => [Math.max(...row)]);
    expectWithin(1e-14, [channels.y_mean_max_class as number], [mean(tops.flat())]);
    const max = overBatches(tops, (batch) => Math.max(...batch.flat()));
    const min = overBatches(tops, (batch) => Math.min(...batch.flat()));
    expectWithin(
      1e-14,
      [channels.y_max_max_class as number, channels.y_min_max_class as number],
      [max, min],
    );
    const wrong = p.filter((row, i) => row.indexOf(Math.max(...row)) !== labels[i]).length;
    expect(channels.y_misclass).toBe(wrong / size);
    const nll = mean(p.map((row, i) => -Math.log(row[labels[i] as number] as number)));
    expectWithin(1e-13, [channels.y_nll as number], [nll]);
    expect(channels.objective).toBe(channels.y_nll);
    expect(channels).toMatchObject({ learning_rate: 0.1, momentum: 0.25 });
  });
});

test('several sets are told apart by their names; rates are told once', () => {
  const [one, two] = data.split(0.5);
  const net = new MLP({ layers: [softmax()], nvis: 3 });
  const trainer = new SGD({
    learningRate: 0.1,
    batchSize: 5,
    monitoringDataset: { train: one, valid: two, '': data },
  });
  trainer.setup(net, one);
  net.monitor.update();
  for (const [prefix, set] of [
    ['train_', one],
    ['valid_', two],
    ['', data],
  ] as const) {
    expectWithin(1e-14, [net.monitor.last(`${prefix}y_nll`)], [net.cost(set)]);
    expectWithin(1e-14, [net.monitor.last(`${prefix}objective`)], [net.cost(set)]);
  }
  expect(
    Object.keys(net.monitor.channels).filter((name) => name.includes('learning_rate')),
  ).toEqual(['learning_rate']);
});

test('a sum of costs tells its terms, and the objective their sum', () => {
  const hidden = new Linear({ layerName: 'h', dim: 2, irange: 1 });
  const cost = new SumOfCosts([
    [2, new Default()],
    [3, new WeightDecay({ h: 0.5 })],
    new L1WeightDecay([0, 0.25]),
  ]);
  const { net, channels } = channelsOf([hidden, softmax()], { cost });
  const squares = 0.5 * sum([...hidden.weights.data].map((w) => w * w));
  const sizes = 0.25 * sum([...(net.layers[1]?.weights.data ?? [])].map(Math.abs));
  const found = ['term_0', 'term_1_weight_decay', 'term_2_l1_penalty', 'objective'];
  const due = [net.cost(data), squares, sizes, 2 * net.cost(data) + 3 * squares + sizes];
  expectWithin(
    1e-13,
    found.map((name) => channels[name] as number),
    due,
  );
});

test('random batches are the same at each measurement: those of the seed [2013, 2, 22]', () => {
  const net = new MLP({ layers: [softmax()], nvis: 3 });
  const trainer = new SGD({
    ...{ learningRate: 0.1, batchSize: 5, monitoringDataset: data },
    ...{ monitorIterationMode: 'random_slice', monitoringBatchSize: 4, monitoringBatches: 3 },
  });
  trainer.setup(net, data);
  net.monitor.update();
  net.monitor.update();
  const rng = new RandomState([2013, 2, 22]);
  const starts = [0, 1, 2].map(() => rng.randint(0, size - 3));
  const costs = starts.map((start) => net.cost(data.take([0, 1, 2, 3].map((i) => start + i))));
  expectWithin(1e-14, net.monitor.channel('objective').valRecord, [mean(costs), mean(costs)]);
});

test('figures are taken without the masks of a dropout', () => {
  const { net, channels } = channelsOf(
    [new Linear({ layerName: 'h', dim: 2, irange: 1 }), softmax()],
    { cost: new Dropout() },
  );
  expectWithin(1e-14, [channels.objective as number], [net.cost(data)]);
});

describe('a sigmoid at the end', () => {
  const y = [
    [1, 0],
    [1, 1],
    [0, 0],
    [0, 1],
    [1, 0],
  ];
  const bits = new DenseDesignMatrix({ X: X.slice(0, 5), y });
  const of = (monitorStyle: NonNullable<SigmoidOptions['monitorStyle']>) => {
    const layer = new Sigmoid({ layerName: 's', dim: 2, irange: 3, monitorStyle });
    const { net, channels } = channelsOf([layer], {}, bits);
    return { net, channels, found: net.fprop(X.slice(0, 5)) };
  };

  test('as a detector tells hits and misses', () => {
    const { net, channels, found } = of('detection');
    const claims = found.map((row) => row.map((p) => p > 0.5));
    const count = (test: (claimed: boolean, due: boolean) => boolean, unit?: number) =>
      sum(
        claims.flatMap((row, i) =>
          row.map((claimed, j) => (test(claimed, y[i]?.[j] === 1) && j === (unit ?? j) ? 1 : 0)),
        ),
      );
    const rates = (unit?: number) => {
      const hits = count((claimed, due) => claimed && due, unit);
      const precision =
        hits /
        Math.max(
          1,
          count((claimed) => claimed, unit),
        );
      const recall =
        hits /
        Math.max(
          1,
          count((_, due) => due, unit),
        );
      return {
        precision,
        recall,
        f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
      };
    };
    expect(channels.s_01_loss).toBeCloseTo(count((claimed, due) => claimed !== due) / 10, 15);
    expectWithin(1e-14, [channels.s_kl as number], [net.cost(bits)]);
    const cost = found.flatMap((row, i) =>
      row.map((p, j) => -Math.log(y[i]?.[j] === 1 ? p : 1 - p)),
    );
    expectWithin(1e-14, [net.cost(bits)], [mean(cost)]);
    for (const name of ['precision', 'recall', 'f1'] as const) {
      const [one, two] = [rates(0)[name], rates(1)[name]];
      const each = ['max', 'mean', 'min'].map(
        (f) => channels[`s_per_output_${name}_${f}`] as number,
      );
      expectWithin(1e-14, [channels[`s_${name}`] as number], [rates()[name]]);
      expectWithin(1e-14, each, [Math.max(one, two), (one + two) / 2, Math.min(one, two)]);
    }
  });

  test('as classes counts rows, by the highest unit or by all bits', () => {
    const classes = of('one_hot_class');
    const highest = classes.found.filter(([a = 0, b = 0], i) => {
      const [c = 0, d = 0] = y[i] ?? [];
      return b > a !== d > c;
    });
    expect(classes.channels.s_misclass).toBeCloseTo(highest.length / 5, 15);
    expect(classes.net.score(bits)).toEqual({ correct: 5 - highest.length, total: 5 });
    const all = of('bit_vector_class');
    const wrong = all.found.filter((row, i) => row.some((p, j) => p > 0.5 !== (y[i]?.[j] === 1)));
    expect(all.channels.s_misclass).toBeCloseTo(wrong.length / 5, 15);
    expect(all.net.score(bits)).toEqual({ correct: 5 - wrong.length, total: 5 });
  });
});

test('a training tells its seconds', () => {
  const net = new MLP({ layers: [softmax()], nvis: 3 });
  const algorithm = new SGD({ learningRate: 0.1, batchSize: 5, monitoringDataset: data });
  for (const { monitor } of new Train({ dataset: data, model: net, algorithm }).epochs()) {
    if (monitor.epochsSeen === 2) break;
  }
  const { training_seconds_this_epoch: training, total_seconds_last_epoch: total } =
    net.monitor.channels;
  expect(training?.valRecord).toEqual([0, expect.any(Number), expect.any(Number)]);
  expect(total?.valRecord[2]).toBeGreaterThan(training?.valRecord[1] as number);
});

test('a net of numbers has a cost, and no score', () => {
  const y = X.map(([a = 0, b = 0]) => [a - b, 2 * a]);
  const set = new DenseDesignMatrix({ X, y });
  const net = new MLP({ layers: [new Linear({ layerName: 'l', dim: 2, irange: 1 })], nvis: 3 });
  const squares = net
    .fprop(X)
    .map((row, i) => sum(row.map((p, j) => (p - (y[i]?.[j] as number)) ** 2)));
  expectWithin(1e-13, [net.cost(set)], [mean(squares)]);
  expect(() => net.score(set)).toThrow('use cost');
  expect(() => net.classify(X)).toThrow('use fprop');
  const trainer = new SGD({ learningRate: 0.05, batchSize: 5 });
  trainer.setup(net, set);
  for (let epoch = 0; epoch < 300; epoch++) trainer.train(set);
  expect(net.cost(set)).toBeLessThan(1e-10);
});
