/** The one who kills primaries, and starts them again. */
import type { Member, ReplicaSet } from '@holdfast/replica-set';

export class Killer {
  readonly #set: ReplicaSet;
  readonly #down = new Set<number>();
  kills = 0;

  constructor(set: ReplicaSet) {
    this.#set = set;
  }

  /** SIGKILLs the primary, once there is one. */
  async killPrimary(): Promise<void> {
    const victim: Member = await this.#set.waitForPrimary();
    this.#down.add(victim.index);
    this.kills += 1;
    await this.#set.kill(victim);
  }

  /** Starts everybody who is down, and waits for a primary. */
  async mend(): Promise<void> {
    await Promise.all([...this.#down].map((index) => this.#set.restart(index)));
    this.#down.clear();
    await this.#set.waitForPrimary();
  }
}
