import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  DivergenceError,
  EpochCounter,
  loadModel,
  type MLP,
  SGD,
  type SGDOptions,
  Train,
  type TrainExtension,
  type TrainOptions,
} from '../src/index.node.ts';
import { tinyData, tinyNet } from './nets.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlp-train-'));
afterAll(() => rmSync(folder, { recursive: true }));

function trainOf(sgd: Partial<SGDOptions>, options: Partial<TrainOptions> = {}): Train {
  const algorithm = new SGD({
    learningRate: 0.1,
    batchSize: 2,
    monitoringDataset: tinyData,
    ...sgd,
  });
  return new Train({ dataset: tinyData, model: tinyNet().net, algorithm, ...options });
}

test('records before the first epoch, and trains just as many as it is told', () => {
  const train = trainOf({ terminationCriterion: new EpochCounter(3) });
  train.mainLoop();
  const { monitor } = train.model;
  expect(monitor.channel('objective').epochRecord).toEqual([0, 1, 2, 3]);
  expect(monitor.batchesSeen).toBe(3);
  train.mainLoop();
  expect(monitor.epochsSeen).toBe(3);
});

test('extensions are set up once and called after each record, in their order', () => {
  const calls: string[] = [];
  const extension = (name: string): TrainExtension => ({
    setup: () => calls.push(`${name} setup`),
    onMonitor: ({ monitor }) => {
      calls.push(`${name} ${monitor.epochsSeen}`);
    },
  });
  trainOf(
    { terminationCriterion: new EpochCounter(1) },
    { extensions: [extension('a'), extension('b')] },
  ).mainLoop();
  expect(calls).toEqual(['a setup', 'b setup', 'a 0', 'b 0', 'a 1', 'b 1']);
});

test('an extension may stop it; the others are still called', () => {
  let last = 0;
  const stop: TrainExtension = {
    onMonitor: ({ monitor }: MLP) => (monitor.epochsSeen === 2 ? 'stop' : undefined),
  };
  const watch: TrainExtension = {
    onMonitor: ({ monitor }) => {
      last = monitor.epochsSeen;
    },
  };
  trainOf({}, { extensions: [stop, watch] }).mainLoop();
  expect(last).toBe(2);
});

test('no epoch begins after the time is spent', () => {
  const train = trainOf({});
  train.mainLoop({ timeBudget: -1 });
  expect(train.model.monitor.epochsSeen).toBe(0);
});

describe('saves the net', () => {
  const watched = (savePath: string, saved: number[]): Partial<TrainOptions> => ({
    ...{ savePath, saveFreq: 2 },
    extensions: [{ onSave: ({ monitor }) => saved.push(monitor.epochsSeen) }],
  });

  test('every so many epochs, and at the end', () => {
    const [savePath, saved] = [join(folder, 'a.mlp'), [] as number[]];
    trainOf({ terminationCriterion: new EpochCounter(5) }, watched(savePath, saved)).mainLoop();
    expect(saved).toEqual([2, 4, 5]);
    expect(loadModel(savePath).monitor.epochsSeen).toBe(5);
  });

  test('also when the loop is left', () => {
    const [savePath, saved] = [join(folder, 'b.mlp'), [] as number[]];
    for (const { monitor } of trainOf({}, watched(savePath, saved)).epochs()) {
      if (monitor.epochsSeen === 3) break;
    }
    expect(saved).toEqual([2, 3]);
  });

  test('but not one that has diverged', () => {
    const [savePath, saved] = [join(folder, 'c.mlp'), [] as number[]];
    const train = trainOf({}, watched(savePath, saved));
    train.model.layers[0]?.weights.data.fill(Number.NaN);
    expect(() => train.mainLoop()).toThrow(DivergenceError);
    expect(existsSync(savePath)).toBe(false);
  });
});

test.each([
  { options: { saveFreq: 0.5, savePath: 'x' }, says: 'saveFreq must be a whole number' },
  { options: { saveFreq: 1 }, says: 'there is no savePath' },
])('refuses $options', ({ options, says }) => {
  expect(() => trainOf({}, options)).toThrow(says);
});
