/**
 * A set of record numbers, of which 32 neighbours share one entry: reading a collection from end to
 * end, it takes a few bytes a document and hardly any time.
 */
export class RecordSet {
  readonly #words = new Map<number, number>();
  /** The entry that was used last, which may be newer than the map's. */
  #number = -1;
  #word = 0;

  has(record: number): boolean {
    this.#turnTo(record);
    return (this.#word & bitOf(record)) !== 0;
  }

  add(record: number): void {
    this.#turnTo(record);
    this.#word |= bitOf(record);
  }

  #turnTo(record: number): void {
    const number = Math.floor(record / 32);
    if (number === this.#number) return;
    if (this.#word !== 0) this.#words.set(this.#number, this.#word);
    this.#number = number;
    this.#word = this.#words.get(number) ?? 0;
  }
}

function bitOf(record: number): number {
  return 1 << (record % 32);
}
