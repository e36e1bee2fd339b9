import { ByteCursor } from './byte-cursor.ts';
import { keep } from './keep.ts';
import { readBatch } from './typed-batch.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;

/** The cursor of a stream, for the types of records. */
export let cursorOf: (input: DataInputStream) => ByteCursor;

/**
 * Reads what a Java program wrote with `java.io.DataOutputStream`.
 *
 * The methods are java.io's; all numbers are big-endian. The bytes are a view,
 * not a copy: do not change them while reading. When they end inside a value, the
 * rest is consumed and `EOFException` is thrown, as in Java. One thing differs:
 * Java keeps the payload of a NaN, a JavaScript number need not; `readInt` and
 * `readLong` give the bits.
 *
 * @example
 * const input = new DataInputStream(out.toBytes());
 * input.readInt(); // => 1
 * input.readUTF(); // => 'hi'
 */
export class DataInputStream {
  readonly #cursor: ByteCursor;
  #mark = 0;

  static {
    cursorOf = (input) => input.#cursor;
    keep(new DataInputStream(new Uint8Array(0)));
  }

  /** @param options `offset` is where the bytes begin in the stream that offsets and errors count in */
  constructor(bytes: Uint8Array, { offset = 0 }: { readonly offset?: number } = {}) {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError('DataInputStream reads a Uint8Array; wrap an ArrayBuffer in one');
    }
    this.#cursor = new ByteCursor(bytes, offset);
  }

  /** Where the next byte stands in the stream. */
  get offset(): number {
    return this.#cursor.offset;
  }

  /** Bytes not yet read. */
  available(): number {
    return this.#cursor.left;
  }

  /** Remembers this place for `reset`. */
  mark(): void {
    this.#mark = this.#cursor.at;
  }

  /** Goes back to where `mark` was called last, or to the beginning. */
  reset(): void {
    this.#cursor.at = this.#mark;
  }

  /** The next byte, 0 to 255, or -1 at the end. */
  read(): number;
  /** Fills at most `length` bytes of `into` from `offset` on; how many, or -1 at the end. */
  read(into: Uint8Array, offset?: number, length?: number): number;
  read(into?: Uint8Array, offset = 0, length?: number): number {
    const left = this.#cursor.left;
    if (into === undefined) return left === 0 ? -1 : this.#cursor.unsignedByte();
    const wanted = lengthWithin(into, offset, length);
    if (wanted === 0) return 0;
    if (left === 0) return -1;
    const count = Math.min(wanted, left);
    this.#copy(into, offset, count);
    return count;
  }

  /** A copy of all that is left. */
  readAllBytes(): Uint8Array<ArrayBuffer> {
    return this.readNBytes(this.#cursor.left);
  }

  /** A copy of the next `count` bytes, or of fewer when the data ends before. */
  readNBytes(count: number): Uint8Array<ArrayBuffer> {
    return this.#taken(Math.min(checkCount(count), this.#cursor.left), 'readNBytes');
  }

  /**
   * Fills `into`, or `length` bytes of it from `offset` on; given a number, a new
   * array of that many bytes. Returns the array.
   *
   * @throws {EOFException} when fewer are left; those have been copied and consumed
   */
  readFully(into: number | Uint8Array, offset = 0, length?: number): Uint8Array {
    const cursor = this.#cursor;
    if (typeof into === 'number') return this.#taken(checkCount(into), 'readFully');
    const wanted = lengthWithin(into, offset, length);
    if (wanted > cursor.left) {
      into.set(cursor.bytes.subarray(cursor.at), offset);
      throw cursor.shortOf(wanted, 'readFully');
    }
    this.#copy(into, offset, wanted);
    return into;
  }

  /** Skips up to `count` bytes and says how many; never throws, and a negative count skips none. */
  skipBytes(count: number): number {
    const skipped = Math.max(0, Math.min(Math.trunc(count) || 0, this.#cursor.left));
    this.#cursor.at += skipped;
    return skipped;
  }

  /** One byte; anything but 0 is true. */
  readBoolean(): boolean {
    return this.#cursor.boolean();
  }

  /** -128 to 127. */
  readByte(): number {
    return this.#cursor.byte();
  }

  /** 0 to 255. */
  readUnsignedByte(): number {
    return this.#cursor.unsignedByte();
  }

  /** -32768 to 32767. */
  readShort(): number {
    return this.#cursor.short();
  }

  /** 0 to 65535. */
  readUnsignedShort(): number {
    return this.#cursor.unsignedShort();
  }

  /** One UTF-16 unit as a number, 0 to 65535: `String.fromCharCode` makes it a text. */
  readChar(): number {
    return this.#cursor.char();
  }

  /** -2³¹ to 2³¹-1. */
  readInt(): number {
    return this.#cursor.int();
  }

  /** -2⁶³ to 2⁶³-1. */
  readLong(): bigint {
    return this.#cursor.long();
  }

  /**
   * A long as a number.
   *
   * @throws {RangeError} when it is not a safe integer; it is then still unread, for `readLong`
   */
  readLongNumber(): number {
    return this.#cursor.longNumber();
  }

  readFloat(): number {
    return this.#cursor.float();
  }

  readDouble(): number {
    return this.#cursor.double();
  }

  /**
   * A text that `writeUTF` wrote.
   *
   * @throws {EOFException} when length or text is cut short
   * @throws {UTFDataFormatException} when the text is malformed; the stream then stands after it
   */
  readUTF(): string {
    return this.#cursor.utf();
  }

  /**
   * The bytes up to the next `\n`, `\r` or `\r\n`, one character a byte (ISO-8859-1);
   * the end of the data ends a line too. `null` when nothing is left.
   */
  readLine(): string | null {
    const { bytes, end } = this.#cursor;
    if (this.#cursor.left === 0) return null;
    let line = '';
    for (;;) {
      const byte = this.read();
      if (byte === -1 || byte === newline) return line;
      if (byte === carriageReturn) {
        const { at } = this.#cursor;
        if (at < end && bytes[at] === newline) this.#cursor.at += 1;
        return line;
      }
      line += String.fromCharCode(byte);
    }
  }

  /** Shorts that lie one behind the other: `count` of them, or as many as fill the array. */
  readShorts(into: number | Int16Array): Int16Array {
    return readBatch(this.#cursor, this.#room(into, Int16Array), 'readShorts');
  }

  /** Chars, as `readShorts`. */
  readChars(into: number | Uint16Array): Uint16Array {
    return readBatch(this.#cursor, this.#room(into, Uint16Array), 'readChars');
  }

  /**
   * Ints that lie one behind the other: so many of them in a new array, or as many as fill the
   * array given, which is returned.
   *
   * @throws {EOFException} when fewer are left; before an array is made for them
   * @example
   * const closes = input.readDoubles(input.readInt());
   */
  readInts(into: number | Int32Array): Int32Array {
    return readBatch(this.#cursor, this.#room(into, Int32Array), 'readInts');
  }

  /** Longs, as `readInts`. */
  readLongs(into: number | BigInt64Array): BigInt64Array {
    return readBatch(this.#cursor, this.#room(into, BigInt64Array), 'readLongs');
  }

  /** Floats, as `readInts`. */
  readFloats(into: number | Float32Array): Float32Array {
    return readBatch(this.#cursor, this.#room(into, Float32Array), 'readFloats');
  }

  /** Doubles, as `readInts`. */
  readDoubles(into: number | Float64Array): Float64Array {
    return readBatch(this.#cursor, this.#room(into, Float64Array), 'readDoubles');
  }

  /** The array to fill; a count too great for what is left is refused before room is made. */
  #room<T>(
    into: number | T,
    Room: { new (count: number): T; readonly BYTES_PER_ELEMENT: number; readonly name: string },
  ): T {
    if (typeof into === 'number') {
      const bytes = checkCount(into) * Room.BYTES_PER_ELEMENT;
      if (bytes > this.#cursor.left) throw this.#cursor.shortOf(bytes, `${into} values`);
      return new Room(into);
    }
    if (into instanceof Room) return into;
    throw new TypeError(`a number of values or a ${Room.name} is due`);
  }

  #taken(count: number, what: string): Uint8Array<ArrayBuffer> {
    const start = this.#cursor.take(count, what);
    return new Uint8Array(this.#cursor.bytes.subarray(start, start + count));
  }

  #copy(into: Uint8Array, offset: number, count: number): void {
    const start = this.#cursor.take(count, 'read');
    into.set(this.#cursor.bytes.subarray(start, start + count), offset);
  }
}

function checkCount(count: number): number {
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new RangeError(`a number of values from 0 on is due, not ${count}`);
}

function lengthWithin(into: Uint8Array, offset: number, length?: number): number {
  const wanted = length ?? into.length - offset;
  if (!(offset >= 0 && wanted >= 0 && offset + wanted <= into.length)) {
    throw new RangeError(`bytes ${offset} to ${offset + wanted} of ${into.length} do not exist`);
  }
  return wanted;
}
