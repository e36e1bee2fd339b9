import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernelModule } from '../kernels/kernels.ts';
import { kernelSource } from '../kernels/source.ts';
import { webAssembly } from '../src/web-assembly.ts';

describe('the kernels', () => {
  test('are the bytes that their sources build', () => {
    const file = join(import.meta.dirname, '../src/kernel-bytes.ts');
    expect(kernelSource() === readFileSync(file, 'utf8')).toBe(true);
  });

  test.each([false, true])('are a valid module, fused %s', (fused) => {
    expect(webAssembly?.validate(kernelModule({ fused }))).toBe(true);
  });

  test('use relaxed instructions only where they are fused', () => {
    // f32x4.relaxed_madd: the SIMD prefix, then 0x105 in LEB128.
    const madd = (bytes: Uint8Array) =>
      Buffer.from(bytes).includes(Buffer.from([0xfd, 0x85, 0x02]));
    expect([false, true].map((fused) => madd(kernelModule({ fused })))).toEqual([false, true]);
  });
});
