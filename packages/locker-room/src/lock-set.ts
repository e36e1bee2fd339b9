import type { Lock } from './lock.ts';

/** Several locks that are held together: until they are released, or one of them is lost. */
export class LockSet implements AsyncDisposable {
  /** In the order in which they were taken: that of their names. */
  readonly locks: readonly Lock[];
  /** Aborts with the first of them that is lost, never because they were released. */
  readonly signal: AbortSignal;

  /** Made by `LockerRoom.lockAll`. */
  constructor(locks: readonly Lock[]) {
    this.locks = locks;
    this.signal = AbortSignal.any(locks.map(({ signal }) => signal));
  }

  /** Whether all of them are held. */
  get isHeld(): boolean {
    return this.locks.every(({ isHeld }) => isHeld);
  }

  /** The lock of this name, as for `fenced`; undefined when it is not one of them. */
  get(name: string): Lock | undefined {
    return this.locks.find((lock) => lock.name === name);
  }

  /**
   * Gives all of them back, the last taken first.
   *
   * @throws {NotOwnerError} when one was lost and granted to somebody else since; the others are
   *   given back nevertheless
   */
  async release(): Promise<void> {
    const releases = await Promise.allSettled(
      this.locks.toReversed().map((lock) => lock.release()),
    );
    for (const each of releases) if (each.status === 'rejected') throw each.reason;
  }

  /** As `release`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
