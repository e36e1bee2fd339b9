import type { Floats } from './kernel-memory.ts';

/** @throws {RangeError} when the size is no whole number of at least 0 */
export function checkSize(caller: string, name: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 0) return;
  throw new RangeError(`${caller}: ${name} must be a whole number of at least 0, not ${size}`);
}

/**
 * Checks the array of a rows × columns matrix and gives its leading dimension: `leading`, or the
 * columns if it is not given, when the array has to be of just the matrix's size.
 *
 * @throws {RangeError} when the array is too short, or too long, or rows would overlap
 */
export function checkMatrix(
  caller: string,
  name: string,
  data: Floats,
  [rows, columns]: readonly [number, number],
  leading: number | undefined,
): number {
  if (leading === undefined) {
    if (data.length === rows * columns) return columns;
    throw new RangeError(
      `${caller}: ${name} must have ${rows * columns} entries, ${rows} × ${columns}, not ${data.length}`,
    );
  }
  if (!Number.isSafeInteger(leading) || leading < columns) {
    const due = `a whole number of at least ${columns}, the columns of ${name}`;
    throw new RangeError(`${caller}: ld${name} must be ${due}, not ${leading}`);
  }
  const span = rows === 0 || columns === 0 ? 0 : (rows - 1) * leading + columns;
  if (data.length >= span) return leading;
  throw new RangeError(
    `${caller}: ${name} must have at least ${span} entries, ${rows} rows ${leading} apart, not ${data.length}`,
  );
}

/** @throws {TypeError} when an array that is overwritten shares memory with one that is read */
export function checkApart(
  caller: string,
  written: readonly [string, Floats],
  read: Readonly<Record<string, Floats>>,
): void {
  const [name, target] = written;
  for (const [other, source] of Object.entries(read)) {
    if (overlap(target, source)) {
      throw new TypeError(
        `${caller}: ${name} shares memory with ${other}; give it an array of its own`,
      );
    }
    if (target.constructor !== source.constructor) {
      throw new TypeError(`${caller}: ${name} and ${other} must be arrays of one type`);
    }
  }
}

function overlap(x: Floats, y: Floats): boolean {
  return (
    x.buffer === y.buffer &&
    x.byteOffset < y.byteOffset + y.byteLength &&
    y.byteOffset < x.byteOffset + x.byteLength
  );
}

/**
 * Checks that the entries on and below the diagonal of an n × n matrix are finite: only then is the
 * difference of one and itself 0.
 *
 * @throws {RangeError} when one is not finite
 */
export function checkFinite(caller: string, a: Floats, n: number, lda: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const entry = a[i * lda + j] as number;
      if (entry - entry !== 0) throw new RangeError(`${caller}: a[${i}, ${j}] is ${entry}`);
    }
  }
}

/** A fresh array of the same type. */
export function floatsLike(data: Floats, length: number): Floats {
  return data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

/**
 * C = alpha · T + beta · C, where rows of T are `ldt` apart; each step is rounded to the type of C.
 * With beta 0 C is not read.
 */
export function combine(
  {
    m,
    n,
    c,
    ldc,
    ldt,
    alpha,
    beta,
  }: {
    readonly m: number;
    readonly n: number;
    readonly c: Floats;
    readonly ldc: number;
    readonly ldt: number;
    readonly alpha: number;
    readonly beta: number;
  },
  t: Floats,
): void {
  if (alpha === 1 && beta === 0 && ldc === n && ldt === n) {
    c.set(t);
    return;
  }
  const single = c instanceof Float32Array;
  const [a, b] = single ? [Math.fround(alpha), Math.fround(beta)] : [alpha, beta];
  for (let i = 0; i < m; i++) {
    let at = i * ldc;
    const from = i * ldt;
    for (let j = 0; j < n; j++) {
      const scaled = a * (t[from + j] as number);
      if (beta === 0) c[at] = scaled;
      else if (single) c[at] = Math.fround(scaled) + Math.fround(b * (c[at] as number));
      else c[at] = scaled + b * (c[at] as number);
      at++;
    }
  }
}
