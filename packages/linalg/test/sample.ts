import type { Floats } from '../src/index.ts';

/** Draws numbers between −size and size, the same for the same seed. */
export function sampler(seed: number): (length: number, size?: number) => Float64Array {
  let state = seed >>> 0 || 1;
  return (length, size = 1) =>
    Float64Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return ((state / 2 ** 32) * 2 - 1) * size;
    });
}

/** Numbers between −1 and 1, the same for the same seed. */
export function sample(seed: number, length: number): Float64Array {
  return sampler(seed)(length);
}

/** A symmetric positive definite n × n matrix. */
export function positiveDefinite(seed: number, n: number): Float64Array {
  const x = sample(seed, n * n);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = i === j ? n / 4 : 0;
    for (let l = 0; l < n; l++) sum += (x[i * n + l] as number) * (x[j * n + l] as number);
    return sum;
  });
}

/** The greatest difference of two arrays of one length. */
export function difference(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length) return Number.NaN;
  return Array.from(x).reduce((most, value, i) => Math.max(most, Math.abs(value - (y[i] ?? 0))), 0);
}

/** The arrays that a kind of element lies in. */
export const arrays = {
  f64: (values: ArrayLike<number>): Floats => Float64Array.from(values),
  f32: (values: ArrayLike<number>): Floats => Float32Array.from(values),
};

/** How numbers of an element are rounded. */
export const roundings: Record<'f64' | 'f32', (value: number) => number> = {
  f64: (value: number) => value,
  f32: Math.fround,
};
