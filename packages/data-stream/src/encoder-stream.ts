import { ByteBuffer } from './byte-buffer.ts';
import type { DataType } from './data-type.ts';
import { engineOf } from './engine-type.ts';

/**
 * A TransformStream from arrays of values to bytes, for `pipeThrough`. Nothing is held back: an
 * array of values becomes a chunk at once.
 *
 * @example
 * await trades.pipeThrough(new EncoderStream(trade)).pipeTo(socket);
 */
export class EncoderStream<T> extends TransformStream<readonly T[], Uint8Array<ArrayBuffer>> {
  /** @param options `checked` as `DataOutputStream` has it */
  constructor(type: DataType<T>, { checked = false }: { readonly checked?: boolean } = {}) {
    const buffer = new ByteBuffer({ checked });
    const engine = engineOf(type);
    let count = 0;
    super({
      transform(values, controller) {
        for (const value of values) {
          engine.put(buffer, value, count);
          count += 1;
        }
        if (buffer.at > 0) controller.enqueue(buffer.takeChunk());
      },
    });
  }
}
