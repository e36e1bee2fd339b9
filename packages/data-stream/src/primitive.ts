import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';
import type { DataType } from './data-type.ts';
import { EngineType } from './engine-type.ts';

/** How values of one class of the language are read and written, by methods of the engine. */
interface Access<T> {
  readonly readFrom: (cursor: ByteCursor) => T;
  readonly writeTo: (buffer: ByteBuffer, value: T) => void;
}

/** As `Access`, at a place whose bytes are known to be there. */
interface PlacedAccess<T> extends Access<T> {
  readonly readAt: (cursor: ByteCursor, at: number) => T;
  readonly writeAt: (buffer: ByteBuffer, value: T, at: number) => void;
}

/** A value of one class of the language. */
export class PrimitiveType<T> extends EngineType<T> {
  override readonly leastBytes: number;
  override readonly readFrom: Access<T>['readFrom'];
  override readonly writeTo: Access<T>['writeTo'];

  constructor(leastBytes: number, { readFrom, writeTo }: Access<T>) {
    super();
    this.leastBytes = leastBytes;
    this.readFrom = readFrom;
    this.writeTo = writeTo;
  }
}

/** One whose values all take the same number of bytes. */
export class FixedType<T> extends PrimitiveType<T> {
  readonly readAt: PlacedAccess<T>['readAt'];
  readonly writeAt: PlacedAccess<T>['writeAt'];

  constructor(bytes: number, access: PlacedAccess<T>) {
    super(bytes, access);
    this.readAt = access.readAt;
    this.writeAt = access.writeAt;
  }
}

/** Java's `boolean`: a byte, of which anything but 0 is true. */
export const boolean: DataType<boolean> = new FixedType(1, {
  readFrom: (cursor) => cursor.boolean(),
  writeTo: (buffer, value) => buffer.boolean(value),
  readAt: ({ view }, at) => view.getUint8(at) !== 0,
  writeAt: (buffer, value, at) => buffer.booleanAt(at, value),
});

/** Java's `byte`, -128 to 127. */
export const byte: DataType<number> = new FixedType(1, {
  readFrom: (cursor) => cursor.byte(),
  writeTo: (buffer, value) => buffer.byte(value),
  readAt: ({ view }, at) => view.getInt8(at),
  writeAt: (buffer, value, at) => buffer.byteAt(at, value),
});

/** A byte as 0 to 255. */
export const unsignedByte: DataType<number> = new FixedType(1, {
  readFrom: (cursor) => cursor.unsignedByte(),
  writeTo: (buffer, value) => buffer.byte(value),
  readAt: ({ view }, at) => view.getUint8(at),
  writeAt: (buffer, value, at) => buffer.byteAt(at, value),
});

/** Java's `short`, -32768 to 32767. */
export const short: DataType<number> = new FixedType(2, {
  readFrom: (cursor) => cursor.short(),
  writeTo: (buffer, value) => buffer.short(value),
  readAt: ({ view }, at) => view.getInt16(at),
  writeAt: (buffer, value, at) => buffer.shortAt(at, value),
});

/** A short as 0 to 65535. */
export const unsignedShort: DataType<number> = new FixedType(2, {
  readFrom: (cursor) => cursor.unsignedShort(),
  writeTo: (buffer, value) => buffer.short(value),
  readAt: ({ view }, at) => view.getUint16(at),
  writeAt: (buffer, value, at) => buffer.shortAt(at, value),
});

/** Java's `char`, as a text of one UTF-16 unit. */
export const char: DataType<string> = new FixedType(2, {
  readFrom: (cursor) => String.fromCharCode(cursor.char()),
  writeTo: (buffer, value) => buffer.char(unitOf(value)),
  readAt: ({ view }, at) => String.fromCharCode(view.getUint16(at)),
  writeAt: (buffer, value, at) => buffer.charAt(at, unitOf(value)),
});

/** Java's `int`, -2³¹ to 2³¹-1. */
export const int: DataType<number> = new FixedType(4, {
  readFrom: (cursor) => cursor.int(),
  writeTo: (buffer, value) => buffer.int(value),
  readAt: ({ view }, at) => view.getInt32(at),
  writeAt: (buffer, value, at) => buffer.intAt(at, value),
});

/** Java's `long`, as a bigint; `longNumber` reads it as a number. */
export const long: DataType<bigint> = new FixedType(8, {
  readFrom: (cursor) => cursor.long(),
  writeTo: (buffer, value) => buffer.long(value),
  readAt: ({ view }, at) => view.getBigInt64(at),
  writeAt: (buffer, value, at) => buffer.longAt(at, value),
});

/**
 * Java's `long` as a number, for times and counts.
 *
 * @throws {RangeError} when it is not a safe integer, reading or writing
 */
export const longNumber: DataType<number> = new FixedType(8, {
  readFrom: (cursor) => cursor.longNumber(),
  writeTo: (buffer, value) => buffer.long(value),
  readAt: (cursor, at) => cursor.longNumberAt(at),
  writeAt: (buffer, value, at) => buffer.longAt(at, value),
});

/** Java's `float`. */
export const float: DataType<number> = new FixedType(4, {
  readFrom: (cursor) => cursor.float(),
  writeTo: (buffer, value) => buffer.float(value),
  readAt: ({ view }, at) => view.getFloat32(at),
  writeAt: (buffer, value, at) => buffer.floatAt(at, value),
});

/** Java's `double`. */
export const double: DataType<number> = new FixedType(8, {
  readFrom: (cursor) => cursor.double(),
  writeTo: (buffer, value) => buffer.double(value),
  readAt: ({ view }, at) => view.getFloat64(at),
  writeAt: (buffer, value, at) => buffer.doubleAt(at, value),
});

/** A text as `writeUTF` writes it. */
export const utf: DataType<string> = new PrimitiveType(2, {
  readFrom: (cursor) => cursor.utf(),
  writeTo: (buffer, value) => buffer.utf(value),
});

function unitOf(value: string): number {
  if (typeof value === 'string' && value.length === 1) return value.charCodeAt(0);
  throw new RangeError(`a text of one UTF-16 unit is due, not ${JSON.stringify(value)}`);
}
