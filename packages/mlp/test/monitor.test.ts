import { expect, test } from 'vitest';
import { SGD, UnknownChannelError } from '../src/index.ts';
import { tinyData, tinyNet } from './nets.ts';

function watched() {
  const { net } = tinyNet();
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2, monitoringDataset: tinyData });
  trainer.setup(net, tinyData);
  net.monitor.update();
  trainer.train(tinyData);
  net.monitor.reportEpoch();
  net.monitor.update();
  return net;
}

test('records the figures of the watched data, as the net is at the time', () => {
  const net = watched();
  const { objective, output_nll, output_misclass } = net.monitor.channels;
  expect(objective).toEqual({
    valRecord: [expect.closeTo(0.7176707204184352, 15), net.cost(tinyData)],
    epochRecord: [0, 1],
    batchRecord: [0, 1],
    exampleRecord: [0, 2],
    timeRecord: [expect.any(Number), expect.any(Number)],
  });
  expect(output_nll).toEqual(objective);
  expect(output_misclass?.valRecord).toEqual([0.5, 0.5]);
});

test('counts epochs, and records nothing, when no data is watched', () => {
  const { net } = tinyNet();
  net.monitor.reportEpoch();
  net.monitor.update();
  expect(net.monitor.epochsSeen).toBe(1);
  expect(net.monitor.channels).toEqual({});
});

test('a channel that is not there is refused, with the names that come near', () => {
  const net = watched();
  expect(() => net.monitor.last('ouput_misclas')).toThrow(UnknownChannelError);
  expect(() => net.monitor.last('ouput_misclas')).toThrow(
    'there is no channel "ouput_misclas"; did you mean output_misclass',
  );
});
