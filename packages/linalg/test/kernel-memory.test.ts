import { describe, expect, test } from 'vitest';
import { LinalgError } from '../src/index.ts';
import { kernelMemory, withKernels } from '../src/kernel-memory.ts';

function memoryOf(fma: boolean) {
  const memory = kernelMemory({ fma });
  if (memory === undefined) throw new Error('these tests need an engine with WebAssembly SIMD');
  return memory;
}

describe('a memory of kernels', () => {
  test('grows, keeping what it holds', () => {
    const memory = memoryOf(false);
    const first = memory.take(64);
    memory.f64(first, 1)[0] = 7;
    const before = memory.size;
    const second = memory.take(before * 3);
    expect(memory.size).toBeGreaterThan(before * 3);
    expect(second % 16).toBe(0);
    expect(memory.f64(first, 1)[0]).toBe(7);
  });

  test('says how much could not be had, and stays usable', () => {
    const memory = memoryOf(false);
    const error = (() => {
      try {
        memory.take(3 * 2 ** 30);
      } catch (caught) {
        return caught;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(LinalgError);
    expect(error).toMatchObject({ code: 'memory-exhausted' });
    expect(String(error)).toMatch(/need 3073 MB .*2047 MB at most/);
    expect(memory.take(16)).toBe(16);
  });

  test('is lent in turn, and all that was taken is given back', () => {
    const used = withKernels(false, (memory) => memory.used);
    withKernels(false, (memory) => memory.take(1000));
    expect(withKernels(false, (memory) => memory.used)).toBe(used);
    expect(() =>
      withKernels(false, (memory) => {
        memory.take(1000);
        throw new Error('planned');
      }),
    ).toThrow('planned');
    expect(withKernels(false, (memory) => memory.used)).toBe(used);
  });

  test('is let go when a call has made it large', () => {
    const large = withKernels(true, (memory) => {
      memory.take(80 * 2 ** 20);
      return memory;
    });
    expect(withKernels(true, (memory) => memory)).not.toBe(large);
  });

  test('has kernels for each element, and names one that is missing', () => {
    const memory = memoryOf(true);
    expect(memory.kernel('f32', 'Product')).toBeTypeOf('function');
    expect(() => memory.kernel('f64', 'Quotient')).toThrow('there is no kernel f64Quotient');
  });
});
