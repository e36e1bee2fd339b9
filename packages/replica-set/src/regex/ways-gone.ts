/** The ways that have led nowhere: pairs of an instruction and a place in the text. */

const bitsPerBlock = 1024;

/** Takes memory for those parts of a text alone in which ways are gone: most matches see little of it. */
export class WaysGone {
  readonly #instructions: number;
  readonly #blocks = new Map<number, Uint32Array>();
  #block: Uint32Array = new Uint32Array(0);
  #number = -1;

  constructor(instructions: number) {
    this.#instructions = instructions;
  }

  /** Notes a way; false when it was gone before. */
  add(instruction: number, at: number): boolean {
    const bit = at * this.#instructions + instruction;
    const number = Math.floor(bit / bitsPerBlock);
    if (number !== this.#number) this.#enter(number);
    const within = bit - number * bitsPerBlock;
    const mask = 1 << (within & 31);
    const word = this.#block[within >>> 5] as number;
    this.#block[within >>> 5] = word | mask;
    return (word & mask) === 0;
  }

  #enter(number: number): void {
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = new Uint32Array(bitsPerBlock / 32);
      this.#blocks.set(number, block);
    }
    this.#block = block;
    this.#number = number;
  }
}
