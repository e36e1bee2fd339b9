/**
 * The clock of a machine that was suspended together with its program: pauses are not counted by
 * it, nor by its timers, so a holder that was paused has no way to tell.
 */
import { now } from './clock.ts';

/** Milliseconds between two looks at the true clock, and the most that one look adds. */
const look = 5;
const most = 20;

export class SuspendedClock {
  #seen = now();
  #time = 0;

  constructor() {
    setInterval(() => this.now(), look).unref();
  }

  now(): number {
    const seen = now();
    this.#time += Math.min(most, seen - this.#seen);
    this.#seen = seen;
    return this.#time;
  }

  random(): number {
    return Math.random();
  }

  after(delay: number, action: () => void): () => void {
    const due = this.now() + delay;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      timer = setTimeout(() => (this.now() < due ? wait() : action()), due - this.now()).unref();
    };
    wait();
    return () => clearTimeout(timer);
  }
}
