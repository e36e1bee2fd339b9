/** Sorting what is pulled from an iterator, within bounds. */
import type { BsonValue } from '../bson-document.ts';
import { type Flow, pause, withPauses } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { SortedRuns } from '../sorted-runs.ts';

/** What a blocking stage may hold before it has to go to disk (bytes): MongoDB's limit. */
export const mostHeldBytes: number = 100 * 1024 * 1024;

export interface SortOptions<T> {
  readonly keyOf: (item: T) => readonly BsonValue[];
  readonly compare: (a: readonly BsonValue[], b: readonly BsonValue[]) => number;
  /** How many of the first are wanted. */
  readonly most?: number;
  /** The bytes of an item, when no more than `mostHeldBytes` may be held. */
  readonly sizeOf?: ((item: T) => number) | undefined;
}

interface Keyed<T> {
  readonly item: T;
  readonly key: readonly BsonValue[];
  readonly size: number;
}

/**
 * The items in order, with pauses; those of one key in the order they came in. Holds all of them,
 * or about twice as many as are wanted; throws 292 when those are too large.
 */
export function* sorted<T>(items: Flow<T>, options: SortOptions<T>): Flow<T> {
  const { keyOf, compare, most = Number.POSITIVE_INFINITY, sizeOf } = options;
  const held =
    most === Number.POSITIVE_INFINITY ? new Whole<T>(compare) : new First<T>(compare, most);
  for (const item of items) {
    if (item === pause) {
      yield pause;
      continue;
    }
    held.add({ item, key: keyOf(item), size: sizeOf?.(item) ?? 0 });
    if (held.bytes > mostHeldBytes) throw exceeded('Sort');
  }
  for (const next of withPauses(held.inOrder())) yield next === pause ? pause : next.item;
}

type CompareKeys = (a: readonly BsonValue[], b: readonly BsonValue[]) => number;

/** What a sort holds. */
interface Held<T> {
  readonly bytes: number;
  add(item: Keyed<T>): void;
  inOrder(): Iterable<Keyed<T>>;
}

class Whole<T> implements Held<T> {
  readonly #runs: SortedRuns<Keyed<T>>;
  bytes = 0;

  constructor(compare: CompareKeys) {
    this.#runs = new SortedRuns((a, b) => compare(a.key, b.key));
  }

  add(item: Keyed<T>): void {
    this.#runs.add(item);
    this.bytes += item.size;
  }

  inOrder(): Iterable<Keyed<T>> {
    return this.#runs.merged();
  }
}

/** The first `most` of all, and some more until it is cut. */
class First<T> implements Held<T> {
  readonly #compare: CompareKeys;
  readonly #most: number;
  readonly #items: Keyed<T>[] = [];
  #bytes = 0;

  constructor(compare: CompareKeys, most: number) {
    this.#compare = compare;
    this.#most = most;
  }

  get bytes(): number {
    if (this.#bytes > mostHeldBytes) this.#cut();
    return this.#bytes;
  }

  add(item: Keyed<T>): void {
    this.#items.push(item);
    this.#bytes += item.size;
    if (this.#items.length >= Math.max(2 * this.#most, 1000)) this.#cut();
  }

  inOrder(): Iterable<Keyed<T>> {
    this.#cut();
    return this.#items;
  }

  #cut(): void {
    this.#items.sort((a, b) => this.#compare(a.key, b.key));
    for (const { size } of this.#items.splice(this.#most)) this.#bytes -= size;
  }
}

/** The error for a blocking stage that may not use the disk. */
export function exceeded(what: string): ServerError {
  return new ServerError(
    292,
    `${what} exceeded memory limit of ${mostHeldBytes} bytes, but did not opt in to external sorting. Pass allowDiskUse:true to opt in.`,
  );
}
