import type { Floats } from './kernel-memory.ts';

/** A matrix where it lies: entry (i, j) at i · row + j · column. */
export interface Strided {
  readonly data: Floats;
  readonly row: number;
  readonly column: number;
}

/** m × k times k × n. */
export interface ProductSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/**
 * C = A · B in plain loops, rows of C `ldc` apart: the oracle of the kernels, and what small
 * products use, for which copying into the kernels' memory would cost more than it saves.
 *
 * Each entry is summed in the order of k, each product and each sum rounded to the type of C.
 */
export function plainProduct(
  sizes: ProductSizes,
  a: Strided,
  b: Strided,
  c: Floats,
  ldc: number,
): void {
  const single = c instanceof Float32Array;
  if (sizes.n < 4) (single ? sumColumnsOfSingles : sumColumnsOfDoubles)(sizes, a, b, c, ldc);
  else (single ? sumRowsOfSingles : sumRowsOfDoubles)(sizes, a, b, c, ldc);
}

type Sum = typeof sumRowsOfDoubles;

/** Row by row of C, the sums being kept in C itself: no sum waits for the one before it. */
function sumRowsOfDoubles(
  { m, n, k }: ProductSizes,
  a: Strided,
  b: Strided,
  c: Floats,
  ldc: number,
): void {
  const { data: x } = a;
  const { data: y } = b;
  for (let i = 0; i < m; i++) {
    const to = i * ldc;
    c.fill(0, to, to + n);
    for (let l = 0; l < k; l++) {
      const factor = x[i * a.row + l * a.column] as number;
      let from = l * b.row;
      for (let j = 0; j < n; j++) {
        c[to + j] = (c[to + j] as number) + factor * (y[from] as number);
        from += b.column;
      }
    }
  }
}

const sumRowsOfSingles: Sum = ({ m, n, k }, a, b, c, ldc) => {
  const { data: x } = a;
  const { data: y } = b;
  for (let i = 0; i < m; i++) {
    const to = i * ldc;
    c.fill(0, to, to + n);
    for (let l = 0; l < k; l++) {
      const factor = x[i * a.row + l * a.column] as number;
      let from = l * b.row;
      for (let j = 0; j < n; j++) {
        c[to + j] = (c[to + j] as number) + Math.fround(factor * (y[from] as number));
        from += b.column;
      }
    }
  }
};

/** Column by column, for few of them; four rows at a time, so that no sum waits for another. */
const sumColumnsOfDoubles: Sum = ({ m, n, k }, a, b, c, ldc) => {
  const { data: x } = a;
  const { data: y } = b;
  for (let j = 0; j < n; j++) {
    let i = 0;
    for (; i + 4 <= m; i += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      let at = i * a.row;
      let from = j * b.column;
      for (let l = 0; l < k; l++) {
        const factor = y[from] as number;
        s0 += (x[at] as number) * factor;
        s1 += (x[at + a.row] as number) * factor;
        s2 += (x[at + 2 * a.row] as number) * factor;
        s3 += (x[at + 3 * a.row] as number) * factor;
        at += a.column;
        from += b.row;
      }
      c[i * ldc + j] = s0;
      c[(i + 1) * ldc + j] = s1;
      c[(i + 2) * ldc + j] = s2;
      c[(i + 3) * ldc + j] = s3;
    }
    for (; i < m; i++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        sum += (x[i * a.row + l * a.column] as number) * (y[l * b.row + j * b.column] as number);
      }
      c[i * ldc + j] = sum;
    }
  }
};

const sumColumnsOfSingles: Sum = ({ m, n, k }, a, b, c, ldc) => {
  const { data: x } = a;
  const { data: y } = b;
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < m; i++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        const left = x[i * a.row + l * a.column] as number;
        const right = y[l * b.row + j * b.column] as number;
        sum = Math.fround(sum + Math.fround(left * right));
      }
      c[i * ldc + j] = sum;
    }
  }
};
