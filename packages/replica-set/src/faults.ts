/** What is broken around a member, as its host tells it: its lines to the others, its disk, its clock. */
import { Condition } from './condition.ts';

export interface FaultSettings {
  /** The members it does not reach. */
  readonly unreachable: readonly number[];
  /** Milliseconds by which it takes over the log later. */
  readonly lag: number;
  /** Milliseconds that every sync of its disk takes longer. */
  readonly syncDelay: number;
  readonly diskFull: boolean;
  /** Milliseconds by which its clock is ahead. */
  readonly clockSkew: number;
}

export const noFaults: FaultSettings = {
  unreachable: [],
  lag: 0,
  syncDelay: 0,
  diskFull: false,
  clockSkew: 0,
};

/** For each of `count` members, those that are in another group; throws a RangeError unless each is in one. */
export function unreachableBy(groups: readonly (readonly number[])[], count: number): number[][] {
  const all = groups.flat().sort((a, b) => a - b);
  if (all.length !== count || all.some((index, at) => index !== at)) {
    throw new RangeError(`each of the ${count} members has to be in one group`);
  }
  return all.map((index) => {
    const group = groups.find((each) => each.includes(index)) ?? [];
    return all.filter((other) => !group.includes(other));
  });
}

export class Faults {
  #settings: FaultSettings;
  readonly #changed = new Condition();

  constructor(settings: FaultSettings) {
    this.#settings = settings;
  }

  change(settings: FaultSettings): void {
    this.#settings = settings;
    this.#changed.notify();
  }

  reaches(member: number): boolean {
    return !this.#settings.unreachable.includes(member);
  }

  /** Waits as long as the log has to lag, or until it has to no longer. */
  async lag(): Promise<void> {
    const { lag } = this.#settings;
    if (lag > 0) await this.#changed.until(() => this.#settings.lag !== lag, lag);
  }

  /** Called before each sync: holds the member up, or throws as a full disk does. */
  readonly beforeSync = (): void => {
    const { syncDelay, diskFull } = this.#settings;
    if (syncDelay > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, syncDelay);
    if (diskFull) throw new Error('no space left on device');
  };

  /** What the member takes for the time of day. */
  now(): Date {
    return new Date(Date.now() + this.#settings.clockSkew);
  }
}
