/** A byte stream cut into the messages of MongoDB's wire protocol. */
import { ServerError } from './server-error.ts';

/** What hello tells as `maxMessageSizeBytes`. */
export const maxMessageBytes = 48_000_000;

const noBytes = Buffer.alloc(0);

/**
 * Cuts a byte stream into whole messages.
 *
 * It holds one unfinished message at most, in a buffer that grows with the
 * bytes that have come and never by what a message says of itself.
 */
export class MessageSplitter {
  #held: Buffer = noBytes;
  #size = 0;

  /** True while a message has begun and not ended. */
  get unfinished(): boolean {
    return this.#size > 0;
  }

  /** The room that the unfinished message takes. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** Takes the next bytes and returns the messages they complete; throws 17 when a length is impossible. */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.#size === 0 ? chunk : this.#append(chunk);
    const messages: Buffer[] = [];
    let at = 0;
    while (bytes.length - at >= 4) {
      const size = bytes.readInt32LE(at);
      if (size < 16 || size > maxMessageBytes) {
        throw new ServerError(17, `a message cannot have ${size} bytes`);
      }
      if (bytes.length - at < size) break;
      messages.push(bytes.subarray(at, at + size));
      at += size;
    }
    if (at === 0 && this.#size > 0) return messages;
    this.#size = 0;
    // The messages may share the old buffer, so what is left begins a new one.
    this.#held = noBytes;
    if (at < bytes.length) this.#append(bytes.subarray(at));
    return messages;
  }

  #append(chunk: Buffer): Buffer {
    const size = this.#size + chunk.length;
    if (size > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#size);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#size);
    this.#size = size;
    return this.#held.subarray(0, size);
  }
}
