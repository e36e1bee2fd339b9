import type { Collection, Db } from 'mongodb';
import { expect } from 'vitest';
import type { Asker } from '../../src/grant.ts';
import { LockStore } from '../../src/lock-store.ts';
import { follow } from './exploration.ts';
import {
  inSharedClient,
  type SharedModel,
  sharedActions,
  sharedAnswer,
  sharedPhase,
  standing,
} from './shared-model.ts';

const lease = 3_600_000;
const longAgo = new Date(0);

interface LockDocument {
  _id: string;
  holders: { id: string; token: number; expiresAt: Date }[];
  waiting: { id: string; until: Date }[];
}

/** Who holds the lock and who waits; of some it is over, or they are gone. */
interface Line {
  readonly holders: readonly string[];
  readonly waiting: readonly string[];
}

/**
 * Takes the steps of the model of a shared lock with the package's own code on a real document, and
 * compares the document and each answer. Time passes by setting ends back.
 */
export class SharedReplay {
  readonly #model: SharedModel;
  readonly #name: string;
  readonly #store: LockStore;
  readonly #locks: Collection<LockDocument>;
  /** That of the last grant to each client. */
  readonly #tokens = new Map<number, bigint>();

  constructor(model: SharedModel, db: Db, name: string) {
    this.#model = model;
    this.#name = name;
    this.#store = new LockStore(db.client, db.databaseName, 'shared');
    this.#locks = db.collection('shared');
  }

  /** Runs a trace; resolves to the number of steps that reached the server. */
  async run(trace: readonly number[]): Promise<number> {
    let state = this.#model.initial();
    let sent = 0;
    for (const [place, action] of trace.entries()) {
      const next = follow(this.#model, state, action);
      const way = (): string =>
        trace
          .slice(0, place + 1)
          .map((each) => this.#model.nameOf(each))
          .join('\n');
      if (await this.#step(action, state, next, way)) {
        expect(await this.#found(), way()).toEqual(this.#expected(next));
        sent += 1;
      }
      state = next;
    }
    return sent;
  }

  /** False when the document is not concerned. */
  async #step(
    action: number,
    state: Uint8Array,
    next: Uint8Array,
    way: () => string,
  ): Promise<boolean> {
    const c = action & 3;
    switch (sharedActions[action >> 2]) {
      case 'is executed': {
        const isDead = this.#field(next, c, inSharedClient.dead) === 1;
        const real = await this.#execute(c, state);
        if (!isDead) expect(real, way()).toBe(this.#field(next, c, inSharedClient.answer));
        await this.#stopTime();
        return true;
      }
      case 'has no lease any more':
        await this.#setBack('holders.$[who].expiresAt', this.#idOf(state, c));
        return true;
      case 'has been in line too long':
        await this.#setBack('waiting.$[who].until', this.#idOf(state, c));
        return true;
      default:
        return false;
    }
  }

  /** Sends what the client has in hand; the answer as the model writes it. */
  async #execute(c: number, state: Uint8Array): Promise<number> {
    const id = this.#idOf(state, c);
    const owner = `client ${c}`;
    const permits = this.#model.permits[c] ?? 1;
    const isOnce = this.#field(state, c, inSharedClient.once) === 1;
    const line = this.#expected(state).waiting;
    switch (this.#field(state, c, inSharedClient.phase)) {
      case sharedPhase.asking: {
        const asker: Asker = { id, owner, lease, permits };
        const how = isOnce ? 'leave' : 'stand';
        const reply = await (line.some((each) => each.startsWith(id))
          ? this.#store.ask(this.#name, asker, how)
          : this.#store.askFirst(this.#name, asker, how));
        return reply.granted ? sharedAnswer.granted : sharedAnswer.refused;
      }
      case sharedPhase.releasing: {
        const token = this.#tokens.get(c) ?? 0n;
        const reply = await this.#store.release(this.#name, owner, token, line.length > 1);
        return reply === null ? sharedAnswer.notOwner : sharedAnswer.done;
      }
      default:
        await this.#store.withdraw(this.#name, id);
        return sharedAnswer.done;
    }
  }

  /** Leases and the line's patience are real time, which must not pass. */
  async #stopTime(): Promise<void> {
    const end = new Date(Date.now() + lease);
    await this.#locks.updateOne(
      { _id: this.#name },
      { $set: { 'holders.$[h].expiresAt': end, 'waiting.$[w].until': end } },
      { arrayFilters: [{ 'h.expiresAt': { $gt: longAgo } }, { 'w.until': { $gt: longAgo } }] },
    );
  }

  async #setBack(field: string, id: string): Promise<void> {
    await this.#locks.updateOne(
      { _id: this.#name },
      { $set: { [field]: longAgo } },
      { arrayFilters: [{ 'who.id': id }] },
    );
  }

  async #found(): Promise<Line> {
    const lock = await this.#locks.findOne({ _id: this.#name });
    const told = (id: string, end: Date): string => (end <= longAgo ? `${id} is over` : id);
    const { holders = [], waiting = [] } = lock ?? {};
    for (const { id, token } of holders) this.#tokens.set(Number(id[0]), BigInt(token));
    return {
      holders: holders.map(({ id, expiresAt }) => told(id, expiresAt)).sort(),
      waiting: waiting.map(({ id, until }) => told(id, until)),
    };
  }

  #expected(state: Uint8Array): Line {
    const clients = this.#model.permits.map((_, c) => c);
    const told = (c: number): string => {
      const now = this.#field(state, c, inSharedClient.standing);
      const isOver = now === standing.isOver || now === standing.waitsTooLong;
      return `${this.#idOf(state, c)}${isOver ? ' is over' : ''}`;
    };
    const isHolder = (c: number): boolean => {
      const now = this.#field(state, c, inSharedClient.standing);
      return now === standing.holds || now === standing.isOver;
    };
    const line = clients.flatMap((place) => (state[place] === 0 ? [] : (state[place] ?? 0) - 1));
    return { holders: clients.filter(isHolder).map(told), waiting: line.map(told) };
  }

  #idOf(state: Uint8Array, c: number): string {
    return `${c} in round ${this.#field(state, c, inSharedClient.round)}`;
  }

  #field(state: Uint8Array, c: number, which: number): number {
    return state[this.#model.client(c) + which] ?? 0;
  }
}
