import { inOrder } from './in-order.ts';

const size = 624;
const middle = 397;
const biggest = 0xffff_ffff;

/**
 * The random numbers of NumPy's `RandomState`, bit for bit: seeds, draws and their order.
 *
 * The generator is MT19937 (Matsumoto and Nishimura, 1998); a whole number seeds it by
 * `init_genrand`, a list by `init_by_array`. Every method gives one value; NumPy's arrays are the
 * same values in C order. Not for secrets.
 *
 * @example
 * new RandomState(42).uniform(); // => 0.3745401188473625
 */
export class RandomState {
  readonly #state = new Uint32Array(size);
  #at = size;
  #spareNormal: number | undefined;

  /**
   * @param seed a whole number from 0 to 2³² − 1, or a list of at least one such
   * @throws {RangeError} for anything else
   */
  constructor(seed: number | readonly number[]) {
    const keys = typeof seed === 'number' ? [seed] : seed;
    if (keys.length === 0 || !keys.every((key) => Number.isInteger(key) && key >>> 0 === key)) {
      throw new RangeError('a seed is a whole number from 0 to 2^32 - 1, or a list of such');
    }
    if (typeof seed === 'number') this.#seedByNumber(seed);
    else this.#seedByList(seed);
  }

  /** A double from [low, high), of 53 random bits; from [0, 1) if nothing is given. */
  uniform(low = 0, high = 1): number {
    const upper = this.#next() >>> 5;
    const lower = this.#next() >>> 6;
    return low + (high - low) * ((upper * 0x400_0000 + lower) / 2 ** 53);
  }

  /**
   * A whole number from low to high − 1, each as likely.
   *
   * @throws {RangeError} when a bound is no safe integer, or they are not 1 to 2³² apart
   */
  randint(low: number, high: number): number {
    const span = high - low;
    if (
      !(Number.isSafeInteger(low) && Number.isSafeInteger(high) && span >= 1 && span <= 2 ** 32)
    ) {
      throw new RangeError(`there is no whole number to draw from ${low} to below ${high}`);
    }
    return low + this.#interval(span - 1);
  }

  /** A number of the normal distribution with a mean and a standard deviation. */
  normal(loc = 0, scale = 1): number {
    return loc + scale * this.randn();
  }

  /** A number of the standard normal distribution, by Marsaglia's polar method. */
  randn(): number {
    const spare = this.#spareNormal;
    this.#spareNormal = undefined;
    if (spare !== undefined) return spare;
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spareNormal = factor * x;
      return factor * y;
    }
  }

  /** Puts the entries into a random order, in place. */
  shuffle(entries: { readonly length: number; [index: number]: unknown }): void {
    for (let i = entries.length - 1; i > 0; i--) {
      const j = this.#interval(i);
      const last = entries[i];
      entries[i] = entries[j];
      entries[j] = last;
    }
  }

  /**
   * The numbers 0 to count − 1 in a random order.
   *
   * @throws {RangeError} when count is no whole number from 0 to 2³²
   */
  permutation(count: number): Uint32Array {
    if (!(Number.isInteger(count) && count >= 0 && count <= 2 ** 32)) {
      throw new RangeError(`cannot permute ${count} numbers`);
    }
    const order = inOrder(count);
    this.shuffle(order);
    return order;
  }

  /** A whole number from 0 to max: random bits, drawn again while they exceed it. */
  #interval(max: number): number {
    if (max === 0) return 0;
    const mask = biggest >>> Math.clz32(max);
    for (;;) {
      const value = (this.#next() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  /** The next 32 random bits, as a signed number. */
  #next(): number {
    if (this.#at === size) this.#twist();
    let bits = this.#state[this.#at++] as number;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c_5680;
    bits ^= (bits << 15) & 0xefc6_0000;
    return bits ^ (bits >>> 18);
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < size - 1; i++) {
      const far = i < size - middle ? i + middle : i + middle - size;
      state[i] = (state[far] as number) ^ twisted(state[i] as number, state[i + 1] as number);
    }
    const last = twisted(state[size - 1] as number, state[0] as number);
    state[size - 1] = (state[middle - 1] as number) ^ last;
    this.#at = 0;
  }

  #seedByNumber(seed: number): void {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < size; i++) state[i] = Math.imul(this.#mixed(i - 1), 1_812_433_253) + i;
  }

  #seedByList(keys: readonly number[]): void {
    this.#seedByNumber(19_650_218);
    const state = this.#state;
    let i = 1;
    const advance = () => {
      i++;
      if (i < size) return;
      state[0] = state[size - 1] as number;
      i = 1;
    };
    for (let step = 0; step < Math.max(size, keys.length); step++) {
      const j = step % keys.length;
      const mixed = Math.imul(this.#mixed(i - 1), 1_664_525);
      state[i] = ((state[i] as number) ^ mixed) + (keys[j] as number) + j;
      advance();
    }
    for (let step = 1; step < size; step++) {
      const mixed = Math.imul(this.#mixed(i - 1), 1_566_083_941);
      state[i] = ((state[i] as number) ^ mixed) - i;
      advance();
    }
    state[0] = 0x8000_0000;
  }

  #mixed(i: number): number {
    const bits = this.#state[i] as number;
    return bits ^ (bits >>> 30);
  }
}

/** The upper bit of one word with the lower bits of the next, times the matrix of MT19937. */
function twisted(word: number, next: number): number {
  const joined = (word & 0x8000_0000) | (next & 0x7fff_ffff);
  // −1 is all ones: no branch that half the words would mispredict.
  return (joined >>> 1) ^ (-(joined & 1) & 0x9908_b0df);
}
