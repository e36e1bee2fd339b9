import { type Deflation, deflate } from './deflation.ts';
import type { Block, DenseKernels } from './dense-kernels.ts';
import type { Floats } from './kernel-memory.ts';
import { secularRoot } from './secular-equation.ts';
import { diagonalize, negligibleIn } from './tridiagonal-eigen.ts';

/** Room for `divideAndConquer`: three matrices, and two vectors of one stride. */
export interface ConquerWork {
  readonly gathered: Floats;
  readonly weights: Floats;
  readonly result: Floats;
  readonly cosines: Floats;
  readonly sines: Floats;
}

// Parts of so many rows are taken apart by QL.
const leafRows = 32;

const fresh = { sign: 1, adds: false, triangle: 'all' } as const;

/**
 * Turns the diagonal of a symmetric tridiagonal matrix into its eigenvalues, in no order, and rows
 * that hold 0 into its eigenvectors; uses up what stands beside the diagonal: entry i between
 * diagonal entries i and i + 1.
 *
 * The matrix is torn in two, which leaves a change of rank one to mend; its eigenvectors are
 * computed from changed weights for which the eigenvalues found are exact, so that they are
 * orthogonal. Cuppen (1981); Gu and Eisenstat, "A divide-and-conquer algorithm for the symmetric
 * tridiagonal eigenproblem" (1995); LAPACK `stedc`.
 *
 * @throws {LinalgError} `no-convergence`
 */
export function divideAndConquer(
  kernels: DenseKernels,
  d: Float64Array,
  e: Float64Array,
  rows: Floats,
  stride: number,
  work: ConquerWork,
): void {
  const negligible = negligibleIn(d, e);
  const part = (from: number, to: number) => {
    if (to - from <= leafRows) {
      leaf(from, to);
      return;
    }
    // Parts begin with whole vectors, so that what pads the last columns of one is in none.
    const middle = from + Math.round((to - from) / 8) * 4;
    const beside = e[middle - 1] as number;
    d[middle - 1] = (d[middle - 1] as number) - Math.abs(beside);
    d[middle] = (d[middle] as number) - Math.abs(beside);
    part(from, middle);
    part(middle, to);
    mend(kernels, d, beside, rows, stride, [from, middle, to], work);
  };

  const leaf = (from: number, to: number) => {
    const count = to - from;
    for (let i = from; i < to; i++) rows[i * (stride + 1)] = 1;
    const inside = e.slice(from, to);
    inside[count - 1] = 0;
    const block = { data: rows, offset: from * (stride + 1), row: stride, column: 1 };
    const { cosines, sines } = work;
    diagonalize(d.subarray(from, to), inside, negligible, {
      cosines,
      sines,
      apply: (low, high) => {
        kernels.rotateRows(block, count, { from: low, to: high, cosines, sines });
      },
    });
  };

  part(0, d.length);
}

/** Mends a part torn before its middle row: eigenvalues and rows of the two halves become its own. */
function mend(
  kernels: DenseKernels,
  d: Float64Array,
  beside: number,
  rows: Floats,
  stride: number,
  bounds: readonly [number, number, number],
  work: ConquerWork,
): void {
  const [from, middle, to] = bounds;
  // What the halves know of the change: the entries of their vectors next to the tear.
  const z = new Float64Array(d.length);
  for (let i = from; i < to; i++) {
    const column = i < middle ? middle - 1 : middle;
    const sign = i >= middle && beside < 0 ? -1 : 1;
    z[i] = (sign * (rows[i * stride + column] as number)) / Math.SQRT2;
  }
  const change = 2 * Math.abs(beside);
  const deflation = deflate(d, z, change, rows, stride, bounds);
  const { kept } = deflation;
  const count = kept.length;
  if (count === 0) return;

  const poles = Float64Array.from(kept, (i) => d[i] as number);
  const squares = Float64Array.from(kept, (i) => change * (z[i] as number) ** 2);
  const gaps = new Float64Array(count * count);
  for (const [j, row] of kept.entries()) {
    d[row] = secularRoot(poles, squares, j, gaps.subarray(j * count, (j + 1) * count));
  }
  const exact = exactWeights(poles, gaps);
  for (const [i, row] of kept.entries()) {
    if ((z[row] as number) < 0) exact[i] = -(exact[i] as number);
  }
  putVectors(exact, gaps, deflation.groups, work.weights, stride);
  multiplyHalves(kernels, deflation, rows, stride, bounds, work);
}

/** Leaves in rows of `vectors` the eigenvectors of the change, as weights of the rows that it turns. */
function putVectors(
  exact: Float64Array,
  gaps: Float64Array,
  groups: readonly number[],
  vectors: Floats,
  stride: number,
): void {
  const count = exact.length;
  for (let j = 0; j < count; j++) {
    const entries = gaps.subarray(j * count, (j + 1) * count);
    let square = 0;
    for (let i = 0; i < count; i++) {
      const entry = (exact[i] as number) / (entries[i] as number);
      entries[i] = entry;
      square += entry * entry;
    }
    const inverse = 1 / Math.sqrt(square);
    for (let place = 0; place < count; place++) {
      vectors[j * stride + place] = (entries[groups[place] as number] as number) * inverse;
    }
  }
}

/** Replaces the kept rows by the sums of them that the weights ask for. */
function multiplyHalves(
  kernels: DenseKernels,
  { kept, groups, leftCount, rightCount }: Deflation,
  rows: Floats,
  stride: number,
  [from, middle, to]: readonly [number, number, number],
  { gathered, weights, result }: ConquerWork,
): void {
  const count = kept.length;
  for (const [place, i] of groups.entries()) {
    const at = (kept[i] as number) * stride;
    gathered.set(rows.subarray(at + from, at + to), place * stride + from);
  }
  // Vectors of one half are 0 in the columns of the other.
  const multiply = (first: number, k: number, left: number, right: number) => {
    const a: Block = { data: weights, offset: first, row: stride, column: 1 };
    const b: Block = { data: gathered, offset: first * stride + left, row: stride, column: 1 };
    const c: Block = { data: result, offset: left, row: stride, column: 1 };
    if (k > 0) kernels.product({ m: count, n: right - left, k }, a, b, c, fresh);
    else for (let j = 0; j < count; j++) result.fill(0, j * stride + left, j * stride + right);
  };
  multiply(0, leftCount, from, middle);
  multiply(count - rightCount, rightCount, middle, to);
  for (const [j, row] of kept.entries()) {
    rows.set(result.subarray(j * stride + from, j * stride + to), row * stride + from);
  }
}

/**
 * The sizes of the weights' roots for which the roots found are exact: of weight i the product over
 * all roots of pole − root, through that over the other poles.
 */
function exactWeights(poles: Float64Array, gaps: Float64Array): Float64Array {
  const count = poles.length;
  const squares = new Float64Array(count);
  for (let i = 0; i < count; i++) squares[i] = -(gaps[i * (count + 1)] as number);
  // Root by root, as the gaps lie.
  for (let j = 0; j < count; j++) {
    const root = poles[j] as number;
    for (let i = 0; i < count; i++) {
      if (i === j) continue;
      const ratio = (gaps[j * count + i] as number) / ((poles[i] as number) - root);
      squares[i] = (squares[i] as number) * ratio;
    }
  }
  return squares.map((square) => Math.sqrt(Math.abs(square)));
}
