import { type ByteCursor, cutOff } from './byte-cursor.ts';
import { cursorOf, DataInputStream } from './data-input-stream.ts';
import { RecordFormatException } from './data-stream-error.ts';
import type { DataType } from './data-type.ts';
import { engineOf, type HasCursor } from './engine-type.ts';
import { LongValue } from './long-value.ts';

/** What reads one value after another: a type, or a function for what no type describes. */
export type ValueReader<T> = DataType<T> | ((input: DataInputStream) => T);

/** Values that were whole, and what ended them: need of more bytes, or a failure. */
export interface ReadValues<T> {
  readonly values: T[];
  readonly failure: Failure | undefined;
}

/** What a reader threw, told with its place. */
export interface Failure {
  readonly error: unknown;
}

/** The most values read at once. */
const mostAtOnce = 4096;
/** Bytes that a value cut off by a chunk's end may grow to. */
const longestValue = 64 * 2 ** 20;

/**
 * Chunks of a stream as they come, joined where a value lies over their border.
 *
 * Reading is synchronous within what is there. A value that is cut off keeps its bytes and is read
 * again from its beginning when there are more; cut off again, it is read in parts, each of them once.
 */
export class ArrivingBytes implements HasCursor {
  /** No more chunks will come. */
  isComplete = false;
  /** More bytes than these are needed before it makes sense to read on. */
  needed = 1;
  cursor: ByteCursor;
  #input = new DataInputStream(new Uint8Array(0));
  /** Where the value that was cut off last begins in the stream. */
  #cutOffAt = -1;
  /** The value that is being read in parts. */
  #long: LongValue<unknown> | undefined;
  #room = new Uint8Array(0);

  constructor() {
    this.cursor = cursorOf(this.#input);
  }

  /** Where the next value begins in the stream. */
  get offset(): number {
    return this.#long?.start ?? this.cursor.offset;
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.cursor.left;
  }

  append(chunk: Uint8Array): void {
    const { offset } = this.cursor;
    const bytes = this.left === 0 ? chunk : this.#joined(chunk);
    this.#input = new DataInputStream(bytes, { offset });
    this.cursor = cursorOf(this.#input);
  }

  /**
   * Reads values until the bytes that are there end, or one fails.
   *
   * @param before how many were read before, to number the one that fails
   */
  readValues<T>(reader: ValueReader<T>, before: number): ReadValues<T> {
    const values: T[] = [];
    const failure = this.#attempt(reader, values, mostAtOnce, before);
    return { values, failure };
  }

  /** Reads a value, or throws; undefined when it is not there as a whole yet. */
  readValue<T>(reader: ValueReader<T>): { readonly value: T } | undefined {
    const values: T[] = [];
    const failure = this.#attempt(reader, values, 1, undefined);
    if (failure !== undefined) throw failure.error;
    return values.length === 0 ? undefined : { value: values[0] as T };
  }

  #attempt<T>(
    reader: ValueReader<T>,
    values: T[],
    most: number,
    before: number | undefined,
  ): Failure | undefined {
    const { cursor } = this;
    const type = typeof reader === 'function' ? undefined : engineOf(reader);
    let start = cursor.at;
    this.needed = 1;
    cursor.mayGrow = !this.isComplete;
    try {
      if (type === undefined) {
        const read = reader as (input: DataInputStream) => T;
        while (values.length < most && cursor.left > 0) {
          start = cursor.at;
          const value = read(this.#input);
          if (cursor.at === start) throw new RangeError('a reader has to read at least a byte');
          values.push(value);
        }
        return undefined;
      }
      if (this.#long !== undefined) {
        values.push(this.#long.readOn() as T);
        this.#long = undefined;
      }
      while (values.length < most && cursor.at < cursor.end) {
        start = cursor.at;
        values.push(type.readFrom(cursor));
      }
      return undefined;
    } catch (error) {
      const record = before === undefined ? undefined : before + values.length;
      const long = this.#long;
      if (error !== cutOff) {
        this.#long = undefined;
        if (type === undefined || long !== undefined) return { error };
        return { error: type.whyUnread(cursor, start, error, record) };
      }
      if (long === undefined) cursor.at = start;
      this.needed = cursor.needed - cursor.at;
      const length = cursor.base + cursor.needed - this.offset;
      if (length > longestValue) {
        const message = `a value of at least ${length} bytes is longer than the ${longestValue} that are kept for one`;
        return {
          error: new RecordFormatException('record-too-long', message, this.offset, { record }),
        };
      }
      const isAgain = this.#cutOffAt === this.offset;
      this.#cutOffAt = this.offset;
      if (type !== undefined && long === undefined && isAgain) {
        this.#long = new LongValue(type, this, record);
      }
      return undefined;
    }
  }

  /** What is left and the chunk, one behind the other, in room that is used again. */
  #joined(chunk: Uint8Array): Uint8Array {
    const rest = this.cursor.bytes.subarray(this.cursor.at);
    const length = rest.length + chunk.length;
    if (length > this.#room.length) {
      const room = new Uint8Array(Math.max(length, this.#room.length * 2));
      room.set(rest);
      this.#room = room;
    } else if (rest.buffer !== this.#room.buffer || rest.byteOffset !== 0) {
      this.#room.set(rest);
    }
    this.#room.set(chunk, rest.length);
    return this.#room.subarray(0, length);
  }
}
