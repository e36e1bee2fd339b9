import { describe, expect, test } from 'vitest';
import { type DenseKernels, ownKernels, strideOf } from '../src/dense-kernels.ts';
import type { Floats } from '../src/index.ts';
import { PlainKernels } from '../src/plain-kernels.ts';
import { WasmKernels } from '../src/wasm-kernels.ts';
import { sample } from './sample.ts';

/** The same steps in plain loops and by the kernels; gives what each left. */
function both(
  element: 'f64' | 'f32',
  lengths: Readonly<Record<string, number>>,
  steps: (kernels: DenseKernels, arrays: Readonly<Record<string, Floats>>) => void,
): Record<string, number[]>[] {
  const kernels = ownKernels(element, false);
  expect(kernels).toBeInstanceOf(WasmKernels);
  return [new PlainKernels(element), kernels].map((each) => {
    const arrays = each.floats(lengths);
    for (const [i, array] of Object.values(arrays).entries())
      array.set(sample(i + 1, array.length));
    steps(each, arrays);
    return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, [...array]]));
  });
}

const none = new Float64Array();

describe.each(['f64', 'f32'] as const)(
  'the kernels have the bits of the plain loops, %s',
  (element) => {
    test.each([1, 2, 3, 4, 7, 16, 33])('reflecting, n %i', (n) => {
      const stride = strideOf(element, n);
      const lengths = { a: n * stride, v: stride, w: stride, next: stride, p: stride };
      const [plain, kernels] = both(element, lengths, (each, { a = none, ...vectors }) => {
        const { v = none, w = none, next = none, p = none } = vectors;
        for (const vector of [v, w, next, p]) vector.fill(0, n);
        for (let i = 0; i < n; i++) a.fill(0, i * stride + n, (i + 1) * stride);
        each.reflect(n, a, stride, { v, w, next, p });
      });
      expect(kernels).toEqual(plain);
    });

    test.each([2, 3, 5, 9, 40])('rotating rows, n %i', (n) => {
      const stride = strideOf(element, n);
      const lengths = { z: n * stride, cosines: stride, sines: stride };
      const [plain, kernels] = both(
        element,
        lengths,
        (each, { z = none, cosines = none, sines = none }) => {
          const rows = { data: z, offset: 0, row: stride, column: 1 };
          const clear = () => {
            for (let i = 0; i < n; i++) z.fill(0, i * stride + n, (i + 1) * stride);
          };
          clear();
          each.rotateRows(rows, n, { from: 1, to: n - 1, cosines, sines });
          each.rotateRows(rows, n, { from: 0, to: n - 1, cosines, sines });
          // The padding holds 0, but of either sign.
          clear();
        },
      );
      expect(kernels).toEqual(plain);
    });

    test.each([
      { triangle: 'all', sign: 1, adds: false },
      { triangle: 'all', sign: -1, adds: true },
      { triangle: 'lower', sign: 1, adds: true },
      { triangle: 'upper', sign: -1, adds: true },
    ] as const)('products, $triangle $sign $adds', (mode) => {
      const n = 29;
      const [plain, kernels] = both(element, { a: n * n, b: n * n, c: n * n }, (each, arrays) => {
        const { a = none, b = none, c = none } = arrays;
        // One factor read backwards, one transposed.
        const back = { data: a, offset: n * n - 1, row: -n, column: -1 };
        const across = { data: b, offset: 0, row: 1, column: n };
        each.product(
          { m: n, n, k: n },
          back,
          across,
          { data: c, offset: 0, row: n, column: 1 },
          mode,
        );
        for (let i = 0; i < n; i++) {
          if (mode.triangle === 'lower') c.fill(0, i * n + i + 1, (i + 1) * n);
          if (mode.triangle === 'upper') c.fill(0, i * n, i * n + i);
        }
      });
      expect(kernels).toEqual(plain);
    });
  },
);
