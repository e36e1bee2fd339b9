/** What keeps a member's file from growing: the log is cut to its size, old records and dropped collections go. */
import type { Catalog } from './catalog.ts';
import type { ReplicaLog } from './replica-log.ts';
import type { Standing } from './standing.ts';

const upkeepMilliseconds = 5000;

/** What is deleted in one turn of the event loop: a few milliseconds' work. */
const entriesAtOnce = 500;
const recordsAtOnce = 1000;
const sweptAtOnce = 1000;

export class LogUpkeep {
  readonly #catalog: Catalog;
  readonly #log: ReplicaLog;
  readonly #standing: Standing;
  readonly #logBytes: number;
  #timer: NodeJS.Timeout | undefined;
  #step: NodeJS.Immediate | undefined;
  #sweep: NodeJS.Immediate | undefined;

  constructor(
    { catalog, log, standing }: { catalog: Catalog; log: ReplicaLog; standing: Standing },
    logBytes: number,
  ) {
    this.#catalog = catalog;
    this.#log = log;
    this.#standing = standing;
    this.#logBytes = logBytes;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#guard(() => {
        this.#log.forgetRecords(recordsAtOnce);
        this.#catalog.purge(this.#standing.committed);
      });
      if (this.#sweep === undefined) this.#planSweep();
    }, upkeepMilliseconds);
  }

  #planSweep(): void {
    this.#sweep = setImmediate(() => {
      this.#sweep = undefined;
      this.#guard(() => {
        if (this.#catalog.sweep(sweptAtOnce)) this.#planSweep();
      });
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#step);
    clearImmediate(this.#sweep);
  }

  /** Begins to cut the log when it has grown a good deal over its size. */
  look(): void {
    const allowed = this.#logBytes * (1 + 1 / 16);
    if (this.#step !== undefined || this.#log.bytes <= allowed) return;
    if (this.#keptFrom() - 1 <= this.#log.start) return;
    this.#plan();
  }

  #plan(): void {
    this.#step = setImmediate(() => {
      this.#step = undefined;
      this.#guard(() => {
        if (this.#log.trim(this.#logBytes, this.#keptFrom(), entriesAtOnce)) this.#plan();
      });
    });
  }

  /**
   * The first entry that has to stay: the last one that a majority has, or that
   * of the member that lags most, unless the log has grown to twice its size.
   */
  #keptFrom(): number {
    const { committed, others, role } = this.#standing;
    if (this.#log.bytes > this.#logBytes * 2) return committed;
    const ends = others.map(({ matched, end }) => (role === 'primary' ? matched : end.position));
    return Math.min(committed, ...ends);
  }

  /** A disk that is full leaves the work for later. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 14031) throw error;
    }
  }
}
