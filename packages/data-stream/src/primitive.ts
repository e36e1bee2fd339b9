import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';
import type { DataType } from './data-type.ts';
import { EngineType } from './engine-type.ts';

/** A value of one class of the language, read and written by one method of the engine. */
export class PrimitiveType<T> extends EngineType<T> {
  override readonly leastBytes: number;
  override readonly readFrom: (cursor: ByteCursor) => T;
  override readonly writeTo: (buffer: ByteBuffer, value: T) => void;

  constructor(
    leastBytes: number,
    readFrom: (cursor: ByteCursor) => T,
    writeTo: (buffer: ByteBuffer, value: T) => void,
  ) {
    super();
    this.leastBytes = leastBytes;
    this.readFrom = readFrom;
    this.writeTo = writeTo;
  }
}

/** Java's `boolean`: a byte, of which anything but 0 is true. */
export const boolean: DataType<boolean> = new PrimitiveType(
  1,
  (cursor) => cursor.boolean(),
  (buffer, value) => buffer.boolean(value),
);

/** Java's `byte`, -128 to 127. */
export const byte: DataType<number> = new PrimitiveType(
  1,
  (cursor) => cursor.byte(),
  (buffer, value) => buffer.byte(value),
);

/** A byte as 0 to 255. */
export const unsignedByte: DataType<number> = new PrimitiveType(
  1,
  (cursor) => cursor.unsignedByte(),
  (buffer, value) => buffer.byte(value),
);

/** Java's `short`, -32768 to 32767. */
export const short: DataType<number> = new PrimitiveType(
  2,
  (cursor) => cursor.short(),
  (buffer, value) => buffer.short(value),
);

/** A short as 0 to 65535. */
export const unsignedShort: DataType<number> = new PrimitiveType(
  2,
  (cursor) => cursor.unsignedShort(),
  (buffer, value) => buffer.short(value),
);

/** Java's `char`, as a text of one UTF-16 unit. */
export const char: DataType<string> = new PrimitiveType(
  2,
  (cursor) => String.fromCharCode(cursor.char()),
  (buffer, value) => buffer.char(unitOf(value)),
);

/** Java's `int`, -2³¹ to 2³¹-1. */
export const int: DataType<number> = new PrimitiveType(
  4,
  (cursor) => cursor.int(),
  (buffer, value) => buffer.int(value),
);

/** Java's `long`, as a bigint; `longNumber` reads it as a number. */
export const long: DataType<bigint> = new PrimitiveType(
  8,
  (cursor) => cursor.long(),
  (buffer, value) => buffer.long(value),
);

/**
 * Java's `long` as a number, for times and counts.
 *
 * @throws {RangeError} when it is not a safe integer, reading or writing
 */
export const longNumber: DataType<number> = new PrimitiveType(
  8,
  (cursor) => cursor.longNumber(),
  (buffer, value) => buffer.long(value),
);

/** Java's `float`. */
export const float: DataType<number> = new PrimitiveType(
  4,
  (cursor) => cursor.float(),
  (buffer, value) => buffer.float(value),
);

/** Java's `double`. */
export const double: DataType<number> = new PrimitiveType(
  8,
  (cursor) => cursor.double(),
  (buffer, value) => buffer.double(value),
);

/** A text as `writeUTF` writes it. */
export const utf: DataType<string> = new PrimitiveType(
  2,
  (cursor) => cursor.utf(),
  (buffer, value) => buffer.utf(value),
);

function unitOf(value: string): number {
  if (typeof value === 'string' && value.length === 1) return value.charCodeAt(0);
  throw new RangeError(`a text of one UTF-16 unit is due, not ${JSON.stringify(value)}`);
}
