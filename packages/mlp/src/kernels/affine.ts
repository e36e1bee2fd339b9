/**
 * The products of a layer: forward, and the gradients of weights, biases and inputs.
 *
 * All arrays are dense and row-major, hold as many rows as are named or more, and do not overlap.
 * Each entry is the sum of its products in order, from 0; results overwrite what was there.
 * Two rows by four columns are summed at once: their eight sums stay in registers.
 */
import type { FloatArray } from '../float-array.ts';

/**
 * z = x·W + b.
 *
 * @param x rows × inputs
 * @param weights inputs × units
 * @param biases one a unit; empty for none
 * @param z rows × units
 */
export function affine(
  x: FloatArray,
  weights: FloatArray,
  biases: FloatArray,
  z: FloatArray,
  rows: number,
  inputs: number,
  units: number,
): void {
  const hasBias = biases.length > 0;
  let i = 0;
  for (; i + 1 < rows; i += 2) {
    const x0 = i * inputs;
    const x1 = x0 + inputs;
    const z0 = i * units;
    const z1 = z0 + units;
    let j = 0;
    for (; j + 3 < units; j += 4) {
      let a0 = 0;
      let a1 = 0;
      let a2 = 0;
      let a3 = 0;
      let b0 = 0;
      let b1 = 0;
      let b2 = 0;
      let b3 = 0;
      let w = j;
      for (let k = 0; k < inputs; k++) {
        const p = x[x0 + k] as number;
        const q = x[x1 + k] as number;
        const w0 = weights[w] as number;
        const w1 = weights[w + 1] as number;
        const w2 = weights[w + 2] as number;
        const w3 = weights[w + 3] as number;
        a0 += p * w0;
        a1 += p * w1;
        a2 += p * w2;
        a3 += p * w3;
        b0 += q * w0;
        b1 += q * w1;
        b2 += q * w2;
        b3 += q * w3;
        w += units;
      }
      if (hasBias) {
        const c0 = biases[j] as number;
        const c1 = biases[j + 1] as number;
        const c2 = biases[j + 2] as number;
        const c3 = biases[j + 3] as number;
        a0 += c0;
        a1 += c1;
        a2 += c2;
        a3 += c3;
        b0 += c0;
        b1 += c1;
        b2 += c2;
        b3 += c3;
      }
      z[z0 + j] = a0;
      z[z0 + j + 1] = a1;
      z[z0 + j + 2] = a2;
      z[z0 + j + 3] = a3;
      z[z1 + j] = b0;
      z[z1 + j + 1] = b1;
      z[z1 + j + 2] = b2;
      z[z1 + j + 3] = b3;
    }
    for (; j + 1 < units; j += 2) {
      let a0 = 0;
      let a1 = 0;
      let b0 = 0;
      let b1 = 0;
      let w = j;
      for (let k = 0; k < inputs; k++) {
        const p = x[x0 + k] as number;
        const q = x[x1 + k] as number;
        const w0 = weights[w] as number;
        const w1 = weights[w + 1] as number;
        a0 += p * w0;
        a1 += p * w1;
        b0 += q * w0;
        b1 += q * w1;
        w += units;
      }
      if (hasBias) {
        const c0 = biases[j] as number;
        const c1 = biases[j + 1] as number;
        a0 += c0;
        a1 += c1;
        b0 += c0;
        b1 += c1;
      }
      z[z0 + j] = a0;
      z[z0 + j + 1] = a1;
      z[z1 + j] = b0;
      z[z1 + j + 1] = b1;
    }
    if (j < units) {
      let a = 0;
      let b = 0;
      let w = j;
      for (let k = 0; k < inputs; k++) {
        const w0 = weights[w] as number;
        a += (x[x0 + k] as number) * w0;
        b += (x[x1 + k] as number) * w0;
        w += units;
      }
      const c = hasBias ? (biases[j] as number) : 0;
      z[z0 + j] = a + c;
      z[z1 + j] = b + c;
    }
  }
  if (i < rows) {
    for (let j = 0; j < units; j++) {
      let sum = 0;
      for (let k = 0; k < inputs; k++) {
        sum += (x[i * inputs + k] as number) * (weights[k * units + j] as number);
      }
      z[i * units + j] = hasBias ? sum + (biases[j] as number) : sum;
    }
  }
}

/**
 * The gradient of the weights: xᵀ·d.
 *
 * @param x rows × inputs
 * @param d rows × units, the gradient of z
 * @param gradient inputs × units
 */
export function weightGradient(
  x: FloatArray,
  d: FloatArray,
  gradient: FloatArray,
  rows: number,
  inputs: number,
  units: number,
): void {
  let k = 0;
  for (; k + 1 < inputs; k += 2) {
    const g0 = k * units;
    const g1 = g0 + units;
    let j = 0;
    for (; j + 3 < units; j += 4) {
      let a0 = 0;
      let a1 = 0;
      let a2 = 0;
      let a3 = 0;
      let b0 = 0;
      let b1 = 0;
      let b2 = 0;
      let b3 = 0;
      let xAt = k;
      let dAt = j;
      for (let i = 0; i < rows; i++) {
        const p = x[xAt] as number;
        const q = x[xAt + 1] as number;
        const d0 = d[dAt] as number;
        const d1 = d[dAt + 1] as number;
        const d2 = d[dAt + 2] as number;
        const d3 = d[dAt + 3] as number;
        a0 += p * d0;
        a1 += p * d1;
        a2 += p * d2;
        a3 += p * d3;
        b0 += q * d0;
        b1 += q * d1;
        b2 += q * d2;
        b3 += q * d3;
        xAt += inputs;
        dAt += units;
      }
      gradient[g0 + j] = a0;
      gradient[g0 + j + 1] = a1;
      gradient[g0 + j + 2] = a2;
      gradient[g0 + j + 3] = a3;
      gradient[g1 + j] = b0;
      gradient[g1 + j + 1] = b1;
      gradient[g1 + j + 2] = b2;
      gradient[g1 + j + 3] = b3;
    }
    for (; j + 1 < units; j += 2) {
      let a0 = 0;
      let a1 = 0;
      let b0 = 0;
      let b1 = 0;
      let xAt = k;
      let dAt = j;
      for (let i = 0; i < rows; i++) {
        const p = x[xAt] as number;
        const q = x[xAt + 1] as number;
        const d0 = d[dAt] as number;
        const d1 = d[dAt + 1] as number;
        a0 += p * d0;
        a1 += p * d1;
        b0 += q * d0;
        b1 += q * d1;
        xAt += inputs;
        dAt += units;
      }
      gradient[g0 + j] = a0;
      gradient[g0 + j + 1] = a1;
      gradient[g1 + j] = b0;
      gradient[g1 + j + 1] = b1;
    }
    if (j < units) {
      let a = 0;
      let b = 0;
      for (let i = 0; i < rows; i++) {
        const d0 = d[i * units + j] as number;
        a += (x[i * inputs + k] as number) * d0;
        b += (x[i * inputs + k + 1] as number) * d0;
      }
      gradient[g0 + j] = a;
      gradient[g1 + j] = b;
    }
  }
  if (k < inputs) {
    for (let j = 0; j < units; j++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        sum += (x[i * inputs + k] as number) * (d[i * units + j] as number);
      }
      gradient[k * units + j] = sum;
    }
  }
}

/**
 * The gradient of the biases: the column sums of d.
 *
 * @param d rows × units
 * @param gradient one a unit
 */
export function biasGradient(
  d: FloatArray,
  gradient: FloatArray,
  rows: number,
  units: number,
): void {
  for (let j = 0; j < units; j++) {
    let sum = 0;
    for (let at = j; at < rows * units; at += units) sum += d[at] as number;
    gradient[j] = sum;
  }
}

/**
 * The gradient of the inputs: d·Wᵀ.
 *
 * @param d rows × units
 * @param weights inputs × units
 * @param dx rows × inputs
 */
export function inputGradient(
  d: FloatArray,
  weights: FloatArray,
  dx: FloatArray,
  rows: number,
  inputs: number,
  units: number,
): void {
  let i = 0;
  for (; i + 1 < rows; i += 2) {
    const d0 = i * units;
    const d1 = d0 + units;
    const x0 = i * inputs;
    const x1 = x0 + inputs;
    let k = 0;
    for (; k + 1 < inputs; k += 2) {
      const w0 = k * units;
      const w1 = w0 + units;
      let a0 = 0;
      let a1 = 0;
      let b0 = 0;
      let b1 = 0;
      for (let j = 0; j < units; j++) {
        const p = d[d0 + j] as number;
        const q = d[d1 + j] as number;
        const v = weights[w0 + j] as number;
        const w = weights[w1 + j] as number;
        a0 += p * v;
        a1 += p * w;
        b0 += q * v;
        b1 += q * w;
      }
      dx[x0 + k] = a0;
      dx[x0 + k + 1] = a1;
      dx[x1 + k] = b0;
      dx[x1 + k + 1] = b1;
    }
    if (k < inputs) {
      let a = 0;
      let b = 0;
      for (let j = 0; j < units; j++) {
        const w = weights[k * units + j] as number;
        a += (d[d0 + j] as number) * w;
        b += (d[d1 + j] as number) * w;
      }
      dx[x0 + k] = a;
      dx[x1 + k] = b;
    }
  }
  if (i < rows) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0;
      for (let j = 0; j < units; j++) {
        sum += (d[i * units + j] as number) * (weights[k * units + j] as number);
      }
      dx[i * inputs + k] = sum;
    }
  }
}
