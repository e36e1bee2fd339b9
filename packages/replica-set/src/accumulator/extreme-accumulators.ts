/** `$min`, `$max`, `$minN`, `$maxN`, `$top`, `$bottom` and their N: the first of an order. */
import type { BsonValue } from '../bson-document.ts';
import { compareIn, type ExpressionScope, isNullish } from '../expression/evaluator.ts';
import type { SortKey } from '../sort.ts';
import { compareSortKeys } from '../stage/sort-key.ts';
import type { Accumulator } from './accumulator.ts';

/** The least value, or the greatest with `sign` -1; null of none. */
export function extreme(scope: ExpressionScope, sign: 1 | -1): Accumulator {
  let best: BsonValue = null;
  return {
    add(value) {
      if (isNullish(value)) return;
      if (best === null || compareIn(scope, value, best) * sign < 0) best = value;
    },
    result: () => best,
  };
}

/** The `count` least values in order, or the greatest with `sign` -1. */
export function extremes(scope: ExpressionScope, sign: 1 | -1, count: number): Accumulator {
  const kept = new BestOf<BsonValue>(count, (a, b) => compareIn(scope, a, b) * sign);
  return {
    add(value) {
      if (!isNullish(value)) kept.add(value);
    },
    result: () => kept.items(),
  };
}

/** What is added for `$top` and its kin: the output, and what it is sorted by. */
export type Ranked = [output: BsonValue, key: BsonValue[]];

/** The outputs of the `count` first documents of an order, or of the last with `sign` -1. */
export function ranked(
  scope: ExpressionScope,
  keys: readonly SortKey[],
  sign: 1 | -1,
  count: number,
): Accumulator {
  const kept = new BestOf<Ranked>(
    count,
    (a, b) => compareSortKeys(keys, a[1], b[1], scope.collator) * sign,
  );
  return {
    add: (value) => kept.add(value as Ranked),
    result() {
      const outputs = kept.items().map(([output]) => output);
      return sign === 1 ? outputs : outputs.reverse();
    },
  };
}

/** Keeps the first of an order; of equal ones those that came first. */
class BestOf<Item> {
  readonly #most: number;
  readonly #compare: (a: Item, b: Item) => number;
  readonly #items: Item[] = [];

  constructor(most: number, compare: (a: Item, b: Item) => number) {
    this.#most = most;
    this.#compare = compare;
  }

  add(item: Item): void {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#items[middle] as Item, item) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low >= this.#most) return;
    this.#items.splice(low, 0, item);
    if (this.#items.length > this.#most) this.#items.pop();
  }

  items(): Item[] {
    return this.#items.slice();
  }
}
