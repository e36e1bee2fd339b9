import { OutcomeUnknownError, PatienceExhaustedError } from '@holdfast/mongo-proxy';
import type { Granted, Refused } from './answer.ts';
import type { Bell, Sleeper } from './bell.ts';
import type { Call } from './call.ts';
import type { Clock } from './clock.ts';
import { type Asker, patienceOfLine } from './grant.ts';
import { firstLease } from './hand-on.ts';
import { endOfUse, type Term } from './lease.ts';
import type { LockStore } from './lock-store.ts';
import type { OpenWait } from './waits.ts';

/** Milliseconds between two questions of the first in line; each place behind adds as much. */
const pollDelay = 25;
const longestPollDelay = 250;
/** Milliseconds between two signs of life. */
const stayDelay = patienceOfLine / 2;

/** A grant, and the lease it came with: it may be shorter than the one that was asked for. */
export interface Turn extends Term {
  readonly token: bigint;
  /** Whether others stood in line when it came. */
  readonly isWanted: boolean;
}

/**
 * Somebody who waits in line for a lock until he holds it.
 *
 * He asks, and asks again when he was called, when the lease he waits for ends, when the one before
 * him in line has given no sign of life, and to give one himself. Who listens to no calls asks every
 * 25 ms as the first in line, and up to every 250 ms further behind.
 */
export class Waiter implements Disposable {
  readonly #store: LockStore;
  readonly #bell: Bell;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #asker: Asker;
  readonly #outlastsOutages: boolean;
  readonly #sleeper: Sleeper;
  #asking: Promise<unknown> = Promise.resolve();
  #aliveAt = -Infinity;
  #refused: Refused | undefined;
  #silentSince = Infinity;

  /**
   * With `outlastsOutages` he asks on when the database is away for longer than `mongo-proxy` is
   * patient, until his wait is over.
   */
  constructor(
    { store, bell, clock }: { store: LockStore; bell: Bell; clock: Clock },
    name: string,
    asker: Asker,
    outlastsOutages: boolean,
  ) {
    this.#store = store;
    this.#bell = bell;
    this.#clock = clock;
    this.#name = name;
    this.#asker = asker;
    this.#outlastsOutages = outlastsOutages;
    this.#sleeper = bell.sleeper(asker.id);
  }

  /** The last question: what it was answered, if it was, no longer matters after it. */
  get asking(): Promise<unknown> {
    return this.#asking;
  }

  /** The last answer; undefined when there was none. */
  get refused(): Refused | undefined {
    return this.#refused;
  }

  /** Milliseconds for which a question has had no answer. */
  get silence(): number {
    return Math.max(0, this.#clock.now() - this.#silentSince);
  }

  /** Resolves to the grant; rejects with the reason for the end of the wait, and may be in line then still. */
  async turn(wait: OpenWait): Promise<Turn> {
    for (;;) {
      wait.throwIfOver();
      const sentAt = this.#clock.now();
      const answer = await this.#answer(sentAt, wait);
      if (answer === undefined) {
        await wait.for(this.#sleeper.sleep(longestPollDelay));
      } else if (!answer.granted) {
        this.#refused = answer;
        const call = await wait.for(this.#sleeper.sleep(this.#delay(answer)));
        const turn = call && this.#called(call, answer, sentAt);
        if (turn !== undefined) return turn;
      } else if (this.#clock.now() < endOfUse(sentAt, this.#asker.lease)) {
        return turnOf(answer, this.#asker, sentAt);
      } else {
        // The answer came so late that the lease is over: it is given back unused.
        await wait.for(this.#store.withdraw(this.#name, this.#asker.id));
      }
    }
  }

  [Symbol.dispose](): void {
    this.#sleeper[Symbol.dispose]();
  }

  /** Undefined when there was none for as long as `mongo-proxy` is patient. */
  async #answer(sentAt: number, wait: OpenWait): Promise<Granted | Refused | undefined> {
    this.#silentSince = Math.min(this.#silentSince, sentAt);
    try {
      const answer = await wait.for(this.#ask(sentAt));
      this.#silentSince = Infinity;
      return answer;
    } catch (error) {
      const isAway =
        error instanceof PatienceExhaustedError || error instanceof OutcomeUnknownError;
      if (isAway && this.#outlastsOutages) return undefined;
      throw error;
    }
  }

  #ask(sentAt: number): Promise<Granted | Refused> {
    const isDue = this.#bell.isListening || sentAt - this.#aliveAt > stayDelay;
    if (isDue) this.#aliveAt = sentAt;
    const inLine = isDue ? 'stay' : 'stand';
    const asking =
      this.#refused === undefined
        ? this.#store.askFirst(this.#name, this.#asker, inLine)
        : this.#store.ask(this.#name, this.#asker, inLine);
    this.#asking = asking;
    return asking;
  }

  #delay({ before, soonest }: Refused): number {
    if (this.#bell.isListening) return Math.min(stayDelay, soonest + 1);
    const delay = Math.min(longestPollDelay, pollDelay * (before + 1));
    return delay * (0.5 + this.#clock.random() / 2);
  }

  /**
   * The turn that a call tells of. A newer token than that of the answer was granted after the
   * question, so the lease lasts longer than one that is counted from there. Undefined for an old
   * call, and when little is left of that lease: the lock has to be asked for once more then.
   */
  #called({ token, timestamp }: Call, answer: Refused, sentAt: number): Turn | undefined {
    const length = Math.min(this.#asker.lease, firstLease);
    if (token <= answer.token || this.#clock.now() - sentAt > length / 2) return undefined;
    const expiresAt = new Date(timestamp.getTime() + length);
    return { token, length, sentAt, expiresAt, isWanted: true };
  }
}

/** The turn of one who asked at `sentAt`. */
export function turnOf({ token, expiresAt, waiting }: Granted, asker: Asker, sentAt: number): Turn {
  return { token, length: asker.lease, sentAt, expiresAt, isWanted: waiting > 0 };
}
