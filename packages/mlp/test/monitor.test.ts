import { expect, test } from 'vitest';
import { SGD } from '../src/index.ts';
import { tinyData, tinyNet } from './nets.ts';

test('records the figures of the watched data, as the net is at the time', () => {
  const { net } = tinyNet();
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2, monitoringDataset: tinyData });
  trainer.setup(net, tinyData);
  net.monitor.update();
  trainer.train(tinyData);
  net.monitor.reportEpoch();
  net.monitor.update();
  const cost = {
    valRecord: [expect.closeTo(0.7176707204184352, 15), net.cost(tinyData)],
    epochRecord: [0, 1],
  };
  expect(net.monitor.channels).toEqual({
    objective: cost,
    output_nll: cost,
    output_misclass: { valRecord: [0.5, 0.5], epochRecord: [0, 1] },
  });
});

test('counts epochs, and records nothing, when no data is watched', () => {
  const { net } = tinyNet();
  net.monitor.reportEpoch();
  net.monitor.update();
  expect(net.monitor.epochsSeen).toBe(1);
  expect(net.monitor.channels).toEqual({});
});
