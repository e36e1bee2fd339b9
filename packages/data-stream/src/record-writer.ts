import { ByteBuffer } from './byte-buffer.ts';
import { type ByteSink, type OpenSink, openSink } from './byte-sink.ts';
import type { DataType } from './data-type.ts';
import { engineOf } from './engine-type.ts';

/** Bytes gathered before the sink gets them. */
const chunkSize = 65_536;

/**
 * Writes values to a sink that takes chunks when it can, as a file or a socket does.
 *
 * Values gather to chunks of some 64 KiB; only a full one waits for the sink. A value that is
 * refused leaves nothing of itself, and writing may go on.
 *
 * @example
 * await using writer = new RecordWriter(sink);
 * await writer.write(int, version);
 * await writer.writeAll(trade, trades);
 * await writer.close();
 */
export class RecordWriter implements AsyncDisposable {
  readonly #buffer: ByteBuffer;
  readonly #sink: OpenSink;
  #isClosed = false;

  /** @param options `checked` as `DataOutputStream` has it */
  constructor(sink: ByteSink, { checked = false }: { readonly checked?: boolean } = {}) {
    this.#buffer = new ByteBuffer({ checked });
    this.#sink = openSink(sink);
  }

  /** Bytes written so far, with those that the sink has not got yet. */
  get size(): number {
    return this.#buffer.size;
  }

  /** Writes one value. */
  async write<T>(type: DataType<T>, value: T): Promise<void> {
    engineOf(type).put(this.#buffer, value);
    if (this.#buffer.at >= chunkSize) await this.flush();
  }

  /**
   * Writes values of one type and resolves with how many there were.
   *
   * @throws {TypeError | RangeError | UTFDataFormatException} with the number of the record,
   * counted from the first of these, and its field; the ones before it are written
   */
  async writeAll<T>(type: DataType<T>, values: Iterable<T> | AsyncIterable<T>): Promise<number> {
    const buffer = this.#buffer;
    const engine = engineOf(type);
    let count = 0;
    if (Symbol.iterator in values) {
      for (const value of values) {
        engine.put(buffer, value, count);
        count += 1;
        if (buffer.at >= chunkSize) await this.flush();
      }
      return count;
    }
    for await (const value of values) {
      engine.put(buffer, value, count);
      count += 1;
      if (buffer.at >= chunkSize) await this.flush();
    }
    return count;
  }

  /** Resolves when the sink has taken all that was written. */
  async flush(): Promise<void> {
    if (this.#buffer.at > 0) await this.#sink.write(this.#buffer.takeChunk());
  }

  /** Flushes and ends the sink; resolves when it has everything. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.flush();
    await this.#sink.close();
    this.#isClosed = true;
  }

  /** Gives the sink up; what it has not got yet is dropped. */
  async abort(reason?: unknown): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#sink.abort(reason);
  }

  /** Gives the sink up unless it was closed, so that an error leaves nothing that looks whole. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort(new Error('the writer was left before it was closed'));
  }
}

/**
 * Writes records of one type to a sink, ends it, and resolves with how many there were.
 *
 * When a record is refused, or the records fail, the sink is aborted.
 *
 * @param options `checked` as `DataOutputStream` has it
 * @throws {TypeError | RangeError | UTFDataFormatException} with the record's number and field
 * @example
 * await writeRecords(createWriteStream(path), trade, trades);
 */
export async function writeRecords<T>(
  sink: ByteSink,
  type: DataType<T>,
  values: Iterable<T> | AsyncIterable<T>,
  { checked = false }: { readonly checked?: boolean } = {},
): Promise<number> {
  const writer = new RecordWriter(sink, { checked });
  try {
    const count = await writer.writeAll(type, values);
    await writer.close();
    return count;
  } catch (error) {
    await writer.abort(error);
    throw error;
  }
}
