/** Values, each there once, however its number is written. */
import type { BsonValue } from './bson-document.ts';
import { compareValues } from './bson-order.ts';
import type { Collator } from './collator.ts';
import { encodeKey } from './key-string.ts';

/** Holds values that no two of are equal; strings are equal as the collator has it. */
export class ValueSet {
  readonly #collator: Collator | undefined;
  /** By their keys, where strings compare by their bytes. */
  readonly #keys = new Set<string>();
  /** In order, where they do not. */
  readonly #sorted: BsonValue[] = [];

  constructor(values: Iterable<BsonValue> = [], collator?: Collator) {
    this.#collator = collator;
    for (const value of values) this.add(value);
  }

  /** True when the value was not there yet. */
  add(value: BsonValue): boolean {
    if (this.#collator === undefined) {
      const before = this.#keys.size;
      this.#keys.add(keyOf(value));
      return this.#keys.size > before;
    }
    const { at, found } = this.#search(value, this.#collator);
    if (!found) this.#sorted.splice(at, 0, value);
    return !found;
  }

  has(value: BsonValue): boolean {
    return this.#collator === undefined
      ? this.#keys.has(keyOf(value))
      : this.#search(value, this.#collator).found;
  }

  #search(value: BsonValue, collator: Collator): { at: number; found: boolean } {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareValues(this.#sorted[middle], value, collator);
      if (order === 0) return { at: middle, found: true };
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return { at: low, found: false };
  }
}

function keyOf(value: BsonValue): string {
  return encodeKey([value]).toString('latin1');
}
