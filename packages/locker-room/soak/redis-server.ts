/** A Redis server for the length of a soak: on a port of its own, keeping nothing on disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Resolves once it answers; to nothing where there is no `redis-server` on the path. */
  static async start(port: number, folder: string): Promise<RedisServer | undefined> {
    const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn('redis-server', args, { stdio: 'ignore' });
    const started = once(child, 'spawn').then(
      () => true,
      () => false,
    );
    if (!(await started)) return undefined;
    process.once('exit', () => child.kill('SIGKILL'));
    while (!(await answers(port))) {
      if (child.exitCode !== null) {
        throw new Error(`redis-server ended with code ${child.exitCode} instead of listening`);
      }
      await pause(20);
    }
    return new RedisServer(child, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
