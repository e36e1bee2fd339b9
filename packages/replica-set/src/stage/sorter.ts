/** Sorting what is pulled from an iterator, within bounds. */
import type { BsonValue } from '../bson-document.ts';
import { type Flow, pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';

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
 * The items in order; those of one key in the order they came in. Holds all of
 * them, or about twice as many as are wanted; throws 292 when those are too large.
 * Passes pauses on: `yield* sorted(…)`.
 */
export function* sorted<T>(
  items: Flow<T>,
  { keyOf, compare, most = Number.POSITIVE_INFINITY, sizeOf }: SortOptions<T>,
): Generator<typeof pause, T[]> {
  const held: Keyed<T>[] = [];
  let bytes = 0;
  const cut = (): void => {
    held.sort((a, b) => compare(a.key, b.key));
    for (const { size } of held.splice(most)) bytes -= size;
  };
  for (const item of items) {
    if (item === pause) {
      yield pause;
      continue;
    }
    const size = sizeOf?.(item) ?? 0;
    held.push({ item, key: keyOf(item), size });
    bytes += size;
    if (held.length >= Math.max(2 * most, 1000)) cut();
    if (bytes > mostHeldBytes) {
      cut();
      if (bytes > mostHeldBytes) throw exceeded('Sort');
    }
  }
  cut();
  return held.map(({ item }) => item);
}

/** The error for a blocking stage that may not use the disk. */
export function exceeded(what: string): ServerError {
  return new ServerError(
    292,
    `${what} exceeded memory limit of ${mostHeldBytes} bytes, but did not opt in to external sorting. Pass allowDiskUse:true to opt in.`,
  );
}
