import type { Block, DenseKernels, ProductMode, ReflectVectors, Turns } from './dense-kernels.ts';
import type { Rounding } from './elementary.ts';
import type { ElementName, Floats } from './kernel-memory.ts';

/** The steps of decompositions in plain loops: the oracle of the kernels. */
export class PlainKernels implements DenseKernels {
  readonly #element: ElementName;
  readonly #round: Rounding;

  constructor(element: ElementName) {
    this.#element = element;
    this.#round = element === 'f32' ? Math.fround : (value) => value;
  }

  floats<N extends string>(lengths: Readonly<Record<N, number>>): Record<N, Floats> {
    const Type = this.#element === 'f32' ? Float32Array : Float64Array;
    const entries = Object.entries<number>(lengths).map(([name, length]) => [
      name,
      new Type(length),
    ]);
    return Object.fromEntries(entries) as Record<N, Floats>;
  }

  product(
    { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
    a: Block,
    b: Block,
    c: Block,
    { sign, adds, triangle }: ProductMode,
  ): void {
    const round = this.#round;
    for (let i = 0; i < m; i++) {
      const from = triangle === 'upper' ? i : 0;
      const to = triangle === 'lower' ? Math.min(n, i + 1) : n;
      for (let j = from; j < to; j++) {
        const at = c.offset + i * c.row + j;
        let sum = adds ? (c.data[at] as number) : 0;
        for (let l = 0; l < k; l++) {
          const left = a.data[a.offset + i * a.row + l * a.column] as number;
          const right = b.data[b.offset + l * b.row + j * b.column] as number;
          sum = round(sum + sign * round(left * right));
        }
        c.data[at] = sum;
      }
    }
  }

  solveLower(n: number, columns: number, l: Block, b: Block, unit: boolean): void {
    const round = this.#round;
    for (let i = 0; i < n; i++) {
      const row = b.offset + i * b.row;
      for (let k = 0; k < i; k++) {
        const factor = l.data[l.offset + i * l.row + k * l.column] as number;
        const from = b.offset + k * b.row;
        for (let j = 0; j < columns; j++) {
          const product = round(factor * (b.data[from + j] as number));
          b.data[row + j] = (b.data[row + j] as number) - product;
        }
      }
      if (unit) continue;
      const diagonal = l.data[l.offset + i * (l.row + l.column)] as number;
      for (let j = 0; j < columns; j++) b.data[row + j] = (b.data[row + j] as number) / diagonal;
    }
  }

  choleskyRows(u: Floats, stride: number, from: number, to: number): number {
    const round = this.#round;
    for (let k = from; k < to; k++) {
      const row = k * stride;
      const pivot = u[row + k] as number;
      if (!(pivot > 0)) return k;
      const root = round(Math.sqrt(pivot));
      u[row + k] = root;
      for (let j = k + 1; j < stride; j++) u[row + j] = (u[row + j] as number) / root;
      for (let i = k + 1; i < to; i++) {
        const factor = u[row + i] as number;
        for (let j = i; j < stride; j++) {
          const product = round(factor * (u[row + j] as number));
          u[i * stride + j] = (u[i * stride + j] as number) - product;
        }
      }
    }
    return -1;
  }

  choleskyRotate(u: Floats, stride: number, n: number, x: Floats, sign: 1 | -1): number {
    const round = this.#round;
    for (let k = 0; k < n; k++) {
      const row = k * stride;
      const diagonal = u[row + k] as number;
      const first = x[k] as number;
      const square = round(round(diagonal * diagonal) + sign * round(first * first));
      if (!(square > 0)) return k;
      const length = round(Math.sqrt(square));
      const cosine = round(length / diagonal);
      const inverse = round(diagonal / length);
      const sine = round(first / diagonal);
      u[row + k] = length;
      for (let j = k + 1; j < n; j++) {
        const old = x[j] as number;
        const turned = round((u[row + j] as number) + sign * round(sine * old));
        const renewed = round(turned * inverse);
        u[row + j] = renewed;
        x[j] = round(cosine * old) - round(sine * renewed);
      }
    }
    return -1;
  }

  reflect(n: number, a: Floats, stride: number, { v, w, next, p }: ReflectVectors): void {
    const round = this.#round;
    for (let i = 0; i < n; i++) {
      const [ofV, ofW, ofNext] = [v[i] as number, w[i] as number, next[i] as number];
      for (let j = 0; j < n; j++) {
        const at = i * stride + j;
        const once = round((a[at] as number) - round(ofV * (w[j] as number)));
        const twice = round(once - round(ofW * (v[j] as number)));
        a[at] = twice;
        p[j] = (p[j] as number) + round(ofNext * twice);
      }
    }
  }

  rotateRows({ data, offset, row }: Block, columns: number, turns: Turns): void {
    const round = this.#round;
    const { from, to, cosines, sines } = turns;
    for (let i = to - 1; i >= from; i--) {
      const [cosine, sine] = [cosines[i] as number, sines[i] as number];
      for (let j = 0; j < columns; j++) {
        const at = offset + i * row + j;
        const [x, y] = [data[at] as number, data[at + row] as number];
        data[at + row] = round(cosine * y) + round(sine * x);
        data[at] = round(cosine * x) - round(sine * y);
      }
    }
  }
}
