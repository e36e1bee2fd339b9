/** A member in a thread of this process. */
import { Worker } from 'node:worker_threads';
import type { MemberOrder, MemberReport } from './member.ts';
import type { MemberEvents, MemberVessel } from './member-vessel.ts';

export class MemberThread implements MemberVessel {
  readonly processId: number = process.pid;
  readonly #worker: Worker;
  /** What a frozen thread waits on: 1 while it is to stand still. */
  readonly #gate = new Int32Array(new SharedArrayBuffer(4));
  #frozen: () => void = () => {};

  constructor({ hear, failed, ended }: MemberEvents) {
    this.#worker = new Worker(new URL('./member-start.ts', import.meta.url), {
      workerData: 'member',
    });
    this.#worker.on('message', (report: MemberReport) => {
      if (report.kind === 'frozen') this.#frozen();
      else hear(report);
    });
    this.#worker.on('error', failed);
    this.#worker.on('exit', () => {
      this.#frozen();
      ended();
    });
  }

  tell(order: MemberOrder): void {
    this.#worker.postMessage(order);
  }

  async freeze(): Promise<void> {
    Atomics.store(this.#gate, 0, 1);
    await new Promise<void>((resolve) => {
      this.#frozen = resolve;
      this.tell({ kind: 'freeze', gate: this.#gate });
    });
  }

  thaw(): void {
    Atomics.store(this.#gate, 0, 0);
    Atomics.notify(this.#gate, 0);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
