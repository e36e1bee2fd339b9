import { describe, expect, test } from 'vitest';
import { type Failure, ReconnectPolicy } from '../src/index.ts';

const network: Failure = { cause: 'network', code: 'ECONNREFUSED' };
const dropped: Failure = { cause: 'dropped' };
const http = (status: number, retryAfter?: number): Failure =>
  retryAfter === undefined ? { cause: 'http', status } : { cause: 'http', status, retryAfter };
const disconnect = (code: number): Failure => ({ cause: 'disconnect', code });
const minute = 60_000;

function waits(failures: readonly Failure[], apart = 0): number[] {
  const policy = new ReconnectPolicy();
  return failures.map((failure, i) => policy.after(failure, i * apart));
}

const times = (count: number, failure: Failure): Failure[] => Array(count).fill(failure);

describe('waits, in ms,', () => {
  test.each([
    ['network errors', times(4, network), [250, 500, 750, 1000]],
    [
      'HTTP errors',
      times(8, http(503)),
      [5000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 320_000],
    ],
    [
      'status 420',
      times(6, http(420)),
      [minute, 2 * minute, 4 * minute, 8 * minute, 15 * minute, 15 * minute],
    ],
    ['status 429', times(2, http(429)), [minute, 2 * minute]],
    [
      'too many connections, in words',
      times(2, { cause: 'connection-limit' }),
      [minute, 2 * minute],
    ],
    ['what 429 asks', [http(429, 7000), http(429)], [7000, 2 * minute]],
    ['no longer than 15 minutes, whatever is asked', [http(420, 24 * 60 * minute)], [15 * minute]],
    ['what 503 asks', [http(503, 30_000)], [30_000]],
    ['a duplicate stream: never at once', times(2, disconnect(2)), [minute, 2 * minute]],
    ['other codes: at once', [1, 3, 4, 5].map(disconnect), [0, 250, 500, 750]],
    ['drops without a message between', times(4, dropped), [0, 250, 500, 750]],
    ['a stall: at once', [{ cause: 'stalled' } as const], [0]],
  ])('for %s', (_what, failures, expected) => {
    expect(waits(failures)).toStrictEqual(expected);
  });

  test.each([401, 403, 404, 406, 413, 416])('for ever after status %d', (status) => {
    expect(waits([http(status)])).toStrictEqual([Infinity]);
  });

  test.each([6, 7])('for ever after disconnect code %d', (code) => {
    expect(waits([disconnect(code)])).toStrictEqual([Infinity]);
  });

  test('16 s at most for network errors and idle drops', () => {
    expect(waits(times(100, network)).at(-1)).toBe(16_000);
    expect(waits(times(100, dropped)).at(-1)).toBe(16_000);
  });
});

test('every ladder starts again after a message', () => {
  const policy = new ReconnectPolicy();
  const failures = [network, http(503), http(420), dropped];
  const round = (): number[] => failures.map((failure) => policy.after(failure, 0));
  const first = round();
  expect(round()).not.toStrictEqual(first);
  policy.succeeded();
  expect(round()).toStrictEqual(first);
});

test('a service that cuts after each message is not stormed', () => {
  const policy = new ReconnectPolicy();
  const drop = (now: number): number => {
    policy.succeeded();
    return policy.after(dropped, now);
  };
  expect(Array.from({ length: 8 }, () => drop(0))).toStrictEqual([0, 0, 0, 0, 0, 250, 500, 750]);
  expect(drop(5 * minute)).toBe(0);
});

test('jitter lengthens a wait by no more than its part', () => {
  const half = new ReconnectPolicy({ jitter: 0.1, random: () => 0.5 });
  expect(half.after(http(420), 0)).toBe(63_000);
  expect(half.after(dropped, 0)).toBe(0);
  expect(half.after(http(401), 0)).toBe(Infinity);
  expect(() => new ReconnectPolicy({ jitter: 2 })).toThrow(RangeError);
});
