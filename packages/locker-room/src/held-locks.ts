import type { Hold } from './hold.ts';
import { LockerRoomError } from './locker-room-error.ts';

/** What is held through one locker room. */
export class HeldLocks {
  readonly #holds = new Set<Hold>();
  /** Those that their owner may take again, by lock and owner. */
  readonly #reentrant = new Map<string, Hold>();

  get all(): readonly Hold[] {
    return [...this.#holds];
  }

  add(hold: Hold, isReentrant: boolean): void {
    this.#holds.add(hold);
    if (isReentrant) this.#reentrant.set(keyOf(hold.name, hold.owner), hold);
  }

  /** False when it was not there any more. */
  delete(hold: Hold): boolean {
    const key = keyOf(hold.name, hold.owner);
    if (this.#reentrant.get(key) === hold) this.#reentrant.delete(key);
    return this.#holds.delete(hold);
  }

  /**
   * What the owner holds and may take again, with so many permits; undefined when there is nothing.
   *
   * @throws {LockerRoomError} when he holds it together with more than he asks to allow now: he would
   *   wait for himself
   */
  again(name: string, owner: string, permits: number): Hold | undefined {
    const hold = this.#reentrant.get(keyOf(name, owner));
    if (hold === undefined || !hold.isRunning) return undefined;
    if (permits >= hold.permits) return hold;
    throw new LockerRoomError(
      name,
      `${owner} holds it together with others and asks for it ${permits === 1 ? 'alone' : `with ${permits} permits`}, ` +
        'which would wait for itself: release it first',
    );
  }
}

/** Names hold no NUL. */
function keyOf(name: string, owner: string): string {
  return `${name}\0${owner}`;
}
