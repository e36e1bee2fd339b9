/** What the workers of a round were told, put together from their journals. */
import type { Noted, Outcome } from './journal.ts';
import type { SideName } from './side.ts';

export interface Write {
  readonly id: string;
  readonly hold: Hold;
  readonly to: 'counter' | 'history';
  readonly begunAt: number;
  /** When its worker was told; `Infinity` when it never was. */
  toldAt: number;
  outcome: Outcome;
  reason: string | undefined;
}

/** A request for a lock, and what became of it. Times that never came are `Infinity`. */
export interface Hold {
  readonly request: string;
  readonly worker: string;
  readonly side: SideName;
  readonly name: string;
  readonly lease: number;
  readonly askedAt: number;
  /** When its patience is over. */
  readonly dueAt: number;
  grantedAt: number;
  token: number | undefined;
  /** When its signal aborted. */
  lostAt: number;
  releasingAt: number;
  endedAt: number;
  end: 'released' | 'late' | 'timeout' | 'failed' | undefined;
  readonly writes: Write[];
}

/** A span of time in which a worker stood still by itself. */
export interface Stall {
  readonly worker: string;
  readonly from: number;
  readonly to: number;
}

/** When a holder knew that it had better stop: it was told so, or gave the lock back. */
export function noticeOf({ lostAt, releasingAt }: Hold): number {
  return Math.min(lostAt, releasingAt);
}

export class History {
  /** By request. */
  readonly holds: Map<string, Hold> = new Map();
  /** By id. */
  readonly writes: Map<string, Write> = new Map();
  readonly stalls: Stall[] = [];
  /** What workers failed with, though nothing that was done to them explains it. */
  readonly failures: { readonly side: SideName; readonly detail: string }[] = [];

  /** Takes in the journal of one worker. */
  add(worker: string, entries: readonly Noted[]): void {
    for (const entry of entries) this.#add(worker, entry);
  }

  #add(worker: string, entry: Noted): void {
    const { at } = entry;
    switch (entry.kind) {
      case 'ask': {
        const { request, side, name, lease, timeout = Infinity } = entry;
        const never = { grantedAt: Infinity, lostAt: Infinity, releasingAt: Infinity };
        this.holds.set(request, {
          ...{ request, worker, side, name, lease, askedAt: at, dueAt: at + timeout },
          ...{ ...never, endedAt: Infinity },
          ...{ token: undefined, end: undefined, writes: [] },
        });
        return;
      }
      case 'granted': {
        const hold = this.#hold(entry.request);
        hold.grantedAt = at;
        hold.token = entry.token;
        return;
      }
      case 'write': {
        const hold = this.#hold(entry.request);
        const { write: id, to } = entry;
        const untold = { toldAt: Infinity, outcome: 'unknown', reason: undefined } as const;
        const write: Write = { id, hold, to, begunAt: at, ...untold };
        hold.writes.push(write);
        this.writes.set(id, write);
        return;
      }
      case 'told': {
        const { request, write: id, outcome, reason } = entry;
        if (outcome === 'failed') this.#fail(request, `write ${id}: ${reason}`);
        // One that failed in reading has not begun to write.
        const write = this.writes.get(id);
        if (write !== undefined) Object.assign(write, { toldAt: at, outcome, reason });
        return;
      }
      case 'lost':
        this.#hold(entry.request).lostAt = at;
        return;
      case 'releasing':
        this.#hold(entry.request).releasingAt = at;
        return;
      case 'end': {
        const { request, outcome, reason } = entry;
        if (outcome === 'failed') this.#fail(request, `request ${request}: ${reason}`);
        Object.assign(this.#hold(request), { endedAt: at, end: outcome });
        return;
      }
      case 'stall':
        this.stalls.push({ worker, from: entry.from, to: at });
    }
  }

  #fail(request: string, detail: string): void {
    this.failures.push({ side: this.#hold(request).side, detail });
  }

  #hold(request: string): Hold {
    const hold = this.holds.get(request);
    if (hold === undefined) throw new Error(`the journals tell of no request ${request}`);
    return hold;
  }
}
