import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../src/index.ts';

/** Tells `now` from the system's clock plus all that was slept; sleeping takes no time. */
export class TestClock implements Clock {
  /** What was slept between connections, in ms. */
  readonly slept: number[] = [];
  readonly #patience: number;
  #ahead = 0;
  #waiting = new Set<() => void>();

  /** A sleep of exactly `patience` ms is a watch for silence: it lasts until `expire`. */
  constructor(patience = 90_000) {
    this.#patience = patience;
  }

  /** How many watches for silence are running. */
  get watches(): number {
    return this.#waiting.size;
  }

  readonly now = (): number => Date.now() + this.#ahead;

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (ms !== this.#patience) {
      this.slept.push(ms);
      this.#ahead += ms;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = (): void => reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    this.#waiting.add(resolve);
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', end);
      this.#waiting.delete(resolve);
    }
  }

  /** Lets every running watch for silence run out. */
  expire(): void {
    this.#ahead += this.#patience;
    for (const resolve of this.#waiting) resolve();
  }
}

/** Resolves once the condition holds; asked again and again, a turn of the event loop apart. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}
