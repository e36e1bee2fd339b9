/** Values, each there once, however its number is written. */
import type { BsonValue } from './bson-document.ts';
import { compareValues, type StringOrder } from './bson-order.ts';
import { encodeKey } from './key-string.ts';

/** Holds values that no two of are equal; strings are equal as `order` has it. */
export class ValueSet {
  readonly #order: StringOrder | undefined;
  /** By their keys, where strings compare by their bytes. */
  readonly #keys = new Set<string>();
  /** In order, where they do not. */
  readonly #sorted: BsonValue[] = [];

  constructor(values: Iterable<BsonValue> = [], order?: StringOrder) {
    this.#order = order;
    for (const value of values) this.add(value);
  }

  /** True when the value was not there yet. */
  add(value: BsonValue): boolean {
    if (this.#order === undefined) {
      const before = this.#keys.size;
      this.#keys.add(keyOf(value));
      return this.#keys.size > before;
    }
    const { at, found } = this.#search(value, this.#order);
    if (!found) this.#sorted.splice(at, 0, value);
    return !found;
  }

  has(value: BsonValue): boolean {
    return this.#order === undefined
      ? this.#keys.has(keyOf(value))
      : this.#search(value, this.#order).found;
  }

  #search(value: BsonValue, order: StringOrder): { at: number; found: boolean } {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const difference = compareValues(this.#sorted[middle], value, order);
      if (difference === 0) return { at: middle, found: true };
      if (difference < 0) low = middle + 1;
      else high = middle;
    }
    return { at: low, found: false };
  }
}

function keyOf(value: BsonValue): string {
  return encodeKey([value]).toString('latin1');
}
