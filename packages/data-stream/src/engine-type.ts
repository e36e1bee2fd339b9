import type { ByteBuffer } from './byte-buffer.ts';
import { type ByteCursor, cutOff } from './byte-cursor.ts';
import { cursorOf, type DataInputStream } from './data-input-stream.ts';
import { bufferOf, type DataOutputStream } from './data-output-stream.ts';
import type { DataType } from './data-type.ts';
import { FieldPath } from './field-path.ts';

/** Where bytes are, and where more of them will be. */
export interface HasCursor {
  readonly cursor: ByteCursor;
}

/** What every type is inside: the same reading and writing, on the engine below the streams. */
export abstract class EngineType<T> implements DataType<T> {
  /** The fewest bytes that a value takes, at least 1. */
  abstract readonly leastBytes: number;

  read(input: DataInputStream): T {
    const cursor = cursorOf(input);
    const start = cursor.at;
    try {
      return this.readFrom(cursor);
    } catch (error) {
      throw this.whyUnread(cursor, start, error);
    }
  }

  write(output: DataOutputStream, value: T): void {
    this.put(bufferOf(output), value);
  }

  /** Writes a value, or nothing of it and an error with its place. */
  put(buffer: ByteBuffer, value: T, record?: number): void {
    buffer.heldFrom = buffer.at;
    try {
      this.writeTo(buffer, value);
      buffer.heldFrom = -1;
    } catch (error) {
      throw this.#whyUnwritten(buffer, value, error, record);
    }
  }

  /** Reads as fast as can be. */
  abstract readFrom(cursor: ByteCursor): T;

  /** Writes as fast as can be. */
  abstract writeTo(buffer: ByteBuffer, value: T): void;

  /**
   * Reads step by step, keeps the path of the field, and yields where bytes are missing, for which
   * `from` is looked at again afterwards; where no more will come it throws.
   */
  *readInParts(from: HasCursor, _path: FieldPath): Generator<void, T> {
    for (;;) {
      const { cursor } = from;
      const start = cursor.at;
      try {
        return this.readFrom(cursor);
      } catch (error) {
        if (error !== cutOff) throw error;
        cursor.at = start;
        yield;
      }
    }
  }

  /** Reads step by step from bytes that are there: the truth of `readFrom`. */
  readPlainly(cursor: ByteCursor, path: FieldPath): T {
    const { done, value } = this.readInParts({ cursor }, path).next();
    if (done) return value;
    throw cutOff;
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
  #whyUnwritten(buffer: ByteBuffer, value: T, error: unknown, record?: number): unknown {
    const path = new FieldPath(record);
    buffer.at = buffer.heldFrom;
    try {
      this.writePlainly(buffer, value, path);
    } catch (again) {
      return path.locate(again);
    } finally {
      buffer.at = buffer.heldFrom;
      buffer.heldFrom = -1;
    }
    return error;
  }
}

/**
 * The engine's side of a type.
 *
 * @throws {TypeError} when this package did not make it
 */
export function engineOf<T>(type: DataType<T>): EngineType<T> {
  if (type instanceof EngineType) return type;
  throw new TypeError('a type is due: int, utf, record({ … }) or another of this package');
}
