import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { RecordFormatException } from './data-stream-error.ts';
import type { DataType } from './data-type.ts';
import { EngineType, engineOf, type HasCursor } from './engine-type.ts';
import type { FieldPath } from './field-path.ts';
import { PrimitiveType } from './primitive.ts';

const elementCount = new PrimitiveType(4, {
  readFrom(cursor) {
    const { offset } = cursor;
    const count = cursor.int();
    if (count >= 0) return count;
    throw new RecordFormatException('negative-count', `an array of ${count} elements`, offset);
  },
  writeTo: (buffer, count: number) => buffer.int(count),
});

class ArrayType<T> extends EngineType<T[]> {
  override readonly leastBytes = 4;
  readonly #element: EngineType<T>;

  constructor(element: EngineType<T>) {
    super();
    this.#element = element;
  }

  override readFrom(cursor: ByteCursor): T[] {
    const count = elementCount.readFrom(cursor);
    const least = count * this.#element.leastBytes;
    // A count that cannot be true costs no room.
    if (least > cursor.left) throw cursor.shortOf(least, `an array of ${count} elements`);
    const elements: T[] = [];
    for (let i = 0; i < count; i++) elements.push(this.#element.readFrom(cursor));
    return elements;
  }

  override writeTo(buffer: ByteBuffer, elements: readonly T[]): void {
    checkArray(elements);
    elementCount.writeTo(buffer, elements.length);
    for (const element of elements) this.#element.writeTo(buffer, element);
  }

  override *readInParts(from: HasCursor, path: FieldPath): Generator<void, T[]> {
    const count = yield* elementCount.readInParts(from, path);
    const elements: T[] = [];
    for (let i = 0; i < count; i++) {
      elements.push(yield* path.withinParts(i, this.#element.readInParts(from, path)));
    }
    return elements;
  }

  override writePlainly(buffer: ByteBuffer, elements: readonly T[], path: FieldPath): void {
    checkArray(elements);
    elementCount.writeTo(buffer, elements.length);
    for (const [i, element] of elements.entries()) {
      path.within(i, () => this.#element.writePlainly(buffer, element, path));
    }
  }
}

/**
 * Values of one type behind their number, which is an int.
 *
 * In Java: `out.writeInt(a.length); for (int x : a) out.writeInt(x);`
 *
 * @throws {RecordFormatException} 'negative-count' when reading
 */
export function array<T>(element: DataType<T>): DataType<T[]> {
  return new ArrayType(engineOf(element));
}

function checkArray(elements: readonly unknown[]): void {
  if (!Array.isArray(elements)) throw new TypeError(`an array is due, not ${typeof elements}`);
}
