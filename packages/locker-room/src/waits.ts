import type { Clock } from './clock.ts';

/** Why a wait ended when its own time was up, rather than by somebody's signal. */
export const timeIsUp: unique symbol = Symbol('the time to wait is up');

/** The waits of one locker room, which all end when it is closed. */
export class Waits {
  readonly #clock: Clock;
  readonly #open = new Set<OpenWait>();
  #closing: { readonly reason: unknown } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A wait that is over after `timeout` milliseconds, or when the signal aborts, until it is disposed. */
  begin(timeout: number, signal?: AbortSignal): OpenWait {
    const wait: OpenWait = new OpenWait(this.#clock, timeout, signal, () =>
      this.#open.delete(wait),
    );
    this.#open.add(wait);
    if (this.#closing !== undefined) wait.end(this.#closing.reason);
    return wait;
  }

  /** Throws what all waits were ended with, once they were. */
  throwIfClosed(): void {
    if (this.#closing !== undefined) throw this.#closing.reason;
  }

  /** Ends all waits, and those that begin later at once. */
  close(reason: Error): void {
    this.#closing ??= { reason };
    for (const wait of this.#open) wait.end(reason);
  }
}

/**
 * One wait, which may be for one thing after the other.
 *
 * Plain callbacks: signals put together of others cost more than all else that a lock does here.
 */
export class OpenWait implements Disposable {
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => this.end(this.#signal?.reason);
  readonly #cancel: () => void;
  readonly #disposed: () => void;
  #over: { readonly reason: unknown } | undefined;
  #reject: (reason: unknown) => void = () => {};

  /** Made by `Waits`. */
  constructor(
    clock: Clock,
    timeout: number,
    signal: AbortSignal | undefined,
    disposed: () => void,
  ) {
    this.#signal = signal;
    this.#disposed = disposed;
    this.#cancel = timeout === Infinity ? () => {} : clock.after(timeout, () => this.end(timeIsUp));
    if (signal?.aborted === true) this.end(signal.reason);
    else signal?.addEventListener('abort', this.#abort);
  }

  throwIfOver(): void {
    if (this.#over !== undefined) throw this.#over.reason;
  }

  /** Ends it, unless it is over. */
  end(reason: unknown): void {
    if (this.#over !== undefined) return;
    this.#over = { reason };
    this.#reject(reason);
  }

  /** The promise's outcome, or the reason for the end of the wait if that comes first. One at a time. */
  for<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      promise.then(resolve, reject);
      if (this.#over === undefined) this.#reject = reject;
      else reject(this.#over.reason);
    });
  }

  [Symbol.dispose](): void {
    this.#cancel();
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#disposed();
  }
}
