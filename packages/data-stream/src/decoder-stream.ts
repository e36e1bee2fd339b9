import type { ValueReader } from './arriving-bytes.ts';
import { readRecords } from './record-reader.ts';

/**
 * From bytes to arrays of values, for `pipeThrough`.
 *
 * It reads no further ahead than it is asked for. When a record fails, the whole ones before it
 * have been given.
 *
 * @example
 * const trades = response.body
 *   .pipeThrough(new DecompressionStream('gzip'))
 *   .pipeThrough(new DecoderStream(trade));
 */
export class DecoderStream<T> {
  readonly readable: ReadableStream<T[]>;
  readonly writable: WritableStream<Uint8Array>;

  // A TransformStream drops what it has given, and nobody has taken yet, when it fails.
  constructor(reader: ValueReader<T>) {
    const bytes = new TransformStream<Uint8Array, Uint8Array>();
    const batches = readRecords(bytes.readable, reader)[Symbol.asyncIterator]();
    this.writable = bytes.writable;
    this.readable = new ReadableStream<T[]>(
      {
        async pull(controller) {
          const { done, value } = await batches.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await batches.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }
}
