/** Texts that stand for values, to look them up by. */
import { BSONSymbol, Decimal128 } from 'bson';
import { type BsonValue, isDocument } from '../bson-document.ts';
import { compareNumbers, isNumber, toDouble } from '../bson-order.ts';
import type { Collator } from '../collator.ts';
import { encodeKey } from '../key-string.ts';

/** A number of any kind that is whole and small enough for a double to hold it exactly. */
function wholeNumber(value: BsonValue): number | undefined {
  if (!isNumber(value)) return undefined;
  const double = toDouble(value);
  if (!Number.isSafeInteger(double)) return undefined;
  return value instanceof Decimal128 && compareNumbers(value, double) !== 0 ? undefined : double;
}

/** Gives values the same key when they are equal: numbers of all kinds, and strings as a collator has it. */
export class ValueKeys {
  readonly #collator: Collator | undefined;
  /** The strings that stand for those equal to them, in order. */
  readonly #standing: string[] = [];

  constructor(collator?: Collator) {
    this.#collator = collator;
  }

  of(given: BsonValue): string {
    const value = given instanceof BSONSymbol ? given.value : given;
    const collator = this.#collator;
    // Short keys for what is grouped by most; those of the rest begin with other characters.
    if (typeof value === 'string' && collator === undefined) return `s${value}`;
    const whole = wholeNumber(value);
    if (whole !== undefined) return `n${whole}`;
    const folded = collator === undefined ? value : this.#fold(value, collator);
    return encodeKey([folded]).toString('latin1');
  }

  #fold(value: BsonValue, collator: Collator): BsonValue {
    if (typeof value === 'string') return this.#standingFor(value, collator);
    if (value instanceof BSONSymbol) return this.#standingFor(value.value, collator);
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
