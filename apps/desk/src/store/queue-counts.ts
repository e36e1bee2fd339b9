import type { PostDocument } from './documents.ts';
import { countBySymbol, countUnread } from './queue.ts';
import type { Store } from './store.ts';

/** How many posts wait to be read, in all and of each holding. */
export interface CountedQueue {
  readonly unread: number;
  readonly bySymbol: ReadonlyMap<string, number>;
}

const goodFor = 1_000;
/** Counting may take one part in so many of the database's time. */
const share = 20;

/**
 * Counts of the queue that cost little to ask for, however long it is.
 *
 * What this desk judges and stores is counted at once; what others do, and what is deleted, within a
 * second, or later where counting itself takes long. Only the first call waits.
 */
export class QueueCounts {
  readonly #store: Store;
  readonly #symbols: readonly string[];
  #counted: CountedQueue | undefined;
  #counting: Promise<CountedQueue> | undefined;
  #freshUntil = 0;
  /** Grows with each change that a count under way may or may not have seen. */
  #changes = 0;

  constructor(store: Store, symbols: readonly string[]) {
    this.#store = store;
    this.#symbols = symbols;
  }

  async read(): Promise<CountedQueue> {
    if (this.#counted === undefined) return this.#count();
    if (performance.now() > this.#freshUntil) this.#count().catch(() => undefined);
    return this.#counted;
  }

  /** A post joined the queue or left it. */
  moved({ symbols = [] }: PostDocument, by: 1 | -1): void {
    this.#changes += 1;
    const before = this.#counted;
    if (before === undefined) return;
    const bySymbol = new Map(before.bySymbol);
    for (const { symbol } of symbols) {
      const count = bySymbol.get(symbol);
      if (count !== undefined) bySymbol.set(symbol, count + by);
    }
    this.#counted = { unread: before.unread + by, bySymbol };
  }

  #count(): Promise<CountedQueue> {
    this.#counting ??= this.#countOnce().finally(() => {
      this.#counting = undefined;
    });
    return this.#counting;
  }

  async #countOnce(): Promise<CountedQueue> {
    const changes = this.#changes;
    const began = performance.now();
    const [unread, bySymbol] = await Promise.all([
      countUnread(this.#store),
      countBySymbol(this.#store, this.#symbols),
    ]);
    const ended = performance.now();
    this.#freshUntil = ended + Math.max(goodFor, share * (ended - began));
    const counted = { unread, bySymbol };
    if (this.#counted === undefined || changes === this.#changes) this.#counted = counted;
    else this.#freshUntil = 0;
    return this.#counted;
  }
}
