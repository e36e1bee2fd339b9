/** A member in a thread of this process. */
import { Worker } from 'node:worker_threads';
import type { MemberOrder, MemberReport } from './member.ts';
import type { MemberEvents, MemberVessel } from './member-vessel.ts';

export class MemberThread implements MemberVessel {
  readonly processId: number = process.pid;
  readonly #worker: Worker;

  constructor({ hear, failed, ended }: MemberEvents) {
    this.#worker = new Worker(new URL('./member.ts', import.meta.url), { workerData: 'member' });
    this.#worker.on('message', (report: MemberReport) => hear(report));
    this.#worker.on('error', failed);
    this.#worker.on('exit', ended);
  }

  tell(order: MemberOrder): void {
    this.#worker.postMessage(order);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
