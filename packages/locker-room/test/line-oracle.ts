/** The rules of a lock's line once more, in plain steps and without a database. */

export interface Answer {
  readonly granted: boolean;
  /** Of a refusal: how many stand before the asker. */
  readonly before: number;
}

interface Holder {
  readonly id: string;
  readonly token: bigint;
  end: number;
}

interface Waiter {
  readonly id: string;
  /** Undefined for one who wants the lock alone. */
  readonly permits: number | undefined;
  until: number;
}

const patience = 5_000;

/** One lock; all times are milliseconds of the caller's clock. */
export class LineOracle {
  token = 0n;
  alone: Holder | undefined;
  shared: Holder[] = [];
  waiting: Waiter[] = [];

  ask(id: string, lease: number, permits: number | undefined, now: number): Answer {
    this.waiting = this.waiting.filter((each) => each.id === id || each.until > now);
    this.shared = this.shared.filter(({ end }) => end > now);
    const place = this.waiting.findIndex((each) => each.id === id);
    const before = this.waiting.slice(0, place === -1 ? undefined : place);
    const isHeldAlone = this.alone !== undefined && this.alone.end > now;
    const may =
      permits === undefined
        ? this.shared.length === 0 && before.length === 0
        : before.every((each) => each.permits !== undefined) &&
          this.shared.length + before.length < permits;
    if (isHeldAlone || !may) {
      const me = this.waiting[place];
      if (me === undefined) this.waiting.push({ id, permits, until: now + patience });
      else if (me.until <= now) me.until = now + patience;
      return { granted: false, before: before.length };
    }
    this.waiting = this.waiting.filter((each) => each.id !== id);
    this.token += 1n;
    const holder = { id, token: this.token, end: now + lease };
    this.alone = permits === undefined ? holder : undefined;
    if (permits !== undefined) this.shared.push(holder);
    return { granted: true, before: 0 };
  }

  /** Whether it was the holder's to release. */
  release(token: bigint, isShared: boolean, now: number): boolean {
    if (!this.#holder(token, isShared)) return false;
    if (isShared) this.shared = this.shared.filter((each) => each.token !== token);
    else this.alone = undefined;
    this.waiting = this.waiting.filter(({ until }) => until > now);
    return true;
  }

  /** Whether it was the holder's to extend. */
  extend(token: bigint, isShared: boolean, lease: number, now: number): boolean {
    const holder = this.#holder(token, isShared);
    if (holder === undefined) return false;
    holder.end = now + lease;
    return true;
  }

  withdraw(id: string): void {
    this.waiting = this.waiting.filter((each) => each.id !== id);
    this.shared = this.shared.filter((each) => each.id !== id);
    if (this.alone?.id === id) this.alone = undefined;
  }

  #holder(token: bigint, isShared: boolean): Holder | undefined {
    if (isShared) return this.shared.find((each) => each.token === token);
    return this.alone?.token === token ? this.alone : undefined;
  }
}
