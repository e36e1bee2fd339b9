import { expect, test } from 'vitest';
import { EpochCounter } from '../src/index.ts';
import { tinyNet } from './nets.ts';

/** How many epochs a loop runs; it asks before the first one, or after it, as loops do. */
function epochsOf(criterion: EpochCounter, asksFirst: boolean, epochsBefore = 0): number {
  const { net } = tinyNet();
  for (let i = 0; i < epochsBefore; i++) net.monitor.reportEpoch();
  if (asksFirst && !criterion.continueLearning(net)) return 0;
  let epochs = 0;
  do {
    net.monitor.reportEpoch();
    epochs++;
  } while (criterion.continueLearning(net));
  return epochs;
}

test.each([
  { when: 'asked before the first epoch', asksFirst: true, before: 0, due: 4 },
  { when: 'asked first after one epoch, as Pylearn2 counts', asksFirst: false, before: 0, due: 5 },
  { when: 'the net has learnt before', asksFirst: true, before: 7, due: 4 },
])('four epochs are $due when $when', ({ asksFirst, before, due }) => {
  expect(epochsOf(new EpochCounter(4), asksFirst, before)).toBe(due);
});

test('all epochs count when not only new ones do', () => {
  expect(epochsOf(new EpochCounter(4, { newEpochs: false }), false)).toBe(4);
  expect(epochsOf(new EpochCounter(4, { newEpochs: false }), true, 3)).toBe(1);
  expect(epochsOf(new EpochCounter(4, { newEpochs: false }), true, 4)).toBe(0);
});

test.each([-1, 0.5, Number.NaN])('refuses %d epochs', (count) => {
  expect(() => new EpochCounter(count)).toThrow(RangeError);
});
