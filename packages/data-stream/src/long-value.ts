import { cutOff } from './byte-cursor.ts';
import type { EngineType, HasCursor } from './engine-type.ts';
import { FieldPath } from './field-path.ts';

/** A value that is read in parts as its bytes come: each part once, however many pieces it takes. */
export class LongValue<T> {
  /** Where it begins in the stream. */
  readonly start: number;
  readonly #path: FieldPath;
  readonly #parts: Generator<void, T>;

  /** It begins where the cursor stands. */
  constructor(type: EngineType<T>, from: HasCursor, record?: number) {
    this.start = from.cursor.offset;
    this.#path = new FieldPath(record);
    this.#parts = type.readInParts(from, this.#path);
  }

  /**
   * Reads what is there of it.
   *
   * @throws {EOFException} `cutOff` while bytes are missing
   * @throws {DataStreamError} told with the record and the field; it cannot be read on then
   */
  readOn(): T {
    try {
      const { done, value } = this.#parts.next();
      if (done) return value;
    } catch (error) {
      throw this.#path.locate(error);
    }
    throw cutOff;
  }
}
