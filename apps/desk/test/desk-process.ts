import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const main = join(import.meta.dirname, '../src/main.ts');

/** `holdfast` as a process of its own. */
export class DeskProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exit: Promise<number | NodeJS.Signals>;
  #printed = '';
  #said = '';

  constructor(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [main, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child.stdout.on('data', (text) => {
      this.#printed += text;
    });
    this.#child.stderr.on('data', (text) => {
      this.#said += text;
    });
    this.#exit = once(this.#child, 'close').then(([code, signal]) => code ?? signal);
  }

  /** All of stdout so far. */
  get printed(): string {
    return this.#printed;
  }

  /** All of stderr so far. */
  get said(): string {
    return this.#said;
  }

  /** Resolves with the address of the page; rejects when the process ends before. */
  async url(): Promise<string> {
    const gone = this.#exit.then((code) => {
      throw new Error(`holdfast ended with ${code}:\n${this.#said}`);
    });
    gone.catch(() => undefined); // when it ends later, nobody waits for it here
    for (;;) {
      const [line, rest] = this.#printed.split('\n');
      if (line !== undefined && rest !== undefined) return line;
      await Promise.race([once(this.#child.stdout, 'data'), gone]);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the exit code, or the name of the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals> {
    return this.#exit;
  }
}

/** Asks a desk as its own page would. */
export async function ask<T>(
  url: string,
  path: string,
  method = 'GET',
  body?: unknown,
): Promise<T> {
  const reply = await fetch(new URL(path, url), {
    method,
    headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await reply.json();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(answer)}`);
  return answer as T;
}
