import type { FloatMatrix } from './float-array.ts';

/** Bounds of the length of a unit's weights (a column) or of an input's (a row). */
export interface NormLimits {
  readonly maxColNorm?: number;
  readonly minColNorm?: number;
  readonly maxRowNorm?: number;
}

/**
 * Refuses limits that cannot hold.
 *
 * @throws {TypeError} when both columns and rows are limited
 * @throws {RangeError} when a limit is not above 0, or the least is above the greatest
 */
export function checkNormLimits(layerName: string, limits: NormLimits): void {
  const { maxColNorm, minColNorm, maxRowNorm } = limits;
  for (const [name, value] of Object.entries({ maxColNorm, minColNorm, maxRowNorm })) {
    if (value === undefined || (value > 0 && value < Infinity)) continue;
    throw new RangeError(`${name} of ${layerName} must be a number above 0, not ${value}`);
  }
  if (maxRowNorm !== undefined && (maxColNorm ?? minColNorm) !== undefined) {
    throw new TypeError(`${layerName} can limit the norms of columns or of rows, not of both`);
  }
  if ((minColNorm ?? 0) > (maxColNorm ?? Infinity)) {
    throw new RangeError(
      `minColNorm of ${layerName}, ${minColNorm}, is above its maxColNorm, ${maxColNorm}`,
    );
  }
}

/**
 * Rescales in place the columns or rows whose Euclidean length is out of bounds.
 *
 * As Pylearn2: W ·= clip(norm, min, max)/max(1e-7, norm).
 */
export function limitNorms(weights: FloatMatrix, limits: NormLimits): void {
  const { maxColNorm = Infinity, minColNorm = 0, maxRowNorm } = limits;
  const { rows, columns } = weights;
  if (maxRowNorm !== undefined) {
    for (let i = 0; i < rows; i++) limitNorm(weights, i * columns, 1, columns, 0, maxRowNorm);
  }
  if (maxColNorm < Infinity || minColNorm > 0) {
    for (let j = 0; j < columns; j++) limitNorm(weights, j, columns, rows, minColNorm, maxColNorm);
  }
}

function limitNorm(
  { data }: FloatMatrix,
  from: number,
  stride: number,
  count: number,
  least: number,
  greatest: number,
): void {
  let square = 0;
  const end = from + stride * count;
  for (let at = from; at < end; at += stride) square += (data[at] as number) ** 2;
  const norm = Math.sqrt(square);
  if (norm >= least && norm <= greatest) return;
  const scale = Math.min(greatest, Math.max(least, norm)) / Math.max(1e-7, norm);
  for (let at = from; at < end; at += stride) data[at] = (data[at] as number) * scale;
}
