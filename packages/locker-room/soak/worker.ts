/** A worker: a program of its own that takes locks and writes under them until it is told to rest. */
import './shifted-date.ts';
import { setTimeout as pause } from 'node:timers/promises';
import {
  mongoProxy,
  OutcomeUnknownError,
  PatienceExhaustedError,
  safeClientOptions,
} from '@holdfast/mongo-proxy';
import { MongoClient } from 'mongodb';
import { LockLostError } from '../src/index.ts';
import { now } from './clock.ts';
import { Dice } from './dice.ts';
import { Journal, type Outcome } from './journal.ts';
import { LockerRoomSide } from './locker-room-side.ts';
import { RedlockSide } from './redlock-side.ts';
import { shiftDate } from './shifted-date.ts';
import {
  type Ask,
  busyNames,
  calmNames,
  databaseOf,
  type Held,
  leases,
  type Side,
  type SideName,
} from './side.ts';
import type { Assignment, Order, Report } from './worker-order.ts';

/** How many each worker asks for at a time. */
const tasks: Readonly<Record<SideName, number>> = { 'locker-room': 4, redlock: 2 };
/** A stall of the event loop that can make a timer late by a tenth of the shortest lease. */
const stall = 14;

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment;
const { id, uri, redisUrl, seed, control, isSuspended } = assignment;

class Round {
  readonly #sides: Side[];
  readonly #journal: Journal;
  readonly #ticker: NodeJS.Timeout;
  readonly #work: Promise<unknown>;
  readonly #round: number;
  #isResting = false;
  #requests = 0;
  /** Locks of locker-room that are held now. */
  readonly #held = new Set<string>();

  constructor(client: MongoClient, round: number, journal: string) {
    this.#round = round;
    const database = databaseOf(round, 'locker-room');
    this.#sides = [new LockerRoomSide({ client, database, isSuspended, control })];
    if (redisUrl !== undefined) {
      const options = { client, database: databaseOf(round, 'redlock'), url: redisUrl };
      this.#sides.push(new RedlockSide(options));
    }
    this.#journal = new Journal(journal);
    let seen = now();
    this.#ticker = setInterval(() => {
      if (now() - seen > stall) this.#journal.note({ kind: 'stall', from: seen });
      seen = now();
    }, 10);
    this.#work = Promise.all(
      this.#sides.flatMap((side) =>
        Array.from({ length: tasks[side.name] }, (_, task) =>
          this.#ask(side, new Dice(`${seed} ${round} ${id} ${side.name} ${task}`)),
        ),
      ),
    );
  }

  async rest(): Promise<void> {
    this.#isResting = true;
    await this.#work;
    clearInterval(this.#ticker);
    for (const side of this.#sides) await side.close();
  }

  async #ask(side: Side, dice: Dice): Promise<void> {
    while (!this.#isResting) {
      const request = `${this.#round}.${id}.${++this.#requests}`;
      const name = dice.pick(dice.chance(0.2) ? busyNames : calmNames);
      const timeout = dice.chance(0.7) ? undefined : dice.pick([0, 100, 500, 2000]);
      const ask = { request, name, lease: dice.pick(leases), timeout };
      this.#journal.note({ kind: 'ask', side: side.name, ...ask });
      try {
        const end = await side.hold(ask, (held) => this.#hold(ask, held, dice));
        this.#journal.note({ kind: 'end', request, outcome: end ?? 'timeout' });
      } catch (error) {
        this.#journal.note({ kind: 'end', request, outcome: 'failed', reason: lineOf(error) });
      }
      await pause(dice.between(0, 10));
    }
  }

  async #hold(ask: Ask, { token, signal, books }: Held, dice: Dice): Promise<void> {
    const { request, name } = ask;
    this.#journal.note({ kind: 'granted', request, ...(token && { token: Number(token) }) });
    const noteLoss = (): void => {
      this.#journal.note({ kind: 'lost', request });
      this.#tellHeld(request, false);
    };
    signal.addEventListener('abort', noteLoss);
    if (token !== undefined) this.#tellHeld(request, true);
    const length = dice.between(2, 8);
    for (let count = 1; count <= length && !signal.aborted; count++) {
      const write = `${request}.${count}`;
      const to = dice.chance(0.7) ? 'counter' : 'history';
      const announce = () => this.#journal.note({ kind: 'write', request, write, to });
      try {
        if (to === 'history') {
          announce();
          await books.history.insertOne({ _id: write, name });
        } else if (dice.chance(0.3)) {
          announce();
          const change = { $inc: { n: 1 }, $set: { write } };
          requireMatch(await books.counters.updateOne({ _id: name }, change));
        } else {
          const counter = await books.counters.findOne({ _id: name });
          await pause(dice.between(0, 15));
          if (signal.aborted) break;
          announce();
          const change = { $set: { n: (counter?.n ?? 0) + 1, write } };
          requireMatch(await books.counters.updateOne({ _id: name }, change));
        }
        this.#journal.note({ kind: 'told', request, write, outcome: 'acknowledged' });
      } catch (error) {
        this.#journal.note({ kind: 'told', request, write, ...verdictOn(error) });
        break;
      }
      await pause(dice.between(0, 10));
    }
    this.#journal.note({ kind: 'releasing', request });
    this.#tellHeld(request, false);
    signal.removeEventListener('abort', noteLoss);
  }

  #tellHeld(request: string, isHeld: boolean): void {
    if (isHeld) this.#held.add(request);
    else this.#held.delete(request);
    tell({ held: this.#held.size });
  }
}

function requireMatch({ matchedCount }: { readonly matchedCount: number }): void {
  if (matchedCount !== 1) throw new Error(`the update met ${matchedCount} documents`);
}

function verdictOn(error: unknown): { readonly outcome: Outcome; readonly reason: string } {
  if (error instanceof LockLostError) return { outcome: 'refused', reason: error.code };
  if (error instanceof PatienceExhaustedError) return { outcome: 'refused', reason: error.name };
  if (error instanceof OutcomeUnknownError) return { outcome: 'unknown', reason: error.code };
  return { outcome: 'failed', reason: lineOf(error) };
}

function lineOf(error: unknown): string {
  return (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 2000);
}

function tell(report: Report): void {
  process.send?.(report);
}

let round: Round | undefined;
const client = mongoProxy(new MongoClient(uri, safeClientOptions));
process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  if (order.order === 'begin') round = new Round(client, order.round, order.journal);
  else if (order.order === 'shift') shiftDate(order.milliseconds);
  else void round?.rest().then(() => tell('rested'));
});
await client.connect();
tell('ready');
