/** Keys gathered in any order and given back in theirs, without one long sort. */

export interface KeyOfRecord {
  readonly key: Buffer;
  readonly record: number;
}

/** Sorted at once: a few milliseconds' work. */
const runLength = 4096;

export class SortedRuns {
  readonly #runs: KeyOfRecord[][] = [];
  #gathering: KeyOfRecord[] = [];
  #size = 0;
  /** The bytes of the keys. */
  bytes = 0;

  get size(): number {
    return this.#size;
  }

  add(item: KeyOfRecord): void {
    this.#gathering.push(item);
    this.#size += 1;
    this.bytes += item.key.length;
    if (this.#gathering.length === runLength) this.#close();
  }

  /** All that was added, by key and then record; called once, when nothing more is added. */
  *merged(): IterableIterator<KeyOfRecord> {
    this.#close();
    // The runs as a heap, by what is next in each.
    const heap = this.#runs.map((items) => ({ items, at: 0 }));
    const less = (a: number, b: number): boolean => {
      const [left, right] = [heap[a], heap[b]];
      if (left === undefined || right === undefined) return left !== undefined;
      return compare(left.items[left.at], right.items[right.at]) < 0;
    };
    const sink = (from: number): void => {
      for (let at = from; ; ) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < heap.length && less(child, least)) least = child;
        }
        const [parent, other] = [heap[at], heap[least]];
        if (least === at || parent === undefined || other === undefined) return;
        heap[at] = other;
        heap[least] = parent;
        at = least;
      }
    };
    for (let at = heap.length >> 1; at >= 0; at--) sink(at);
    for (;;) {
      const [first] = heap;
      const item = first?.items[first.at];
      if (first === undefined || item === undefined) return;
      yield item;
      first.at += 1;
      if (first.at === first.items.length) {
        const last = heap.pop();
        if (last === undefined || heap.length === 0) return;
        heap[0] = last;
      }
      sink(0);
    }
  }

  #close(): void {
    if (this.#gathering.length === 0) return;
    this.#runs.push(this.#gathering.sort(compare));
    this.#gathering = [];
  }
}

function compare(a: KeyOfRecord | undefined, b: KeyOfRecord | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return Buffer.compare(a.key, b.key) || a.record - b.record;
}
