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
  until: number;
}

const patience = 5_000;

/** One lock; all times are milliseconds of the caller's clock. */
export class LineOracle {
  token = 0n;
  holders: Holder[] = [];
  waiting: Waiter[] = [];

  ask(id: string, lease: number, permits: number, now: number): Answer {
    this.waiting = this.waiting.filter((each) => each.id === id || each.until > now);
    this.holders = this.holders.filter(({ end }) => end > now);
    const place = this.waiting.findIndex((each) => each.id === id);
    const before = this.waiting.slice(0, place === -1 ? undefined : place);
    const together = [...this.holders, ...before, { permits }];
    if (!together.every((each) => each.permits >= together.length)) {
      const me = this.waiting[place];
      if (me === undefined) this.waiting.push({ id, permits, until: now + patience });
      else if (me.until <= now) me.until = now + patience;
      return { granted: false, before: before.length };
    }
    this.waiting = this.waiting.filter((each) => each.id !== id);
    this.token += 1n;
    this.holders.push({ id, permits, token: this.token, end: now + lease });
    return { granted: true, before: 0 };
  }

  /** The ids of those who are next; undefined when it was not the holder's to release. */
  release(token: bigint, now: number): string[] | undefined {
    if (!this.holders.some((each) => each.token === token)) return undefined;
    this.holders = this.holders.filter((each) => each.token !== token);
    this.waiting = this.waiting.filter(({ until }) => until > now);
    const next: string[] = [];
    for (const each of this.waiting) {
      const together = [...this.holders, ...this.waiting.slice(0, next.length + 1)];
      if (!together.every(({ permits }) => permits >= together.length)) break;
      next.push(each.id);
    }
    return next;
  }

  /** Whether it was the holder's to extend. */
  extend(token: bigint, lease: number, now: number): boolean {
    const holder = this.holders.find((each) => each.token === token);
    if (holder === undefined) return false;
    holder.end = now + lease;
    return true;
  }

  withdraw(id: string): void {
    this.waiting = this.waiting.filter((each) => each.id !== id);
    this.holders = this.holders.filter((each) => each.id !== id);
  }
}
