/** Texts that stand for values, to look them up by. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import type { Collator } from '../collator.ts';
import { encodeKey } from '../key-string.ts';

/** Gives values the same key when they are equal: numbers of all kinds, and strings as a collator has it. */
export class ValueKeys {
  readonly #collator: Collator | undefined;
  /** The strings that stand for those equal to them, in order. */
  readonly #standing: string[] = [];

  constructor(collator?: Collator) {
    this.#collator = collator;
  }

  of(value: BsonValue): string {
    const collator = this.#collator;
    const folded = collator === undefined ? value : this.#fold(value, collator);
    return encodeKey([folded]).toString('latin1');
  }

  #fold(value: BsonValue, collator: Collator): BsonValue {
    if (typeof value === 'string') return this.#standingFor(value, collator);
    if (Array.isArray(value)) return value.map((item) => this.#fold(item, collator));
    if (!isDocument(value)) return value;
    return new Map([...value].map(([name, inner]) => [name, this.#fold(inner, collator)]));
  }

  #standingFor(text: string, { compare }: Collator): string {
    let low = 0;
    let high = this.#standing.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const known = this.#standing[middle] ?? '';
      const order = compare(known, text);
      if (order === 0) return known;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    this.#standing.splice(low, 0, text);
    return text;
  }
}
