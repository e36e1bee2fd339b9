/**
 * One step of each learning rule over the entries from `from` to below `to` of a parameter.
 *
 * p are the values, g their gradient, `rate` the learning rate times the parameter's scaler; further
 * arrays are what the rule remembers, 0 before the first step. All are changed in place.
 */
import type { FloatArray } from '../float-array.ts';

/** p −= rate · g. */
export function gradientStep(
  p: FloatArray,
  g: FloatArray,
  rate: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) p[i] = (p[i] as number) - rate * (g[i] as number);
}

/** v = m·v − rate·g; p += v. */
export function momentumStep(
  p: FloatArray,
  g: FloatArray,
  v: FloatArray,
  rate: number,
  momentum: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const step = momentum * (v[i] as number) - rate * (g[i] as number);
    v[i] = step;
    p[i] = (p[i] as number) + step;
  }
}

/** v = m·v − rate·g; p += m·v − rate·g. */
export function nesterovStep(
  p: FloatArray,
  g: FloatArray,
  v: FloatArray,
  rate: number,
  momentum: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const pull = rate * (g[i] as number);
    const step = momentum * (v[i] as number) - pull;
    v[i] = step;
    p[i] = (p[i] as number) + (momentum * step - pull);
  }
}

/** s += g²; p −= rate · g / max(floor, √s). */
export function adaGradStep(
  p: FloatArray,
  g: FloatArray,
  s: FloatArray,
  rate: number,
  floor: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const slope = g[i] as number;
    const sum = (s[i] as number) + slope * slope;
    s[i] = sum;
    p[i] = (p[i] as number) - (rate / Math.max(floor, Math.sqrt(sum))) * slope;
  }
}

/** s = decay·s + (1 − decay)·g²; p −= rate · g / max(floor, √s). */
export function rmsPropStep(
  p: FloatArray,
  g: FloatArray,
  s: FloatArray,
  rate: number,
  decay: number,
  floor: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const slope = g[i] as number;
    const mean = decay * (s[i] as number) + (1 - decay) * slope * slope;
    s[i] = mean;
    p[i] = (p[i] as number) - (rate * slope) / Math.max(floor, Math.sqrt(mean));
  }
}

/** s = decay·s + (1 − decay)·g²; δ = −g·√(d + rate)/√(s + rate); d likewise of δ²; p += δ. */
export function adaDeltaStep(
  p: FloatArray,
  g: FloatArray,
  s: FloatArray,
  d: FloatArray,
  rate: number,
  decay: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const slope = g[i] as number;
    const mean = decay * (s[i] as number) + (1 - decay) * slope * slope;
    s[i] = mean;
    const before = d[i] as number;
    const delta = (-Math.sqrt(before + rate) / Math.sqrt(mean + rate)) * slope;
    d[i] = decay * before + (1 - decay) * delta * delta;
    p[i] = (p[i] as number) + delta;
  }
}

/**
 * m = β₁m + (1 − β₁)g; s = β₂s + (1 − β₂)g²; p −= rate · (m/c₁) / (√(s/c₂) + ε).
 *
 * @param c1 1 − β₁ᵗ at step t, c2 likewise: they undo the start from 0
 */
export function adamStep(
  p: FloatArray,
  g: FloatArray,
  m: FloatArray,
  s: FloatArray,
  rate: number,
  beta1: number,
  beta2: number,
  c1: number,
  c2: number,
  epsilon: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const slope = g[i] as number;
    const mean = beta1 * (m[i] as number) + (1 - beta1) * slope;
    const square = beta2 * (s[i] as number) + (1 - beta2) * slope * slope;
    m[i] = mean;
    s[i] = square;
    p[i] = (p[i] as number) - (rate * (mean / c1)) / (Math.sqrt(square / c2) + epsilon);
  }
}
