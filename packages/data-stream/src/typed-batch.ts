import type { ByteBuffer } from './byte-buffer.ts';
import { setDouble, setFloat } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';

type Floats = Float32Array | Float64Array;

/** The arrays that are read and written as a whole. */
export type Batch = Int16Array | Uint16Array | Int32Array | BigInt64Array | Floats;

/** Below, a loop is done before a copy has begun. */
const worthSwapping = 64;

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

type Swap = (this: Uint8Array) => unknown;

/** Node's fast exchange of byte order, by bytes a value; Deno and Bun have it too, browsers do not. */
const swaps: ReadonlyMap<number, Swap> = swapsOf(
  (globalThis as { Buffer?: { prototype: Partial<Record<'swap16' | 'swap32' | 'swap64', Swap>> } })
    .Buffer?.prototype,
);

function swapsOf(
  prototype: Partial<Record<'swap16' | 'swap32' | 'swap64', Swap>> | undefined,
): ReadonlyMap<number, Swap> {
  const { swap16, swap32, swap64 } = prototype ?? {};
  if (!isLittleEndian || !swap16 || !swap32 || !swap64) return new Map();
  return new Map([
    [2, swap16],
    [4, swap32],
    [8, swap64],
  ]);
}

/**
 * Fills `into` with values that lie one behind the other.
 *
 * @throws {EOFException} when fewer are left; the whole ones have been read, and the rest consumed
 */
export function readBatch<T extends Batch>(cursor: ByteCursor, into: T, what: string): T {
  const width = into.BYTES_PER_ELEMENT;
  if (into.byteLength > cursor.left) {
    const whole = Math.floor(cursor.left / width);
    copyIn(cursor, cursor.at, into.subarray(0, whole) as T);
    throw cursor.shortOf(into.byteLength, what);
  }
  copyIn(cursor, cursor.take(into.byteLength, what), into);
  return into;
}

function copyIn(cursor: ByteCursor, start: number, into: Batch): void {
  const swap = swaps.get(into.BYTES_PER_ELEMENT);
  if (swap === undefined || into.length < worthSwapping) {
    loopIn(cursor.view, start, into);
    return;
  }
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  bytes.set(cursor.bytes.subarray(start, start + into.byteLength));
  swap.call(bytes);
}

/** What a batch reads, value by value: the way of browsers, and the truth of the fast one. */
export function loopIn(view: DataView, start: number, into: Batch): void {
  const { length } = into;
  if (into instanceof Int32Array) {
    for (let i = 0; i < length; i++) into[i] = view.getInt32(start + i * 4);
  } else if (into instanceof Float64Array) {
    for (let i = 0; i < length; i++) into[i] = view.getFloat64(start + i * 8);
  } else if (into instanceof BigInt64Array) {
    for (let i = 0; i < length; i++) into[i] = view.getBigInt64(start + i * 8);
  } else if (into instanceof Float32Array) {
    for (let i = 0; i < length; i++) into[i] = view.getFloat32(start + i * 4);
  } else if (into instanceof Int16Array) {
    for (let i = 0; i < length; i++) into[i] = view.getInt16(start + i * 2);
  } else {
    for (let i = 0; i < length; i++) into[i] = view.getUint16(start + i * 2);
  }
}

/** Writes values one behind the other, floats with Java's one NaN. */
export function writeBatch(buffer: ByteBuffer, from: Batch): void {
  const start = buffer.advance(from.byteLength);
  const swap = swaps.get(from.BYTES_PER_ELEMENT);
  if (swap === undefined || from.length < worthSwapping || hasNaN(from)) {
    loopOut(buffer.view, start, from);
    return;
  }
  const bytes = buffer.bytes.subarray(start, start + from.byteLength);
  bytes.set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength));
  swap.call(bytes);
}

/** What a batch writes, value by value: the way of browsers, and the truth of the fast one. */
export function loopOut(view: DataView, start: number, from: Batch): void {
  if (from instanceof Int32Array) {
    for (const [i, value] of from.entries()) view.setInt32(start + i * 4, value);
  } else if (from instanceof Float64Array) {
    for (const [i, value] of from.entries()) setDouble(view, start + i * 8, value);
  } else if (from instanceof BigInt64Array) {
    for (const [i, value] of from.entries()) view.setBigInt64(start + i * 8, value);
  } else if (from instanceof Float32Array) {
    for (const [i, value] of from.entries()) setFloat(view, start + i * 4, value);
  } else {
    for (const [i, value] of from.entries()) view.setInt16(start + i * 2, value);
  }
}

function hasNaN(values: Batch): boolean {
  if (!(values instanceof Float64Array || values instanceof Float32Array)) return false;
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}
