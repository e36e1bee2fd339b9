import { describe, expect, test } from 'vitest';
import {
  And,
  ChannelInf,
  ChannelTarget,
  EpochCounter,
  MatchChannel,
  MonitorBased,
  Or,
  type TerminationCriterion,
  UnknownChannelError,
} from '../src/index.ts';
import { tinyNet } from './nets.ts';

/** What a criterion says after each of the values of channel `c`. */
function answers(
  criterion: TerminationCriterion,
  values: readonly number[],
  net = tinyNet().net,
): boolean[] {
  return values.map((value) => {
    net.monitor.record('c', value);
    return criterion.continueLearning(net);
  });
}

/** How many answers are yes before the first no. */
const epochs = (criterion: TerminationCriterion, values: readonly number[]) =>
  answers(criterion, values).indexOf(false);

describe('MonitorBased', () => {
  const strict = (N: number) => new MonitorBased({ channelName: 'c', N, propDecrease: 0 });

  test('stops after N values in a row that are not better; equal is not better', () => {
    expect(answers(strict(3), [5, 4, 4, 4, 4])).toEqual([true, true, true, true, false]);
    expect(epochs(strict(3), [5, 6, 6, 4, 4, 4, 4])).toBe(6);
  });

  test('asks for a share of the best value', () => {
    const criterion = () => new MonitorBased({ channelName: 'c', N: 2, propDecrease: 0.1 });
    expect(epochs(criterion(), [100, 89, 80, 80, 80])).toBe(4);
    expect(epochs(criterion(), [100, 95, 95, 95])).toBe(2);
  });

  test('stops when a channel creeps: the best also takes falls too small to count', () => {
    const creeping = Array.from({ length: 20 }, (_, i) => 100 * 0.95 ** i);
    const criterion = new MonitorBased({ channelName: 'c', N: 5, propDecrease: 0.1 });
    expect(epochs(criterion, creeping)).toBe(5);
  });

  test('by default it is 1 % of the objective in 5', () => {
    const { net } = tinyNet();
    const criterion = new MonitorBased();
    const found = [1, 0.995, 0.994, 0.993, 0.992, 0.991].map((value) => {
      net.monitor.record('objective', value);
      return criterion.continueLearning(net);
    });
    expect(found).toEqual([true, true, true, true, true, false]);
  });

  test('NaN counts down, and does not become the best', () => {
    expect(epochs(strict(2), [5, Number.NaN, 4, 5, 5])).toBe(4);
  });
});

test('a target is reached, not only passed', () => {
  expect(answers(new ChannelTarget({ channelName: 'c', target: 2 }), [3, 2.1, 2])).toEqual([
    true,
    true,
    false,
  ]);
});

test('an infinite channel stops, whichever its sign', () => {
  const inf = () => new ChannelInf({ channelName: 'c' });
  expect(answers(inf(), [1, Infinity])).toEqual([true, false]);
  expect(answers(inf(), [-1, -Infinity])).toEqual([true, false]);
});

test('a second training goes on until it has reached the last value of the first', () => {
  const { net } = tinyNet();
  for (const value of [3, 2, 1.5]) net.monitor.record('train_c', value);
  net.pushMonitor('first');
  expect(net.monitor.channels).toEqual({});
  const options = { channelName: 'c', prevChannelName: 'train_c', prevMonitorName: 'first' };
  expect(answers(new MatchChannel(options), [2, 1.6, 1.5], net)).toEqual([true, true, false]);
  expect(() => net.pushMonitor('first')).toThrow('there is a monitor "first" already');
  const lost = new MatchChannel({ ...options, prevMonitorName: 'second' });
  expect(() => lost.continueLearning(net)).toThrow('put aside as "second"');
});

describe('several criteria', () => {
  const says = (...all: boolean[]) => {
    const asked = { times: 0 };
    return { asked, continueLearning: () => all[asked.times++] ?? true };
  };

  test('And stops when any does, and asks no further', () => {
    const [yes, no, unasked] = [says(true), says(false), says(true)];
    const { net } = tinyNet();
    expect(new And([yes, yes]).continueLearning(net)).toBe(true);
    expect(new And([yes, no, unasked]).continueLearning(net)).toBe(false);
    expect(unasked.asked.times).toBe(0);
  });

  test('Or goes on while any does, and asks no further', () => {
    const [yes, no, unasked] = [says(true), says(false, false, false), says(true)];
    const { net } = tinyNet();
    expect(new Or([no, yes, unasked]).continueLearning(net)).toBe(true);
    expect(new Or([no, no]).continueLearning(net)).toBe(false);
    expect(unasked.asked.times).toBe(0);
  });

  test('patience within a limit', () => {
    const { net } = tinyNet();
    const criterion = new And([
      new MonitorBased({ channelName: 'c', N: 50, propDecrease: 0 }),
      new EpochCounter(3),
    ]);
    const found = [5, 4, 3, 2].map((value) => {
      net.monitor.record('c', value);
      const goesOn = criterion.continueLearning(net);
      net.monitor.reportEpoch();
      return goesOn;
    });
    expect(found).toEqual([true, true, true, false]);
  });
});

test('a channel that is not there is refused by name', () => {
  const { net } = tinyNet();
  net.monitor.record('output_misclass', 1);
  const criterion = new MonitorBased({ channelName: 'ouput_misclass' });
  expect(() => criterion.continueLearning(net)).toThrow(UnknownChannelError);
  expect(() => criterion.continueLearning(net)).toThrow('did you mean output_misclass?');
});

test.each<{ make: () => unknown }>([
  { make: () => new MonitorBased({ N: 0 }) },
  { make: () => new MonitorBased({ propDecrease: 1 }) },
  { make: () => new ChannelTarget({ channelName: 'c', target: Number.NaN }) },
])('refuses $make', ({ make }) => {
  expect(make).toThrow(RangeError);
});
