import { describe, expect, test, vi } from 'vitest';
import { gemm, LinalgError } from '../src/index.ts';
import { kernelMemory, withKernels } from '../src/kernel-memory.ts';
import { type WebAssemblyApi, webAssembly } from '../src/web-assembly.ts';
import { difference, sample } from './sample.ts';

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

describe('fused products', () => {
  const n = 40;
  const [a, b] = [sample(1, n * n), sample(2, n * n)];
  const product = (multiply: typeof gemm, fma: boolean) => {
    const c = new Float64Array(n * n);
    multiply({ m: n, n, k: n, a, b, c, fma });
    return c;
  };
  /** `gemm` in an engine that takes only some modules. */
  const gemmWhere = async (valid: (bytes: Uint8Array) => boolean) => {
    if (webAssembly === undefined)
      throw new Error('these tests need an engine with WebAssembly SIMD');
    const { CompileError, Memory, Module, Instance } = webAssembly;
    const engine: WebAssemblyApi = { CompileError, Memory, Module, Instance, validate: valid };
    vi.stubGlobal('WebAssembly', engine);
    vi.resetModules();
    try {
      return (await import('../src/gemm.ts')).gemm;
    } finally {
      vi.unstubAllGlobals();
    }
  };

  test('agree with the others within rounding', () => {
    expect(difference(product(gemm, true), product(gemm, false))).toBeLessThan(1e-13);
  });

  test('are rounded as the others are, where it has not', async () => {
    const asked: number[] = [];
    const multiply = await gemmWhere((bytes) => {
      asked.push(bytes.length);
      // f64x2.relaxed_madd: the SIMD prefix, then 0x107 in LEB128.
      const relaxed = Buffer.from(bytes).includes(Buffer.from([0xfd, 0x87, 0x02]));
      return !relaxed && webAssembly?.validate(bytes) === true;
    });
    expect(product(multiply, true)).toEqual(product(gemm, false));
    expect(asked).toHaveLength(2);
  });
});
