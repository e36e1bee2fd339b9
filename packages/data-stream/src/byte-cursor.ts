import { EOFException } from './data-stream-error.ts';
import { keep } from './keep.ts';
import { decode } from './modified-utf8.ts';

/**
 * Thrown where a value is cut short and more bytes may come: at the end of every chunk, so it is
 * made once.
 */
export const cutOff: EOFException = new EOFException(
  'the value goes on in bytes that have not come yet',
  0,
);

/**
 * A place in bytes, and how values are taken from there: the engine below `DataInputStream` and
 * the types of records. Its fields are open to both, which a stream's are not.
 *
 * Values are big-endian. What is cut short consumes the rest, as in Java.
 */
export class ByteCursor {
  static {
    keep(new ByteCursor(new Uint8Array(0)));
  }

  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly end: number;
  /** Where `bytes` begin in the stream that errors count in. */
  readonly base: number;
  at = 0;
  /** Whether more bytes may come, so that a value that is cut short is no failure yet. */
  mayGrow = false;
  /** When a value was cut short: how many of `bytes` there should at least have been. */
  needed = 0;

  constructor(bytes: Uint8Array, base = 0) {
    const { buffer, byteOffset, byteLength } = bytes;
    // One class of arrays keeps the engine's code narrow; a Buffer's slice would be a view besides.
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.view = new DataView(buffer, byteOffset, byteLength);
    this.end = bytes.byteLength;
    this.base = base;
  }

  /** Where the next byte stands in the stream. */
  get offset(): number {
    return this.base + this.at;
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.end - this.at;
  }

  /**
   * Steps over `count` bytes and returns where they begin.
   *
   * @throws {EOFException} when fewer are left; they have been consumed
   */
  take(count: number, what: string): number {
    const start = this.at;
    const next = start + count;
    if (next > this.end) throw this.shortOf(count, what);
    this.at = next;
    return start;
  }

  /** Consumes the rest, which is too short for `count` bytes. */
  shortOf(count: number, what: string): EOFException {
    const { at: start, end, left } = this;
    this.at = end;
    this.needed = start + count;
    if (this.mayGrow) return cutOff;
    const due = count === 1 ? '1 byte' : `${count} bytes`;
    const there =
      left === 0 ? 'the data ends there' : `only ${left} ${left === 1 ? 'is' : 'are'} left`;
    return new EOFException(
      `${what} needs ${due} at offset ${this.base + start}, but ${there}`,
      this.base + start,
    );
  }

  boolean(): boolean {
    return this.view.getUint8(this.take(1, 'readBoolean')) !== 0;
  }

  byte(): number {
    return this.view.getInt8(this.take(1, 'readByte'));
  }

  unsignedByte(): number {
    return this.view.getUint8(this.take(1, 'readUnsignedByte'));
  }

  short(): number {
    return this.view.getInt16(this.take(2, 'readShort'));
  }

  unsignedShort(): number {
    return this.view.getUint16(this.take(2, 'readUnsignedShort'));
  }

  char(): number {
    return this.view.getUint16(this.take(2, 'readChar'));
  }

  int(): number {
    return this.view.getInt32(this.take(4, 'readInt'));
  }

  long(): bigint {
    return this.view.getBigInt64(this.take(8, 'readLong'));
  }

  /** A long as a number; left unread when it is not a safe integer. */
  longNumber(): number {
    const start = this.take(8, 'readLongNumber');
    this.at = start;
    const number = this.longNumberAt(start);
    this.at = start + 8;
    return number;
  }

  /** The long there as a number; the bytes have to be there. */
  longNumberAt(at: number): number {
    const number = this.view.getInt32(at) * 2 ** 32 + this.view.getUint32(at + 4);
    if (Number.isSafeInteger(number)) return number;
    throw new RangeError(
      `the long ${this.view.getBigInt64(at)} at offset ${this.base + at} is no safe integer: read it as a long, which is a bigint`,
    );
  }

  float(): number {
    return this.view.getFloat32(this.take(4, 'readFloat'));
  }

  double(): number {
    return this.view.getFloat64(this.take(8, 'readDouble'));
  }

  /** A text behind its length in bytes. */
  utf(): string {
    const length = this.view.getUint16(this.take(2, 'the length of readUTF'));
    const start = this.take(length, 'readUTF');
    return decode(this, start, length);
  }
}
