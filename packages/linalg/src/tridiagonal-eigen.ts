import type { Floats } from './kernel-memory.ts';
import { LinalgError } from './linalg-error.ts';

/** Where the rotations of a sweep go, and what turns the rows by them. */
export interface SweepTurns {
  readonly cosines: Floats;
  readonly sines: Floats;
  /** Rotates rows i and i + 1, for i from `to` − 1 down to `from`. */
  apply(from: number, to: number): void;
}

/** Sweeps an eigenvalue may take; two are usual. */
const mostSweeps = 50;

/**
 * Turns the diagonal of a symmetric tridiagonal matrix into its eigenvalues, in no order, using up
 * what stands beside it: entry i between diagonal entries i and i + 1.
 *
 * Implicit QL with Wilkinson's shift; a sweep ends where an entry beside the diagonal is at most
 * `negligible`, or too small to change the sum of its neighbours. Bowdler, Martin, Reinsch and Wilkinson, "The QR and QL
 * algorithms for symmetric matrices" (1968).
 *
 * @throws {LinalgError} `no-convergence`
 */
export function diagonalize(
  d: Float64Array,
  e: Float64Array,
  negligible: number,
  turns: SweepTurns | undefined,
): void {
  const n = d.length;
  for (let l = 0; l < n; l++) {
    for (let sweeps = 0; ; sweeps++) {
      const m = firstSplit(d, e, negligible, l);
      if (m === l) break;
      if (sweeps === mostSweeps) {
        const message = `symmetricEigen: value ${l} has not converged in ${mostSweeps} sweeps`;
        throw new LinalgError('no-convergence', message, { row: l });
      }
      const from = sweep(d, e, l, m, turns);
      turns?.apply(from, m);
    }
  }
}

/** What may be taken for 0 beside the diagonal: half a unit in the last place of the greatest entry. */
export function negligibleIn(d: Float64Array, e: Float64Array): number {
  const greatest = (values: Float64Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return 2 ** -54 * Math.max(greatest(d), greatest(e));
}

/** The first row from l on that the next one does not touch. */
function firstSplit(d: Float64Array, e: Float64Array, negligible: number, l: number): number {
  let m = l;
  while (m < d.length - 1) {
    const size = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number);
    const beside = Math.abs(e[m] as number);
    if (beside <= negligible || size + beside === size) break;
    m++;
  }
  return m;
}

/** One sweep on rows l to m; gives the row down to which it came. */
function sweep(
  d: Float64Array,
  e: Float64Array,
  l: number,
  m: number,
  turns: SweepTurns | undefined,
): number {
  const beside = e[l] as number;
  const half = ((d[l + 1] as number) - (d[l] as number)) / (2 * beside);
  const root = Math.sqrt(half * half + 1);
  let g = (d[m] as number) - (d[l] as number) + beside / (half + (half < 0 ? -root : root));
  let [cosine, sine, shift] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = sine * (e[i] as number);
    const b = cosine * (e[i] as number);
    const length = Math.sqrt(f * f + g * g);
    e[i + 1] = length;
    if (length === 0) {
      d[i + 1] = (d[i + 1] as number) - shift;
      e[m] = 0;
      return i + 1;
    }
    sine = f / length;
    cosine = g / length;
    g = (d[i + 1] as number) - shift;
    const rest = ((d[i] as number) - g) * sine + 2 * cosine * b;
    shift = sine * rest;
    d[i + 1] = g + shift;
    g = cosine * rest - b;
    if (turns !== undefined) {
      turns.cosines[i] = cosine;
      turns.sines[i] = sine;
    }
  }
  d[l] = (d[l] as number) - shift;
  e[l] = g;
  e[m] = 0;
  return l;
}
