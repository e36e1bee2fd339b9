import { describe, expect, test } from 'vitest';
import {
  DenseDesignMatrix,
  type Momentum,
  MonitorBasedSaveBest,
  StandardScaler,
  Train,
} from '../src/index.ts';
import { pimaNet, pimaParts, pimaRecipe, pimaRows, pimaTrace } from './pima.ts';

const [train, valid, test_] = pimaParts();

/** The hand-written loop of the tutorial, and what it saw in each epoch. */
function handWrittenLoop(net = pimaNet()) {
  const { trainer, momentum, decay } = pimaRecipe(valid);
  trainer.setup(net, train);
  const best = new MonitorBasedSaveBest({ channelName: 'output_misclass', storeBestModel: true });
  const seen: object[] = [];
  const nlls: [number, number][] = [];
  for (;;) {
    const used = {
      learning_rate: trainer.learningRate,
      momentum: (trainer.learningRule as Momentum).momentum,
    };
    trainer.train(train);
    net.monitor.reportEpoch();
    net.monitor.update();
    const correct = [train, valid, test_].map((part) => net.score(part).correct);
    seen.push({ epoch: net.monitor.epochsSeen, ...used, correct });
    nlls.push([net.cost(train), net.cost(valid)]);
    best.onMonitor(net, valid, trainer);
    if (!trainer.continueLearning(net)) break;
    momentum.onMonitor(net, valid, trainer);
    decay.onMonitor(net, valid, trainer);
  }
  return { net, best, seen, nlls };
}

const scores = (net: ReturnType<typeof pimaNet>) =>
  [train, valid, test_].map((part) => net.score(part));

describe('the published Pima result', () => {
  const { net, best, seen, nlls } = handWrittenLoop();

  test('is 398/537, 136/161, 52/70', () => {
    expect(scores(best.bestModel)).toEqual([
      { correct: 398, total: 537 },
      { correct: 136, total: 161 },
      { correct: 52, total: 70 },
    ]);
    expect(best.bestModel.monitor.epochsSeen).toBe(55);
  });

  test('every epoch has the rates and the counts of the reference', () => {
    const due = pimaTrace.map(({ epoch, learning_rate, momentum, correct }) => ({
      ...{ epoch, learning_rate, momentum, correct },
    }));
    expect(seen).toEqual(due);
    const misclass = net.monitor.channel('output_misclass').valRecord;
    expect(misclass).toEqual(
      pimaTrace.map(({ valid_misclass_count }) => valid_misclass_count / 161),
    );
  });

  test('every epoch has the likelihoods of the reference to 1e-9', () => {
    const errors = pimaTrace.flatMap(({ train_nll, valid_nll }, i) => {
      const [train = Number.NaN, valid = Number.NaN] = nlls[i] ?? [];
      return [Math.abs(train - train_nll), Math.abs(valid - valid_nll)];
    });
    expect(Math.max(...errors)).toBeLessThan(1e-9);
  });
});

test('in f32 every epoch has the counts of the reference', () => {
  const { best, seen } = handWrittenLoop(pimaNet({ floatX: 'float32' }));
  expect(seen).toEqual(
    pimaTrace.map(({ epoch, learning_rate, momentum, correct }) => ({
      ...{ epoch, learning_rate, momentum, correct },
    })),
  );
  expect(scores(best.bestModel).map(({ correct }) => correct)).toEqual([398, 136, 52]);
});

test("Pylearn2's own loop, which records before the first epoch, ends at 400, 136, 52", () => {
  const net = pimaNet();
  const { trainer, momentum, decay } = pimaRecipe(valid);
  const best = new MonitorBasedSaveBest({ channelName: 'output_misclass', storeBestModel: true });
  const extensions = [best, momentum, decay];
  new Train({ dataset: train, model: net, algorithm: trainer, extensions }).mainLoop();
  expect(scores(best.bestModel).map(({ correct }) => correct)).toEqual([400, 136, 52]);
});

test('the counts are the same when only the training rows tell the scale', () => {
  const features = pimaRows.map((row) => row.slice(0, 8));
  const y = pimaRows.map((row) => row[8] as number);
  const X = new StandardScaler().fit(features.slice(0, 537)).transform(features);
  const all = new DenseDesignMatrix({ X, y, yLabels: 2 });
  const [train, rest] = all.split(0.7);
  const [valid, test] = rest.split(0.7);
  const { trainer, momentum, decay } = pimaRecipe(valid);
  const net = pimaNet();
  trainer.setup(net, train);
  const best = new MonitorBasedSaveBest({ channelName: 'output_misclass', storeBestModel: true });
  for (;;) {
    trainer.train(train);
    net.monitor.reportEpoch();
    net.monitor.update();
    best.onMonitor(net, valid, trainer);
    if (!trainer.continueLearning(net)) break;
    momentum.onMonitor(net, valid, trainer);
    decay.onMonitor(net, valid, trainer);
  }
  const counts = [train, valid, test].map((part) => best.bestModel.score(part).correct);
  expect(counts).toEqual([398, 136, 52]);
});
