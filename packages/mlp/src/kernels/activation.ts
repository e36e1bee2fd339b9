/**
 * Activations in place, and the step back from the gradient of the outputs to that of z.
 *
 * `count` entries from the start are worked on; `outputs` are what the activation gave.
 */
import type { FloatArray } from '../float-array.ts';
import { exponential } from './exponential.ts';

/** z becomes 1/(1 + e^−z). */
export function sigmoid(z: FloatArray, count: number): void {
  for (let i = 0; i < count; i++) z[i] = 1 / (1 + exponential(-(z[i] as number)));
}

/** gradient ·= h(1 − h). */
export function sigmoidBack(outputs: FloatArray, gradient: FloatArray, count: number): void {
  for (let i = 0; i < count; i++) {
    const h = outputs[i] as number;
    gradient[i] = (gradient[i] as number) * h * (1 - h);
  }
}

/** z becomes tanh z. */
export function tanh(z: FloatArray, count: number): void {
  for (let i = 0; i < count; i++) z[i] = Math.tanh(z[i] as number);
}

/** gradient ·= 1 − h². */
export function tanhBack(outputs: FloatArray, gradient: FloatArray, count: number): void {
  for (let i = 0; i < count; i++) {
    const h = outputs[i] as number;
    gradient[i] = (gradient[i] as number) * (1 - h * h);
  }
}

/** z becomes z above 0, leftSlope · z elsewhere. */
export function rectify(z: FloatArray, count: number, leftSlope: number): void {
  for (let i = 0; i < count; i++) {
    const value = z[i] as number;
    z[i] = value > 0 ? value : leftSlope * value;
  }
}

/** gradient ·= leftSlope where z was not above 0; leftSlope is not below 0. */
export function rectifyBack(
  outputs: FloatArray,
  gradient: FloatArray,
  count: number,
  leftSlope: number,
): void {
  for (let i = 0; i < count; i++) {
    if (!((outputs[i] as number) > 0)) gradient[i] = (gradient[i] as number) * leftSlope;
  }
}

/** z becomes log(1 + e^z). */
export function softplus(z: FloatArray, count: number): void {
  for (let i = 0; i < count; i++) z[i] = softplusOf(z[i] as number);
}

/** gradient ·= 1 − e^−h, which is the sigmoid of z. */
export function softplusBack(outputs: FloatArray, gradient: FloatArray, count: number): void {
  for (let i = 0; i < count; i++) {
    gradient[i] = (gradient[i] as number) * -Math.expm1(-(outputs[i] as number));
  }
}

/** log(1 + e^z) without overflow. */
export function softplusOf(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}
