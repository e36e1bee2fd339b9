import type { Clock } from './clock.ts';
import type { Lease } from './lease.ts';

/** Who holds a lock, as its document has it. */
export interface HolderKey {
  /** Name of the lock. */
  readonly name: string;
  /** That of the asker to whom it was granted. */
  readonly id: string;
}

/** What became of the renewals of one request; all others were carried out. */
export interface Renewals {
  /** Ids of those who do not hold their lock any more. */
  readonly lost: ReadonlySet<string>;
  /** Ids of those whose renewal was refused, and may be carried out another time. */
  readonly failed: ReadonlySet<string>;
}

/**
 * Renews leases for `length` milliseconds, within `timeout` of them once a server has begun; rejects
 * when it is not known which were renewed.
 */
export type Renew = (
  holders: readonly HolderKey[],
  length: number,
  timeout: number,
) => Promise<Renewals>;

/** How many leases are renewed by one request, at first and after they failed once or more. */
const batchSizes = [500, 20, 1] as const;
/** The part of a lease by which a renewal may come early, so that it goes with others. */
const early = 1 / 12;
/** Milliseconds that a server gets for one request at least. */
const shortestTimeout = 1_000;

/**
 * Keeps the leases of one locker room alive, with one timer, and many by one request.
 *
 * Each is renewed at each third of its length. What nobody answered is tried again soon. So is what
 * was refused, with less and less beside it: one lock that cannot be written, as while a transaction
 * hangs, does not cost the others theirs. A lease that could not be renewed in time is ended at its
 * end, which waits for no answer.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #renew: Renew;
  readonly #leases = new Map<Lease, HolderKey>();
  #wakesAt = Infinity;
  #cancel = (): void => {};

  constructor(clock: Clock, renew: Renew) {
    this.#clock = clock;
    this.#renew = renew;
  }

  /** Keeps a lease alive until it has ended; again, when it is due sooner than it was. */
  keep(lease: Lease, holder: HolderKey): void {
    this.#leases.set(lease, holder);
    this.#wakeBy(lease.dueAt);
  }

  /** Forgets a lease. */
  leave(lease: Lease): void {
    this.#leases.delete(lease);
  }

  #wakeBy(time: number): void {
    if (time >= this.#wakesAt) return;
    this.#cancel();
    this.#wakesAt = time;
    const delay = Math.max(0, time - this.#clock.now());
    this.#cancel = this.#clock.after(delay, () => this.#beat());
  }

  #beat(): void {
    const now = this.#clock.now();
    const due: Lease[] = [];
    for (const lease of this.#leases.keys()) {
      if (!lease.isRunning) this.#leases.delete(lease);
      else if (lease.dueAt <= now + lease.length * early) due.push(lease);
    }
    for (const alike of Map.groupBy(due, sortOf).values()) {
      const size = batchSizes[alike[0]?.failures ?? 0] ?? 1;
      for (let from = 0; from < alike.length; from += size) {
        void this.#send(alike.slice(from, from + size));
      }
    }
    this.#sleep();
  }

  #sleep(): void {
    this.#cancel();
    this.#wakesAt = Infinity;
    let next = Infinity;
    for (const lease of this.#leases.keys()) next = Math.min(next, lease.dueAt, lease.end);
    this.#wakeBy(next);
  }

  /** For leases of one length. */
  async #send(leases: readonly Lease[]): Promise<void> {
    const sentAt = this.#clock.now();
    const length = leases[0]?.length ?? 0;
    const timeout = Math.max(shortestTimeout, length / 8);
    const holders = leases.flatMap((lease) => this.#leases.get(lease) ?? []);
    for (const lease of leases) lease.sent();
    try {
      const { lost, failed } = await this.#renew(holders, length, timeout);
      for (const [place, lease] of leases.entries()) {
        const id = holders[place]?.id ?? '';
        if (lost.has(id)) lease.finish('superseded');
        else if (failed.has(id)) lease.refused();
        else lease.renewed(sentAt, length);
      }
    } catch {
      for (const lease of leases) lease.unanswered();
    }
    this.#sleep();
  }
}

/** Leases of one sort are renewed together. */
function sortOf({ length, failures }: Lease): string {
  return `${length} ${Math.min(failures, batchSizes.length - 1)}`;
}
