import { expect, test } from 'vitest';
import { MonitorBasedSaveBest, type MonitorBasedSaveBestOptions, SGD } from '../src/index.ts';
import { tinyData, tinyNet } from './nets.ts';

/** The best epoch and its value when channel `c` takes these values from epoch 1 on. */
function bestOf(values: readonly number[], options: Partial<MonitorBasedSaveBestOptions> = {}) {
  const { net, hidden } = tinyNet();
  const sgd = new SGD({ learningRate: 0.1, batchSize: 2 });
  const best = new MonitorBasedSaveBest({ channelName: 'c', storeBestModel: true, ...options });
  for (const value of values) {
    hidden.weights.data[0] = value;
    net.monitor.reportEpoch();
    net.monitor.record('c', value);
    best.onMonitor(net, tinyData, sgd);
  }
  return { best, net };
}

test('the lowest value is the best; of equals the first', () => {
  const { best, net } = bestOf([5, 3, 3, 4]);
  expect([best.bestEpoch, best.bestCost]).toEqual([2, 3]);
  // A copy: the net has gone on.
  expect(best.bestModel.layers[0]?.weights.data[0]).toBe(3);
  expect(net.layers[0]?.weights.data[0]).toBe(4);
});

test('or the highest, when higher is better', () => {
  expect(bestOf([5, 7, 7, 4], { higherIsBetter: true }).best.bestEpoch).toBe(2);
});

test('none before the start, and never NaN', () => {
  expect(bestOf([1, 5, 4], { startEpoch: 2 }).best.bestEpoch).toBe(3);
  expect(bestOf([Number.NaN, 5]).best.bestEpoch).toBe(2);
});

test('before there is one, it says so', () => {
  const { best } = bestOf([]);
  expect([best.bestEpoch, best.bestCost]).toEqual([undefined, Infinity]);
  expect(() => best.bestModel).toThrow('no net has been the best yet');
});

test('it leaves a note in the net', () => {
  const { best } = bestOf([5, 3], { tagKey: 'mine' });
  expect(best.bestModel.tag).toEqual({ mine: { channel_name: 'c', best_cost: 3 } });
});

test('refuses to keep the net nowhere', () => {
  expect(() => new MonitorBasedSaveBest({ channelName: 'c' })).toThrow(
    'needs savePath, or storeBestModel',
  );
});
