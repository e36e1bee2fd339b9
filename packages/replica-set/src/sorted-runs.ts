/** Items gathered in any order and given back in theirs, without one long sort. */

/** Sorted at once: a few milliseconds' work. */
const runLength = 4096;

interface Run<T> {
  readonly items: readonly T[];
  /** Runs count from 0 in the order in which their items came. */
  readonly number: number;
  at: number;
}

export class SortedRuns<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #runs: T[][] = [];
  #gathering: T[] = [];
  #size = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    this.#gathering.push(item);
    this.#size += 1;
    if (this.#gathering.length === runLength) this.#close();
  }

  /** All that was added, equal items in the order they came in; called once, when nothing more is added. */
  *merged(): IterableIterator<T> {
    this.#close();
    const heap = new Heap(
      this.#runs.map((items, number) => ({ items, number, at: 0 })),
      this.#compare,
    );
    for (let item = heap.take(); item !== undefined; item = heap.take()) yield item.value;
  }

  #close(): void {
    if (this.#gathering.length === 0) return;
    this.#runs.push(this.#gathering.sort(this.#compare));
    this.#gathering = [];
  }
}

/** Runs, by what is next in each; none of them is empty. */
class Heap<T> {
  readonly #runs: Run<T>[];
  readonly #compare: (a: T, b: T) => number;

  constructor(runs: Run<T>[], compare: (a: T, b: T) => number) {
    this.#runs = runs;
    this.#compare = compare;
    for (let at = runs.length >> 1; at >= 0; at--) this.#sink(at);
  }

  /** The least item of all; nothing when there are no more. */
  take(): { readonly value: T } | undefined {
    const [first] = this.#runs;
    if (first === undefined) return undefined;
    const value = first.items[first.at] as T;
    first.at += 1;
    if (first.at === first.items.length) {
      const last = this.#runs.pop();
      if (last === undefined || this.#runs.length === 0) return { value };
      this.#runs[0] = last;
    }
    this.#sink(0);
    return { value };
  }

  #sink(from: number): void {
    const runs = this.#runs;
    for (let at = from; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#isBefore(child, least)) least = child;
      const [parent, other] = [runs[at], runs[least]];
      if (least === at || parent === undefined || other === undefined) return;
      runs[at] = other;
      runs[least] = parent;
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#runs[a], this.#runs[b]];
    if (left === undefined || right === undefined) return false;
    const difference = this.#compare(left.items[left.at] as T, right.items[right.at] as T);
    return difference < 0 || (difference === 0 && left.number < right.number);
  }
}
