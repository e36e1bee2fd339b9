/** The workers: processes that are stopped, killed and replaced. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { now } from './clock.ts';
import type { Diary } from './diary.ts';
import type { Assignment, Order, Report } from './worker-order.ts';

const program = fileURLToPath(new URL('./worker.ts', import.meta.url));

type Word = Extract<Report, string>;

class Worker {
  readonly id: string;
  isStopped = false;
  /** How many locks it held when it was last heard of. */
  held = 0;
  readonly #child: ChildProcess;
  readonly #said = new Map<Word, PromiseWithResolvers<void>>();

  constructor(assignment: Assignment, broken: (error: Error) => void) {
    this.id = assignment.id;
    this.#child = fork(program, [JSON.stringify(assignment)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Redlock sets timers that were due before a pause.
      execArgv: ['--disable-warning=TimeoutNegativeWarning'],
    });
    this.#child.on('message', (report: Report) => {
      if (typeof report === 'string') this.#wait(report).resolve();
      else this.held = report.held;
    });
    this.#child.on('error', broken);
    this.#child.on('exit', (code) => {
      if (code !== null && code !== 0)
        broken(new Error(`worker ${this.id} ended with code ${code}`));
    });
  }

  tell(order: Order): void {
    if (order.order === 'rest') this.#said.delete('rested');
    this.#child.send(order, () => {});
  }

  /** Resolves when it has said so; `rested` since it was last told to rest. */
  hears(word: Word): Promise<void> {
    return this.#wait(word).promise;
  }

  stop(): void {
    this.isStopped = true;
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.isStopped = false;
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.killNow();
    await gone;
  }

  killNow(): void {
    this.#child.kill('SIGKILL');
  }

  #wait(word: Word): PromiseWithResolvers<void> {
    const wait = this.#said.get(word) ?? Promise.withResolvers<void>();
    this.#said.set(word, wait);
    return wait;
  }
}

export class Crew implements AsyncDisposable {
  readonly #assignment: Omit<Assignment, 'id' | 'isSuspended'>;
  readonly #diary: Diary;
  readonly #workers = new Map<string, Worker>();
  #hired = 0;
  #round: { readonly number: number; readonly folder: string } | undefined;
  /** What a worker that was not killed ended with. */
  failure: Error | undefined;

  constructor(assignment: Omit<Assignment, 'id' | 'isSuspended'>, diary: Diary) {
    this.#assignment = assignment;
    this.#diary = diary;
    process.on('exit', this.#killAll);
  }

  /** One that stands still does not notice that the soak has ended. */
  readonly #killAll = (): void => {
    for (const worker of this.#workers.values()) worker.killNow();
  };

  /** Names of those that run. */
  get running(): string[] {
    return [...this.#workers.values()].filter(({ isStopped }) => !isStopped).map(({ id }) => id);
  }

  /** Names of those of them that hold a lock. */
  get holding(): string[] {
    return this.running.filter((id) => (this.#workers.get(id)?.held ?? 0) > 0);
  }

  get all(): string[] {
    return [...this.#workers.keys()];
  }

  /** One more worker, which begins at once when a round is under way. */
  async hire(): Promise<void> {
    const number = ++this.#hired;
    const id = `w${number}`;
    const isSuspended = number % 2 === 0;
    if (isSuspended) this.#diary.suspended.add(id);
    const assignment = { ...this.#assignment, id, isSuspended };
    const worker = new Worker(assignment, (error) => {
      this.failure ??= error;
    });
    this.#workers.set(id, worker);
    await worker.hears('ready');
    this.#begin(worker);
  }

  begin(round: number, folder: string): void {
    this.#round = { number: round, folder };
    for (const worker of this.#workers.values()) this.#begin(worker);
  }

  #begin(worker: Worker): void {
    if (this.#round === undefined) return;
    const { number: round, folder } = this.#round;
    worker.tell({ order: 'begin', round, journal: join(folder, `${worker.id}.jsonl`) });
  }

  /** Everybody ends what is under way; false when that takes longer than `milliseconds`. */
  async rest(milliseconds: number): Promise<boolean> {
    this.#round = undefined;
    const workers = [...this.#workers.values()];
    for (const worker of workers) worker.tell({ order: 'rest' });
    const rested = Promise.all(workers.map((worker) => worker.hears('rested'))).then(() => true);
    return Promise.race([rested, pause(milliseconds, false, { ref: false })]);
  }

  /** Lets a worker stand still for so many milliseconds. */
  async stop(id: string, milliseconds: number): Promise<void> {
    const worker = this.#workers.get(id);
    if (worker === undefined || worker.isStopped) return;
    worker.stop();
    const entry = { worker: id, from: now(), to: Infinity };
    this.#diary.pauses.push(entry);
    await pause(milliseconds);
    if (!this.#workers.has(id)) return;
    entry.to = now();
    worker.goOn();
  }

  /** Kills a worker, and hires another in its place. */
  async replace(id: string): Promise<void> {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    this.#workers.delete(id);
    await this.#kill(worker);
    await this.hire();
  }

  async #kill(worker: Worker): Promise<void> {
    const at = now();
    await worker.kill();
    this.#diary.kills.push({ worker: worker.id, at });
    for (const each of this.#diary.pauses) {
      if (each.worker === worker.id && each.to === Infinity) each.to = at;
    }
  }

  shift(id: string, milliseconds: number): void {
    this.#workers.get(id)?.tell({ order: 'shift', milliseconds });
    this.#diary.shifts.push({ worker: id, at: now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.kill()));
    process.off('exit', this.#killAll);
  }
}
