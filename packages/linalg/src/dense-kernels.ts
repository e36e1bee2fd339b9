import { scratchBytes } from './kernel-layout.ts';
import {
  type ElementName,
  type Floats,
  type KernelMemory,
  kernelMemory,
  withKernels,
} from './kernel-memory.ts';
import { PlainKernels } from './plain-kernels.ts';
import { WasmKernels } from './wasm-kernels.ts';

/** A matrix in an array: entry (i, j) at offset + i · row + j · column. */
export interface Block {
  readonly data: Floats;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

/** How a product goes into C. */
export interface ProductMode {
  readonly sign: 1 | -1;
  /** Whether to add to C, or to overwrite it. */
  readonly adds: boolean;
  /** Entries beyond the triangle may be anything afterwards; they are, or may be, not computed. */
  readonly triangle: 'all' | 'lower' | 'upper';
}

/**
 * The steps of which decompositions are made, in plain loops or by the kernels, with the same bits
 * unless fused. Arrays are those that `floats` gave; rows that are passed whole have a stride of
 * `strideOf`, and what pads them holds 0.
 */
export interface DenseKernels {
  /** Arrays of zeros of these lengths, all there will be: asking again makes the old ones unusable. */
  floats<N extends string>(lengths: Readonly<Record<N, number>>): Record<N, Floats>;
  /** m × k times k × n, in the order of k; the columns of C lie together. */
  product(
    sizes: { readonly m: number; readonly n: number; readonly k: number },
    a: Block,
    b: Block,
    c: Block,
    mode: ProductMode,
  ): void;
  /** Overwrites the rows of B with X, where L · X = B; L has 1 on its diagonal if `unit`. */
  solveLower(n: number, columns: number, l: Block, b: Block, unit: boolean): void;
  /** Rows from `from` to before `to` of U; gives the row whose pivot is not above 0, or −1. */
  choleskyRows(u: Floats, stride: number, from: number, to: number): number;
  /** U of A + sign · x · xᵀ from that of A; gives the row that would not do, or −1. Uses x up. */
  choleskyRotate(u: Floats, stride: number, n: number, x: Floats, sign: 1 | -1): number;
  /** A −= v · wᵀ + w · vᵀ, then p += Aᵀ · next, on the leading n × n. */
  reflect(n: number, a: Floats, stride: number, vectors: ReflectVectors): void;
  /**
   * Rotates rows i and i + 1 by cosine[i] and sine[i], for i from `to` − 1 down to `from`; what pads
   * `columns` to whole vectors holds 0.
   */
  rotateRows(rows: Block, columns: number, turns: Turns): void;
}

/** Vectors of one stride's length each, 0 from n on. */
export interface ReflectVectors {
  readonly v: Floats;
  readonly w: Floats;
  readonly next: Floats;
  readonly p: Floats;
}

/** Rotations of neighbouring rows, each by its row's place. */
export interface Turns {
  readonly from: number;
  readonly to: number;
  readonly cosines: Floats;
  readonly sines: Floats;
}

/** Numbers from one row to the next: whole vectors, and not a power of 2, which caches dislike. */
export function strideOf(element: ElementName, n: number): number {
  const lanes = element === 'f32' ? 4 : 2;
  const stride = Math.ceil(n / lanes) * lanes;
  return (stride / lanes) % 64 === 0 ? stride + 4 * lanes : stride;
}

/** Kernels with a memory of their own, for what stays; plain ones where there are none. */
export function ownKernels(element: ElementName, fma: boolean): DenseKernels {
  const memory = kernelMemory({ fma });
  return memory === undefined ? new PlainKernels(element) : wasmKernels(memory, element);
}

/** Lends kernels for one call. */
export function withDenseKernels<T>(
  element: ElementName,
  fma: boolean,
  use: (kernels: DenseKernels) => T,
): T {
  const lent = withKernels(fma, (memory) => ({ result: use(wasmKernels(memory, element)) }));
  return lent === undefined ? use(new PlainKernels(element)) : lent.result;
}

function wasmKernels(memory: KernelMemory, element: ElementName): DenseKernels {
  return new WasmKernels(memory, element, memory.take(scratchBytes));
}
