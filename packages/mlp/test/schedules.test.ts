import { describe, expect, test } from 'vitest';
import {
  AnnealedLearningRate,
  ExponentialDecay,
  LinearDecay,
  LinearDecayOverEpoch,
  Momentum,
  MomentumAdjustor,
  MonitorBasedLRAdjuster,
  OneOverEpoch,
  SGD,
  type TrainExtension,
  type UpdateCallback,
} from '../src/index.ts';
import { expectWithin, tinyData, tinyNet } from './nets.ts';

/** What an extension makes of a rate of .05 and a momentum of .5, epoch by epoch. */
function overEpochs(extension: TrainExtension, epochs: number, epochsBefore = 0) {
  const { net } = tinyNet();
  for (let i = 0; i < epochsBefore; i++) net.monitor.reportEpoch();
  const rule = new Momentum(0.5);
  const sgd = new SGD({ learningRate: 0.05, batchSize: 2, learningRule: rule });
  extension.setup?.(net, tinyData, sgd);
  const now = () => ({ rate: sgd.learningRate, momentum: rule.momentum });
  const seen = [now()];
  for (let i = 0; i < epochs; i++) {
    extension.onMonitor?.(net, tinyData, sgd);
    seen.push(now());
  }
  return { rates: seen.map(({ rate }) => rate), momenta: seen.map(({ momentum }) => momentum) };
}

const at = (values: readonly number[], places: readonly number[]) =>
  places.map((place) => values[place] as number);

describe('against the reference', () => {
  test('momentum from .5 to .99 between epochs 1 and 50', () => {
    const schedule = new MomentumAdjustor({ finalMomentum: 0.99, start: 1, saturate: 50 });
    const { momenta } = overEpochs(schedule, 51);
    expect(at(momenta, [0, 1, 2, 25, 50, 51])).toEqual([0.5, 0.5, 0.51, 0.74, 0.99, 0.99]);
  });

  test('a rate that falls from .05 to a tenth between epochs 1 and 50', () => {
    const schedule = new LinearDecayOverEpoch({ start: 1, saturate: 50, decayFactor: 0.1 });
    const { rates } = overEpochs(schedule, 51);
    expect(at(rates, [0, 1, 2, 25, 49, 50, 51])).toEqual([
      0.05, 0.049100000000000005, 0.0482, 0.027500000000000004, 0.0059000000000000025,
      0.005000000000000001, 0.005000000000000001,
    ]);
  });
});

test('a schedule that is set up goes on from the epochs a net has seen', () => {
  const options = { start: 1, saturate: 50, decayFactor: 0.1 };
  const { rates } = overEpochs(new LinearDecayOverEpoch(options), 3, 24);
  expect(rates).toEqual(
    at(overEpochs(new LinearDecayOverEpoch(options), 30).rates, [24, 25, 26, 27]),
  );
});

test('momentum jumps when there is no time between start and end', () => {
  const schedule = new MomentumAdjustor({ finalMomentum: 0.9, start: 2, saturate: 2 });
  expect(overEpochs(schedule, 3).momenta).toEqual([0.5, 0.5, 0.9, 0.9]);
});

test('one over the epochs: half after halfLife, never below minLr', () => {
  const { rates } = overEpochs(new OneOverEpoch({ start: 2, halfLife: 3, minLr: 0.02 }), 12);
  expectWithin(1e-17, at(rates, [0, 1, 2, 5]), [0.05, 0.05, 0.05, 0.025]);
  expectWithin(1e-17, at(rates, [3, 12]), [(0.05 * 3) / 4, 0.02]);
  expect(overEpochs(new OneOverEpoch({ start: 3 }), 7).rates[7]).toBe(0.025);
});

test('a monitored channel makes the rate shrink, grow or stay', () => {
  const { net } = tinyNet();
  const sgd = new SGD({ learningRate: 0.5, batchSize: 2 });
  const schedule = new MonitorBasedLRAdjuster({
    ...{ channelName: 'c', shrinkAmt: 0.5, growAmt: 2, lowTrigger: 0.9, maxLr: 0.8, minLr: 0.3 },
  });
  const rates = [1, 1.1, 1.05, 0.5, 0.49, 0.6, 0.7, 0.8].map((value) => {
    net.monitor.record('c', value);
    schedule.onMonitor(net, tinyData, sgd);
    return sgd.learningRate;
  });
  expect(rates).toEqual([0.5, 0.3, 0.6, 0.6, 0.8, 0.4, 0.3, 0.3]);
});

/** The rates after each of so many batches. */
function overBatches(callback: UpdateCallback, batches: number): number[] {
  const sgd = new SGD({ learningRate: 1, batchSize: 2 });
  return Array.from({ length: batches }, () => {
    callback.onUpdate(sgd);
    return sgd.learningRate;
  });
}

describe('by batches', () => {
  test('exponential decay, down to minLr', () => {
    const rates = overBatches(new ExponentialDecay({ decayFactor: 2, minLr: 0.1 }), 5);
    expect(rates).toEqual([0.5, 0.25, 0.125, 0.1, 0.1]);
  });

  test('linear decay', () => {
    const rates = overBatches(new LinearDecay({ start: 2, saturate: 5, decayFactor: 0.2 }), 6);
    expectWithin(1e-15, rates, [1, 0.8, 0.6, 0.4, 0.2, 0.2]);
  });

  test('annealing', () => {
    const rates = overBatches(new AnnealedLearningRate({ annealStart: 3 }), 6);
    expectWithin(1e-15, rates, [1, 1, 1, 3 / 4, 3 / 5, 0.5]);
  });

  test('an SGD calls it after each batch', () => {
    const { net } = tinyNet();
    const sgd = new SGD({
      ...{
        learningRate: 1,
        batchSize: 1,
        updateCallbacks: [new ExponentialDecay({ decayFactor: 2, minLr: 0.1 })],
      },
    });
    sgd.setup(net, tinyData);
    sgd.train(tinyData);
    expect(sgd.learningRate).toBe(0.25);
  });
});

const span = { start: 5, saturate: 5 };
test.each<{ what: string; make: () => unknown; says: string }>([
  {
    what: 'a fall without time',
    make: () => new LinearDecayOverEpoch({ ...span, decayFactor: 0.1 }),
    says: 'saturate, 5, must be after start, 5',
  },
  {
    what: 'a start before the first epoch',
    make: () => new LinearDecayOverEpoch({ start: -1, saturate: 5, decayFactor: 0.1 }),
    says: 'start must be at least 0',
  },
  {
    what: 'a fall to nothing',
    make: () => new LinearDecay({ start: 1, saturate: 5, decayFactor: 0 }),
    says: 'decayFactor',
  },
  {
    what: 'a momentum that saturates before it starts',
    make: () => new MomentumAdjustor({ finalMomentum: 0.9, start: 5, saturate: 4 }),
    says: 'saturate, 4, is before start, 5',
  },
  {
    what: 'a momentum of 1',
    make: () => new MomentumAdjustor({ finalMomentum: 1, ...span }),
    says: 'finalMomentum',
  },
  {
    what: 'decay that grows',
    make: () => new ExponentialDecay({ decayFactor: 0.5, minLr: 0.1 }),
    says: 'decayFactor',
  },
  {
    what: 'annealing from 0',
    make: () => new AnnealedLearningRate({ annealStart: 0 }),
    says: 'annealStart',
  },
  {
    what: 'a half-life of 0',
    make: () => new OneOverEpoch({ start: 1, halfLife: 0 }),
    says: 'halfLife',
  },
  {
    what: 'a rate below its least',
    make: () => overEpochs(new OneOverEpoch({ start: 1, minLr: 1 }), 1),
    says: 'is below minLr',
  },
  {
    what: 'a negative shrinking',
    make: () => new MonitorBasedLRAdjuster({ shrinkAmt: -1 }),
    says: 'shrinkAmt',
  },
])('refuses $what', ({ make, says }) => {
  expect(make).toThrow(RangeError);
  expect(make).toThrow(says);
});

test('an adjustor needs a momentum to adjust', () => {
  const sgd = new SGD({ learningRate: 0.1, batchSize: 2 });
  const schedule = new MomentumAdjustor({ finalMomentum: 0.9, ...span });
  expect(() => schedule.onMonitor(tinyNet().net, tinyData, sgd)).toThrow(TypeError);
});
