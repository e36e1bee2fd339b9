import { ArrivingBytes, type ValueReader } from './arriving-bytes.ts';
import { type ByteSource, chunksOf } from './byte-source.ts';
import { EOFException } from './data-stream-error.ts';

/** Arrays of values as they come; `flat` gives them one by one, at the price of a promise each. */
export interface Batches<T> extends AsyncIterable<T[]> {
  flat(): AsyncIterable<T>;
}

/**
 * Reads values from a source that comes in chunks, as a stream or a socket does.
 *
 * Values of any types can follow each other: a header, say, and then records. Inside a chunk
 * reading is synchronous. A value that lies over the border of two chunks is read when its rest is
 * there; only the end of the source makes it an `EOFException`.
 *
 * @example
 * await using reader = new RecordReader(source);
 * const version = await reader.read(int);
 * for await (const trades of reader.batches(trade)) console.log(trades.length);
 */
export class RecordReader implements AsyncDisposable {
  readonly #chunks: AsyncGenerator<Uint8Array, void, undefined>;
  readonly #bytes = new ArrivingBytes();

  constructor(source: ByteSource) {
    this.#chunks = chunksOf(source);
  }

  /** Where the next value begins in the source. */
  get offset(): number {
    return this.#bytes.offset;
  }

  /**
   * Reads one value.
   *
   * @throws {DataStreamError} as the type does; `EOFException` also when nothing is left
   */
  async read<T>(reader: ValueReader<T>): Promise<T> {
    for (;;) {
      const read = this.#bytes.readValue(reader);
      if (read !== undefined) return read.value;
      if (this.#bytes.isComplete) {
        throw new EOFException(
          `a value is due at offset ${this.offset}, but the data ends there`,
          this.offset,
        );
      }
      await this.#pull();
    }
  }

  /**
   * Reads values of one kind to the end of the source, as arrays of those that came together.
   *
   * @throws {DataStreamError} with the number of the record, counted from the first of these; the
   * whole ones before it have been given by then
   */
  batches<T>(reader: ValueReader<T>): Batches<T> {
    const arrays = (): AsyncGenerator<T[], void, undefined> => this.#batches(reader);
    return {
      [Symbol.asyncIterator]: arrays,
      async *flat() {
        for await (const values of arrays()) yield* values;
      },
    };
  }

  /** Ends reading; a stream that has more is cancelled. */
  async close(): Promise<void> {
    await this.#chunks.return();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#batches<T>(reader: ValueReader<T>): AsyncGenerator<T[], void, undefined> {
    const bytes = this.#bytes;
    let count = 0;
    try {
      for (;;) {
        const { values, failure } = bytes.readValues(reader, count);
        count += values.length;
        if (values.length > 0) yield values;
        if (failure !== undefined) throw failure.error;
        if (bytes.left >= bytes.needed) continue;
        if (bytes.isComplete && bytes.left === 0) return;
        await this.#pull();
      }
    } finally {
      await this.close();
    }
  }

  /** Waits for as many bytes as the value that was cut off needs. */
  async #pull(): Promise<void> {
    const bytes = this.#bytes;
    do {
      const { done, value } = await this.#chunks.next();
      if (done) bytes.isComplete = true;
      else bytes.append(value);
    } while (!bytes.isComplete && bytes.left < bytes.needed);
  }
}

/**
 * Reads a source to its end as records of one type, in arrays of those that came together.
 *
 * @param source bytes, a Blob, a web or Node stream, or an iterable of chunks
 * @param reader a type, or a function that reads one value
 * @throws {DataStreamError} with the record's number and field: cut short, malformed, or bytes left
 * over after the last whole record, all of which have been given by then
 * @example
 * const trade = record({ symbol: utf, day: int, close: double });
 * for await (const trades of readRecords(createReadStream(path), trade)) sum(trades);
 * const all = (await Array.fromAsync(readRecords(bytes, trade))).flat();
 */
export function readRecords<T>(source: ByteSource, reader: ValueReader<T>): Batches<T> {
  return new RecordReader(source).batches(reader);
}
