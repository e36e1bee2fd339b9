/** Texts kept: 2 to the power of this. */
const slotBits = 13;
const slotCount = 2 ** slotBits;
/** Misses, less hits, after which looking is given up for a while. */
const patience = 1024;
/** Texts that are not looked up then. */
const pause = 32_768;

/** Makes the text of bytes; `base` is where the view begins in the stream that errors count in. */
type TextMaker = (view: DataView, at: number, length: number, base: number) => string;

/**
 * The short texts that were read last, found by their bytes.
 *
 * Where the same names come again and again, as in a recording of prices, finding one takes half
 * the time of making it, and leaves no garbage. Where they do not, looking stops for a while. The
 * memory is of a fixed size: 8192 texts of at most 16 bytes.
 */
export class RecentTexts {
  readonly #texts: string[] = new Array<string>(slotCount).fill('');
  readonly #lengths = new Uint8Array(slotCount);
  /** Four words a text, which cover it by overlapping; or each byte. */
  readonly #words = new Int32Array(slotCount * 4);
  readonly #make: TextMaker;
  #misses = 0;
  #pause = 0;

  /** @param make the text of bytes that are not known; what it throws is not kept */
  constructor(make: TextMaker) {
    this.#make = make;
  }

  /** The text of the 1 to 16 bytes there. */
  find(view: DataView, at: number, length: number, base: number): string {
    if (this.#pause > 0) {
      this.#pause -= 1;
      return this.#make(view, at, length, base);
    }
    return this.#lookUp(view, at, length, base);
  }

  /** Apart from `find`, which is then small enough to become part of what calls it. */
  #lookUp(view: DataView, at: number, length: number, base: number): string {
    let a: number;
    let b: number;
    let c = 0;
    let d = 0;
    if (length >= 4) {
      // Below 8 the words lie closer; by arithmetic, for a processor could not foresee a branch.
      const beyond = length - 8;
      const closer = beyond & (beyond >> 31);
      a = view.getInt32(at);
      b = view.getInt32(at + 4 + closer);
      c = view.getInt32(at + beyond - closer);
      d = view.getInt32(at + length - 4);
    } else {
      a = view.getUint8(at);
      b = (view.getUint8(at + (length >> 1)) << 8) | view.getUint8(at + length - 1);
    }
    const mixed = Math.imul(Math.imul(a ^ length, 0x9e3779b1) ^ b, 0x85ebca6b);
    const hash = Math.imul(mixed ^ Math.imul(c, 0xc2b2ae35) ^ d, 0x9e3779b1);
    const slot = hash >>> (32 - slotBits);
    const word = slot * 4;
    const words = this.#words;
    if (
      this.#lengths[slot] === length &&
      words[word] === a &&
      words[word + 1] === b &&
      words[word + 2] === c &&
      words[word + 3] === d
    ) {
      if (this.#misses > 0) this.#misses -= 1;
      return this.#texts[slot] ?? '';
    }
    const text = this.#make(view, at, length, base);
    this.#texts[slot] = text;
    this.#lengths[slot] = length;
    words[word] = a;
    words[word + 1] = b;
    words[word + 2] = c;
    words[word + 3] = d;
    this.#misses += 1;
    if (this.#misses > patience) {
      this.#misses = 0;
      this.#pause = pause;
    }
    return text;
  }
}
