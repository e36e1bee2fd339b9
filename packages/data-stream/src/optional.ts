import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';
import type { DataType } from './data-type.ts';
import { EngineType, engineOf, type HasCursor } from './engine-type.ts';
import type { FieldPath } from './field-path.ts';
import { boolean } from './primitive.ts';

class OptionalType<T> extends EngineType<T | null> {
  override readonly leastBytes = 1;
  readonly #type: EngineType<T>;

  constructor(type: EngineType<T>) {
    super();
    this.#type = type;
  }

  override readFrom(cursor: ByteCursor): T | null {
    return cursor.boolean() ? this.#type.readFrom(cursor) : null;
  }

  override writeTo(buffer: ByteBuffer, value: T | null): void {
    buffer.boolean(value !== null);
    if (value !== null) this.#type.writeTo(buffer, value);
  }

  override *readInParts(from: HasCursor, path: FieldPath): Generator<void, T | null> {
    const isThere = yield* engineOf(boolean).readInParts(from, path);
    return isThere ? yield* this.#type.readInParts(from, path) : null;
  }

  override writePlainly(buffer: ByteBuffer, value: T | null, path: FieldPath): void {
    buffer.boolean(value !== null);
    if (value !== null) this.#type.writePlainly(buffer, value, path);
  }
}

/**
 * A value that may be missing: a boolean, and the value if that is true. Missing is `null`.
 *
 * In Java: `out.writeBoolean(x != null); if (x != null) out.writeUTF(x);`
 */
export function optional<T>(type: DataType<T>): DataType<T | null> {
  return new OptionalType(engineOf(type));
}
