import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { cursorOf, type DataInputStream } from './data-input-stream.ts';
import { bufferOf, type DataOutputStream } from './data-output-stream.ts';
import { FieldPath } from './field-path.ts';

/**
 * How one kind of value lies in a stream: a primitive, a record of them, an array, and so on.
 *
 * Made by the constructors of this package; `Infer` gives the type of its values.
 */
export abstract class DataType<T> {
  /** The fewest bytes that a value takes, at least 1. */
  abstract readonly leastBytes: number;

  /**
   * Reads a value.
   *
   * @throws {EOFException} or another `DataStreamError`, with the field it happened in; the stream
   * then stands where Java's would
   */
  read(input: DataInputStream): T {
    const cursor = cursorOf(input);
    const start = cursor.at;
    try {
      return this.readFrom(cursor);
    } catch (error) {
      throw this.whyUnread(cursor, start, error);
    }
  }

  /**
   * Writes a value.
   *
   * @throws {TypeError | RangeError | UTFDataFormatException} with the field it happened in; of the
   * value nothing is written then, as long as no sink has got its beginning
   */
  write(output: DataOutputStream, value: T): void {
    const buffer = bufferOf(output);
    const start = buffer.size;
    try {
      this.writeTo(buffer, value);
    } catch (error) {
      throw this.whyUnwritten(buffer, start, value, error);
    }
  }

  /** Reads as fast as can be. */
  abstract readFrom(cursor: ByteCursor): T;

  /** Writes as fast as can be. */
  abstract writeTo(buffer: ByteBuffer, value: T): void;

  /** Reads step by step and keeps the path of the field: the truth of `readFrom`. */
  readPlainly(cursor: ByteCursor, _path: FieldPath): T {
    return this.readFrom(cursor);
  }

  /** Writes step by step and keeps the path of the field: the truth of `writeTo`. */
  writePlainly(buffer: ByteBuffer, value: T, _path: FieldPath): void {
    this.writeTo(buffer, value);
  }

  /** What `error` is when it is told with its field; reads the value that failed once more. */
  whyUnread(cursor: ByteCursor, start: number, error: unknown, record?: number): unknown {
    const path = new FieldPath(record);
    cursor.at = start;
    try {
      this.readPlainly(cursor, path);
    } catch (again) {
      return path.locate(again);
    }
    return error;
  }

  /** As `whyUnread`; takes back what was written of the value. */
  whyUnwritten(
    buffer: ByteBuffer,
    start: number,
    value: T,
    error: unknown,
    record?: number,
  ): unknown {
    const path = new FieldPath(record);
    if (!buffer.takeBack(start)) return error;
    try {
      this.writePlainly(buffer, value, path);
    } catch (again) {
      return path.locate(again);
    } finally {
      buffer.takeBack(start);
    }
    return error;
  }
}

/**
 * The type of a data type's values.
 *
 * @example
 * const trade = record({ symbol: utf, close: double });
 * type Trade = Infer<typeof trade>; // { symbol: string; close: number }
 */
export type Infer<D> = D extends DataType<infer T> ? T : never;
