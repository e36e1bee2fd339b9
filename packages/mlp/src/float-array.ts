/** How numbers are kept: Theano's name and values. */
export type FloatX = 'float64' | 'float32';

/** Numbers of one of the two widths. */
export type FloatArray = Float64Array | Float32Array;

/** Numbers in rows: entry (i, j) is `data[i * columns + j]`. */
export interface FloatMatrix {
  readonly rows: number;
  readonly columns: number;
  /** rows · columns entries, row-major. */
  readonly data: FloatArray;
}

/** Zeros of the width asked for. */
export function zeros(floatX: FloatX, length: number): FloatArray {
  return floatX === 'float32' ? new Float32Array(length) : new Float64Array(length);
}
