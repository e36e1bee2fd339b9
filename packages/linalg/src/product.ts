import { directBytes, scratchBytes } from './kernel-layout.ts';
import { elementOf, type Floats, type KernelMemory, withKernels } from './kernel-memory.ts';
import { combine, floatsLike } from './operand.ts';
import { type ProductSizes, plainProduct, type Strided } from './plain-product.ts';
import { multiplyVector } from './vector-product.ts';

/** C = alpha · A · B + beta · C, with all that has been checked. */
export interface Product extends ProductSizes {
  readonly a: Strided;
  readonly b: Strided;
  readonly c: Floats;
  readonly ldc: number;
  readonly alpha: number;
  readonly beta: number;
  /** Whether only the entries on and below the diagonal are wanted; those above may be anything. */
  readonly lower: boolean;
  readonly fma: boolean;
}

// Below, copying in and out costs more than the kernels save (measured; see the README).
const leastWork = 256;

/** Multiplies by the kernels or, where that is faster or there are none, in plain loops. */
export function multiplyInto(product: Product): void {
  const { m, n, k, a, b, c, ldc, fma } = product;
  const multiply = m === 1 || n === 1 ? multiplyByVector : multiplyByKernels;
  if (m * n * k >= leastWork && withKernels(fma, (memory) => multiply(memory, product))) return;
  const bare = product.alpha === 1 && product.beta === 0;
  const t = bare ? c : floatsLike(c, m * n);
  plainProduct({ m, n, k }, a, b, t, bare ? ldc : n);
  if (!bare) combine({ ...product, ldt: n }, t);
}

function multiplyByVector(memory: KernelMemory, product: Product): true {
  const { m, n, k, a, b } = product;
  // A row times B is Bᵀ times a column.
  const t =
    n === 1
      ? multiplyVector(memory, { m, k }, a, b.data, b.row)
      : multiplyVector(
          memory,
          { m: n, k },
          { ...b, row: b.column, column: b.row },
          a.data,
          a.column,
        );
  combine({ ...product, ldt: n }, t);
  return true;
}

function multiplyByKernels(memory: KernelMemory, product: Product): true {
  const { m, n, k, a, b, c, lower } = product;
  const element = elementOf(c);
  const size = c.BYTES_PER_ELEMENT;
  const aLength = spanOf(a, m, k);
  const bLength = spanOf(b, k, n);
  // Small factors are multiplied as they lie; the rows of the product are whole vectors then.
  const even = (n * size) % 16 === 0 || n <= 32;
  const direct = b.column === 1 && k * n * size <= directBytes && even;
  const ldt = direct ? Math.ceil((n * size) / 16) * (16 / size) : n;
  const aAt = memory.takeFloats(element, aLength);
  const bAt = b.data === a.data && bLength === aLength ? aAt : memory.takeFloats(element, bLength);
  const tAt = memory.takeFloats(element, m * ldt);
  const scratch = direct ? 0 : memory.take(scratchBytes);
  memory.floats(element, aAt, aLength).set(a.data.subarray(0, aLength));
  if (bAt !== aAt) memory.floats(element, bAt, bLength).set(b.data.subarray(0, bLength));
  const left = [aAt, a.row * size, a.column * size] as const;
  if (direct) {
    const run = memory.kernel(element, 'DirectProduct');
    run(m, ldt * size, k, ...left, bAt, b.row * size, 0, 0, tAt, ldt * size);
  } else {
    const run = memory.kernel(element, 'Product');
    const right = [bAt, b.row * size, b.column * size] as const;
    run(m, n, k, ...left, ...right, tAt, n * size, 0, 1, lower ? 1 : 0, scratch);
  }
  combine({ ...product, ldt }, memory.floats(element, tAt, m * ldt));
  return true;
}

function spanOf({ row, column }: Strided, rows: number, columns: number): number {
  return (rows - 1) * row + (columns - 1) * column + 1;
}
