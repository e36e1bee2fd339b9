import type { Clock } from './clock.ts';

/** The part of a lease that is used; the rest covers late timers and clocks that run unevenly. */
const usedPart = 0.9;

/** When the holder of a lease has to stop, on the clock on which its request was sent at `sentAt`. */
export function endOfUse(sentAt: number, length: number): number {
  return sentAt + length * usedPart;
}

/**
 * Returns when this is a length for a lease, in milliseconds.
 *
 * @throws {TypeError} otherwise
 */
export function assertLease(length: number): void {
  if (typeof length === 'number' && length >= 100 && length <= 86_400_000) return;
  throw new TypeError(`lease must be 100 ms to a day, not ${String(length)}`);
}

/**
 * Keeps a lease alive, and knows before the server does when it has ended.
 *
 * Time is counted on the monotonic clock from before the request that granted or renewed the lease
 * was sent, so the holder's end comes before the server's. Renewal is tried at each third of the
 * lease; a failed try is repeated at the next third, and the end itself waits for no answer.
 */
export class Lease {
  readonly #clock: Clock;
  readonly #renew: (length: number) => Promise<Date | null>;
  readonly #lost: (why: 'lease-over' | 'superseded') => void;
  #length: number;
  #end: number;
  #expiresAt: Date;
  #over = false;
  #stopHeartbeat = (): void => {};
  #stopEnd = (): void => {};

  /**
   * `renew` asks the server and resolves to null when the lock is no longer held; `lost` is called
   * once at most, and not after `stop`.
   */
  constructor(
    clock: Clock,
    granted: { readonly length: number; readonly sentAt: number; readonly expiresAt: Date },
    renew: (length: number) => Promise<Date | null>,
    lost: (why: 'lease-over' | 'superseded') => void,
  ) {
    this.#clock = clock;
    this.#renew = renew;
    this.#lost = lost;
    this.#length = granted.length;
    this.#expiresAt = granted.expiresAt;
    this.#end = endOfUse(granted.sentAt, granted.length);
    this.#scheduleEnd();
    this.#scheduleHeartbeat();
  }

  /** When the lease ends by the server's clock unless renewed. */
  get expiresAt(): Date {
    return this.#expiresAt;
  }

  /** Whether work under the lease is still allowed; exact even when timers are late. */
  get isRunning(): boolean {
    if (!this.#over && this.#clock.now() >= this.#end) this.#finish('lease-over');
    return !this.#over;
  }

  /** Renews now, for `length` milliseconds from now on; false when the lock is no longer held. */
  async renew(length: number = this.#length): Promise<boolean> {
    const sentAt = this.#clock.now();
    const expiresAt = await this.#renew(length);
    if (expiresAt === null) this.#finish('superseded');
    if (expiresAt === null || !this.isRunning) return false;
    this.#length = length;
    this.#expiresAt = expiresAt;
    this.#end = endOfUse(sentAt, length);
    this.#scheduleEnd();
    return true;
  }

  /** Ends the lease's own work without calling it lost. */
  stop(): void {
    this.#over = true;
    this.#stopHeartbeat();
    this.#stopEnd();
  }

  #scheduleEnd(): void {
    this.#stopEnd();
    const left = Math.max(0, this.#end - this.#clock.now());
    this.#stopEnd = this.#clock.after(left, () => this.#finish('lease-over'));
  }

  #scheduleHeartbeat(): void {
    this.#stopHeartbeat = this.#clock.after(this.#length / 3, () => {
      this.renew()
        // A renewal that failed may work at the next beat; if none does, the end comes by itself.
        .catch(() => {})
        .finally(() => {
          if (this.isRunning) this.#scheduleHeartbeat();
        });
    });
  }

  #finish(why: 'lease-over' | 'superseded'): void {
    if (this.#over) return;
    this.stop();
    this.#lost(why);
  }
}
