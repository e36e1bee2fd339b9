/** Locks of locker-room, and data written through its fence. */
import type { Collection, MongoClient } from 'mongodb';
import {
  type Lock,
  LockerRoom,
  type LockOptions,
  LockTimeoutError,
  NotOwnerError,
} from '../src/index.ts';
import type { Control } from './control.ts';
import {
  type Ask,
  type Books,
  type Count,
  countersName,
  type Held,
  historyName,
  type Line,
  locksName,
  type Side,
} from './side.ts';
import { SuspendedClock } from './suspended-clock.ts';

export interface LockerRoomSideOptions {
  readonly client: MongoClient;
  readonly database: string;
  /** Whether its clock stands still in a pause. */
  readonly isSuspended: boolean;
  readonly control: Control | undefined;
}

export class LockerRoomSide implements Side {
  readonly name = 'locker-room';
  readonly #room: LockerRoom;
  readonly #counters: Collection<Count>;
  readonly #history: Collection<Line>;
  readonly #control: Control | undefined;

  constructor({ client, database, isSuspended, control }: LockerRoomSideOptions) {
    const clock = isSuspended ? [new SuspendedClock()] : [];
    this.#room = new LockerRoom({ client, database, collection: locksName }, ...clock);
    this.#counters = client.db(database).collection(countersName);
    this.#history = client.db(database).collection(historyName);
    this.#control = control;
  }

  async hold(
    ask: Ask,
    work: (held: Held) => Promise<void>,
  ): Promise<'released' | 'late' | undefined> {
    const lock = await this.#lock(ask);
    if (lock === null) return undefined;
    await work({ token: lock.token, signal: lock.signal, books: this.#booksOf(lock) });
    try {
      if (this.#control === 'break') await this.#room.break(lock.name, { by: ask.request });
      else await lock.release();
      return 'released';
    } catch (error) {
      if (error instanceof NotOwnerError) return 'late';
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#room.close();
  }

  async #lock({ request: owner, name, lease, timeout }: Ask): Promise<Lock | null> {
    if (timeout === 0) return this.#room.tryLock(name, { owner, lease });
    const patient = { owner, lease, ...(timeout !== undefined && { timeout }) };
    if (this.#control === 'impatient') {
      const lock = await this.#lockInTime(name, { ...patient, timeout: 500 });
      if (lock !== null) return lock;
    }
    return this.#lockInTime(name, patient);
  }

  async #lockInTime(name: string, options: LockOptions): Promise<Lock | null> {
    try {
      return await this.#room.lock(name, options);
    } catch (error) {
      if (error instanceof LockTimeoutError) return null;
      throw error;
    }
  }

  #booksOf(lock: Lock): Books {
    if (this.#control === 'plain') return { counters: this.#counters, history: this.#history };
    return {
      counters: this.#room.fenced(lock, this.#counters),
      history: this.#room.fenced(lock, this.#history),
    };
  }
}
