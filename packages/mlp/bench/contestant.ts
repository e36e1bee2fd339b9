import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What a contestant tells of a training. */
export interface Answer {
  /** Of processor time: what others do on the machine does not count. */
  readonly seconds: number;
  /** The mean negative log-likelihood at the end; null where the mathematics is another. */
  readonly loss: number | null;
}

/** A program that trains when it is told to: one process, kept for all rounds. */
export class Contestant implements AsyncDisposable {
  readonly name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor(
    name: string,
    program: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ) {
    this.name = name;
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async train(task: string, epochs: number): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify({ task, epochs })}\n`);
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`${this.name} ended with ${this.#child.exitCode}`);
      // Libraries greet on stdout as well.
      if (value.startsWith('{')) return JSON.parse(value);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
