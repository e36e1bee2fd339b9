/** Equality as schemas have it: the order of fields does not count. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { ValueSet } from '../value-set.ts';

/** The value with the fields of all its documents in one order. */
function ordered(value: BsonValue): BsonValue {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isDocument(value)) return value;
  return new Map(
    [...value]
      .map(([name, inner]): [string, BsonValue] => [name, ordered(inner)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Holds values that no two of are equal but for the order of their fields. */
export class UnorderedSet {
  readonly #values = new ValueSet();

  /** True when the value was not there yet. */
  add(value: BsonValue): boolean {
    return this.#values.add(ordered(value));
  }

  has(value: BsonValue): boolean {
    return this.#values.has(ordered(value));
  }
}
