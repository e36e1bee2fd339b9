/** A set that is hurt, and what hurts it now: who is down, frozen, cut off. */
import { MongoClient } from 'mongodb';
import { type Member, type ReplicaSet, ReplicaSetError } from '../src/index.ts';
import { insist } from './insist.ts';

/** Milliseconds after which an order is left to itself: its member may be frozen, or have no primary. */
const patience = 1000;

export class Patient {
  readonly set: ReplicaSet;
  readonly down: Set<number> = new Set();
  readonly frozen: Set<number> = new Set();
  readonly size: number;
  isCut = false;
  /** Those that are being started, and what comes of it. */
  readonly #starting = new Map<number, Promise<void>>();
  /** How often each was killed. */
  readonly #kills = new Map<number, number>();
  #failure: Error | undefined;

  constructor(set: ReplicaSet) {
    this.set = set;
    this.size = set.members.length;
  }

  get all(): number[] {
    return [...Array(this.size).keys()];
  }

  /** Those that run. */
  get up(): number[] {
    return this.all.filter((index) => !this.down.has(index) && !this.frozen.has(index));
  }

  get majority(): number {
    return Math.floor(this.size / 2) + 1;
  }

  /** The primary with the highest term; nothing while there is none. */
  get primary(): number | undefined {
    try {
      return this.set.primary.index;
    } catch {
      return undefined;
    }
  }

  /** Members that ended although nobody killed them. */
  get fallen(): number[] {
    return this.set.members
      .filter(({ index, role }) => role === 'down' && !this.down.has(index))
      .map(({ index }) => index);
  }

  async kill(...members: readonly number[]): Promise<void> {
    for (const index of members) {
      this.down.add(index);
      this.frozen.delete(index);
      this.#kills.set(index, this.#killsOf(index) + 1);
    }
    await Promise.all(members.map((index) => this.set.kill(index)));
  }

  /** Starts members that are down; resolves once they run. */
  async restart(...members: readonly number[]): Promise<void> {
    for (const index of members) this.restartSoon(index);
    await Promise.all(members.flatMap((index) => this.#starting.get(index) ?? []));
    this.refuseFailure();
  }

  /** Begins to start a member that is down; it takes a while, and counts as down until then. */
  restartSoon(index: number): void {
    this.down.add(index);
    this.frozen.delete(index);
    if (this.#starting.has(index)) return;
    const kills = this.#killsOf(index);
    const isKilled = (): boolean => this.#killsOf(index) > kills;
    const start = async (): Promise<void> => {
      try {
        await this.set.restart(index);
        if (!isKilled()) this.down.delete(index);
      } catch (error) {
        // One that is killed while it starts has every reason not to.
        if (!isKilled()) this.#failure ??= error as Error;
      } finally {
        this.#starting.delete(index);
      }
    };
    const started = start();
    this.#starting.set(index, started);
  }

  #killsOf(index: number): number {
    return this.#kills.get(index) ?? 0;
  }

  /** Down, and nobody is starting them. */
  get idle(): number[] {
    return [...this.down].filter((index) => !this.#starting.has(index));
  }

  /** Throws what a start failed with. */
  refuseFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async freeze(index: number): Promise<void> {
    this.frozen.add(index);
    await this.set.freeze(index);
  }

  thaw(index: number): void {
    this.frozen.delete(index);
    this.set.thaw(index);
  }

  /** Cuts one group from all others. */
  async cut(group: readonly number[]): Promise<void> {
    this.isCut = true;
    await within(this.set.partition([group, this.all.filter((index) => !group.includes(index))]));
  }

  async join(): Promise<void> {
    this.isCut = false;
    await within(this.set.heal());
  }

  /** Ends everything that hurts, and resolves once there is a primary again. */
  async mend(): Promise<void> {
    for (const index of [...this.frozen]) this.thaw(index);
    this.isCut = false;
    await this.set.heal();
    while (this.down.size > 0) await this.restart(...this.down);
    await Promise.all(
      this.set.members.map(async (member) => {
        await this.set.lag(member, 0);
        await this.set.slowDisk(member, 0);
        await this.set.fillDisk(member, false);
        await this.set.skewClock(member, 0);
        await disarm(member);
      }),
    );
    await this.set.waitForPrimary();
  }
}

/** Takes back the fail points that have not struck yet. */
async function disarm({ host, port }: Member): Promise<void> {
  const client = new MongoClient(`mongodb://${host}:${port}/?directConnection=true`);
  try {
    for (const configureFailPoint of ['failCommand', 'loseReplies']) {
      await insist(() => client.db('admin').command({ configureFailPoint, mode: 'off' }));
    }
  } finally {
    await client.close();
  }
}

/** Waits for an order, but not for ever; false when it was refused, as there was no primary, say. */
export async function within(order: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patience);
  });
  const done = order.then(
    () => true,
    (error: unknown) => {
      if (error instanceof ReplicaSetError && error.code !== 'member-failed') return false;
      // A line that broke because its member was killed meanwhile.
      if (error instanceof Error && error.name === 'PeerLostError') return false;
      throw error;
    },
  );
  try {
    return await Promise.race([done, tooLong]);
  } finally {
    clearTimeout(timer);
    done.catch(() => {});
  }
}
