/**
 * The products of a layer: by the plain loops when it is small, by `gemm` of linalg when it is large,
 * which fuses products and sums if `fma`.
 */
import { gemm } from '@holdfast/linalg';
import type { FloatArray } from './float-array.ts';
import * as plain from './kernels/affine.ts';

/** From so many products on, blocked panels are worth their packing. */
const largeProduct = 65_536;

/** See `affine` in kernels. */
export function affine(
  x: FloatArray,
  weights: FloatArray,
  biases: FloatArray,
  z: FloatArray,
  rows: number,
  inputs: number,
  units: number,
  fma: boolean,
): void {
  if (rows * inputs * units < largeProduct) {
    plain.affine(x, weights, biases, z, rows, inputs, units);
    return;
  }
  const beta = biases.length > 0 ? 1 : 0;
  if (beta === 1) for (let i = 0; i < rows; i++) z.set(biases, i * units);
  gemm({
    ...{ m: rows, n: units, k: inputs, beta, fma },
    ...{ a: part(x, rows * inputs), b: weights, c: part(z, rows * units) },
  });
}

/** See `weightGradient` in kernels. */
export function weightGradient(
  x: FloatArray,
  d: FloatArray,
  gradient: FloatArray,
  rows: number,
  inputs: number,
  units: number,
  fma: boolean,
): void {
  if (rows * inputs * units < largeProduct) {
    plain.weightGradient(x, d, gradient, rows, inputs, units);
    return;
  }
  gemm({
    ...{ m: inputs, n: units, k: rows, transposeA: true, fma },
    ...{ a: part(x, rows * inputs), b: part(d, rows * units), c: gradient },
  });
}

/** See `inputGradient` in kernels. */
export function inputGradient(
  d: FloatArray,
  weights: FloatArray,
  dx: FloatArray,
  rows: number,
  inputs: number,
  units: number,
  fma: boolean,
): void {
  if (rows * inputs * units < largeProduct) {
    plain.inputGradient(d, weights, dx, rows, inputs, units);
    return;
  }
  gemm({
    ...{ m: rows, n: inputs, k: units, transposeB: true, fma },
    ...{ a: part(d, rows * units), b: weights, c: part(dx, rows * inputs) },
  });
}

function part(values: FloatArray, length: number): FloatArray {
  return values.length === length ? values : values.subarray(0, length);
}
