/** What `gemm` works on: dense, row-major arrays without padding. */
export interface Gemm<T extends Float64Array | Float32Array> {
  /** Rows of op(A) and of C. */
  readonly m: number;
  /** Columns of op(B) and of C. */
  readonly n: number;
  /** Columns of op(A), rows of op(B): how many products each entry sums. */
  readonly k: number;
  /** m × k; k × m when `transposeA`. */
  readonly a: T;
  /** k × n; n × k when `transposeB`. */
  readonly b: T;
  /** m × n; overwritten. */
  readonly c: T;
  /** 1 if not given. */
  readonly alpha?: number;
  /** 0 if not given. */
  readonly beta?: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

// Sixteen sums fit the registers. Rows and columns are padded to whole tiles; what the padding holds
// never reaches C.
const side = 4;
const tile = new Float64Array(side * side);

// Small operands are packed here: for them fresh memory would cost more than the product.
const smallRows = new Float64Array(1024);
const smallColumns = new Float64Array(1024);

/**
 * Overwrites C with alpha · op(A) · op(B) + beta · C, where op transposes if asked to.
 *
 * Each entry is the sum of its k products in order of k, kept in f64 and, for `Float32Array`,
 * rounded once when stored: the same call gives the same bits on every machine. With beta 0 the
 * old content of C is not read, so it may be anything. NaN and infinities travel as in IEEE 754.
 * Level 3 BLAS `dgemm`/`sgemm` without leading dimensions.
 *
 * @throws {RangeError} when a size is no whole number ≥ 0, or an array has not m·k, k·n, m·n entries
 * @throws {TypeError} when C shares memory with A or B
 * @example
 * const c = new Float64Array(1);
 * gemm({ m: 1, n: 1, k: 2, a: Float64Array.of(1, 2), b: Float64Array.of(3, 4), c });
 * c[0]; // => 11
 */
export function gemm<T extends Float64Array | Float32Array>(call: Gemm<T>): void {
  const { m, n, k, a, b, c, alpha = 1, beta = 0, transposeA = false, transposeB = false } = call;
  checkSizes(call);
  const rows = pack(smallRows, a, m, k, transposeA ? 1 : k, transposeA ? m : 1);
  const columns = pack(smallColumns, b, n, k, transposeB ? k : 1, transposeB ? 1 : n);
  for (let i = 0; i < m; i += side) {
    for (let j = 0; j < n; j += side) {
      multiplyPanels(rows, i * k, columns, j * k, k * side);
      storeTile(c, i, j, m, n, alpha, beta);
    }
  }
}

/** Copies vectors of length k into panels of four: entry l of all four lies together. */
function pack(
  small: Float64Array,
  source: Float64Array | Float32Array,
  count: number,
  k: number,
  vectorStride: number,
  entryStride: number,
): Float64Array {
  const length = Math.ceil(count / side) * side * k;
  const packed = length <= small.length ? small : new Float64Array(length);
  for (let v = 0; v < count; v++) {
    const lane = v % side;
    const panel = (v - lane) * k;
    for (let l = 0; l < k; l++) {
      packed[panel + l * side + lane] = source[v * vectorStride + l * entryStride] as number;
    }
  }
  return packed;
}

/** Leaves in `tile` the 4 × 4 inner products of two panels, each `length` long. */
function multiplyPanels(
  rows: Float64Array,
  rowsFrom: number,
  columns: Float64Array,
  columnsFrom: number,
  length: number,
): void {
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let l = 0; l < length; l += side) {
    const a0 = rows[rowsFrom + l] as number;
    const a1 = rows[rowsFrom + l + 1] as number;
    const a2 = rows[rowsFrom + l + 2] as number;
    const a3 = rows[rowsFrom + l + 3] as number;
    const b0 = columns[columnsFrom + l] as number;
    const b1 = columns[columnsFrom + l + 1] as number;
    const b2 = columns[columnsFrom + l + 2] as number;
    const b3 = columns[columnsFrom + l + 3] as number;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s03;
  tile[4] = s10;
  tile[5] = s11;
  tile[6] = s12;
  tile[7] = s13;
  tile[8] = s20;
  tile[9] = s21;
  tile[10] = s22;
  tile[11] = s23;
  tile[12] = s30;
  tile[13] = s31;
  tile[14] = s32;
  tile[15] = s33;
}

function storeTile(
  c: Float64Array | Float32Array,
  top: number,
  left: number,
  m: number,
  n: number,
  alpha: number,
  beta: number,
): void {
  const height = Math.min(side, m - top);
  const width = Math.min(side, n - left);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const at = (top + i) * n + left + j;
      const product = alpha * (tile[i * side + j] as number);
      c[at] = beta === 0 ? product : product + beta * (c[at] as number);
    }
  }
}

function checkSizes({ m, n, k, a, b, c }: Gemm<Float64Array | Float32Array>): void {
  checkSize('m', m);
  checkSize('n', n);
  checkSize('k', k);
  checkLength('a', a.length, m * k);
  checkLength('b', b.length, k * n);
  checkLength('c', c.length, m * n);
  if (overlap(a, c) || overlap(b, c)) {
    throw new TypeError('gemm: c shares memory with a or b; give it an array of its own');
  }
}

function checkSize(name: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 0) return;
  throw new RangeError(`gemm: ${name} must be a whole number of at least 0, not ${size}`);
}

function checkLength(name: string, length: number, due: number): void {
  if (length === due) return;
  throw new RangeError(`gemm: ${name} must have ${due} entries, not ${length}`);
}

function overlap(x: Float64Array | Float32Array, y: Float64Array | Float32Array): boolean {
  return (
    x.buffer === y.buffer &&
    x.byteOffset < y.byteOffset + y.byteLength &&
    y.byteOffset < x.byteOffset + x.byteLength
  );
}
