import type { FloatArray } from '../float-array.ts';
import { exponential } from './exponential.ts';

/** Each of `rows` rows of z becomes e^z over its sum; the highest is taken off first. */
export function softmax(z: FloatArray, rows: number, units: number): void {
  for (let from = 0; from < rows * units; from += units) {
    const to = from + units;
    let highest = z[from] as number;
    for (let k = from + 1; k < to; k++) {
      const value = z[k] as number;
      if (value > highest) highest = value;
    }
    let total = 0;
    for (let k = from; k < to; k++) {
      const power = exponential((z[k] as number) - highest);
      z[k] = power;
      total += power;
    }
    for (let k = from; k < to; k++) z[k] = (z[k] as number) / total;
  }
}

/** The sum over the rows of −Σₖ yₖ · log softmax(z)ₖ, from z itself: no p rounds to 0. */
export function negativeLogLikelihood(
  z: FloatArray,
  y: FloatArray,
  rows: number,
  units: number,
): number {
  let sum = 0;
  for (let from = 0; from < rows * units; from += units) {
    const to = from + units;
    let highest = z[from] as number;
    for (let k = from + 1; k < to; k++) highest = Math.max(highest, z[k] as number);
    let total = 0;
    for (let k = from; k < to; k++) total += exponential((z[k] as number) - highest);
    const logTotal = Math.log(total);
    for (let k = from; k < to; k++) {
      sum -= (y[k] as number) * ((z[k] as number) - highest - logTotal);
    }
  }
  return sum;
}

/**
 * gradient = (outputs · Σₖ yₖ − y)/rows: how the mean negative log-likelihood changes with z.
 *
 * For classes, Σₖ yₖ is 1.
 */
export function softmaxGradient(
  outputs: FloatArray,
  y: FloatArray,
  gradient: FloatArray,
  rows: number,
  units: number,
): void {
  for (let from = 0; from < rows * units; from += units) {
    const to = from + units;
    let sum = 0;
    for (let k = from; k < to; k++) sum += y[k] as number;
    for (let k = from; k < to; k++) {
      gradient[k] = ((outputs[k] as number) * sum - (y[k] as number)) / rows;
    }
  }
}

/** gradient = (outputs − y)/divisor: how the mean cost of sigmoid and linear outputs changes with z. */
export function residual(
  outputs: FloatArray,
  y: FloatArray,
  gradient: FloatArray,
  count: number,
  divisor: number,
): void {
  for (let i = 0; i < count; i++) {
    gradient[i] = ((outputs[i] as number) - (y[i] as number)) / divisor;
  }
}
