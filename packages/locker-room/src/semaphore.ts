import type { Lock } from './lock.ts';
import type { LockOptions, TryLockOptions } from './lock-options.ts';
import type { LockRequests } from './lock-requests.ts';

/** A counting semaphore; its permits are locks, with a lease, a token and a signal each. */
export class Semaphore {
  readonly name: string;
  /** How many may hold it together. */
  readonly permits: number;
  readonly #requests: LockRequests;

  /** Made by `LockerRoom.semaphore`. */
  constructor(requests: LockRequests, name: string, permits: number) {
    this.name = name;
    this.permits = permits;
    this.#requests = requests;
  }

  /**
   * Waits in line for a permit and holds it.
   *
   * @throws {LockTimeoutError} when `timeout` has passed
   */
  async acquire(options: LockOptions = {}): Promise<Lock> {
    return this.#requests.lock(this.name, options, this.permits);
  }

  /** A permit if one is left and nobody waits; null otherwise. */
  async tryAcquire(options: TryLockOptions = {}): Promise<Lock | null> {
    return this.#requests.tryLock(this.name, options, this.permits);
  }
}
