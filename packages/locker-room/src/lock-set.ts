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

/**
 * Takes one lock after the other, and gives back those it has when one is not to be had or one of
 * them is lost meanwhile; `take` is told of that by a signal.
 */
export async function takeAll(
  names: readonly string[],
  take: (name: string, loss: AbortSignal) => Promise<Lock>,
): Promise<LockSet> {
  let taken = new LockSet([]);
  try {
    for (const name of names) {
      taken = new LockSet([...taken.locks, await take(name, taken.signal)]);
    }
    for (const lock of taken.locks) lock.assertHeld();
    return taken;
  } catch (error) {
    await taken.release().catch(() => {}); // the ends of their leases free them
    throw error;
  }
}
