/** The two that are held side by side: each has locks and data of its own, and the same pauses. */

export const sideNames = ['locker-room', 'redlock'] as const;
export type SideName = (typeof sideNames)[number];

/** Locks of each side for which many stand in line, and such that are often free. */
export const busyNames: readonly string[] = ['ant', 'bee'];
export const calmNames: readonly string[] = [
  ...['cat', 'cod', 'cow', 'dog', 'eel', 'emu', 'ewe', 'fly', 'fox', 'gnu', 'hen', 'hog'],
  ...['jay', 'kid', 'koi', 'owl', 'pig', 'ram', 'rat', 'ray', 'sow', 'tit', 'yak', 'zebu'],
];
/** Milliseconds for which they are asked for: short, but enough for redlock's renewal to work. */
export const leases: readonly number[] = [200, 250];

/** What a worker asks for. */
export interface Ask {
  /** Names the request, and its owner, in the whole soak. */
  readonly request: string;
  readonly name: string;
  /** Milliseconds. */
  readonly lease: number;
  /** Milliseconds to wait at most; nothing to wait for as long as it takes, 0 to ask once. */
  readonly timeout: number | undefined;
}

/** A lock that was granted, as its worker sees it. */
export interface Held {
  /** Nothing where the library has none. */
  readonly token: bigint | undefined;
  /** Aborts when the library says that the lock is lost. */
  readonly signal: AbortSignal;
  readonly books: Books;
}

/** A count that the holders of one name write. */
export interface Count {
  readonly _id: string;
  readonly n: number;
  /** The last write. */
  readonly write: string;
}

/** What else they write: a line for each write. */
export interface Line {
  /** The write. */
  readonly _id: string;
  /** Of the lock. */
  readonly name: string;
}

/** What is written under a lock. */
export interface Books {
  readonly counters: {
    findOne(filter: { readonly _id: string }): Promise<Count | null>;
    updateOne(
      filter: { readonly _id: string },
      update: { readonly $set: Partial<Count>; readonly $inc?: { readonly n: number } },
    ): Promise<{ readonly matchedCount: number }>;
  };
  readonly history: {
    insertOne(line: Line): Promise<unknown>;
  };
}

export interface Side {
  readonly name: SideName;
  /**
   * Holds the lock while `work` runs, and gives it back. Resolves to nothing when it was not
   * granted in time.
   *
   * @returns whether it was still the worker's to give back
   */
  hold(ask: Ask, work: (held: Held) => Promise<void>): Promise<'released' | 'late' | undefined>;
  close(): Promise<void>;
}

/** Each round has a database for each side. */
export function databaseOf(round: number, side: SideName): string {
  return `soak-${round}-${side}`;
}

export const countersName = 'counters';
export const historyName = 'history';
export const locksName = 'locks';
