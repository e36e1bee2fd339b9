import type { Collection, Db } from 'mongodb';
import { expect } from 'vitest';
import { Bell } from '../../src/bell.ts';
import { FencedCollection } from '../../src/fenced-collection.ts';
import type { InLine } from '../../src/grant.ts';
import { Heartbeat } from '../../src/heartbeat.ts';
import { Hold } from '../../src/hold.ts';
import type { Lock } from '../../src/lock.ts';
import { LockLostError } from '../../src/lock-lost-error.ts';
import { LockStore } from '../../src/lock-store.ts';
import { pretendClock } from '../pretend-clock.ts';
import { follow } from './exploration.ts';
import type { LockModel } from './lock-model.ts';
import { actions, answer, inClient, inVersion, kind, nameOf, phase } from './lock-terms.ts';

const lease = 3_600_000;
const inAnHour = (): Date => new Date(Date.now() + lease);
const longAgo = new Date(0);

interface LockDocument {
  _id: string;
  token: number;
  holders: { id: string; expiresAt: Date }[];
  waiting: { id: string; until: Date }[];
  called: string;
}

interface DataDocument {
  _id: string;
  n?: number;
  fence?: number;
}

/** What a version of the model and a lock's document with its data have in common. */
interface Standing {
  readonly holder: string | null;
  readonly token: number;
  readonly hasEnded: boolean;
  readonly line: readonly string[];
  readonly called: string;
  readonly fence: number;
}

/**
 * Takes the steps of the model with the package's own code on a real lock's document, and compares
 * documents and answers after each.
 *
 * Time passes by setting the ends of leases and of patience back; `loseReply` makes the server lose
 * the answer to the next write.
 */
export class Replay {
  readonly #model: LockModel;
  readonly #name: string;
  readonly #store: LockStore;
  readonly #locks: Collection<LockDocument>;
  readonly #data: Collection<DataDocument>;
  readonly #loseReply: () => Promise<void>;
  readonly #writes = new Map<number, FencedWrite>();
  /** What time has done while a transaction held the document. */
  #asked = 0;
  #overdue: (() => Promise<unknown>)[] = [];

  constructor(model: LockModel, db: Db, name: string, loseReply: () => Promise<void>) {
    this.#model = model;
    this.#name = name;
    this.#store = new LockStore(db.client, db.databaseName, 'locks');
    this.#locks = db.collection('locks');
    this.#data = db.collection('data');
    this.#loseReply = loseReply;
  }

  /** Runs a trace; resolves to the number of steps that reached the server. */
  async run(trace: readonly number[]): Promise<number> {
    let state = this.#model.initial();
    let sent = 0;
    for (const [place, action] of trace.entries()) {
      const next = follow(this.#model, state, action);
      const way = () =>
        trace
          .slice(0, place + 1)
          .map(nameOf)
          .join('\n');
      if (isLost(trace, place)) await this.#loseReply();
      sent += (await this.#step(action, state, next, way)) ? 1 : 0;
      if (!this.#isTouched(next)) {
        for (const late of this.#overdue.splice(0)) await late();
        expect(await this.#found(), way()).toEqual(this.#expected(next));
      }
      state = next;
    }
    await Promise.all([...this.#writes.values()].map((write) => write.finish()));
    return sent;
  }

  async #step(
    action: number,
    state: Uint8Array,
    next: Uint8Array,
    way: () => string,
  ): Promise<boolean> {
    const c = action & 3;
    const result = next[this.#model.latest(next) + inVersion.answer + c] ?? 0;
    switch (actions[action >> 2]) {
      case 'is executed': {
        const real = await this.#execute(c, state);
        const isDead = next[this.#model.client(c) + inClient.dead] === 1;
        if (!isDead) expect(real, way()).toBe(result);
        return true;
      }
      case 'touches the lock': {
        const isHeld = next[this.#model.client(c) + inClient.phase] === phase.touched;
        const write = this.#writes.get(c) ?? this.#fencedWrite(c, state);
        this.#writes.set(c, write);
        expect(await write.touch(), way()).toBe(isHeld);
        if (isHeld) return true;
        await expect(write.outcome, way()).rejects.toBeInstanceOf(LockLostError);
        this.#writes.delete(c);
        return true;
      }
      case 'commits its write':
        await expect(this.#writes.get(c)?.finish(), way()).resolves.toBe(1);
        this.#writes.delete(c);
        return true;
      case 'has its transaction ended by the server':
        await this.#locks.db.admin().command({ killAllSessions: [] });
        return true;
      case 'the next lease ends': {
        const end = (of: Uint8Array) => of[this.#model.latest(of) + inVersion.end];
        if (end(state) === 1 && end(next) === 0) {
          this.#overdue.push(() => this.#set({ 'holders.$[].expiresAt': longAgo }));
        }
        return false;
      }
      case 'the time in line is up of place': {
        const id = state[this.#model.latest(state) + inVersion.line + c] ?? 0;
        this.#overdue.push(() => this.#setUntil(longAgo, { 'w.id': `asker-${id}` }));
        return false;
      }
      default:
        return false;
    }
  }

  /** Sends what the client has in hand; the answer as the model writes it. */
  async #execute(c: number, state: Uint8Array): Promise<number> {
    const me = this.#model.client(c);
    const field = (which: number): number => state[me + which] ?? 0;
    const id = `asker-${this.#model.idOf(state, c)}`;
    const owner = `client ${c}`;
    const token = BigInt(field(inClient.token));
    switch (field(inClient.phase)) {
      case phase.asking: {
        this.#asked += 1;
        const inLine: InLine =
          field(inClient.kind) === kind.leave ? 'leave' : this.#asked % 2 === 0 ? 'stay' : 'stand';
        const asker = { id, owner, lease, permits: 1 };
        // Elsewhere the first question ends as any other does.
        const reply = await (isIdle(this.#expected(state))
          ? this.#store.askFirst(this.#name, asker, inLine)
          : this.#store.ask(this.#name, asker, inLine));
        await this.#keepTime();
        return reply.granted ? answer.granted + Number(reply.token) : answer.refused;
      }
      case phase.releasing: {
        const isWanted = this.#expected(state).line.length > 0;
        const reply = await this.#store.release(this.#name, owner, token, isWanted);
        await this.#keepTime();
        if (reply === null) return answer.notOwner;
        return answer.released + Number(reply[0]?.id.replace('asker-', '') ?? 0);
      }
      case phase.extending: {
        this.#asked += 1;
        const holder = { name: this.#name, id };
        const isHeld =
          this.#asked % 2 === 0
            ? (await this.#store.extend(this.#name, owner, token, lease)) !== null
            : (await this.#store.renew([holder], lease, 1_000)).lost.size === 0;
        return isHeld ? answer.done : answer.notOwner;
      }
      default:
        await this.#store.withdraw(this.#name, id);
        await this.#keepTime();
        return answer.done;
    }
  }

  /** First leases and the line's patience are real time, which must not pass. */
  async #keepTime(): Promise<void> {
    await this.#locks.updateOne(
      { _id: this.#name },
      { $set: { 'waiting.$[w].until': inAnHour(), 'holders.$[h].expiresAt': inAnHour() } },
      { arrayFilters: [{ 'w.until': { $gt: longAgo } }, { 'h.expiresAt': { $gt: longAgo } }] },
    );
  }

  #fencedWrite(c: number, state: Uint8Array): FencedWrite {
    const token = BigInt(state[this.#model.client(c) + inClient.token] ?? 0);
    const grant = { name: this.#name, id: 'holder', owner: `client ${c}`, lease, permits: 1 };
    const turn = { token, length: lease, sentAt: 0, expiresAt: inAnHour(), isWanted: true };
    const clock = pretendClock();
    const bell = new Bell(() => this.#store.calls('nobody'), clock);
    const heartbeat = new Heartbeat(clock, (...args) => this.#store.renew(...args));
    const workings = { store: this.#store, clock, bell, heartbeat };
    const lock = new Hold(workings, { ...grant, turn }, () => {}).enter();
    const { client, databaseName } = this.#locks.db;
    return new FencedWrite(lock, new LockStore(client, databaseName, 'locks'), this.#data);
  }

  #set(change: Readonly<Record<string, Date>>): Promise<unknown> {
    return this.#locks.updateOne({ _id: this.#name }, { $set: change });
  }

  #setUntil(until: Date, whose: Record<string, unknown>): Promise<unknown> {
    return this.#locks.updateOne(
      { _id: this.#name },
      { $set: { 'waiting.$[w].until': until } },
      { arrayFilters: [whose] },
    );
  }

  #isTouched(state: Uint8Array): boolean {
    return Array.from(
      { length: this.#model.bounds.clients },
      (_, c) => state[this.#model.client(c) + inClient.phase],
    ).includes(phase.touched);
  }

  async #found(): Promise<Standing> {
    const lock = await this.#locks.findOne({ _id: this.#name });
    const data = await this.#data.findOne({ _id: this.#name });
    const isOver = (end: Date | null | undefined): boolean => (end ?? longAgo) <= new Date();
    const [holder] = lock?.holders ?? [];
    expect(lock?.holders.length ?? 0).toBeLessThan(2);
    return {
      holder: holder?.id ?? null,
      token: Number(lock?.token ?? 0),
      hasEnded: isOver(holder?.expiresAt),
      called: lock?.called ?? '',
      line: (lock?.waiting ?? []).map(({ id, until }) => (isOver(until) ? `${id} is gone` : id)),
      fence: Number(data?.fence ?? 0),
    };
  }

  #expected(state: Uint8Array): Standing {
    const version = this.#model.latest(state);
    const field = (which: number): number => state[version + which] ?? 0;
    const places = [0, 1, 2].map((place) => field(inVersion.line + place));
    const holder = field(inVersion.grant);
    return {
      holder: holder === 0 ? null : `asker-${holder}`,
      token: field(inVersion.token),
      hasEnded: field(inVersion.end) === 0,
      line: places
        .filter((waiter) => waiter > 0)
        .map((waiter) => `asker-${waiter % 8}${waiter > 8 ? ' is gone' : ''}`),
      called: field(inVersion.called) === 0 ? '' : ` asker-${field(inVersion.called)}`,
      fence: field(inVersion.fence),
    };
  }
}

function isIdle({ holder, token, line }: Standing): boolean {
  return token > 0 && holder === null && line.length === 0;
}

/** A fenced write that stops after each touch of the lock's document. */
class FencedWrite {
  /** Resolves to how many documents were written. */
  readonly outcome: Promise<number>;
  #arrived = Promise.withResolvers<boolean>();
  #gate = Promise.withResolvers<void>();
  #isBegun = false;

  constructor(lock: Lock, store: LockStore, data: Collection<DataDocument>) {
    const touching = store.touch.bind(store);
    store.touch = async (...args) => {
      const isHeld = await touching(...args);
      const gate = this.#gate.promise;
      this.#arrived.resolve(isHeld);
      if (isHeld) await gate;
      return isHeld;
    };
    this.outcome = new FencedCollection(lock, store, data)
      .updateOne({ _id: lock.name }, { $inc: { n: 1 } }, { upsert: true })
      .then(({ modifiedCount, upsertedCount }) => modifiedCount + upsertedCount);
    this.outcome.catch(() => {}); // it is looked at later
  }

  /** Whether the lock was found held; a second call lets the write go on and be begun anew. */
  async touch(): Promise<boolean> {
    if (this.#isBegun) {
      this.#arrived = Promise.withResolvers();
      const last = this.#gate;
      this.#gate = Promise.withResolvers();
      last.resolve();
    }
    this.#isBegun = true;
    return this.#arrived.promise;
  }

  /** Lets the write go on to its end. */
  finish(): Promise<number> {
    this.#gate.resolve();
    return this.outcome;
  }
}

/** Whether the answer to what is executed at this place is lost later in the trace. */
function isLost(trace: readonly number[], place: number): boolean {
  const action = trace[place] ?? 0;
  if (actions[action >> 2] !== 'is executed') return false;
  const rest = trace.slice(place + 1).filter((each) => (each & 3) === (action & 3));
  const next = rest.map((each) => actions[each >> 2]);
  const lost = next.indexOf('loses its reply');
  const executed = next.findIndex((each) => each === 'is executed' || each === 'commits its write');
  return lost >= 0 && (executed < 0 || lost < executed);
}
