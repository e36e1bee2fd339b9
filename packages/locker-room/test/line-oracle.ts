/** The rules of a lock's line once more, in plain steps and without a database. */

export interface Answer {
  readonly granted: boolean;
  /** Of a refusal: how many stand before the asker. */
  readonly before: number;
}

interface Holder {
  readonly id: string;
  readonly permits: number;
  readonly token: bigint;
  end: number;
}

interface Waiter {
  readonly id: string;
  readonly permits: number;
  readonly lease: number;
  until: number;
}

const patience = 5_000;
const longestFirstLease = 5_000;

/** One lock; all times are milliseconds of the caller's clock. */
export class LineOracle {
  token = 0n;
  holders: Holder[] = [];
  waiting: Waiter[] = [];
  /** To whom the last write that could do so handed the lock on. */
  called: string[] = [];

  ask(id: string, lease: number, permits: number, now: number): Answer {
    this.#dropEnded(now, id);
    const held = this.holders.find((each) => each.id === id);
    const stands = this.waiting.find((each) => each.id === id);
    if (held) held.end = Math.max(held.end, now + lease);
    else if (stands && stands.until <= now) stands.until = now + patience;
    else if (!stands) this.waiting.push({ id, permits, lease, until: now + patience });
    this.#handOn(now, id);
    const place = this.waiting.findIndex((each) => each.id === id);
    return { granted: place === -1, before: Math.max(0, place) };
  }

  /** To whom it is handed on; undefined when it was not the holder's to release. */
  release(token: bigint, now: number): string[] | undefined {
    if (!this.holders.some((each) => each.token === token)) return undefined;
    this.holders = this.holders.filter((each) => each.token !== token);
    this.#dropEnded(now);
    this.#handOn(now);
    return this.called;
  }

  /** Whether it was the holder's to extend. */
  extend(token: bigint, lease: number, now: number): boolean {
    const holder = this.holders.find((each) => each.token === token);
    if (holder === undefined) return false;
    holder.end = Math.max(holder.end, now + lease);
    return true;
  }

  withdraw(id: string, now: number): void {
    if (![...this.holders, ...this.waiting].some((each) => each.id === id)) return;
    this.waiting = this.waiting.filter((each) => each.id !== id);
    this.holders = this.holders.filter((each) => each.id !== id);
    this.#dropEnded(now);
    this.#handOn(now);
  }

  #dropEnded(now: number, asker?: string): void {
    this.waiting = this.waiting.filter(({ id, until }) => id === asker || until > now);
    this.holders = this.holders.filter(({ end }) => end > now);
  }

  #handOn(now: number, asker?: string): void {
    this.called = [];
    for (;;) {
      const [next] = this.waiting;
      if (next === undefined) return;
      const together = [...this.holders, next];
      if (!together.every(({ permits }) => permits >= together.length)) return;
      this.waiting.shift();
      this.token += 1n;
      const { id, permits, lease } = next;
      const length = id === asker ? lease : Math.min(lease, longestFirstLease);
      this.holders.push({ id, permits, token: this.token, end: now + length });
      if (id !== asker) this.called.push(id);
    }
  }
}
