import type { Clock } from './clock.ts';

const sleepers = new Map<string, WakeUp>();

/** Wakes the asker of this id if it waits in this process. */
export function wake(id: string | undefined): void {
  if (id !== undefined) sleepers.get(id)?.wake();
}

/**
 * The sleep of one asker between its questions, ended early when the lock is released in the same
 * process. A call that comes while it is awake is kept for its next sleep.
 */
export class WakeUp implements Disposable {
  readonly #id: string;
  readonly #clock: Clock;
  #called = false;
  #end = (): void => {};

  constructor(id: string, clock: Clock) {
    this.#id = id;
    this.#clock = clock;
    sleepers.set(id, this);
  }

  wake(): void {
    this.#called = true;
    this.#end();
  }

  /** Resolves after `delay` milliseconds, or when woken. */
  async sleep(delay: number): Promise<void> {
    if (!this.#called) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(delay, resolve);
        this.#end = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#called = false;
  }

  [Symbol.dispose](): void {
    sleepers.delete(this.#id);
    this.#end();
  }
}
