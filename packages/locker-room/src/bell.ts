import type { ChangeStream, Document } from 'mongodb';
import { type Call, type CallEvent, callsOf } from './call.ts';
import type { Clock } from './clock.ts';

/** Milliseconds for which a stream stays open that nobody waits for any more. */
const idleTime = 30_000;
/** Milliseconds until another stream is tried when one could not be had or was lost. */
const retryDelay = 5_000;

/**
 * Wakes those who wait in one locker room, each as soon as it may have its lock.
 *
 * It listens to a change stream, opened when somebody first has to wait and closed when nobody has
 * for a while. A stream tells nothing of what was before it, so everybody is woken once when it has
 * been opened; and when it was lost, for nobody can rely on it then.
 */
export class Bell {
  readonly #watch: () => ChangeStream<Document, CallEvent>;
  readonly #clock: Clock;
  readonly #sleepers = new Map<string, Sleeper>();
  #stream: ChangeStream<Document, CallEvent> | undefined;
  #isListening = false;
  #notBefore = -Infinity;
  #stayOpen = (): void => {};

  /** `watch` gives a stream of the calls for those who wait here. */
  constructor(watch: () => ChangeStream<Document, CallEvent>, clock: Clock) {
    this.#watch = watch;
    this.#clock = clock;
  }

  /** Whether those who sleep are woken by calls; they have to wake up by themselves otherwise. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** Somebody who waits under this id, until it is disposed. */
  sleeper(id: string): Sleeper {
    this.#stayOpen();
    const sleeper = new Sleeper(
      this.#clock,
      () => this.#attend(),
      () => this.#leave(id),
    );
    this.#sleepers.set(id, sleeper);
    return sleeper;
  }

  /** Wakes those of the called who wait here. */
  ring(calls: Iterable<Call>): void {
    for (const call of calls) this.#sleepers.get(call.id)?.wake(call);
  }

  /** Closes the stream; those who wait are not woken by it. */
  async close(): Promise<void> {
    this.#stayOpen();
    await this.#hangUp();
  }

  #attend(): void {
    if (this.#stream === undefined && this.#clock.now() >= this.#notBefore) void this.#listen();
  }

  #leave(id: string): void {
    this.#sleepers.delete(id);
    if (this.#sleepers.size > 0 || this.#stream === undefined) return;
    this.#stayOpen = this.#clock.after(idleTime, () => void this.#hangUp());
  }

  async #listen(): Promise<void> {
    let stream: ChangeStream<Document, CallEvent> | undefined;
    try {
      stream = this.#watch();
      this.#stream = stream;
      // Told with the first batch, empty or not: from here on nothing is missed.
      stream.once('resumeTokenChanged', () => this.#turn(stream, true));
      for await (const event of stream) this.ring(callsOf(event));
    } catch {
      // Not to be had (a standalone server, no privilege, a closed client) or lost for good; the reason is no matter.
    }
    if (this.#stream !== stream) return;
    this.#notBefore = this.#clock.now() + retryDelay;
    this.#turn(stream, false);
    await this.#hangUp();
  }

  #turn(stream: ChangeStream<Document, CallEvent> | undefined, isListening: boolean): void {
    if (this.#stream !== stream || this.#isListening === isListening) return;
    this.#isListening = isListening;
    for (const sleeper of this.#sleepers.values()) sleeper.wake();
  }

  async #hangUp(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#isListening = false;
    await stream?.close().catch(() => {});
  }
}

/**
 * The sleep of one who waits, between its questions. What wakes it while it is awake is kept for its
 * next sleep.
 */
export class Sleeper implements Disposable {
  readonly #clock: Clock;
  readonly #attend: () => void;
  readonly #leave: () => void;
  #isWoken = false;
  #call: Call | undefined;
  #end = (): void => {};

  /** Made by a `Bell`. */
  constructor(clock: Clock, attend: () => void, leave: () => void) {
    this.#clock = clock;
    this.#attend = attend;
    this.#leave = leave;
  }

  /** Ends the sleep: by a call, or to let the sleeper look for himself. */
  wake(call?: Call): void {
    this.#isWoken = true;
    this.#call = call ?? this.#call;
    this.#end();
  }

  /** Resolves after `delay` milliseconds or when woken; to the call, if it was one. */
  async sleep(delay: number): Promise<Call | undefined> {
    this.#attend();
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(delay, resolve);
        this.#end = () => {
          cancel();
          resolve();
        };
      });
    }
    const call = this.#call;
    this.#isWoken = false;
    this.#call = undefined;
    return call;
  }

  [Symbol.dispose](): void {
    this.#leave();
    this.#end();
  }
}
