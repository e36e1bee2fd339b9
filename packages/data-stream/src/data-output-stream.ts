import { ByteBuffer, type ByteSink } from './byte-buffer.ts';
import { keep } from './keep.ts';
import { writeBatch } from './typed-batch.ts';

const largestInt = 0x7fffffff;

/** The buffer of a stream, for the types of records. */
export let bufferOf: (output: DataOutputStream) => ByteBuffer;

/** How a `DataOutputStream` is set up. */
export interface DataOutputOptions {
  /** Gets the bytes in chunks of some 64 KiB, each its own to keep; without one they stay in memory. */
  readonly sink?: ByteSink | undefined;
  /** Refuse with a `RangeError` what Java would cut to its width; false unless given. */
  readonly checked?: boolean;
}

/**
 * Writes what a Java program reads with `java.io.DataInputStream`, byte for byte.
 *
 * The methods are java.io's; all numbers are big-endian. The bytes gather in memory until
 * `toBytes()`, or go to a sink, the last of them at `flush()`.
 *
 * An integer beyond a method's width is cut to its low bits without complaint, as Java's casts do.
 * With `checked` it throws a `RangeError` instead: a value has to be one that the method's own
 * reads can return, so a byte is from -128 to 255, for `readByte` and `readUnsignedByte`. What is
 * no integer at all throws either way. Nothing is written of a value that is refused.
 *
 * @example
 * const out = new DataOutputStream();
 * out.writeInt(1);
 * out.writeUTF('hi');
 * out.toBytes(); // => Uint8Array [0, 0, 0, 1, 0, 2, 104, 105]
 */
export class DataOutputStream {
  readonly #buffer: ByteBuffer;

  static {
    bufferOf = (output) => output.#buffer;
    keep(new DataOutputStream());
  }

  constructor(options: DataOutputOptions = {}) {
    if (typeof options !== 'object' || 'write' in options) {
      throw new TypeError('new DataOutputStream({ sink: (chunk) => … }): a sink is an option');
    }
    const { sink, checked = false } = options;
    if (sink !== undefined && typeof sink !== 'function') {
      throw new TypeError('a sink is a function that takes a chunk; for a stream use RecordWriter');
    }
    this.#buffer = new ByteBuffer({ sink, checked });
  }

  /** Bytes written so far; stays at 2³¹-1 once that is reached, as in Java. */
  size(): number {
    return Math.min(this.#buffer.size, largestInt);
  }

  /**
   * A copy of everything written so far; writing may go on.
   *
   * @throws {TypeError} when there is a sink: it has the bytes
   */
  toBytes(): Uint8Array<ArrayBuffer> {
    const { sink, bytes, at } = this.#buffer;
    if (sink !== undefined) throw new TypeError('toBytes: the sink has the bytes');
    return bytes.slice(0, at);
  }

  /** Hands to the sink what it has not got yet. Without a sink there is nothing to do. */
  flush(): void {
    this.#buffer.flush();
  }

  /** Writes the low eight bits of a number, or `length` bytes from `offset` of an array. */
  write(value: number | Uint8Array, offset = 0, length?: number): void {
    if (typeof value === 'number') {
      this.#buffer.byte(value);
      return;
    }
    const count = length ?? value.length - offset;
    if (!(offset >= 0 && count >= 0 && offset + count <= value.length)) {
      throw new RangeError(`bytes ${offset} to ${offset + count} of ${value.length} do not exist`);
    }
    const at = this.#buffer.advance(count);
    this.#buffer.bytes.set(value.subarray(offset, offset + count), at);
  }

  /** One byte: 1 or 0. */
  writeBoolean(value: boolean): void {
    this.#buffer.boolean(value);
  }

  /** The low 8 bits. */
  writeByte(value: number): void {
    this.#buffer.byte(value);
  }

  /** The low 16 bits. */
  writeShort(value: number): void {
    this.#buffer.short(value);
  }

  /** The low 16 bits: one UTF-16 unit, given as a number as in Java. */
  writeChar(value: number): void {
    this.#buffer.char(value);
  }

  /** 32 bits. */
  writeInt(value: number): void {
    this.#buffer.int(value);
  }

  /**
   * 64 bits. A bigint is cut to its low 64 bits; a number must be a safe integer.
   *
   * @throws {RangeError} when a number is not a safe integer: it may not be what was meant
   */
  writeLong(value: bigint | number): void {
    this.#buffer.long(value);
  }

  /** Single precision; every NaN becomes `7fc00000`, as `floatToIntBits` makes it. */
  writeFloat(value: number): void {
    this.#buffer.float(value);
  }

  /** Double precision; every NaN becomes `7ff8000000000000`. */
  writeDouble(value: number): void {
    this.#buffer.double(value);
  }

  /** The low eight bits of each UTF-16 unit, without a length; checked, each has to fit. */
  writeBytes(text: string): void {
    if (this.#buffer.checked && /[^\0-\xff]/.test(text)) {
      throw new RangeError(`writeBytes: a character of ${JSON.stringify(text)} has no single byte`);
    }
    const start = this.#buffer.advance(text.length);
    const { bytes } = this.#buffer;
    for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
  }

  /** Each UTF-16 unit in two bytes, without a length. */
  writeChars(text: string): void;
  /** Chars as numbers, one behind the other, without a count. */
  writeChars(units: Uint16Array): void;
  writeChars(text: string | Uint16Array): void {
    if (typeof text !== 'string') {
      writeBatch(this.#buffer, text);
      return;
    }
    const start = this.#buffer.advance(text.length * 2);
    const { view } = this.#buffer;
    for (let i = 0; i < text.length; i++) view.setUint16(start + i * 2, text.charCodeAt(i));
  }

  /**
   * A text in modified UTF-8 behind its length in bytes (two bytes, so 65535 at most).
   *
   * @throws {UTFDataFormatException} 'too-long', before anything is written
   */
  writeUTF(text: string): void {
    this.#buffer.utf(text);
  }

  /** Shorts one behind the other, without a count. */
  writeShorts(values: Int16Array): void {
    writeBatch(this.#buffer, values);
  }

  /**
   * Ints one behind the other, without a count: what a loop of `writeInt` writes, at a good part of
   * memory speed.
   *
   * @example
   * out.writeInt(days.length);
   * out.writeInts(days);
   */
  writeInts(values: Int32Array): void {
    writeBatch(this.#buffer, values);
  }

  /** Longs, as `writeInts`. */
  writeLongs(values: BigInt64Array): void {
    writeBatch(this.#buffer, values);
  }

  /** Floats, as `writeInts`; every NaN becomes Java's one. */
  writeFloats(values: Float32Array): void {
    writeBatch(this.#buffer, values);
  }

  /** Doubles, as `writeInts`; every NaN becomes Java's one. */
  writeDoubles(values: Float64Array): void {
    writeBatch(this.#buffer, values);
  }
}
