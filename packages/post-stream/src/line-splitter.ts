const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const ending = '\r\n';
const firstRoom = 4096;

/** A line too long to keep: how many bytes it had, without its `\r\n`. */
export interface OversizedLine {
  readonly oversized: number;
}

/**
 * Cuts a stream of bytes at `\r\n`, wherever its chunks begin and end.
 *
 * Lines are bytes, so that a character split between chunks is whole again; a
 * lone `\n` or `\r` belongs to its line. Of a line longer than `longest` bytes
 * nothing is kept but its length. What follows the last `\r\n` is no line yet.
 */
export class LineSplitter {
  readonly #longest: number;
  /** The unfinished line; of one that is too long, its beginning. */
  #kept = Buffer.alloc(firstRoom);
  #length = 0;
  #endsInReturn = false;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The lines that this chunk finishes, without their `\r\n`; views of it where possible. */
  *push(bytes: Uint8Array): Generator<Buffer | OversizedLine, void, undefined> {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    if (this.#endsInReturn && chunk[0] === lineFeed) {
      start = 1;
      yield this.#finish(this.#length - 1);
    }
    for (;;) {
      const end = chunk.indexOf(ending, start);
      if (end < 0) break;
      const rest = chunk.subarray(start, end);
      start = end + ending.length;
      if (this.#length === 0 && rest.length <= this.#longest) {
        yield rest;
      } else {
        this.#keep(rest);
        yield this.#finish(this.#length);
      }
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #finish(length: number): Buffer | OversizedLine {
    this.#length = 0;
    this.#endsInReturn = false;
    if (length > this.#longest) return { oversized: length };
    return Buffer.from(this.#kept.subarray(0, length));
  }

  #keep(piece: Buffer): void {
    const length = this.#length + piece.length;
    // One byte more than a line may have: the last may be the `\r` of its ending.
    if (length <= this.#longest + 1) {
      if (length > this.#kept.length) this.#grow(length);
      piece.copy(this.#kept, this.#length);
    }
    this.#length = length;
    this.#endsInReturn = piece.at(-1) === carriageReturn;
  }

  #grow(needed: number): void {
    const grown = Buffer.alloc(Math.max(needed, this.#kept.length * 2));
    this.#kept.copy(grown, 0, 0, this.#length);
    this.#kept = grown;
  }
}
