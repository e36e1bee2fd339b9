import { elementOf, type Floats, type KernelMemory } from './kernel-memory.ts';
import { floatsLike } from './operand.ts';
import type { Strided } from './plain-product.ts';

// So much of a matrix is copied at a time that it is still in the second cache when it is read.
const partBytes = 2 ** 18;

/**
 * A · x by the kernels: m × k entries, of which either rows or columns lie together, times the k
 * entries of x, `step` apart. A passes through the memory part by part.
 */
export function multiplyVector(
  memory: KernelMemory,
  { m, k }: { readonly m: number; readonly k: number },
  a: Strided,
  x: Floats,
  step: number,
): Floats {
  const element = elementOf(x);
  const size = x.BYTES_PER_ELEMENT;
  const byRows = a.column === 1;
  const [lines, length, leading] = byRows ? [m, k, a.row] : [k, m, a.column];
  const atOnce = Math.max(8, Math.floor(partBytes / (leading * size)));
  const xAt = memory.takeFloats(element, k);
  // Whole vectors are written: leave room after the last entry.
  const yAt = memory.takeFloats(element, m + 16 / size);
  const partLength = (Math.min(lines, atOnce) - 1) * leading + length;
  const partAt = memory.takeFloats(element, partLength + 16 / size);
  const copied = memory.floats(element, xAt, k);
  for (let l = 0; l < k; l++) copied[l] = x[l * step] as number;
  memory.floats(element, yAt, m + 16 / size).fill(0);
  const part = memory.floats(element, partAt, partLength);
  const rows = memory.kernel(element, 'VectorProduct');
  const columns = memory.kernel(element, 'DirectProduct');
  const width = Math.ceil((m * size) / 16) * 16;
  for (let from = 0; from < lines; from += atOnce) {
    const count = Math.min(atOnce, lines - from);
    const first = from * leading;
    part.set(a.data.subarray(first, first + (count - 1) * leading + length));
    if (byRows) rows(count, k, partAt, leading * size, xAt, yAt + from * size);
    else
      columns(1, width, count, xAt + from * size, 0, size, partAt, leading * size, yAt, 0, yAt, 0);
  }
  const y = floatsLike(x, m);
  y.set(memory.floats(element, yAt, m));
  return y;
}
