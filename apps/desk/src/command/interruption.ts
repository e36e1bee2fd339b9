import { ExitCode } from '../exit-code.ts';

/** One keystroke may arrive twice: from the terminal and from the program that started us. */
const sameKeystroke = 500;

/**
 * Aborts at the first Ctrl-C or SIGTERM, so that the command can end in order; the second ends the
 * process at once.
 *
 * The handlers are removed when it is disposed of.
 */
export class Interruption implements Disposable {
  readonly #interrupted = new AbortController();
  readonly #handlers = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated } as const;
  #firstAt = Number.NaN;

  constructor() {
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onTerminate);
  }

  get signal(): AbortSignal {
    return this.#interrupted.signal;
  }

  /** Resolves at the first signal, or with the reason why `other` aborted. */
  async wait(other: AbortSignal): Promise<void> {
    const either = AbortSignal.any([this.signal, other]);
    if (!either.aborted) {
      await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
    }
    if (!this.signal.aborted) other.throwIfAborted();
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onTerminate);
  }

  readonly #onInterrupt = (): void => this.#end(this.#handlers.SIGINT);
  readonly #onTerminate = (): void => this.#end(this.#handlers.SIGTERM);

  #end(exitCode: number): void {
    if (!this.signal.aborted) {
      this.#firstAt = performance.now();
      this.#interrupted.abort();
    } else if (performance.now() - this.#firstAt > sameKeystroke) {
      process.exit(exitCode);
    }
  }
}
