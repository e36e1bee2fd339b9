/** Keeps what all connections together hold of unfinished messages within a bound. */

interface Holding {
  readonly bytes: number;
  readonly giveUp: () => void;
}

/** Room for two of the largest messages, twice as large in a buffer that has just grown, and many small ones. */
const mostBytes = 256 * 1024 * 1024;

export class HeldBytes {
  readonly #most: number;
  /** The one that has waited longest for more bytes comes first. */
  readonly #holdings = new Map<object, Holding>();
  #total = 0;

  constructor(most: number = mostBytes) {
    this.#most = most;
  }

  get total(): number {
    return this.#total;
  }

  /**
   * Tells what a holder holds now. When all hold too much, those that have told
   * nothing for longest have to `giveUp`.
   */
  hold(holder: object, bytes: number, giveUp: () => void): void {
    this.release(holder);
    this.#holdings.set(holder, { bytes, giveUp });
    this.#total += bytes;
    for (const [other, holding] of this.#holdings) {
      if (this.#total <= this.#most) return;
      this.release(other);
      holding.giveUp();
    }
  }

  release(holder: object): void {
    this.#total -= this.#holdings.get(holder)?.bytes ?? 0;
    this.#holdings.delete(holder);
  }
}
