import { EOFException } from './data-stream-error.ts';
import { decode } from './modified-utf8.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads what a Java program wrote with `java.io.DataOutputStream`.
 *
 * The methods are java.io's; all numbers are big-endian. The bytes are a view,
 * not a copy: do not change them while reading. When they end inside a value, the
 * rest is consumed and `EOFException` is thrown, as in Java. One thing differs:
 * Java keeps the payload of a NaN, a JavaScript number need not.
 *
 * @example
 * const input = new DataInputStream(out.toBytes());
 * input.readInt(); // => 1
 * input.readUTF(); // => 'hi'
 */
export class DataInputStream {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError('DataInputStream reads a Uint8Array; wrap an ArrayBuffer in one');
    }
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes consumed so far. */
  get offset(): number {
    return this.#at;
  }

  /** Bytes not yet read. */
  available(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next byte, 0 to 255, or -1 at the end. */
  read(): number;
  /** Fills at most `length` bytes of `into` from `offset` on; how many, or -1 at the end. */
  read(into: Uint8Array, offset?: number, length?: number): number;
  read(into?: Uint8Array, offset = 0, length?: number): number {
    if (into === undefined) return this.available() === 0 ? -1 : this.#view.getUint8(this.#at++);
    const wanted = lengthWithin(into, offset, length);
    if (wanted === 0) return 0;
    if (this.available() === 0) return -1;
    const count = Math.min(wanted, this.available());
    this.#copy(into, offset, count);
    return count;
  }

  /**
   * Fills `into`, or `length` bytes of it from `offset` on; given a number, a new
   * array of that many bytes. Returns the array.
   *
   * @throws {EOFException} when fewer are left; those have been copied and consumed
   */
  readFully(into: number | Uint8Array, offset = 0, length?: number): Uint8Array {
    if (typeof into === 'number') {
      if (!(Number.isInteger(into) && into >= 0)) {
        throw new RangeError(`readFully takes a number of bytes, not ${into}`);
      }
      const start = this.#take(into, 'readFully');
      return this.#bytes.slice(start, start + into);
    }
    const wanted = lengthWithin(into, offset, length);
    const left = this.available();
    if (wanted > left) this.#copy(into, offset, left);
    if (wanted > left) throw shortOf(wanted, left, this.#at - left, 'readFully');
    this.#copy(into, offset, wanted);
    return into;
  }

  /** Skips up to `count` bytes and says how many; never throws, and a negative count skips none. */
  skipBytes(count: number): number {
    const skipped = Math.max(0, Math.min(Math.trunc(count) || 0, this.available()));
    this.#at += skipped;
    return skipped;
  }

  /** One byte; anything but 0 is true. */
  readBoolean(): boolean {
    return this.#view.getUint8(this.#take(1, 'readBoolean')) !== 0;
  }

  /** -128 to 127. */
  readByte(): number {
    return this.#view.getInt8(this.#take(1, 'readByte'));
  }

  /** 0 to 255. */
  readUnsignedByte(): number {
    return this.#view.getUint8(this.#take(1, 'readUnsignedByte'));
  }

  /** -32768 to 32767. */
  readShort(): number {
    return this.#view.getInt16(this.#take(2, 'readShort'));
  }

  /** 0 to 65535. */
  readUnsignedShort(): number {
    return this.#view.getUint16(this.#take(2, 'readUnsignedShort'));
  }

  /** One UTF-16 unit as a number, 0 to 65535: `String.fromCharCode` makes it a text. */
  readChar(): number {
    return this.#view.getUint16(this.#take(2, 'readChar'));
  }

  /** -2³¹ to 2³¹-1. */
  readInt(): number {
    return this.#view.getInt32(this.#take(4, 'readInt'));
  }

  /** -2⁶³ to 2⁶³-1. */
  readLong(): bigint {
    return this.#view.getBigInt64(this.#take(8, 'readLong'));
  }

  /**
   * A long as a number.
   *
   * @throws {RangeError} when it is not a safe integer; it is then still unread, for `readLong`
   */
  readLongNumber(): number {
    const start = this.#take(8, 'readLongNumber');
    const long = this.#view.getBigInt64(start);
    const number = Number(long);
    if (Number.isSafeInteger(number)) return number;
    this.#at = start;
    throw new RangeError(
      `the long ${long} at offset ${start} is no safe integer: use readLong, which returns a bigint`,
    );
  }

  readFloat(): number {
    return this.#view.getFloat32(this.#take(4, 'readFloat'));
  }

  readDouble(): number {
    return this.#view.getFloat64(this.#take(8, 'readDouble'));
  }

  /**
   * A text that `writeUTF` wrote.
   *
   * @throws {EOFException} when length or text is cut short
   * @throws {UTFDataFormatException} when the text is malformed; the stream then stands after it
   */
  readUTF(): string {
    const length = this.#view.getUint16(this.#take(2, 'the length of readUTF'));
    const start = this.#take(length, 'readUTF');
    return decode(this.#bytes.subarray(start, start + length), start);
  }

  /**
   * The bytes up to the next `\n`, `\r` or `\r\n`, one character a byte (ISO-8859-1);
   * the end of the data ends a line too. `null` when nothing is left.
   */
  readLine(): string | null {
    if (this.available() === 0) return null;
    let line = '';
    for (;;) {
      const byte = this.read();
      if (byte === -1 || byte === newline) return line;
      if (byte === carriageReturn) {
        if (this.#bytes[this.#at] === newline) this.#at += 1;
        return line;
      }
      line += String.fromCharCode(byte);
    }
  }

  #copy(into: Uint8Array, offset: number, count: number): void {
    into.set(this.#bytes.subarray(this.#at, this.#at + count), offset);
    this.#at += count;
  }

  #take(count: number, what: string): number {
    const start = this.#at;
    const left = this.available();
    if (count > left) {
      this.#at = this.#bytes.length;
      throw shortOf(count, left, start, what);
    }
    this.#at += count;
    return start;
  }
}

function shortOf(count: number, left: number, start: number, what: string): EOFException {
  return new EOFException(
    `${what} needs ${count} bytes at offset ${start}, but only ${left} are left`,
    start,
  );
}

function lengthWithin(into: Uint8Array, offset: number, length?: number): number {
  const wanted = length ?? into.length - offset;
  if (!(offset >= 0 && wanted >= 0 && offset + wanted <= into.length)) {
    throw new RangeError(`bytes ${offset} to ${offset + wanted} of ${into.length} do not exist`);
  }
  return wanted;
}
