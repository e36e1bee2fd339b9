import type { Floats } from './kernel-memory.ts';

/** The rows that a change of rank one turns. */
export interface Deflation {
  /** Rows by ascending eigenvalue. */
  readonly kept: readonly number[];
  /**
   * Places in `kept`: first those whose vectors are 0 right of the middle, then those that are 0
   * nowhere, then those that are 0 left of it.
   */
  readonly groups: readonly number[];
  /** How many are not 0 left of the middle, and right of it. */
  readonly leftCount: number;
  readonly rightCount: number;
}

/**
 * Sets aside the eigenvalues from `from` to `to` that a change · z · zᵀ leaves as they are to
 * working precision: those of small z, and, of two that are nearly equal, one, after their rows have
 * been turned so that its z is 0. LAPACK `laed2`.
 */
export function deflate(
  d: Float64Array,
  z: Float64Array,
  change: number,
  rows: Floats,
  stride: number,
  [from, middle, to]: readonly [number, number, number],
): Deflation {
  const epsilon = rows instanceof Float32Array ? 2 ** -24 : 2 ** -53;
  const greatest = (values: Float64Array) =>
    values.subarray(from, to).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const tolerance = 8 * epsilon * Math.max(greatest(d), greatest(z));
  const order = Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((i, j) => (d[i] as number) - (d[j] as number));

  const mixed = new Set<number>();
  const kept: number[] = [];
  let last: number | undefined;
  for (const row of order) {
    if (change * Math.abs(z[row] as number) <= tolerance) continue;
    const turn = last === undefined ? undefined : turnOf(d, z, last, row, tolerance);
    if (last !== undefined && turn === undefined) kept.push(last);
    if (last !== undefined && turn !== undefined) {
      applyTurn(d, z, last, row, turn);
      turnRows(rows, [last * stride, row * stride], turn, [from, to]);
      if (last < middle !== row < middle || mixed.has(last)) mixed.add(row);
    }
    last = row;
  }
  if (last !== undefined) kept.push(last);
  const places = kept.map((row, place) => ({ place, mixed: mixed.has(row), left: row < middle }));
  const left = places.filter((each) => !each.mixed && each.left);
  const both = places.filter((each) => each.mixed);
  const right = places.filter((each) => !each.mixed && !each.left);
  return {
    kept,
    groups: [...left, ...both, ...right].map(({ place }) => place),
    leftCount: left.length + both.length,
    rightCount: both.length + right.length,
  };
}

interface Turn {
  readonly cosine: number;
  readonly sine: number;
  readonly length: number;
}

/** The rotation that makes the z of row i 0, if the eigenvalues of i and j are so near as to allow it. */
function turnOf(
  d: Float64Array,
  z: Float64Array,
  i: number,
  j: number,
  tolerance: number,
): Turn | undefined {
  const [zi, zj] = [z[i] as number, z[j] as number];
  const length = Math.sqrt(zi * zi + zj * zj);
  const [cosine, sine] = [zj / length, -zi / length];
  const apart = (d[j] as number) - (d[i] as number);
  return Math.abs(apart * cosine * sine) <= tolerance ? { cosine, sine, length } : undefined;
}

function applyTurn(
  d: Float64Array,
  z: Float64Array,
  i: number,
  j: number,
  { cosine, sine, length }: Turn,
): void {
  const [di, dj] = [d[i] as number, d[j] as number];
  z[i] = 0;
  z[j] = length;
  d[i] = di * cosine * cosine + dj * sine * sine;
  d[j] = di * sine * sine + dj * cosine * cosine;
}

function turnRows(
  rows: Floats,
  [first, second]: readonly [number, number],
  { cosine, sine }: Turn,
  [from, to]: readonly [number, number],
): void {
  for (let column = from; column < to; column++) {
    const [x, y] = [rows[first + column] as number, rows[second + column] as number];
    rows[first + column] = cosine * x + sine * y;
    rows[second + column] = cosine * y - sine * x;
  }
}
