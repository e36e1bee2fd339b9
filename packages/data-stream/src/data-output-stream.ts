import { UTFDataFormatException } from './data-stream-error.ts';
import { byteLength, encodeInto } from './modified-utf8.ts';

const longestUtf = 65535;
const largestInt = 0x7fffffff;
const firstRoom = 256;

/**
 * Writes what a Java program reads with `java.io.DataInputStream`, byte for byte.
 *
 * The methods are java.io's; all numbers are big-endian. The bytes gather in
 * memory until `toBytes()`. Where Java's parameter is an `int`, an integer from
 * -2³¹ to 2³²-1 is taken (so that 0xffffffff can be written as it is spelled) and
 * cut to the width of the method without complaint, as Java does; anything else
 * throws a RangeError before a byte is written.
 *
 * @example
 * const out = new DataOutputStream();
 * out.writeInt(1);
 * out.writeUTF('hi');
 * out.toBytes(); // => Uint8Array [0, 0, 0, 1, 0, 2, 104, 105]
 */
export class DataOutputStream {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(firstRoom);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  /** Bytes written so far; stays at 2³¹-1 once that is reached, as in Java. */
  size(): number {
    return Math.min(this.#size, largestInt);
  }

  /** A copy of everything written so far; writing may go on. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#size);
  }

  /** Writes the low eight bits of a number, or `length` bytes from `offset` of an array. */
  write(value: number | Uint8Array, offset = 0, length?: number): void {
    if (typeof value === 'number') {
      this.writeByte(value);
      return;
    }
    const count = length ?? value.length - offset;
    if (!(offset >= 0 && count >= 0 && offset + count <= value.length)) {
      throw new RangeError(`bytes ${offset} to ${offset + count} of ${value.length} do not exist`);
    }
    const at = this.#advance(count);
    this.#bytes.set(value.subarray(offset, offset + count), at);
  }

  /** One byte: 1 or 0. */
  writeBoolean(value: boolean): void {
    this.writeByte(value ? 1 : 0);
  }

  /** The low 8 bits. */
  writeByte(value: number): void {
    checkInt(value);
    const at = this.#advance(1);
    this.#view.setInt8(at, value);
  }

  /** The low 16 bits. */
  writeShort(value: number): void {
    checkInt(value);
    const at = this.#advance(2);
    this.#view.setInt16(at, value);
  }

  /** The low 16 bits: one UTF-16 unit, given as a number as in Java. */
  writeChar(value: number): void {
    this.writeShort(value);
  }

  /** 32 bits. */
  writeInt(value: number): void {
    checkInt(value);
    const at = this.#advance(4);
    this.#view.setInt32(at, value);
  }

  /**
   * 64 bits. A bigint is cut to its low 64 bits; a number must be a safe integer.
   *
   * @throws {RangeError} when a number is not a safe integer: it may not be what was meant
   */
  writeLong(value: bigint | number): void {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw new RangeError(`writeLong takes a bigint or a safe integer, not ${value}`);
    }
    const long = BigInt(value);
    const at = this.#advance(8);
    this.#view.setBigInt64(at, long);
  }

  /** Single precision; every NaN becomes `7fc00000`, as `floatToIntBits` makes it. */
  writeFloat(value: number): void {
    const at = this.#advance(4);
    // Which NaN a DataView stores is up to the engine.
    if (Number.isNaN(value)) this.#view.setUint32(at, 0x7fc00000);
    else this.#view.setFloat32(at, value);
  }

  /** Double precision; every NaN becomes `7ff8000000000000`. */
  writeDouble(value: number): void {
    const at = this.#advance(8);
    if (Number.isNaN(value)) this.#view.setBigUint64(at, 0x7ff8000000000000n);
    else this.#view.setFloat64(at, value);
  }

  /** The low eight bits of each UTF-16 unit, without a length. */
  writeBytes(text: string): void {
    const start = this.#advance(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[start + i] = text.charCodeAt(i);
  }

  /** Each UTF-16 unit in two bytes, without a length. */
  writeChars(text: string): void {
    const start = this.#advance(text.length * 2);
    for (let i = 0; i < text.length; i++) {
      this.#view.setUint16(start + i * 2, text.charCodeAt(i));
    }
  }

  /**
   * A text in modified UTF-8 behind its length in bytes (two bytes, so 65535 at most).
   *
   * @throws {UTFDataFormatException} 'too-long', before anything is written
   */
  writeUTF(text: string): void {
    if (typeof text !== 'string') throw new TypeError('writeUTF takes a string');
    if (text.length > longestUtf) throw this.#tooLong(text);
    this.#reserve(2 + text.length * 3);
    const start = this.#size + 2;
    const end = encodeInto(text, this.#bytes, start);
    if (end - start > longestUtf) throw this.#tooLong(text);
    this.#view.setUint16(this.#size, end - start);
    this.#size = end;
  }

  #tooLong(text: string): UTFDataFormatException {
    const ends = `${text.slice(0, 8)}...${text.slice(-8)}`;
    const message = `encoded string (${ends}) too long: ${byteLength(text)} bytes`;
    return new UTFDataFormatException('too-long', message, this.#size);
  }

  #advance(count: number): number {
    this.#reserve(count);
    const at = this.#size;
    this.#size += count;
    return at;
  }

  #reserve(count: number): void {
    const needed = this.#size + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function checkInt(value: number): void {
  if ((value | 0) !== value && value >>> 0 !== value) {
    throw new RangeError(`an integer from -2147483648 to 4294967295 is due, not ${value}`);
  }
}
