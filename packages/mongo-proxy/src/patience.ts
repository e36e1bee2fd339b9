import { setTimeout as sleep } from 'node:timers/promises';
import { MongoServerSelectionError, MongoTopologyClosedError } from 'mongodb';

/** Milliseconds before the first repetition, at most; doubled each time. */
const firstDelay = 20;
const longestDelay = 2_000;

/** One failed attempt of an operation. */
export interface FailedAttempt {
  readonly error: Error;
  /** Milliseconds from the call of the operation to this failure. */
  readonly elapsed: number;
}

/** What `onRetry` is told before each wait. */
export interface RetryNotice {
  /** The method that was called, as `insertOne`. */
  readonly operation: string;
  /** Attempts made so far, from 1. */
  readonly attempt: number;
  readonly error: Error;
  /** Milliseconds until the next attempt. */
  readonly delay: number;
}

/** What a single call may ask for itself, beside the driver's own options. */
export interface CallOptions {
  /** Milliseconds for which this call is repeated, instead of the client's; 0 to 25 minutes. */
  readonly patience?: number | undefined;
  /** Ends this call, its waits included, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Time and chance, replaced in tests. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** From 0 up to but not including 1. */
  random(): number;
  /** Resolves after `delay` milliseconds or as soon as `signal` aborts. */
  sleep(delay: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  sleep: (delay, signal) =>
    sleep(delay, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
};

/** One operation: how to try it and how to read its failures. */
export interface Trial<T> {
  attempt(): Promise<T>;
  /** Whether trying again is safe and may help. Called once after each failure. */
  mayRetry(error: Error): boolean;
  /** The error for the caller when no retry may follow. */
  verdict(error: Error, attempts: readonly FailedAttempt[]): Error;
  /** The error for the caller when time is up. */
  exhausted(attempts: readonly FailedAttempt[], patience: number): Error;
}

/** The client that is waited for. */
export interface Connection {
  /** Connects it unless it is connected. */
  connect(): Promise<unknown>;
  /** Whether its owner has closed it, ever. */
  isClosed(): boolean;
}

/**
 * Repeats trials until they succeed, cannot succeed, or `patience` milliseconds have passed.
 *
 * Between attempts it waits a random part of an exponentially growing delay (full jitter), so that
 * many clients do not return at once. Time is looked at between attempts only: an attempt under way
 * is not cut short.
 */
export class Patience {
  readonly patience: number;
  readonly connection: Connection;
  readonly #onRetry: ((notice: RetryNotice) => void) | undefined;
  readonly #clock: Clock;
  #waits = new AbortController();

  constructor(
    patience: number,
    onRetry: ((notice: RetryNotice) => void) | undefined,
    connection: Connection,
    clock: Clock = systemClock,
  ) {
    this.patience = patience;
    this.connection = connection;
    this.#onRetry = onRetry;
    this.#clock = clock;
  }

  /** Ends every wait now, so that the next attempts meet whatever has become of the client. */
  endWaits(): void {
    this.#waits.abort();
    this.#waits = new AbortController();
  }

  async run<T>(operation: string, trial: Trial<T>, call: CallOptions = {}): Promise<T> {
    const { patience = this.patience } = call;
    const start = this.#clock.now();
    const failures: FailedAttempt[] = [];
    for (;;) {
      try {
        if (isUnconnected(failures.at(-1)?.error)) await this.connection.connect();
        return await trial.attempt();
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        const elapsed = this.#clock.now() - start;
        failures.push({ error, elapsed });
        const mayRetry = trial.mayRetry(error);
        const isClosed = isUnconnected(error) && this.connection.isClosed();
        if (!mayRetry || isClosed) throw trial.verdict(error, failures);
        const left = patience - elapsed;
        if (left <= 0) throw trial.exhausted(failures, patience);
        const ceiling = Math.min(longestDelay, firstDelay * 2 ** (failures.length - 1));
        const delay = Math.min(left, this.#clock.random() * ceiling);
        this.#onRetry?.({ operation, attempt: failures.length, error, delay });
        await this.#clock.sleep(delay, this.#waits.signal);
      }
    }
  }
}

/** The driver does not try again by itself when its first connection failed. */
function isUnconnected(error: Error | undefined): boolean {
  return error instanceof MongoTopologyClosedError || error instanceof MongoServerSelectionError;
}
