import { describe, expect, test } from 'vitest';
import { elementary, log } from '../src/elementary.ts';

const steps = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * (i + 0.5)) / count);

/** The greatest error over the points, as a part of the true value. */
function worst(
  points: readonly number[],
  found: (x: number) => number,
  due: (x: number) => number,
) {
  return Math.max(...points.map((x) => Math.abs(found(x) - due(x)) / Math.abs(due(x))));
}

// The distance from 1 to the next number.
const epsilons = { f64: 2 ** -52, f32: 2 ** -23 } as const;

describe.each(['f64', 'f32'] as const)('%s', (element) => {
  const { exp, expm1, log1p, sigmoid, round } = elementary(element);
  const points = (from: number, to: number) => steps(from, to, 20_000).map(round);
  const unit = epsilons[element];

  test('exp is right to two units in the last place', () => {
    const points_ = [...points(-1, 0), ...points(element === 'f32' ? -87 : -700, 0)];
    expect(worst(points_, exp, Math.exp)).toBeLessThan(2 * unit);
  });

  test('expm1 is right to two units, also next to 0', () => {
    const all = [...points(-40, 0), ...points(-1, 0), ...points(-1e-6, 0)];
    expect(worst(all, expm1, Math.expm1)).toBeLessThan(2 * unit);
  });

  test('log1p is right to two units, also next to 0', () => {
    expect(worst([...points(0, 1), ...points(0, 1e-6)], log1p, Math.log1p)).toBeLessThan(2 * unit);
  });

  test('sigmoid is right to three units, and keeps from overflow and NaN', () => {
    const limit = element === 'f32' ? 87 : 700;
    const all = [...points(-limit, limit), ...points(-1, 1)];
    expect(worst(all, sigmoid, (x) => 1 / (1 + Math.exp(-x)))).toBeLessThan(3 * unit);
    expect([sigmoid(1e9), sigmoid(Number.POSITIVE_INFINITY), sigmoid(0)]).toEqual([1, 1, 0.5]);
    expect(sigmoid(-1e9)).toBeLessThan(1e-37);
    expect(sigmoid(Number.NaN)).toBeNaN();
  });

  test('exp ends in 0 and keeps NaN', () => {
    expect([exp(Number.NEGATIVE_INFINITY), exp(-1e9), exp(Number.NaN), exp(0)]).toEqual([
      0,
      0,
      Number.NaN,
      1,
    ]);
    expect([expm1(Number.NEGATIVE_INFINITY), expm1(Number.NaN)]).toEqual([-1, Number.NaN]);
  });
});

test('log is right to two units from 1 up', () => {
  expect(
    worst([...steps(1, 2, 10_000), ...steps(1, 1e6, 10_000), 1e300], log, Math.log),
  ).toBeLessThan(2 ** -51);
  expect([log(1), log(Number.NaN), log(Number.POSITIVE_INFINITY)]).toEqual([
    0,
    Number.NaN,
    Number.NaN,
  ]);
});
