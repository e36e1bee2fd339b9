import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/**
 * A contestant in a process of its own, which stays, so that its compiler has warmed up and nothing
 * of the others' lies in its memory. Its first line is its version; each line that it gets is an
 * order, and its answer the nanoseconds that its work took.
 */
export class PeerProcess implements AsyncDisposable {
  readonly version: string;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  private constructor(
    version: string,
    process: ChildProcessByStdio<Writable, Readable, null>,
    lines: Interface,
    answers: AsyncIterator<string>,
  ) {
    this.version = version;
    this.#process = process;
    this.#lines = lines;
    this.#answers = answers;
  }

  static async start(command: string, args: readonly string[]): Promise<PeerProcess> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const answers = lines[Symbol.asyncIterator]();
    const { value: version, done } = await answers.next();
    if (done) throw new Error(`${command} ${args.join(' ')} ended before it began`);
    return new PeerProcess(version, child, lines, answers);
  }

  /** Carries an order out and resolves with the milliseconds it took. */
  async time(order: string): Promise<number> {
    this.#process.stdin.write(`${order}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the process ended at ${order}`);
    return Number(value) / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    await once(this.#process, 'exit');
    this.#lines.close();
  }
}
