/** The logical sessions that a member's clients have used of late. */
export interface LocalSession {
  readonly id: Uint8Array;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

const lifetimeMilliseconds = 30 * 60_000;

/** Remembers a session for 30 minutes after its last use, or until it is ended. */
export class LocalSessions {
  /** The one used longest ago stands first. */
  readonly #sessions = new Map<string, LocalSession>();

  /** Notes that the session of this key was used at `now`, and forgets those that have expired. */
  touch(key: string, now: number): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, { id: Buffer.from(key, 'hex'), usedAt: now });
    for (const [oldest, { usedAt }] of this.#sessions) {
      if (usedAt >= now - lifetimeMilliseconds) return;
      this.#sessions.delete(oldest);
    }
  }

  end(key: string): void {
    this.#sessions.delete(key);
  }

  all(): IterableIterator<LocalSession> {
    return this.#sessions.values();
  }
}
