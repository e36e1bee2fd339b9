import type { Block, DenseKernels, ProductMode, ReflectVectors, Turns } from './dense-kernels.ts';
import type { ElementName, Floats, Kernel, KernelMemory } from './kernel-memory.ts';

const triangles = { all: 0, lower: 1, upper: -1 } as const;

/** The steps of decompositions, by the kernels. */
export class WasmKernels implements DenseKernels {
  readonly #memory: KernelMemory;
  readonly #element: ElementName;
  readonly #size: number;
  readonly #scratch: number;
  readonly #product: Kernel;
  readonly #solveLower: Kernel;
  readonly #choleskyRows: Kernel;
  readonly #choleskyRotate: Kernel;
  readonly #reflect: Kernel;
  readonly #rotateRows: Kernel;

  /** `scratch` is room for `scratchBytes`. */
  constructor(memory: KernelMemory, element: ElementName, scratch: number) {
    this.#memory = memory;
    this.#element = element;
    this.#size = element === 'f32' ? 4 : 8;
    this.#scratch = scratch;
    this.#product = memory.kernel(element, 'Product');
    this.#solveLower = memory.kernel(element, 'SolveLower');
    this.#choleskyRows = memory.kernel(element, 'CholeskyRows');
    this.#choleskyRotate = memory.kernel(element, 'CholeskyRotate');
    this.#reflect = memory.kernel(element, 'Reflect');
    this.#rotateRows = memory.kernel(element, 'RotateRows');
  }

  floats<N extends string>(lengths: Readonly<Record<N, number>>): Record<N, Floats> {
    const places = Object.entries<number>(lengths).map(([name, length]) => {
      return { name, length, address: this.#memory.takeFloats(this.#element, length) };
    });
    const entries = places.map(({ name, length, address }) => {
      return [name, this.#memory.floats(this.#element, address, length).fill(0)];
    });
    return Object.fromEntries(entries) as Record<N, Floats>;
  }

  product(
    { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
    a: Block,
    b: Block,
    c: Block,
    { sign, adds, triangle }: ProductMode,
  ): void {
    const to = [this.#address(c), c.row * this.#size, adds ? 1 : 0, sign, triangles[triangle]];
    this.#product(m, n, k, ...this.#place(a), ...this.#place(b), ...to, this.#scratch);
  }

  solveLower(n: number, columns: number, l: Block, b: Block, unit: boolean): void {
    const width = Math.ceil((columns * this.#size) / 16) * 16;
    const to = [this.#address(b), b.row * this.#size, unit ? 1 : 0];
    this.#solveLower(n, width, ...this.#place(l), ...to);
  }

  choleskyRows(u: Floats, stride: number, from: number, to: number): number {
    return this.#choleskyRows(u.byteOffset, stride * this.#size, from, to);
  }

  choleskyRotate(u: Floats, stride: number, n: number, x: Floats, sign: 1 | -1): number {
    return this.#choleskyRotate(u.byteOffset, stride * this.#size, n, x.byteOffset, sign);
  }

  reflect(n: number, a: Floats, stride: number, { v, w, next, p }: ReflectVectors): void {
    const width = Math.ceil((n * this.#size) / 16) * 16;
    const vectors = [v, w, next, p].map((each) => each.byteOffset);
    this.#reflect(n, width, a.byteOffset, stride * this.#size, ...vectors);
  }

  rotateRows(rows: Block, columns: number, { from, to, cosines, sines }: Turns): void {
    const width = Math.ceil((columns * this.#size) / 16) * 16;
    const turns = [cosines.byteOffset, sines.byteOffset];
    this.#rotateRows(from, to, width, this.#address(rows), rows.row * this.#size, ...turns);
  }

  #address({ data, offset }: Block): number {
    return data.byteOffset + offset * this.#size;
  }

  #place(block: Block): readonly [number, number, number] {
    return [this.#address(block), block.row * this.#size, block.column * this.#size];
  }
}
