import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** The JDK's streams in a process that stays, so that its compiler has warmed up. */
export class JavaPeer implements AsyncDisposable {
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

  /** Compiles and starts it; undefined where there is no JDK. */
  static async start(folder: string): Promise<JavaPeer | undefined> {
    if (spawnSync('javac', ['-version']).status !== 0) return undefined;
    execFileSync('javac', ['-d', folder, join(import.meta.dirname, 'JavaPeer.java')]);
    const options = ['-XX:+UseSerialGC', '-Xmx2g', '-cp', folder, 'JavaPeer'];
    const child = spawn('java', options, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const answers = lines[Symbol.asyncIterator]();
    const { value: version } = await answers.next();
    return new JavaPeer(String(version), child, lines, answers);
  }

  /** Carries an order out and resolves with the milliseconds it took. */
  async time(order: string, file: string, count: number): Promise<number> {
    this.#process.stdin.write(`${order} ${file} ${count}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`Java ended at ${order}`);
    return Number(value) / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    await once(this.#process, 'exit');
    this.#lines.close();
  }
}
