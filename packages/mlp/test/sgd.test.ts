import { describe, expect, test } from 'vitest';
import { DenseDesignMatrix, DivergenceError, EpochCounter, MlpError, SGD } from '../src/index.ts';
import { expectWithin, randomPairs, tinyData, tinyNet, twoLayers, xorOf } from './nets.ts';

const fourRows = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

function xorTrainer(data: DenseDesignMatrix) {
  const all = twoLayers(2, 2, 0.1);
  const trainer = new SGD({
    learningRate: 0.05,
    batchSize: 10,
    terminationCriterion: new EpochCounter(400),
  });
  trainer.setup(all.net, data);
  return { ...all, trainer };
}

test('one step of the tiny net, rate .1, is the reference step', () => {
  const { hidden, output, net } = tinyNet();
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2 });
  trainer.setup(net, tinyData);
  trainer.train(tinyData);
  expectWithin(
    1e-15,
    hidden.weights.data,
    [0.0943793358686287, -0.1967916012928876, 0.3034079025314281, 0.3983933810883807],
  );
  expectWithin(1e-15, hidden.biases, [0.9977872384000568, 1.001601779795493]);
  expectWithin(
    1e-15,
    output.weights.data,
    [0.49340643558671704, -0.49340643558671704, -0.25445408295192656, 0.2544540829519266],
  );
  expectWithin(1e-15, output.biases, [-0.009748520786363419, 0.009748520786363428]);
});

describe('XOR, default seeds, follows the reference', () => {
  test('one epoch of a balanced set', () => {
    const balanced = xorOf(Array.from({ length: 1000 }, (_, i) => [Math.floor(i / 2) % 2, i % 2]));
    const { hidden, net, trainer } = xorTrainer(balanced);
    trainer.train(balanced);
    expectWithin(
      1e-14,
      hidden.weights.data,
      [0.02447244259225351, -0.023621987268950203, 0.09140422164633644, 0.048882639178462445],
    );
    expectWithin(1e-14, [net.cost(balanced)], [0.6937282941732039]);
  });

  test('400 epochs of the pairs of RandomState(5), then one more', () => {
    const data = xorOf(randomPairs(5));
    const { hidden, output, net, trainer } = xorTrainer(data);
    for (let epoch = 0; epoch < 400; epoch++) trainer.train(data);
    expectWithin(1e-11, net.fprop(fourRows), [
      [0.9942250124523615, 0.005774987547638387],
      [0.005802913282760692, 0.9941970867172393],
      [0.00731522022545298, 0.992684779774547],
      [0.995351818326297, 0.004648181673702844],
    ]);
    expectWithin(
      1e-11,
      hidden.weights.data,
      [-6.106495572573989, -5.443319206640393, 6.151276762083582, 5.125713010707396],
    );
    expectWithin(1e-11, hidden.biases, [3.14809778038807, -2.7466195263878492]);
    expectWithin(
      1e-11,
      output.weights.data,
      [6.033344214329071, -5.8584126588897565, -6.275927354712865, 6.333657673937078],
    );
    expectWithin(1e-11, output.biases, [-2.74685557425546, 2.7468555742554615]);
    trainer.train(data);
    expectWithin(1e-11, net.fprop([[0, 1]]), [[0.005767500396653699, 0.9942324996033464]]);
  });

  test('401 epochs of the pairs of RandomState(33), by the loop that asks after it has trained', () => {
    const data = xorOf(randomPairs(33));
    const { net, trainer } = xorTrainer(data);
    do {
      trainer.train(data);
      net.monitor.reportEpoch();
      net.monitor.update();
    } while (trainer.continueLearning(net));
    expect(net.monitor.epochsSeen).toBe(401);
    expectWithin(1e-11, net.fprop(fourRows), [
      [0.9938543766261997, 0.006145623373800428],
      [0.005083907440791541, 0.9949160925592084],
      [0.004845428303043024, 0.9951545716969569],
      [0.9938207615173571, 0.006179238482642863],
    ]);
    expect(net.score(data)).toEqual({ correct: 1000, total: 1000 });
  });
});

test('the last, shorter batch is used, its gradient its own mean', () => {
  const data = new DenseDesignMatrix({
    X: [
      [1, 0],
      [1, 0],
      [1, 0],
    ],
    y: [
      [0, 1],
      [0, 1],
      [0, 1],
    ],
  });
  const alone = new DenseDesignMatrix({ X: [[1, 0]], y: [[0, 1]] });
  const [two, one] = [tinyNet(), tinyNet()];
  const inTwos = new SGD({ learningRate: 0.1, batchSize: 2 });
  inTwos.setup(two.net, data);
  inTwos.train(data);
  const inOnes = new SGD({ learningRate: 0.1, batchSize: 1 });
  inOnes.setup(one.net, alone);
  inOnes.train(alone);
  inOnes.train(alone);
  expectWithin(1e-15, two.hidden.weights.data, [...one.hidden.weights.data]);
});

test('without a criterion it goes on', () => {
  const { net } = tinyNet();
  expect(new SGD({ learningRate: 0.1, batchSize: 2 }).continueLearning(net)).toBe(true);
});

test.each([Number.NaN, Infinity, -Infinity])('a parameter that is %d is named', (value) => {
  const { net, output } = tinyNet();
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2 });
  trainer.setup(net, tinyData);
  output.weights.data[1] = value;
  const train = () => trainer.train(tinyData);
  expect(train).toThrow(DivergenceError);
  expect(train).toThrow(MlpError);
  expect(train).toThrow(
    `${value} in output_W of layer output after epoch 1: lower the learning rate`,
  );
});

test('a rate that blows up is noticed in the same epoch', () => {
  const { net } = tinyNet();
  const trainer = new SGD({ learningRate: Number.MAX_VALUE, batchSize: 1 });
  trainer.setup(net, tinyData);
  const many = xorOf(randomPairs(1));
  expect(() => trainer.train(many)).toThrow(DivergenceError);
});

test('refuses to train before it knows the net', () => {
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2 });
  expect(() => trainer.train(tinyData)).toThrow(TypeError);
});

test('refuses examples that do not fit the net', () => {
  const wide = new DenseDesignMatrix({ X: [[1, 2, 3]], y: [[1, 0]] });
  const { net } = tinyNet();
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2, monitoringDataset: wide });
  expect(() => trainer.setup(net, wide)).toThrow(RangeError);
  expect(() => trainer.setup(net, tinyData)).toThrow(RangeError);
});

test.each([
  { learningRate: 0, batchSize: 1 },
  { learningRate: Number.NaN, batchSize: 1 },
  { learningRate: 0.1, batchSize: 0 },
  { learningRate: 0.1, batchSize: 1.5 },
])('refuses %j', (options) => {
  expect(() => new SGD(options)).toThrow(RangeError);
});

test('a net that blows up tells where, when and why', () => {
  const raw = new DenseDesignMatrix({
    X: [
      [846, 1],
      [0, 2],
    ],
    y: [0, 1],
    yLabels: 2,
  });
  const { net } = tinyNet();
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2 });
  trainer.setup(net, raw);
  net.monitor.reportEpoch();
  net.layers[0]?.biases.fill(Number.POSITIVE_INFINITY);
  const train = () => trainer.train(raw);
  expect(train).toThrow(
    expect.objectContaining({
      ...{ parameter: 'hidden_b', layer: 'hidden', epoch: 2, value: Number.POSITIVE_INFINITY },
      code: 'not-finite',
    }),
  );
  expect(train).toThrow('features go up to 846: scale them with StandardScaler');
});

test('refuses a batch that is larger than the data', () => {
  const trainer = new SGD({ learningRate: 0.1, batchSize: 3 });
  const setup = () => trainer.setup(tinyNet().net, tinyData);
  expect(setup).toThrow(RangeError);
  expect(setup).toThrow('a batch of 3 is larger than the data, 2 examples');
});

test('several batches make an epoch, as many as are asked for', () => {
  const data = xorOf(randomPairs(2));
  const { net } = tinyNet();
  const trainer = new SGD({
    ...{ learningRate: 0.1, batchSize: 10, batchesPerIter: 7, trainIterationMode: 'random_slice' },
  });
  trainer.setup(net, data);
  trainer.train(data);
  expect([net.monitor.batchesSeen, net.monitor.examplesSeen]).toEqual([7, 70]);
});

test.each([
  { more: { monitoringBatchSize: 3 }, says: 'monitoringDataset, which is missing' },
  { more: { batchesPerIter: 0 }, says: 'batchesPerIter must be a whole number above 0' },
  {
    more: { trainIterationMode: 'backwards' as 'sequential' },
    says: 'there is no mode of iteration "backwards"',
  },
])('refuses $more', ({ more, says }) => {
  expect(() => new SGD({ learningRate: 0.1, batchSize: 2, ...more })).toThrow(says);
});
