import { expect } from 'vitest';

/** Expects numbers to agree to a relative 1e-12. */
export function expectNear(actual: ArrayLike<number>, due: readonly number[]): void {
  expect(actual.length).toBe(due.length);
  for (const [i, each] of due.entries()) {
    const error = Math.abs((actual[i] ?? Number.NaN) - each) / Math.abs(each);
    expect(error, `entry ${i}: ${actual[i]} is not ${each}`).toBeLessThanOrEqual(1e-12);
  }
}
