/** A member in an OS process of its own, which ends with the process that started it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MemberOrder, MemberReport } from './member.ts';
import type { MemberEvents, MemberVessel } from './member-vessel.ts';

export class MemberProcess implements MemberVessel {
  readonly processId: number;
  readonly #child: ChildProcess;
  #running = true;
  // One that stands still would not notice that its host has ended.
  readonly #killAtExit = () => this.#child.kill('SIGKILL');

  constructor({ hear, failed, ended }: MemberEvents) {
    const execArgv = process.execArgv.filter((argument) => !argument.startsWith('--inspect'));
    this.#child = fork(fileURLToPath(new URL('./member-start.ts', import.meta.url)), ['member'], {
      execArgv,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.processId = this.#child.pid ?? 0;
    this.#child.on('message', (report) => hear(report as MemberReport));
    this.#child.on('error', (error) => {
      failed(error);
      if (this.processId === 0) this.#end(ended);
    });
    this.#child.on('exit', (code) => {
      if (code !== 0 && code !== null) failed(new Error(`its process ended with code ${code}`));
      // Its last reports may still be on their way: the line closes behind them.
      if (this.#child.connected) this.#child.once('disconnect', () => this.#end(ended));
      else this.#end(ended);
    });
  }

  tell(order: MemberOrder): void {
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  async freeze(): Promise<void> {
    process.once('exit', this.#killAtExit);
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    process.off('exit', this.#killAtExit);
    this.#child.kill('SIGCONT');
  }

  async end(): Promise<void> {
    if (!this.#running) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #end(ended: () => void): void {
    this.#running = false;
    process.off('exit', this.#killAtExit);
    ended();
  }
}
