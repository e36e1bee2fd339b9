import { UTFDataFormatException } from './data-stream-error.ts';
import { keep } from './keep.ts';
import { byteLength, encodeInto, roomForText } from './modified-utf8.ts';
import { roomFor } from './platform.ts';
import { loadedKernel, longestKernelText, longestShortText } from './text-kernel.ts';

/** Takes the bytes of a stream piece by piece; each piece is its own to keep. */
export type ByteSink = (chunk: Uint8Array<ArrayBuffer>) => void;

const longestUtf = 65_535;
const firstRoom = 256;
/** Bytes gathered before a sink gets them. */
const chunkRoom = 65_536;
/** The most bytes of a short text, and of its length. */
const roomForShortUtf = 2 + longestShortText * 3;
/** Units up to this one are Latin letters, of which few are no ASCII. */
const lastOfLatin = 0x24f;

const kernel = loadedKernel;

/**
 * Bytes being written: the engine below `DataOutputStream` and the types of records. Its fields
 * are open to both, which a stream's are not.
 *
 * Numbers are big-endian. A value that is refused leaves the bytes as they were.
 */
export class ByteBuffer {
  static {
    keep(new ByteBuffer());
  }

  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  /** Where the next byte goes. */
  at = 0;
  /** Where the room ends. */
  end: number;
  /** Bytes that the sink has got. */
  handedOver = 0;
  /** Where a value begins that the sink gets as a whole, or not at all; -1 when none does. */
  heldFrom = -1;
  readonly sink: ByteSink | undefined;
  /** Whether what does not fit its width is refused rather than cut. */
  readonly checked: boolean;

  constructor({ sink, checked = false }: { sink?: ByteSink | undefined; checked?: boolean } = {}) {
    this.sink = sink;
    this.checked = checked;
    this.bytes = roomFor(sink === undefined ? firstRoom : chunkRoom);
    this.view = new DataView(this.bytes.buffer);
    this.end = this.bytes.length;
  }

  /** Bytes written since the beginning. */
  get size(): number {
    return this.handedOver + this.at;
  }

  /** Makes room for `count` bytes and returns where it begins; a full chunk goes to the sink. */
  room(count: number): number {
    if (this.at + count > this.end) this.#grow(count);
    return this.at;
  }

  /** As `room`, and steps over it. */
  advance(count: number): number {
    const start = this.room(count);
    this.at = start + count;
    return start;
  }

  /** Hands to the sink what it may get; when it throws, the bytes are still here. */
  flush(): void {
    const count = this.heldFrom < 0 ? this.at : this.heldFrom;
    if (this.sink === undefined || count === 0) return;
    const chunk = this.#chunk(count);
    this.sink(chunk);
    this.#forget(chunk);
  }

  /** What has gathered, for the caller to keep; the buffer goes on empty. */
  takeChunk(): Uint8Array<ArrayBuffer> {
    const chunk = this.#chunk(this.at);
    this.#forget(chunk);
    return chunk;
  }

  boolean(value: boolean): void {
    const at = this.room(1);
    this.booleanAt(at, value);
    this.at = at + 1;
  }

  byte(value: number): void {
    const at = this.room(1);
    this.byteAt(at, value);
    this.at = at + 1;
  }

  short(value: number): void {
    const at = this.room(2);
    this.shortAt(at, value);
    this.at = at + 2;
  }

  char(value: number): void {
    const at = this.room(2);
    this.charAt(at, value);
    this.at = at + 2;
  }

  int(value: number): void {
    const at = this.room(4);
    this.intAt(at, value);
    this.at = at + 4;
  }

  long(value: bigint | number): void {
    const at = this.room(8);
    this.longAt(at, value);
    this.at = at + 8;
  }

  float(value: number): void {
    const at = this.room(4);
    this.floatAt(at, value);
    this.at = at + 4;
  }

  double(value: number): void {
    const at = this.room(8);
    this.doubleAt(at, value);
    this.at = at + 8;
  }

  booleanAt(at: number, value: boolean): void {
    if (typeof value !== 'boolean') throw noBoolean(value);
    this.bytes[at] = value ? 1 : 0;
  }

  byteAt(at: number, value: number): void {
    this.checkInteger(value, -0x80, 0xff);
    this.bytes[at] = value;
  }

  shortAt(at: number, value: number): void {
    this.checkInteger(value, -0x8000, 0xffff);
    this.view.setInt16(at, value);
  }

  charAt(at: number, value: number): void {
    this.checkInteger(value, 0, 0xffff);
    this.view.setUint16(at, value);
  }

  intAt(at: number, value: number): void {
    if ((value | 0) !== value) this.checkInteger(value, -0x80000000, 0x7fffffff);
    this.view.setInt32(at, value);
  }

  longAt(at: number, value: bigint | number): void {
    if (typeof value !== 'bigint') {
      this.#longOfNumber(at, value);
      return;
    }
    if (this.checked) checkLong(value);
    this.view.setBigInt64(at, value);
  }

  floatAt(at: number, value: number): void {
    this.#checkFloat(value);
    setFloat(this.view, at, value);
  }

  doubleAt(at: number, value: number): void {
    if (typeof value !== 'number') throw noNumber(value);
    setDouble(this.view, at, value);
  }

  /** A text behind its length in bytes. */
  utf(text: string): void {
    if (typeof text !== 'string') throw noText(text);
    const { length } = text;
    if (kernel === undefined || length > longestShortText) {
      this.#longUtf(text);
      return;
    }
    if (this.at + roomForShortUtf > this.end) this.#grow(roomForShortUtf);
    const { at, view } = this;
    const { encode, written } = kernel;
    const size = encode(text, length);
    view.setUint16(at, size);
    // For most texts this is all, whatever their length: a branch less to be foreseen.
    view.setFloat64(at + 2, written.getFloat64(0, true), true);
    view.setFloat64(at + 10, written.getFloat64(8, true), true);
    if (size > 16) move(written, 16, size, view, at + 2);
    this.at = at + 2 + size;
  }

  /** As `utf`, for long texts, and where there is no kernel. */
  #longUtf(text: string): void {
    const { length } = text;
    if (length > longestUtf) throw this.#tooLong(text);
    const at = this.room(2 + roomForText(text) + 8);
    let size: number;
    if (kernel !== undefined && length <= longestKernelText && isForeign(text)) {
      size = kernel.encode(text, length);
      move(kernel.written, 0, size, this.view, at + 2);
    } else {
      size = encodeInto(text, this.bytes, at + 2) - at - 2;
      if (size > longestUtf) throw this.#tooLong(text);
    }
    this.view.setUint16(at, size);
    this.at = at + 2 + size;
  }

  #longOfNumber(at: number, value: number): void {
    if (!Number.isSafeInteger(value)) throw noLong(value);
    this.view.setInt32(at, Math.floor(value / 2 ** 32));
    this.view.setInt32(at + 4, value);
  }

  /** Refuses what is no integer, and, when checked, what lies outside the range. */
  checkInteger(value: number, least: number, greatest: number): void {
    if (Number.isSafeInteger(value) && (!this.checked || (value >= least && value <= greatest)))
      return;
    if (typeof value !== 'number') throw new TypeError(`an integer is due, not ${shown(value)}`);
    const range = this.checked ? ` from ${least} to ${greatest}` : '';
    throw new RangeError(`an integer${range} is due, not ${value}`);
  }

  /** Refuses what is no number, and, when checked, one that a float makes infinite. */
  #checkFloat(value: number): void {
    if (typeof value !== 'number') throw noNumber(value);
    if (this.checked && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
      throw new RangeError(`a number in the range of a float is due, not ${value}`);
    }
  }

  /** The first bytes: a copy of few; of many, the room itself. */
  #chunk(count: number): Uint8Array<ArrayBuffer> {
    const isMuch = count * 2 > this.bytes.length;
    return isMuch ? this.bytes.subarray(0, count) : this.bytes.slice(0, count);
  }

  /** Goes on with what lies behind a chunk. */
  #forget(chunk: Uint8Array<ArrayBuffer>): void {
    const rest = this.bytes.subarray(chunk.length, this.at);
    if (chunk.buffer === this.bytes.buffer) {
      this.#exchange(roomFor(Math.max(chunkRoom, rest.length)));
    }
    this.bytes.set(rest);
    this.handedOver += chunk.length;
    this.at = rest.length;
    if (this.heldFrom >= 0) this.heldFrom = 0;
  }

  #tooLong(text: string): UTFDataFormatException {
    const ends = `${text.slice(0, 8)}...${text.slice(-8)}`;
    const message = `encoded string (${ends}) too long: ${byteLength(text)} bytes`;
    return new UTFDataFormatException('too-long', message, this.size);
  }

  #grow(count: number): void {
    if (this.sink !== undefined) {
      this.flush();
      if (this.at + count <= this.bytes.length) return;
    }
    const grown = roomFor(Math.max(this.at + count, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.at));
    this.#exchange(grown);
  }

  #exchange(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.end = bytes.length;
    this.view = new DataView(bytes.buffer);
  }
}

/** Whether a text seems not to be in Latin letters: its middle and its last unit are none. */
function isForeign(text: string): boolean {
  const { length } = text;
  return text.charCodeAt(length >> 1) > lastOfLatin && text.charCodeAt(length - 1) > lastOfLatin;
}

/** Moves bytes from `start` to `end` in double words, the last of which may hold anything behind. */
function move(from: DataView, start: number, end: number, to: DataView, at: number): void {
  for (let i = start; i < end; i += 8) to.setFloat64(at + i, from.getFloat64(i, true), true);
}

function noBoolean(value: unknown): TypeError {
  return new TypeError(`a boolean is due, not ${shown(value)}`);
}

function noNumber(value: unknown): TypeError {
  return new TypeError(`a number is due, not ${shown(value)}`);
}

function noText(value: unknown): TypeError {
  return new TypeError(`a string is due, not ${shown(value)}`);
}

/** Which NaN a DataView stores is up to the engine; Java has one. */
export function setFloat(view: DataView, at: number, value: number): void {
  if (Number.isNaN(value)) view.setUint32(at, 0x7fc00000);
  else view.setFloat32(at, value);
}

/** As `setFloat`. */
export function setDouble(view: DataView, at: number, value: number): void {
  if (Number.isNaN(value)) {
    view.setUint32(at, 0x7ff80000);
    view.setUint32(at + 4, 0);
  } else view.setFloat64(at, value);
}

function checkLong(value: bigint): void {
  if (BigInt.asIntN(64, value) === value) return;
  throw new RangeError(`a long from -2^63 to 2^63-1 is due, not ${value}`);
}

function noLong(value: unknown): Error {
  return typeof value === 'number'
    ? new RangeError(`a bigint or a safe integer is due for a long, not ${value}`)
    : new TypeError(`a bigint is due, not ${shown(value)}`);
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`;
}
